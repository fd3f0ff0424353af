"""The Segment Editor widget.

Justification: qMRMLSegmentEditorWidget.cxx of Slicer.
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer
from PySide6.QtTest import QTest


@pytest.fixture
def volume(slicer_session):
    return slicer.util.addVolumeFromArray(np.arange(8000, dtype=np.int16).reshape(20, 20, 20), name="MRI")


@pytest.fixture
def segmentation(volume):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in ("globe", "nerve"):
        node.GetSegmentation().AddEmptySegment(name, name)
    return node


@pytest.fixture
def editor(slicer_session):
    widget = slicer.qMRMLSegmentEditorWidget()
    widget.setMRMLScene(slicer.mrmlScene)
    widget.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    yield widget
    widget.setActiveEffect(None)
    widget.uninstallKeyboardShortcuts()
    widget.removeViewObservations()
    widget.deleteLater()


@pytest.fixture
def ready(editor, segmentation):
    editor.setSegmentationNode(segmentation)
    return editor


def child(editor, name, kind=qt.QWidget):
    return next(widget for widget in editor.findChildren(kind) if widget.objectName == name)


def test_segmentation_brings_its_reference_volume_and_first_segment(ready, volume, segmentation):
    # updateWidgetFromSegmentationNode
    assert ready.sourceVolumeNode() is volume
    assert ready.segmentationNode() is segmentation
    assert ready.currentSegmentID() == "globe"


def test_selection_of_nodes_is_announced(editor, segmentation, volume):
    # segmentationNodeChanged, sourceVolumeNodeChanged
    received = []
    editor.segmentationNodeChanged.connect(received.append)
    editor.sourceVolumeNodeChanged.connect(received.append)
    editor.setSegmentationNode(segmentation)
    assert segmentation in received and volume in received


def test_no_source_volume_can_be_set_by_no_id(ready, volume):
    # SegmentEditorWidget.enter: PythonQt passes None to a QString as the text "None"
    assert ready.sourceVolumeNode() is volume
    ready.setSourceVolumeNodeID(None)
    assert ready.sourceVolumeNode() is None


def test_source_volume_is_shown_in_slice_views(ready, volume):
    # showSourceVolumeInSliceViewers
    composite = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == volume.GetID()


def test_segment_can_be_added_only_with_a_geometry(editor, segmentation):
    # CanAddSegments
    add_button = child(editor, "AddSegmentButton")
    assert not add_button.enabled
    editor.setSegmentationNode(segmentation)
    assert add_button.enabled
    add_button.click()
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 3
    assert editor.currentSegmentID() == segmentation.GetSegmentation().GetNthSegmentID(2)


def test_removed_segment_gives_the_selection_to_another(ready, segmentation):
    # onRemoveSegment
    child(ready, "RemoveSegmentButton").click()
    assert segmentation.GetSegmentation().GetSegmentIDs() == ("nerve",)
    assert ready.currentSegmentID() == "nerve"


def test_selected_row_and_current_segment_follow_each_other(ready):
    # onSegmentSelectionChanged, currentSegmentIDChanged
    announced = []
    ready.connect("currentSegmentIDChanged(QString)", announced.append)
    table = child(ready, "SegmentsTableView")
    table.setSelectedSegmentIDs(["nerve"])
    assert ready.mrmlSegmentEditorNode().GetSelectedSegmentID() == "nerve"
    assert announced == ["nerve"]
    ready.setCurrentSegmentID("globe")
    assert table.selectedSegmentIDs() == ("globe",)


def test_effect_button_activates_its_effect(ready):
    # onEffectButtonClicked
    child(ready, "Paint", qt.QToolButton).click()
    assert ready.activeEffect().name == "Paint"
    assert ready.mrmlSegmentEditorNode().GetActiveEffectName() == "Paint"
    assert not child(ready, "OptionsGroupBox").isHidden()
    child(ready, "NULL", qt.QToolButton).click()
    assert ready.activeEffect() is None
    assert child(ready, "OptionsGroupBox").isHidden()


def test_effects_are_disabled_without_source_volume(editor, segmentation):
    # updateEffectsSectionFromMRML
    segmentation.RemoveNodeReferenceIDs(segmentation.GetReferenceImageGeometryReferenceRole())
    editor.setSegmentationNode(segmentation)
    assert not child(editor, "EffectsGroupBox").enabled


def test_other_segmentation_ends_the_effect(ready):
    # setSegmentationNode: setActiveEffect(nullptr)
    ready.setActiveEffectByName("Paint")
    ready.setSegmentationNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    assert ready.activeEffect() is None


def test_place_mode_ends_the_effect(ready):
    # interactionNodeModified
    ready.setActiveEffectByName("Paint")
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    interaction.SetCurrentInteractionMode(interaction.Place)
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    assert ready.activeEffect() is None


def test_effect_order(editor):
    # setEffectNameOrder, effectByIndex: the first button is "no effect"
    editor.setEffectNameOrder(["Erase"])
    assert editor.effectByIndex(0) is None
    assert editor.effectByIndex(1).name == "Erase"
    editor.unorderedEffectsVisible = False
    assert editor.effectCount() == 2


def test_mask_modes_go_to_the_node(ready, segmentation):
    # onMaskModeChanged
    modes = slicer.vtkMRMLSegmentationNode
    box = child(ready, "MaskModeComboBox", qt.QComboBox)
    node = ready.mrmlSegmentEditorNode()
    box.setCurrentIndex(box.findText("Outside all segments"))
    assert node.GetMaskMode() == modes.EditAllowedOutsideAllSegments
    box.setCurrentIndex(box.findText("Inside nerve"))
    assert (node.GetMaskMode(), node.GetMaskSegmentID()) == (modes.EditAllowedInsideSingleSegment, "nerve")


def test_deleted_mask_segment_turns_the_mask_off(ready, segmentation):
    # onSegmentAddedRemoved
    box = child(ready, "MaskModeComboBox", qt.QComboBox)
    box.setCurrentIndex(box.findText("Inside nerve"))
    segmentation.GetSegmentation().RemoveSegment("nerve")
    assert ready.mrmlSegmentEditorNode().GetMaskMode() == slicer.vtkMRMLSegmentationNode.EditAllowedEverywhere


def test_intensity_mask_starts_in_the_middle_of_the_intensities(ready):
    # updateMaskingSection: 25 % to 75 % of the range
    child(ready, "SourceVolumeIntensityMaskCheckBox").click()
    low, high = ready.mrmlSegmentEditorNode().GetSourceVolumeIntensityMaskRange()
    assert (low, high) == pytest.approx((0.25 * 7999, 0.75 * 7999))


def test_overwrite_mode_goes_to_the_node(ready):
    # onOverwriteModeChanged
    box = child(ready, "OverwriteModeComboBox", qt.QComboBox)
    box.setCurrentIndex(box.findText("Allow overlap"))
    assert ready.mrmlSegmentEditorNode().GetOverwriteMode() == slicer.vtkMRMLSegmentEditorNode.OverwriteNone


def test_undo_button_follows_the_history(ready, segmentation, volume):
    # onSegmentationHistoryChanged
    undo = child(ready, "UndoButton", qt.QToolButton)
    assert not undo.enabled
    ready.saveStateForUndo()
    mask = np.ones((20, 20, 20), dtype=np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "globe", volume)
    assert undo.enabled
    undo.click()
    assert not slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, "globe", volume).any()


def test_read_only_editor_offers_no_effect(ready):
    # setReadOnly
    ready.setActiveEffectByName("Paint")
    ready.readOnly = True
    assert ready.activeEffect() is None
    assert not child(ready, "EffectsGroupBox").enabled


def test_keyboard_shortcuts(slicer_session, ready):
    # installKeyboardShortcuts: a number chooses an effect, Escape ends it, W selects the next segment
    window = qt.QWidget()
    ready.setEffectNameOrder(["Paint", "Erase"])
    ready.installKeyboardShortcuts(window)
    window.show()
    window.activateWindow()
    window.setFocus()
    slicer_session.process_events()
    QTest.keyClick(window, qt.Qt.Key_2)
    assert ready.activeEffect().name == "Erase"
    QTest.keyClick(window, qt.Qt.Key_Escape)
    assert ready.activeEffect() is None
    QTest.keyClick(window, qt.Qt.Key_W)
    assert ready.currentSegmentID() == "nerve"
    window.close()


def test_closing_the_scene_leaves_a_working_editor(slicer_session, ready):
    # the nodes are held by weak pointers; onMRMLSceneEndCloseEvent
    ready.setActiveEffectByName("Paint")
    slicer.mrmlScene.Clear(0)
    slicer_session.process_events()
    assert ready.segmentationNode() is None
    assert ready.mrmlSegmentEditorNode() is None
    QTest.mouseClick(slicer.app.layoutManager().sliceWidget("Red").sliceView(), qt.Qt.LeftButton)
    ready.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    ready.setSegmentationNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    assert ready.segmentationNode() is not None


def test_rotated_slice_views_are_warned_about(slicer_session, ready, segmentation, volume):
    # updateSliceRotateWarningButtonVisibility, rotateSliceViewsToSegmentation
    mask = np.ones((20, 20, 20), dtype=np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "globe", volume)
    warning = child(ready, "SliceRotateWarningButton", qt.QToolButton)
    node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    node.SetSliceToRASByNTP(0.3, 0, 0.954, 1, 0, 0, 0, 0, 0, 0)
    ready.updateWidgetFromMRML()
    warned = not warning.isHidden()
    ready.rotateSliceViewsToSegmentation()
    node.SetOrientationToAxial()
    assert warned
    assert warning.isHidden()
