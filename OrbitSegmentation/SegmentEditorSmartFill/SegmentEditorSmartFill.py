"""Registers the Segment Editor effect SmartFill; the effect itself is in SegmentEditorSmartFillLib."""

import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModule

from NeuroOrbitLib.effects import self_test  # not its class: unittest would run it, too
from NeuroOrbitLib.effects.module import describe, register_effect


class SegmentEditorSmartFill(ScriptedLoadableModule):
    """The hidden module that Slicer requires for an effect."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        describe(self.parent, _("SmartFill (Segment Editor effect)"),
                 _("Registers the Segment Editor effect SmartFill."))
        slicer.app.connect("startupCompleted()", self.registerEditorEffect)

    def registerEditorEffect(self) -> None:
        """Offer the effect in the Segment Editor."""
        register_effect(__file__)


class SegmentEditorSmartFillTest(self_test.EffectTest):
    """Self-test that runs in the application and in the tests of the extension."""

    effect = "SmartFill"
