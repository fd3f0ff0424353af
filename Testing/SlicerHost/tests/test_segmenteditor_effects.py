"""Segment Editor effects: parameters, images, coordinates, scripted effects.

Justification: qSlicerSegmentEditorAbstractEffect.cxx, qSlicerSegmentEditorScripted*Effect.cxx,
qSlicerSegmentEditorEffectFactory.cxx and qSlicerSegmentEditorPaintEffect.cxx of Slicer.
"""
from __future__ import annotations

import textwrap

import numpy as np
import pytest
import qt
import slicer
import vtk
from PySide6.QtTest import QTest
from slicerhost import errors
from vtk.util.numpy_support import vtk_to_numpy

CLICK_EFFECT = """
    import qt, slicer, vtk
    from SegmentEditorEffects import *

    class SegmentEditorEffect(AbstractScriptedSegmentEditorEffect):
        def __init__(self, scriptedEffect):
            scriptedEffect.name = "{name}"
            AbstractScriptedSegmentEditorEffect.__init__(self, scriptedEffect)
            self.calls = []

        def clone(self):
            import qSlicerSegmentationsEditorEffectsPythonQt as effects
            clonedEffect = effects.qSlicerSegmentEditorScriptedEffect(None)
            clonedEffect.setPythonSource(__file__.replace("\\\\", "/"))
            return clonedEffect

        def helpText(self):
            return "Marks one voxel."

        def setupOptionsFrame(self):
            self.slider = qt.QSpinBox()
            self.scriptedEffect.addLabeledOptionsWidget("Radius:", self.slider)

        def setMRMLDefaults(self):
            self.scriptedEffect.setParameterDefault("Radius", 3)

        def updateGUIFromMRML(self):
            self.slider.value = self.scriptedEffect.integerParameter("Radius")

        def activate(self):
            self.calls.append("activate")

        def deactivate(self):
            self.calls.append("deactivate")

        def cleanup(self):
            self.calls.append("cleanup")

        def processInteractionEvents(self, callerInteractor, eventId, viewWidget):
            if eventId == vtk.vtkCommand.RightButtonPressEvent:
                raise RuntimeError("broken effect")
            if eventId != vtk.vtkCommand.LeftButtonPressEvent:
                return False
            labelmap = self.scriptedEffect.defaultModifierLabelmap()
            ijk = self.xyToIjk(callerInteractor.GetEventPosition(), viewWidget, labelmap)
            self.scriptedEffect.saveStateForUndo()
            labelmap.SetScalarComponentFromFloat(*ijk, 0, 1)
            labelmap.Modified()
            self.scriptedEffect.modifySelectedSegmentByLabelmap(
                labelmap, slicer.qSlicerSegmentEditorAbstractEffect.ModificationModeAdd)
            return True
"""

AUTO_COMPLETE_EFFECT = """
    import slicer, vtk
    from SegmentEditorEffects import *

    class SegmentEditorEffect(AbstractScriptedSegmentEditorAutoCompleteEffect):
        def __init__(self, scriptedEffect):
            AbstractScriptedSegmentEditorAutoCompleteEffect.__init__(self, scriptedEffect)
            scriptedEffect.name = "{name}"
            self.minimumNumberOfSegments = 1

        def clone(self):
            import qSlicerSegmentationsEditorEffectsPythonQt as effects
            clonedEffect = effects.qSlicerSegmentEditorScriptedEffect(None)
            clonedEffect.setPythonSource(__file__.replace("\\\\", "/"))
            return clonedEffect

        def computePreviewLabelmap(self, mergedImage, outputLabelmap):
            dilate = vtk.vtkImageDilateErode3D()
            dilate.SetInputData(mergedImage)
            dilate.SetDilateValue(1)
            dilate.SetErodeValue(0)
            dilate.SetKernelSize(3, 3, 3)
            dilate.Update()
            outputLabelmap.DeepCopy(dilate.GetOutput())
            outputLabelmap.CopyDirections(mergedImage)
"""


def register_effect(folder, name, source):
    """Write an effect as an extension ships it (<name>Lib/SegmentEditorEffect.py) and register it."""
    library = folder / f"{name}Lib"
    library.mkdir()
    path = library / "SegmentEditorEffect.py"
    path.write_text(textwrap.dedent(source).replace("{name}", name), encoding="utf-8")
    effect = slicer.qSlicerSegmentEditorScriptedEffect(None)
    assert effect.setPythonSource(str(path))
    effect.self().register()
    return effect


