"""SmartFill that corrects what a segment holds already, by mouse in slice views; results in millimetres."""

from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer

from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartFill"
RADIUS = 9.0
SLICE, DRAWN = 0, 3


def effect_of(editor):
    return editor.effectByName(NAME).self()


def shown(editor):
    return effect_of(editor).overlay(scenes.slice_widget("Red"), "shape").visible


@pytest.fixture
def proposed(filler):
    """A segment that holds a ball for a proposal, in a volume where nothing is to be seen: only outlines count."""
    volume = scenes.ball_volume(inside=0)
    editor = filler(volume, Scope=DRAWN, SegmentIsProposal=1, MarkSizeMm=6.0)
    scenes.draw(editor, scenes.ball(volume, RADIUS))
    return editor, scenes.voxel_places(volume)


def correct(x, height, modifier=qt.Qt.ControlModifier):
    """Draw along y on an axial slice; take away, unless another modifier is given."""
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, height))
    scenes.drag([(x, y, height) for y in np.linspace(-8.0, 8.0, 9)], modifier=modifier)


def test_a_proposal_follows_a_correction_on_the_slices_around_it_at_once(proposed):
    editor, places = proposed
    proposal = scenes.voxels(editor)
    correct(8.0, 0.5)
    options = effect_of(editor).options
    assert "removed" in options.status.text and not options.apply_button.enabled and not shown(editor)
    after = scenes.voxels(editor)
    for height, least in ((0.5, 3.0), (2.5, 1.5), (-1.5, 1.5)):
        layer = np.isclose(places[..., 2], height)
        assert places[after & layer][:, 0].max() < places[proposal & layer][:, 0].max() - least, f"at {height} mm"
    far = np.abs(places[..., 2]) > 7.0
    assert (after & far).sum() > 0.5 * (proposal & far).sum()
    editor.undo()
    assert np.array_equal(scenes.voxels(editor), proposal)


def test_what_a_correction_has_changed_is_told_and_not_what_masking_kept_from_it(proposed):
    editor, _places = proposed
    node = editor.mrmlSegmentEditorNode()
    node.SourceVolumeIntensityMaskOn()
    node.SetSourceVolumeIntensityMaskRange(500.0, 900.0)
    proposal = scenes.voxels(editor)
    correct(8.0, 0.5)
    assert np.array_equal(scenes.voxels(editor), proposal)
    assert effect_of(editor).options.status.text == "0 voxels were added, 0 removed."
    node.SourceVolumeIntensityMaskOff()
    correct(8.0, 0.5)
    lost = int((proposal & ~scenes.voxels(editor)).sum())
    assert lost and f"{lost} removed" in effect_of(editor).options.status.text


def test_undo_and_redo_of_corrections_are_followed(proposed):
    editor, _places = proposed
    states = [scenes.voxels(editor)]
    for x, height in ((8.0, 0.5), (-8.0, 4.5)):
        correct(x, height)
        states.append(scenes.voxels(editor))
    for press, state in ((editor.undo, states[1]), (editor.undo, states[0]), (editor.redo, states[1])):
        press()
        slicer.app.processEvents()
        assert np.array_equal(scenes.voxels(editor), state)
    correct(-8.0, 4.5)
    assert np.array_equal(scenes.voxels(editor), states[2]), "the first correction counts, what was taken back does not"


def test_corrections_before_one_far_off_still_count(proposed):
    """A mark beyond the block that is held asks for a larger one."""
    editor, places = proposed
    editor.activeEffect().setParameter("ReachMm", 1.0)
    correct(8.0, 0.5)
    scenes.drag([(-14.0, y, 0.5) for y in np.linspace(-2.0, 2.0, 5)])
    after = scenes.voxels(editor)
    layer = np.isclose(places[..., 2], 0.5)
    assert not (after & layer & (places[..., 0] > 5.5)).any(), "what was taken away does not come back"
    assert (after & layer & (places[..., 0] < -12.0)).any()


def test_drawing_by_another_effect_makes_a_new_proposal(proposed):
    editor, places = proposed
    correct(8.0, 0.5)
    drawn = scenes.voxels(editor)
    drawn &= places[..., 1] > 0.0
    scenes.draw(editor, drawn)
    slicer.app.processEvents()
    correct(-8.0, 4.5)
    after = scenes.voxels(editor)
    assert after.sum() < 1.1 * drawn.sum(), "what was taken away does not come back"


def test_marks_wait_for_apply_no_longer_once_the_segment_is_a_proposal(filler):
    editor = filler(scenes.noisy_ball(12, radius=RADIUS), Scope=DRAWN, MarkSizeMm=4.0)
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 0.5))
    scenes.drag([(x, 0.0, 0.5) for x in np.linspace(-5.0, 5.0, 11)])
    assert shown(editor) and not scenes.voxels(editor).any()
    effect_of(editor).options.proposal.click()
    scenes.wait_until(lambda: not shown(editor), "the preview is still there")
    assert not scenes.voxels(editor).any()
    assert "at once" in effect_of(editor).notice.notices[0]["text"]


def test_whether_the_segment_is_a_proposal_is_asked_where_it_matters_and_kept_in_the_scene(filler):
    editor = filler(scenes.noisy_ball(12, radius=RADIUS), Scope=SLICE)
    box = effect_of(editor).options.proposal
    assert not box.enabled and not box.checked
    editor.activeEffect().setParameter("Scope", DRAWN)
    slicer.app.processEvents()
    assert box.enabled
    box.click()
    node = editor.mrmlSegmentEditorNode()
    assert node.GetAttribute("SmartFill.SegmentIsProposal") == "1"
