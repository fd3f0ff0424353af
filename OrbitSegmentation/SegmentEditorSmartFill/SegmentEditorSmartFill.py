"""Registers the Segment Editor effect SmartFill; the effect itself is in SegmentEditorSmartFillLib."""

from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule


class SegmentEditorSmartFill(ScriptedLoadableModule):
    """A hidden module, as Slicer wants it for an effect."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("SmartFill (Segment Editor effect)")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = ["OrbitSegmentation", "Segmentations"]
        self.parent.contributors = ["SlicerNeuroOrbit contributors"]
        self.parent.hidden = True
        self.parent.helpText = _("Registers the Segment Editor effect SmartFill.")
        self.parent.acknowledgementText = _("Part of the extension NeuroOrbit.")
        slicer.app.connect("startupCompleted()", self.registerEditorEffect)

    def registerEditorEffect(self) -> None:
        """Offer the effect in the Segment Editor."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        effect = effects.qSlicerSegmentEditorScriptedEffect(None)
        source = Path(__file__).parent / f"{type(self).__name__}Lib" / "SegmentEditorEffect.py"
        effect.setPythonSource(source.as_posix())
        effect.self().register()