@pytest.fixture(scope="module")
def effect_names(tmp_path_factory):
    """Two effects registered once for all tests, as in the application."""
    folder = tmp_path_factory.mktemp("effects")
    register_effect(folder, "MarkVoxel", CLICK_EFFECT)
    register_effect(folder, "GrowByOne", AUTO_COMPLETE_EFFECT)
    return ["MarkVoxel", "GrowByOne"]


@pytest.fixture
def volume(slicer_session):
    """20x40x40 voxels of 1 mm; a bright cube of 10x20x20 voxels in the middle."""
    array = np.zeros((20, 40, 40), dtype=np.int16)
    array[5:15, 10:30, 10:30] = 100
    to_ras = vtk.vtkMatrix4x4()
    to_ras.SetElement(0, 0, -1)
    to_ras.SetElement(1, 1, -1)
    node = slicer.util.addVolumeFromArray(array, ijkToRAS=to_ras, name="CT")
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node


@pytest.fixture
def editor(slicer_session, volume, effect_names):
    """A Segment Editor on two empty segments, one and two; the red view shows K = 10."""
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in ("one", "two"):
        segmentation.GetSegmentation().AddEmptySegment(name, name)
    widget = slicer.qMRMLSegmentEditorWidget()
    widget.setMRMLScene(slicer.mrmlScene)
    widget.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    widget.setSegmentationNode(segmentation)
    widget.setSourceVolumeNode(volume)
    widget.setCurrentSegmentID("one")
    red = slicer.app.layoutManager().sliceWidget("Red")
    red.sliceLogic().SetSliceOffset(10)
    slicer_session.process_events()
    yield widget
    widget.setActiveEffect(None)
    widget.removeViewObservations()
    widget.deleteLater()


def activate(editor, name):
    editor.setActiveEffectByName(name)
    return editor.activeEffect()


def voxels(editor, segment="one"):
    return slicer.util.arrayFromSegmentBinaryLabelmap(editor.segmentationNode(), segment, editor.sourceVolumeNode())


def view():
    return slicer.app.layoutManager().sliceWidget("Red").sliceView()


def pixel(i, j, k=10):
    x, y, _ = view().convertRASToXYZ([-i, -j, k])
    return qt.QPoint(round(x), round(view().height - 1 - y))


def click(button, position):
    QTest.mouseMove(view(), position)
    QTest.mouseClick(view(), button, qt.Qt.NoModifier, position)
    slicer.app.processEvents()


def test_effect_is_registered_once_and_cloned_for_each_editor(editor):
    # registerEffect refuses a second effect of a name; copyEffects clones
    other = slicer.qMRMLSegmentEditorWidget()
    assert editor.availableEffectNames().count("MarkVoxel") == 1
    assert editor.effectByName("MarkVoxel") is not other.effectByName("MarkVoxel")


def test_registration_is_announced(slicer_session, tmp_path):
    # effectRegistered(QString)
    names = []
    slicer.qSlicerSegmentEditorEffectFactory.instance().connect("effectRegistered(QString)", names.append)
    register_effect(tmp_path, "AnnouncedEffect", CLICK_EFFECT)
    assert names == ["AnnouncedEffect"]


def test_class_name_ends_in_effect(slicer_session, tmp_path):
    # setPythonSource: className = base name of the file, "Effect" appended when missing; module = parent folder
    effect = register_effect(tmp_path, "ParentFolder", CLICK_EFFECT)
    assert type(effect.self()).__name__ == "SegmentEditorEffect"
    assert slicer.ParentFolderLib is effect.self()


def test_built_in_effects_are_there(editor):
    assert {"Paint", "Erase"} <= set(editor.availableEffectNames())


def test_parameters_are_attributes_of_the_editor_node(editor):
    # setParameter: "<effect>.<parameter>"; parameter falls back to the common one
    effect = editor.effectByName("MarkVoxel")
    node = editor.mrmlSegmentEditorNode()
    assert node.GetAttribute("MarkVoxel.Radius") == "3"
    effect.setParameter("Radius", 7)
    effect.setCommonParameter("Shared", 1.5)
    effect.setParameterDefault("Radius", 1)
    assert (effect.integerParameter("Radius"), effect.doubleParameter("Shared")) == (7, 1.5)
    assert node.GetAttribute("Shared") == "1.5"
    assert effect.parameterDefined("Radius") and not effect.parameterDefined("Shared")


def test_parameter_change_updates_the_options_of_the_active_effect(editor):
    # EffectParameterModified is connected to updateGUIFromMRML
    effect = activate(editor, "MarkVoxel")
    effect.setParameter("Radius", 9)
    assert effect.self().slider.value == 9


