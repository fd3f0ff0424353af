"""The base class of the self-tests of effects, which run in Slicer and in the tests of the extension."""

from __future__ import annotations

import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest


class EffectTest(ScriptedLoadableModuleTest):
    """Tests that the Segment Editor offers an effect."""

    #: Name of the effect.
    effect = ""

    def runTest(self) -> None:
        """Run all tests."""
        slicer.mrmlScene.Clear(0)
        self.test_effectIsOffered()

    def test_effectIsOffered(self) -> None:
        """Check that the effect is in the Segment Editor, with its options."""
        editor = slicer.qMRMLSegmentEditorWidget()
        editor.setMRMLScene(slicer.mrmlScene)
        effect = editor.effectByName(self.effect)
        self.assertIsNotNone(effect, f"The Segment Editor does not offer {self.effect}.")
        self.assertIsNotNone(effect.self().options)
