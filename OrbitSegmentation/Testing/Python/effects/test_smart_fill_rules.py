"""SmartFill under the rules of the Segment Editor, and in scenes that change while it is used."""

from __future__ import annotations

import numpy as np
import pytest
import slicer
import vtk

from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartFill"
RADIUS = 9.0
VOLUME = 2


def effect_of(editor):
    return editor.effectByName(NAME).self()


def shown(editor, view="Red"):
    return effect_of(editor).overlay(scenes.slice_widget(view), "shape").visible


def fill(editor):
    """Mark, look, apply."""
    scenes.click((0.0, 0.0, 0.5))
    effect_of(editor).options.apply_button.click()
    slicer.app.processEvents()


def test_masking_holds_as_for_the_brush(filler):
    editor = filler(Scope=VOLUME, OthersAreBackground=0)
    volume = editor.sourceVolumeNode()
    half = scenes.voxel_places(volume)[..., 0] > 3.0
    scenes.draw(editor, half & scenes.ball(volume, RADIUS), "two")
    editor.mrmlSegmentEditorNode().SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments)
    other = scenes.voxels(editor, "two")
    fill(editor)
    assert scenes.voxels(editor).any() and not (scenes.voxels(editor) & other).any()
    assert np.array_equal(scenes.voxels(editor, "two"), other)


@pytest.mark.parametrize("overlap", [False, True])
def test_overlap_is_as_the_user_chose(filler, overlap):
    editor = filler(Scope=VOLUME, OthersAreBackground=0)
    volume = editor.sourceVolumeNode()
    scenes.draw(editor, scenes.ball(volume, 4.0), "two")
    mode = slicer.vtkMRMLSegmentEditorNode
    editor.mrmlSegmentEditorNode().SetOverwriteMode(mode.OverwriteNone if overlap else mode.OverwriteAllSegments)
    fill(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.95
    assert scenes.voxels(editor, "two").any() == overlap


def test_an_intensity_range_that_may_be_edited_holds(filler):
    editor = filler(Scope=VOLUME)
    node = editor.mrmlSegmentEditorNode()
    node.SourceVolumeIntensityMaskOn()
    node.SetSourceVolumeIntensityMaskRange(500.0, 900.0)
    fill(editor)
    assert not scenes.voxels(editor).any()


def test_a_hidden_segment_is_asked_about(filler, slicer_dialogs):
    editor = filler()
    editor.segmentationNode().GetDisplayNode().SetSegmentVisibility("one", False)
    slicer_dialogs.answer("Yes")
    scenes.click((0.0, 0.0, 0.5))
    assert not shown(editor)
    fill(editor)
    assert scenes.voxels(editor).any()


@pytest.mark.parametrize("change", ["paint", "delete", "select", "volume voxels", "volume"])
def test_a_preview_of_what_is_no_more_is_dropped(filler, change):
    editor = filler()
    volume = editor.sourceVolumeNode()
    scenes.click((0.0, 0.0, 0.5))
    assert shown(editor)
    if change == "paint":
        scenes.draw(editor, scenes.ball(volume, 2.0))
    elif change == "delete":
        editor.segmentationNode().GetSegmentation().RemoveSegment("one")
    elif change == "select":
        editor.setCurrentSegmentID("two")
    elif change == "volume voxels":
        slicer.util.arrayFromVolume(volume)[...] += 1
        slicer.util.arrayFromVolumeModified(volume)
    else:
        editor.setSourceVolumeNode(scenes.ball_volume(center=(4.0, 0.0, 0.0)))
    scenes.wait_until(lambda: not shown(editor), "the preview is still there")
    effect = effect_of(editor)
    assert not effect.options.apply_button.enabled
    if change != "delete":  # then the Segment Editor leaves the effect
        assert "dropped" in effect.notice.text
    effect.apply()
    if change == "paint":
        assert np.array_equal(scenes.voxels(editor), scenes.ball(volume, 2.0))
    elif change != "delete":
        assert not scenes.voxels(editor).any()


def test_a_segment_deleted_while_the_button_is_down(filler):
    editor = filler()
    scenes.press((0.0, 0.0, 0.5))
    editor.segmentationNode().GetSegmentation().RemoveSegment("one")
    scenes.release((2.0, 0.0, 0.5))
    assert not shown(editor)
    assert not scenes.voxels(editor, "two").any()


def test_another_segmentation_is_filled_after_it_is_chosen(filler):
    editor = filler(Scope=VOLUME)
    first, volume = editor.segmentationNode(), editor.sourceVolumeNode()
    scenes.click((0.0, 0.0, 0.5))
    second = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Other")
    second.CreateDefaultDisplayNodes()
    second.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    second.GetSegmentation().AddEmptySegment("new", "new")
    editor.setSegmentationNode(second)
    editor.setSourceVolumeNode(volume)
    editor.setCurrentSegmentID("new")
    slicer.app.processEvents()
    assert not shown(editor)
    editor.setActiveEffectByName(NAME)  # the Segment Editor leaves effects when no segment is selected
    fill(editor)
    assert scenes.dice(scenes.voxels(editor, "new"), scenes.ball(volume, RADIUS)) > 0.95
    assert first.GetSegmentation().GetSegment("one") is not None
    assert not slicer.util.arrayFromSegmentBinaryLabelmap(first, "one", volume).any()


def test_an_empty_segment_without_marks_says_what_to_do(filler):
    editor = filler()
    effect_of(editor).options.fill_button.click()
    assert "Mark" in effect_of(editor).options.status.text
    effect_of(editor).options.apply_button.click()
    assert not scenes.voxels(editor).any()


@pytest.mark.parametrize("scope", [0, 1, 2])
def test_a_volume_of_one_slice(filler, scope):
    volume = scenes.ball_volume(shape=(1, 48, 56), spacing=(1.0, 1.0, 5.0), radius=RADIUS)
    editor = filler(volume, Scope=scope)
    axes = slicer.util.arrayFromVTKMatrix(scenes.slice_view().mrmlSliceNode().GetSliceToRAS())[:3, :3]
    scenes.turn_slice("Red", axes, (0.0, 0.0, 0.0))
    scenes.click((0.0, 0.0, 0.0))
    effect_of(editor).options.apply_button.click()
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.93


def test_a_click_beside_the_volume_does_nothing(filler):
    editor = filler()
    scenes.click((300.0, 0.0, 0.5))
    assert not shown(editor) and not effect_of(editor).options.apply_button.enabled


def test_a_segmentation_that_was_moved_is_filled_where_it_is_seen(filler):
    editor = filler(Scope=VOLUME)
    volume = editor.sourceVolumeNode()
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = scenes.rotation((1, 2, 3), 20.0), (5.0, -4.0, 3.0)
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    volume.SetAndObserveTransformNodeID(transform.GetID())
    editor.segmentationNode().SetAndObserveTransformNodeID(transform.GetID())
    slicer.app.processEvents()
    axes = slicer.util.arrayFromVTKMatrix(scenes.slice_view().mrmlSliceNode().GetSliceToRAS())[:3, :3]
    scenes.turn_slice("Red", axes, (5.0, -4.0, 3.0))
    scenes.click((5.0, -4.0, 3.0))
    effect_of(editor).options.apply_button.click()
    offsets = np.linalg.norm(scenes.places(editor) - [5.0, -4.0, 3.0], axis=1)
    assert offsets.max() == pytest.approx(RADIUS, abs=1.0)
    assert len(offsets) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.1)