def test_node_references(editor, volume):
    # setNodeReference, setCommonNodeReference
    effect = editor.effectByName("MarkVoxel")
    effect.setNodeReference("Input", volume)
    assert effect.nodeReference("Input") is volume
    assert editor.effectByName("Paint").nodeReference("Input") is None


def test_activation_and_deactivation_reach_the_python_object(editor):
    # qSlicerSegmentEditorScriptedEffect::activate, deactivate
    effect = activate(editor, "MarkVoxel")
    assert effect.active() and not effect.optionsFrame().isHidden()
    activate(editor, "Paint")
    assert effect.self().calls == ["activate", "deactivate"]
    assert effect.optionsFrame().isHidden()


def test_effects_are_cleaned_up_when_their_editor_is_deleted(slicer_session, effect_names):
    # ~qMRMLSegmentEditorWidgetPrivate
    editor = slicer.qMRMLSegmentEditorWidget()
    calls = editor.effectByName("MarkVoxel").self().calls
    editor.deleteLater()
    slicer_session.process_events()
    assert calls == ["cleanup"]


def test_images_of_the_effect_share_the_reference_geometry(editor, volume):
    # vtkSlicerSegmentEditorLogic::UpdateVolume
    effect = activate(editor, "MarkVoxel")
    source = effect.sourceVolumeImageData()
    assert source.GetDimensions() == (40, 40, 20)
    assert effect.defaultModifierLabelmap().GetExtent() == source.GetExtent()
    mask = np.zeros((20, 40, 40), dtype=np.uint8)
    mask[8:12, 18:22, 18:22] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, editor.segmentationNode(), "one", volume)
    labelmap = effect.selectedSegmentLabelmap()
    assert vtk_to_numpy(labelmap.GetPointData().GetScalars()).sum() == 64


def test_click_marks_the_voxel_under_the_mouse(editor):
    # interactor position -> xyToIjk -> modifySelectedSegmentByLabelmap
    activate(editor, "MarkVoxel")
    click(qt.Qt.LeftButton, pixel(12, 25))
    assert np.argwhere(voxels(editor)).tolist() == [[10, 25, 12]]


def test_event_handled_by_the_effect_goes_no_further(editor):
    # processEvents: priority 1.0 and the abort flag
    seen = []
    interactor = view().interactor()
    tag = interactor.AddObserver(vtk.vtkCommand.LeftButtonPressEvent, lambda *_event: seen.append(1), 0.5)
    activate(editor, "MarkVoxel")
    click(qt.Qt.LeftButton, pixel(12, 25))
    handled = list(seen)
    editor.setActiveEffect(None)
    click(qt.Qt.LeftButton, pixel(12, 25))
    interactor.RemoveObserver(tag)
    assert (handled, seen) == ([], [1])


def test_exception_of_an_effect_is_reported_and_the_editor_goes_on(editor):
    # qSlicerPythonCppAPI::callMethod prints the exception
    activate(editor, "MarkVoxel")
    click(qt.Qt.RightButton, pixel(12, 25))
    reported = errors.take("exception")
    assert reported and "broken effect" in reported[0].text
    click(qt.Qt.LeftButton, pixel(13, 25))
    assert voxels(editor).sum() == 1


def test_coordinates_are_consistent(editor):
    # rasToXy, xyToRas, xyzToIjk of the base class
    effect = activate(editor, "MarkVoxel").self()
    red = slicer.app.layoutManager().sliceWidget("Red")
    ras = [-20.0, -15.0, 10.0]
    xy = effect.rasToXy(ras, red)
    assert effect.xyToRas(xy, red) == pytest.approx(ras, abs=0.5)
    assert effect.xyToIjk(xy, red, effect.scriptedEffect.sourceVolumeImageData()) == [20, 15, 10]


def test_slice_spacing_is_that_of_the_volume_in_the_view(editor, volume):
    # sliceSpacing asks the slice logic of the view, as GetLowestVolumeSliceSpacing does
    effect = activate(editor, "MarkVoxel")
    volume.SetSpacing(1.0, 1.5, 4.0)
    spacings = [effect.sliceSpacing(slicer.app.layoutManager().sliceWidget(name)) for name in ("Red", "Green")]
    assert spacings == pytest.approx([4.0, 1.5])


