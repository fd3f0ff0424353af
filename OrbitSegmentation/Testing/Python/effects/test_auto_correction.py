"""AutoCorrection by mouse in slice views; results in millimetres."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from Testing.Python.effects import effect_scenes as scenes

NAME = "AutoCorrection"
RADIUS = 10.0


@pytest.fixture
def correction(editors):
    """Makes Segment Editors with the effect active and a rough ball drawn; parameters as given."""

    def make(volume, radius=RADIUS - 1.2, shift=(1.5, 0.0, 0.0), **parameters):
        editor = editors(volume, NAME)
        scenes.draw(editor, scenes.ball(volume, radius, shift))
        for name, value in parameters.items():
            editor.activeEffect().setParameter(name, value)
        slicer.app.processEvents()
        return editor

    return make


def effect_of(editor):
    return editor.effectByName(NAME).self()


def wait_for_proposal(editor):
    effect = effect_of(editor)
    scenes.wait_until(lambda: effect.proposal is not None or effect.notice.notices, "no correction came")
    assert effect.proposal is not None, effect.notice.text
    return effect.proposal


def shows_another(effect, proposal):
    return effect.proposal is not None and effect.proposal is not proposal


def propose(editor, point=(0.0, 0.0, 0.5), view="Red"):
    scenes.click(point, view)
    return wait_for_proposal(editor)


def layer_of(volume, place, axis=2):
    """The voxels of the slice at a place in mm."""
    return np.abs(scenes.voxel_places(volume)[..., axis] - place) < 0.26


def in_slice(editor, volume, place, axis=2):
    """Voxels of the segment and of the true ball in a slice."""
    layer = layer_of(volume, place, axis)
    return scenes.voxels(editor) & layer, scenes.ball(volume, RADIUS) & layer


@pytest.mark.parametrize(("view", "axis"), [("Red", 2), ("Yellow", 0), ("Green", 1)])
def test_a_click_and_apply_correct_the_slice_and_no_other(correction, view, axis):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume)
    before = scenes.voxels(editor)
    point = np.zeros(3)
    point[axis] = 0.5
    scenes.turn_slice(view, scenes.slice_axes(view), point)
    propose(editor, point, view)
    assert np.array_equal(scenes.voxels(editor), before), "a preview changes nothing"
    effect_of(editor).options.apply_button.click()
    after, truth = in_slice(editor, volume, 0.5, axis)
    changed = scenes.voxels(editor) ^ before
    assert scenes.dice(after, truth) > scenes.dice(before & layer_of(volume, 0.5, axis), truth) + 0.03
    assert np.ptp(scenes.voxel_places(volume)[changed][:, axis]) == 0.0


def test_the_whole_segment_is_corrected_in_3d_in_one_step_of_undo(correction):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume, WholeSegment=1)
    before = scenes.voxels(editor)
    propose(editor)
    effect_of(editor).options.apply_button.click()
    truth = scenes.ball(volume, RADIUS)
    assert scenes.dice(scenes.voxels(editor), truth) > scenes.dice(before, truth) + 0.05
    editor.undo()
    assert np.array_equal(scenes.voxels(editor), before)


@pytest.mark.parametrize("whole", [0, 1])
def test_a_correction_takes_nothing_from_a_neighbour_that_is_done(correction, whole):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume, WholeSegment=whole)
    neighbour = scenes.ball(volume, RADIUS) & (scenes.voxel_places(volume)[..., 0] < -6.0) & ~scenes.voxels(editor)
    scenes.draw(editor, neighbour, "two")
    drawn = scenes.voxels(editor)
    proposal = propose(editor)
    effect_of(editor).apply()
    corrected = scenes.voxels(editor)
    assert np.array_equal(scenes.voxels(editor, "two"), neighbour)
    assert (corrected & ~drawn).sum() > 20
    assert proposal.changed_voxels == (corrected ^ drawn).sum()
    editor.undo()
    proposal = propose(editor)
    effect_of(editor).options.others.click()
    scenes.wait_until(lambda: shows_another(effect_of(editor), proposal), "the option changes nothing")
    effect_of(editor).apply()
    assert (neighbour & ~scenes.voxels(editor, "two")).sum() > 10


@pytest.mark.parametrize("limit", [1.0, 2.5])
def test_the_border_moves_no_further_than_the_slider_says(correction, limit):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume, radius=13.5, shift=(0.0, 0.0, 0.0), WholeSegment=1, DistanceLimitMm=limit)
    before = scenes.voxels(editor)
    propose(editor)
    effect_of(editor).apply()
    removed = scenes.voxel_places(volume)[before & ~scenes.voxels(editor)]
    assert 13.5 - limit - 1.0 <= np.linalg.norm(removed, axis=1).min() <= 13.0


def test_another_limit_gives_another_preview_by_itself(correction):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS), radius=13.5, shift=(0.0, 0.0, 0.0), DistanceLimitMm=1.0)
    first = propose(editor)
    effect_of(editor).options.limit.setValue(4.0)
    scenes.wait_until(lambda: shows_another(effect_of(editor), first), "the preview is still the old one")
    assert effect_of(editor).proposal.changed_voxels > 1.5 * first.changed_voxels


@pytest.mark.parametrize("seed", [1, 2])
def test_an_oblique_view_of_an_oblique_scan_with_thick_slices(correction, seed):
    spacing = (0.8, 0.8, 1.6)
    volume = scenes.noisy_ball(6, radius=RADIUS, spacing=spacing, shape=(30, 64, 64),
                               axes=scenes.rotation((1, 2, seed), 25.0))
    editor = correction(volume, shift=1.5 * scenes.rotation((3, seed, 1), 50.0)[:, 0])
    axes, before = scenes.rotation((3, seed, 1), 50.0), scenes.voxels(editor)
    scenes.turn_slice("Red", axes, (0.0, 0.0, 0.0))
    propose(editor, (0.0, 0.0, 0.0))
    effect_of(editor).apply()
    changed = scenes.voxel_places(volume)[scenes.voxels(editor) ^ before]
    assert len(changed) > 20
    assert np.abs(changed @ axes[:, 2]).max() <= np.linalg.norm(spacing) / 2
    near = np.abs(scenes.voxel_places(volume) @ axes[:, 2]) < 0.4
    truth = scenes.ball(volume, RADIUS) & near
    assert scenes.dice(scenes.voxels(editor) & near, truth) > scenes.dice(before & near, truth) + 0.02


def test_cancel_and_leaving_leave_the_segment_as_it_was(correction):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS))
    before = scenes.voxels(editor)
    propose(editor)
    effect = effect_of(editor)
    effect.options.cancel_button.click()
    assert effect.proposal is None and not effect.options.apply_button.enabled
    propose(editor)
    editor.setActiveEffect(None)
    editor.setActiveEffectByName(NAME)
    assert effect.proposal is None
    effect.apply()
    assert np.array_equal(scenes.voxels(editor), before)


def test_the_preview_is_seen_in_all_views_and_goes_with_cancel(correction):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS), WholeSegment=1)
    propose(editor)
    effect = effect_of(editor)
    shown = [effect.overlay(scenes.slice_widget(view), "shape") for view in ("Red", "Yellow", "Green")]
    assert all(overlay.visible for overlay in shown)
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(RADIUS + 8.0)
    slicer.app.processEvents()
    assert not shown[0].visible
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(0.5)
    slicer.app.processEvents()
    assert shown[0].visible
    effect.cancel()
    assert not any(overlay.visible for overlay in shown)


def test_where_it_is_unsure_is_shown_unless_the_user_does_not_want_it(correction):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    array = slicer.util.arrayFromVolume(volume)
    array[scenes.voxel_places(volume)[..., 0] > 0] = 0  # half of the border is not seen
    slicer.util.arrayFromVolumeModified(volume)
    editor = correction(volume)
    proposal = propose(editor)
    effect = effect_of(editor)
    assert proposal.sure_share < 1.0
    assert effect.overlay(scenes.slice_widget(), "unsure").visible
    assert f"{round(100 * proposal.sure_share)} %" in effect.options.status.text
    effect.options.confidence.click()
    assert not effect.overlay(scenes.slice_widget(), "unsure").visible
    assert editor.activeEffect().integerParameter("ShowConfidence") == 0


def test_it_says_what_corrects(correction):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS))
    propose(editor)
    text = effect_of(editor).options.method.text
    assert text.startswith("Method: ")
    if "network" in text.split(":")[1].split()[0]:
        assert "synthetic" in text and "research use only" in text
    else:
        assert "classical" in text and "because" in text


@pytest.mark.parametrize("change", ["paint", "delete", "select", "volume voxels", "volume", "undo"])
def test_a_preview_of_what_is_no_more_is_dropped(correction, change):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume)
    if change == "undo":
        propose(editor)
        effect_of(editor).apply()
    propose(editor)
    before = scenes.voxels(editor)
    if change == "paint":
        scenes.draw(editor, scenes.ball(volume, 5.0))
        before = scenes.voxels(editor)
    elif change == "delete":
        editor.segmentationNode().GetSegmentation().RemoveSegment("one")
    elif change == "select":
        editor.setCurrentSegmentID("two")
    elif change == "volume voxels":
        slicer.util.arrayFromVolume(volume)[...] += 1
        slicer.util.arrayFromVolumeModified(volume)
    elif change == "volume":
        editor.setSourceVolumeNode(scenes.ball_volume(center=(4.0, 0.0, 0.0)))
    else:
        editor.undo()
        before = scenes.voxels(editor)
    scenes.wait_until(lambda: effect_of(editor).proposal is None, "the preview is still there")
    effect_of(editor).apply()
    if change != "delete":  # then the editor leaves the effect
        assert np.array_equal(scenes.voxels(editor), before)
        assert "dropped" in effect_of(editor).notice.text
    assert not effect_of(editor).overlay(scenes.slice_widget(), "shape").visible


def test_a_segment_deleted_while_it_is_corrected_is_not_missed(correction):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS), WholeSegment=1)
    scenes.click((0.0, 0.0, 0.5))
    editor.segmentationNode().GetSegmentation().RemoveSegment("one")
    scenes.wait_until(lambda: not effect_of(editor).options.cancel_button.enabled, "it still waits")
    assert effect_of(editor).proposal is None


@pytest.mark.parametrize("whole", [0, 1])
def test_an_empty_segment_and_a_slice_without_it_are_said(correction, whole):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume, radius=0.0 if whole else 5.0, shift=(99.0, 0.0, 0.0) if whole else (0.0, 0.0, 0.0),
                        WholeSegment=whole)
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 8.5))
    scenes.click((0.0, 0.0, 8.5))
    effect = effect_of(editor)
    assert "roughly" in effect.notice.text
    assert effect.proposal is None and not effect.options.cancel_button.enabled


def test_a_hidden_segment_is_asked_about(correction, slicer_dialogs):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS))
    editor.segmentationNode().GetDisplayNode().SetSegmentVisibility("one", False)
    slicer_dialogs.answer("Yes")
    scenes.click((0.0, 0.0, 0.5))
    assert effect_of(editor).proposal is None
    assert propose(editor).changed_voxels


def test_a_volume_of_one_slice(correction):
    volume = scenes.noisy_ball(6, radius=RADIUS, shape=(1, 48, 56), spacing=(1.0, 1.0, 5.0))
    editor = correction(volume, WholeSegment=1)
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 0.0))
    before = scenes.voxels(editor)
    propose(editor, (0.0, 0.0, 0.0))
    effect_of(editor).apply()
    truth = scenes.ball(volume, RADIUS)
    assert scenes.dice(scenes.voxels(editor), truth) > scenes.dice(before, truth) + 0.03


def test_masking_holds_as_for_the_brush(correction):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume, shift=(0.0, 0.0, 0.0), WholeSegment=1)
    half = scenes.voxel_places(volume)[..., 0] > 0
    scenes.draw(editor, half & scenes.ball(volume, RADIUS + 2) & ~scenes.ball(volume, RADIUS - 1.2), "two")
    node = editor.mrmlSegmentEditorNode()
    node.SetMaskMode(slicer.vtkMRMLSegmentationNode.EditAllowedOutsideAllSegments)
    before, other = scenes.voxels(editor), scenes.voxels(editor, "two")
    propose(editor)
    effect_of(editor).apply()
    added = scenes.voxels(editor) & ~before
    assert added[~half].any() and not (added & other).any()
    assert np.array_equal(scenes.voxels(editor, "two"), other)


def test_an_intensity_range_that_may_be_edited_holds(correction):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor = correction(volume, radius=12.0, shift=(0.0, 0.0, 0.0), WholeSegment=1, DistanceLimitMm=4.0)
    node = editor.mrmlSegmentEditorNode()
    node.SourceVolumeIntensityMaskOn()
    node.SetSourceVolumeIntensityMaskRange(50.0, 300.0)
    before = scenes.voxels(editor)
    propose(editor)
    effect_of(editor).apply()
    removed = before & ~scenes.voxels(editor)
    assert not removed[slicer.util.arrayFromVolume(volume) < 50].any()


def test_many_visits_leave_nothing_behind(correction):
    editor = correction(scenes.noisy_ball(6, radius=RADIUS))
    propose(editor)
    volume, segmentation = editor.sourceVolumeNode(), editor.segmentationNode()
    view = scenes.slice_widget()
    renderer = editor.activeEffect().renderer(view)
    effect = effect_of(editor)

    def count():
        editor.setActiveEffect(None)
        slicer.app.processEvents()
        observers = sum(node.HasObserver("ModifiedEvent") for node in (volume, segmentation))
        return len(effect.lifetime), renderer.GetActors2D().GetNumberOfItems(), observers

    first = count()
    for _ in range(12):
        editor.setActiveEffectByName(NAME)
        scenes.click((0.0, 0.0, 0.5))
        last = count()
    assert last == first
    assert first[0] == 0
    assert effect.proposal is None


def test_after_another_layout_a_slice_is_still_corrected(correction):
    volume = scenes.noisy_ball(6, radius=RADIUS)
    editor, layouts = correction(volume, WholeSegment=1), slicer.app.layoutManager()
    scenes.draw(editor, scenes.ball(volume, RADIUS - 1.0))
    first, before = propose(editor), layouts.layout
    layouts.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    slicer.app.processEvents()
    effect_of(editor).options.slice_button.click()
    scenes.wait_until(lambda: shows_another(effect_of(editor), first), "the slice is not corrected")
    layouts.setLayout(before)
    slicer.app.processEvents()