def move_above(volume, shift):
    """Move the transform above the volume's own by a distance (mm) to the right."""
    matrix = vtk.vtkMatrix4x4()
    matrix.SetElement(0, 3, shift)
    volume.GetParentTransformNode().GetParentTransformNode().SetMatrixTransformToParent(matrix)


def move_voxels(volume, shift):
    """Move the voxels (1 mm) in place, as a filter does that updates the image and not its node."""
    array = slicer.util.arrayFromVolume(volume)
    array[:] = np.roll(array, round(-shift), axis=2)
    volume.GetImageData().GetPointData().GetScalars().Modified()
    volume.GetImageData().Modified()


@pytest.mark.parametrize("move", [move_above, move_voxels])
def test_in_3d_an_image_that_moved_is_filled_where_it_is_now(filler, move):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    own, above = (slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode") for _number in range(2))
    own.SetAndObserveTransformNodeID(above.GetID())
    volume.SetAndObserveTransformNodeID(own.GetID())
    editor = filler(volume, Scope=VOLUME)
    scenes.click((0.0, 0.0, 0.5))  # the editor has aligned the volume once
    effect_of(editor).options.cancel_button.click()
    move(volume, 7.0)
    slicer.app.processEvents()
    scenes.click((7.0, 0.0, 0.5))
    effect_of(editor).options.apply_button.click()
    offsets = np.linalg.norm(scenes.places(editor) - [7.0, 0.0, 0.0], axis=1)
    assert offsets.max() == pytest.approx(RADIUS, abs=1.0)
    assert len(offsets) == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.1)


def test_many_visits_leave_nothing_behind(filler):
    editor = filler()
    effect, view = effect_of(editor), scenes.slice_widget()
    renderer = editor.activeEffect().renderer(view)
    nodes = (editor.sourceVolumeNode(), editor.segmentationNode())

    def count():
        editor.setActiveEffect(None)
        slicer.app.processEvents()
        observed = sum(node.HasObserver("ModifiedEvent") for node in nodes)
        return len(effect.lifetime), renderer.GetActors2D().GetNumberOfItems(), observed

    scenes.click((0.0, 0.0, 0.5))
    first = count()
    for _visit in range(12):
        editor.setActiveEffectByName(NAME)
        scenes.click((0.0, 0.0, 0.5))
        last = count()
    assert last == first
    assert first[0] == 0