def test_paint_stamps_a_disc_as_thick_as_the_slice(editor):
    # BrushAbsoluteDiameter in mm; a disc of 10 mm has an area of 78.5 mm2
    effect = activate(editor, "Paint")
    effect.setCommonParameter("BrushDiameterIsRelative", 0)
    effect.setCommonParameter("BrushAbsoluteDiameter", 10.0)
    click(qt.Qt.LeftButton, pixel(20, 20))
    painted = voxels(editor)
    assert painted.sum() == pytest.approx(78.5, abs=6)
    assert np.unique(np.argwhere(painted)[:, 0]).tolist() == [10]


def test_sphere_brush_paints_neighbouring_slices(editor):
    # BrushSphere; a ball of 10 mm has a volume of 523.6 mm3
    effect = activate(editor, "Paint")
    effect.setCommonParameter("BrushDiameterIsRelative", 0)
    effect.setCommonParameter("BrushAbsoluteDiameter", 10.0)
    effect.setCommonParameter("BrushSphere", 1)
    click(qt.Qt.LeftButton, pixel(20, 20))
    assert voxels(editor).sum() == pytest.approx(523.6, rel=0.05)


def test_stroke_is_one_step_of_undo(editor, slicer_session):
    # paintApply saves the state once per stroke
    effect = activate(editor, "Paint")
    effect.setCommonParameter("BrushDiameterIsRelative", 0)
    effect.setCommonParameter("BrushAbsoluteDiameter", 4.0)
    start, end = pixel(10, 20), pixel(30, 20)
    QTest.mousePress(view(), qt.Qt.LeftButton, qt.Qt.NoModifier, start)
    QTest.mouseMove(view(), end)
    QTest.mouseRelease(view(), qt.Qt.LeftButton, qt.Qt.NoModifier, end)
    slicer_session.process_events()
    assert voxels(editor)[10, 20, 10:31].all()  # the gap between two mouse positions is filled
    editor.undo()
    assert not voxels(editor).any()
    editor.redo()
    assert voxels(editor)[10, 20, 10:31].all()


def test_eraser_removes_from_the_selected_segment(editor):
    # qSlicerSegmentEditorEraseEffect: ModificationModeRemove
    mask = np.ones((20, 40, 40), dtype=np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, editor.segmentationNode(), "one", editor.sourceVolumeNode())
    effect = activate(editor, "Erase")
    effect.setCommonParameter("BrushDiameterIsRelative", 0)
    effect.setCommonParameter("BrushAbsoluteDiameter", 10.0)
    click(qt.Qt.LeftButton, pixel(20, 20))
    assert mask.size - voxels(editor).sum() == pytest.approx(78.5, abs=6)


def test_shift_and_wheel_change_the_brush(editor):
    # processInteractionEvents: scaleDiameterRequested
    effect = activate(editor, "Paint")
    effect.setCommonParameter("BrushRelativeDiameter", 5.0)
    interactor = view().interactor()
    interactor.SetEventInformation(50, 50, 0, 1)
    interactor.InvokeEvent("MouseWheelForwardEvent")
    assert effect.doubleParameter("BrushRelativeDiameter") == pytest.approx(6.0)


def test_hidden_segment_is_asked_about(editor, slicer_dialogs):
    # confirmCurrentSegmentVisible
    editor.segmentationNode().GetDisplayNode().SetSegmentVisibility("one", False)
    activate(editor, "Paint")
    slicer_dialogs.answer("Yes")
    click(qt.Qt.LeftButton, pixel(20, 20))
    assert editor.segmentationNode().GetDisplayNode().GetSegmentVisibility("one")
    assert not voxels(editor).any()  # the user has to click again


def test_auto_complete_previews_and_applies(editor):
    # AbstractScriptedSegmentEditorAutoCompleteEffect: preview node, apply, undo
    mask = np.zeros((20, 40, 40), dtype=np.uint8)
    mask[8:12, 18:22, 18:22] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, editor.segmentationNode(), "one", editor.sourceVolumeNode())
    effect = activate(editor, "GrowByOne").self()
    effect.previewButton.click()
    preview = effect.getPreviewNode()
    assert preview.GetName() == "Orbit preview"
    assert voxels(editor).sum() == 64
    effect.applyButton.click()
    assert effect.getPreviewNode() is None
    assert voxels(editor).sum() > 64
    editor.undo()
    assert voxels(editor).sum() == 64


def test_auto_complete_cancel_leaves_the_segments(editor):
    # onCancel removes the preview node
    mask = np.zeros((20, 40, 40), dtype=np.uint8)
    mask[8:12, 18:22, 18:22] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, editor.segmentationNode(), "one", editor.sourceVolumeNode())
    effect = activate(editor, "GrowByOne").self()
    effect.onPreview()
    effect.cancelButton.click()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert voxels(editor).sum() == 64
