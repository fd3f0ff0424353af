"""Registers the Segment Editor effect SmartPencil; the effect itself is in SegmentEditorSmartPencilLib."""

import numpy as np
import slicer
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

from NeuroOrbitLib.effects.module import describe, register_effect
from NeuroOrbitLib.widgets.dependencies import missing_packages, read_requirements


class SegmentEditorSmartPencil(ScriptedLoadableModule):
    """The hidden module that Slicer requires for an effect."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        describe(self.parent, _("SmartPencil (Segment Editor effect)"),
                 _("Registers the Segment Editor effect SmartPencil."))
        slicer.app.connect("startupCompleted()", self.registerEditorEffect)

    def registerEditorEffect(self) -> None:
        """Offer the effect in the Segment Editor."""
        register_effect(__file__)


class SegmentEditorSmartPencilTest(ScriptedLoadableModuleTest):
    """Self-test that runs in the application and in the tests of the extension."""

    def runTest(self) -> None:
        """Run all tests."""
        slicer.mrmlScene.Clear(0)
        self.test_effectIsOfferedAndDividesASlice()

    def test_effectIsOfferedAndDividesASlice(self) -> None:
        """The Segment Editor offers the effect; a region of a bright cube is a part of the cube."""
        array = np.zeros((8, 40, 40), np.int16)
        array[2:6, 10:30, 10:30] = 100
        volume = slicer.util.addVolumeFromArray(array, name="Cube")
        volume.CreateDefaultDisplayNodes()
        slicer.util.setSliceViewerLayers(background=volume, fit=True)
        editor = slicer.qMRMLSegmentEditorWidget()
        editor.setMRMLScene(slicer.mrmlScene)
        editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
        segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
        segmentation.CreateDefaultDisplayNodes()
        segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        segmentation.GetSegmentation().AddEmptySegment("cube")
        editor.setSegmentationNode(segmentation)
        editor.setSourceVolumeNode(volume)
        editor.setActiveEffectByName("SmartPencil")
        self.assertIsNotNone(editor.activeEffect(), "The Segment Editor does not offer SmartPencil.")
        effect = editor.activeEffect().self()
        if missing := missing_packages(read_requirements(effect.requirements_file())):
            editor.setActiveEffect(None)
            return self.delayDisplay(_("Not installed: {names}. What needs them was not tested.").format(
                names=", ".join(requirement.name for requirement in missing)))
        editor.activeEffect().setParameter("Regions", 100)
        red = slicer.app.layoutManager().sliceWidget("Red")
        red.sliceLogic().SetSliceOffset(4.0)
        voxels = effect.voxelsAt(red, (20.0, 20.0, 4.0))
        editor.setActiveEffect(None)
        self.assertGreater(voxels.mask.sum(), 4)
        self.assertEqual(array[voxels.box.slices][voxels.mask].min(), 100)
