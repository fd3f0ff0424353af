"""SmartFill by mouse in slice views; results in millimetres."""

from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer

from OrbitSegmentationLib.refinement.graph_cut import SmartFillSolver
from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartFill"
RADIUS = 9.0
SLICE, SLAB, VOLUME, DRAWN = range(4)


def effect_of(editor):
    return editor.effectByName(NAME).self()


def apply(editor):
    effect_of(editor).options.apply_button.click()
    slicer.app.processEvents()


def shown(editor, view="Red", name="shape"):
    return effect_of(editor).overlay(scenes.slice_widget(view), name).visible


@pytest.mark.parametrize(("view", "spacing"), [("Red", (0.7, 0.7, 3.0)), ("Green", (0.7, 0.9, 1.5)),
                                               ("Yellow", (0.7, 0.9, 1.5))])
def test_a_click_fills_the_structure_in_the_slice(filler, view, spacing):
    volume = scenes.noisy_ball(12, radius=RADIUS, spacing=spacing, shape=(20, 64, 72))
    editor = filler(volume)
    axes = scenes.slice_axes(view)
    center = 0.3 * axes[:, 2]
    scenes.turn_slice(view, axes, center)
    scenes.click(center + 2.0 * axes[:, 0], view)
    assert not scenes.voxels(editor).any(), "a preview changes nothing"
    assert shown(editor, view)
    apply(editor)
    places = scenes.places(editor)
    axis = int(np.abs(axes[:, 2]).argmax())
    assert np.ptp(places[:, axis]) == 0.0
    assert abs(places[0, axis] - center[axis]) <= spacing[axis] / 2
    assert len(places) * np.prod(spacing) / spacing[axis] == pytest.approx(np.pi * RADIUS**2, rel=0.1)
    assert np.linalg.norm(places, axis=1).max() <= RADIUS + max(np.delete(spacing, axis))
    assert not shown(editor, view)


@pytest.mark.parametrize("seed", [1, 2])
def test_an_oblique_view_of_an_oblique_scan_is_filled_where_it_is_seen(filler, seed):
    spacing = (0.8, 0.8, 1.6)
    center = np.array([2.0, -1.0, 1.0])
    editor = filler(scenes.noisy_ball(12, radius=RADIUS, spacing=spacing, shape=(40, 64, 64),
                                      axes=scenes.rotation((1, 2, seed), 25.0), center=center))
    axes = scenes.rotation((3, seed, 1), 50.0)
    scenes.turn_slice("Red", axes, center)
    scenes.click(center)
    apply(editor)
    offsets, diagonal = scenes.places(editor) - center, np.linalg.norm(spacing)
    assert np.abs(offsets @ axes[:, 2]).max() <= diagonal / 2
    in_plane = np.linalg.norm(offsets @ axes[:, :2], axis=1)
    assert RADIUS - 1.0 <= in_plane.max() <= RADIUS + diagonal
    rings = np.histogram(in_plane, bins=np.sqrt(np.linspace(0, (RADIUS - 0.5) ** 2, 6)))[0]
    assert rings.min() > 0.75 * rings.max()


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.7, 0.7, 2.5)])
def test_3d_fills_the_whole_structure_from_one_click(filler, spacing):
    volume = scenes.noisy_ball(12, radius=RADIUS, spacing=spacing, shape=(24, 64, 64))
    editor = filler(volume, Scope=VOLUME)
    scenes.click((1.0, 1.0, 0.2))
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.95


def test_a_slab_is_as_thick_as_the_slider_says(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Scope=SLAB, SlabMm=6.0)
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 0.5))
    scenes.click((0.0, 0.0, 0.5))
    apply(editor)
    found = scenes.voxels(editor)
    heights = scenes.places(editor)[:, 2]
    assert heights.min() == pytest.approx(-2.5) and heights.max() == pytest.approx(3.5)
    inside = np.abs(scenes.voxel_places(volume)[..., 2] - 0.5) < 3.4
    assert scenes.dice(found, scenes.ball(volume, RADIUS) & inside) > 0.95


def test_control_marks_background_and_takes_a_leak_back(filler):
    volume = scenes.noisy_ball(12, center=(-6.0, 0.0, 0.0), radius=5.0, shape=(9, 64, 64))
    array = slicer.util.arrayFromVolume(volume)
    second = scenes.ball(volume, 5.0, (6.0, 0.0, 0.0))
    bridge = (np.abs(scenes.voxel_places(volume)[..., 1]) < 1.6) & (np.abs(scenes.voxel_places(volume)[..., 0]) < 6)
    array[second | bridge] = 100
    slicer.util.arrayFromVolumeModified(volume)
    editor = filler(volume)
    layer = slicer.util.arrayFromVolume(volume).shape[0] // 2
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 0.0))
    scenes.drag([(-8.0, 0.0, 0.0), (-3.0, 0.0, 0.0)])
    leaking = scenes.dice(preview(editor, volume)[layer], scenes.ball(volume, 5.0, (-6.0, 0.0, 0.0))[layer])
    scenes.drag([(4.0, -3.0, 0.0), (4.0, 3.0, 0.0)], modifier=qt.Qt.ControlModifier)
    assert shown(editor, name="background")
    apply(editor)
    found = scenes.voxels(editor)[layer]
    assert leaking < 0.8 < 0.9 < scenes.dice(found, scenes.ball(volume, 5.0, (-6.0, 0.0, 0.0))[layer])
    assert not shown(editor, name="background")


def preview(editor, volume):
    """What is proposed, on the volume's grid: boolean (K, J, I)."""
    found = np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
    shape = effect_of(editor)._shape
    if shape is not None:
        found[shape.box.slices] = shape.mask
    return found


def test_the_cursor_says_that_a_fill_is_being_computed(filler, monkeypatch):
    editor, cursors, solve = filler(Scope=VOLUME), [], SmartFillSolver.solve

    def watched(solver):
        cursors.append(qt.QApplication.overrideCursor())
        return solve(solver)

    monkeypatch.setattr(SmartFillSolver, "solve", watched)
    scenes.click((0.0, 0.0, 0.5))
    effect_of(editor).options.smoothness.setValue(2.0)
    scenes.wait_until(lambda: len(cursors) > 1, "it is not filled again")
    effect_of(editor).options.fill_button.click()
    assert len(cursors) == 2 and None not in cursors
    assert qt.QApplication.overrideCursor() is None


def test_what_the_segment_holds_is_where_the_fill_begins(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Scope=VOLUME)
    scenes.draw(editor, scenes.ball(volume, 3.0))
    effect_of(editor).options.fill_button.click()
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.95


def test_other_segments_are_background_unless_switched_off(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    right = scenes.voxel_places(volume)[..., 0] > 2.0
    editor = filler(volume, Scope=VOLUME)
    scenes.draw(editor, scenes.ball(volume, RADIUS) & right, "two")
    scenes.click((-3.0, 0.0, 0.5))
    assert not preview(editor, volume)[right].any()
    effect_of(editor).options.others.click()
    scenes.wait_until(lambda: preview(editor, volume)[right].any(), "the option changes nothing")
    assert scenes.dice(preview(editor, volume), scenes.ball(volume, RADIUS)) > 0.9


def test_a_fill_is_one_step_of_undo(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Scope=VOLUME)
    scenes.click((0.0, 0.0, 0.5))
    apply(editor)
    filled = scenes.voxels(editor)
    assert filled.any()
    editor.undo()
    assert not scenes.voxels(editor).any()
    editor.redo()
    assert np.array_equal(scenes.voxels(editor), filled)


def test_fills_of_several_slices_are_applied_together(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume)
    for height in (-3.5, 0.5):
        scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, height))
        scenes.click((0.0, 0.0, height))
    apply(editor)
    places = scenes.places(editor)
    assert set(places[:, 2].round(3)) == {-3.5, 0.5}
    near = np.isin(scenes.voxel_places(volume)[..., 2].round(3), (-3.5, 0.5))
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS) & near) > 0.95
    editor.undo()
    assert not scenes.voxels(editor).any()


@pytest.mark.parametrize("view", ["Red", "Green"])
def test_propagation_follows_the_structure_to_its_end(filler, view):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Slices=20)
    axes = scenes.slice_axes(view)
    scenes.turn_slice(view, axes, 0.5 * np.abs(axes[:, 2]))
    scenes.click(0.5 * np.abs(axes[:, 2]), view)
    options = effect_of(editor).options
    options.next.click()
    options.previous.click()
    assert "end" in effect_of(editor).notice.text
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.93


def test_propagation_goes_no_further_than_asked(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Slices=3)
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 0.5))
    scenes.click((0.0, 0.0, 0.5))
    effect_of(editor).options.next.click()
    apply(editor)
    heights = np.unique(scenes.places(editor)[:, 2].round(3))
    assert heights.tolist() == [0.5, 1.5, 2.5, 3.5]


def test_more_smoothness_changes_the_preview_by_itself(filler):
    volume = scenes.ball_volume(radius=RADIUS)
    array = slicer.util.arrayFromVolume(volume)
    array += np.random.default_rng(0).normal(0, 45, array.shape).astype(array.dtype)
    slicer.util.arrayFromVolumeModified(volume)
    editor = filler(volume, Smoothness=0.0)
    scenes.click((0.0, 0.0, 0.5))

    def border():
        found = preview(editor, volume)
        return sum(int(np.diff(found, axis=axis).sum()) for axis in (1, 2)) / found.sum()

    rough = border()
    effect_of(editor).options.smoothness.setValue(2.0)
    scenes.wait_until(lambda: border() < 0.8 * rough, "the preview is as rough as before")


def test_an_added_mark_changes_the_preview_only_where_it_should(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Scope=VOLUME)
    scenes.click((0.0, 0.0, 0.5))
    before = preview(editor, volume)
    scenes.click((3.0, 3.0, 0.5))
    assert (preview(editor, volume) >= before).all()


def test_cancel_and_leaving_leave_the_segment_as_it_was(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume)
    scenes.click((0.0, 0.0, 0.5))
    effect_of(editor).options.cancel_button.click()
    assert not shown(editor) and not effect_of(editor).options.apply_button.enabled
    scenes.click((0.0, 0.0, 0.5))
    editor.setActiveEffect(None)
    editor.setActiveEffectByName(NAME)
    effect_of(editor).apply()
    assert not scenes.voxels(editor).any()


def test_the_preview_is_seen_in_all_views_that_cut_it(filler):
    editor = filler(scenes.noisy_ball(12, radius=RADIUS), Scope=VOLUME)
    scenes.click((0.0, 0.0, 0.5))
    assert all(shown(editor, view) for view in ("Red", "Yellow", "Green"))
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(RADIUS + 6.0)
    slicer.app.processEvents()
    assert not shown(editor)
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(0.5)
    slicer.app.processEvents()
    assert shown(editor)


def draw_disc(editor, view, axes, center, radius):
    """Draw a cross-section with marks of 2 mm: around, and through the middle."""
    angles = np.linspace(0.0, 2 * np.pi, 40)
    points = [center + axes[:, :2] @ (share * radius * np.array([np.cos(angle), np.sin(angle)]))
              for share in (0.0, 0.35, 0.8) for angle in angles]
    scenes.turn_slice(view, axes, center)
    scenes.drag(points, view)


@pytest.mark.parametrize(("view", "spacing"), [("Red", (0.8, 0.8, 2.0)), ("Green", (1.0, 1.0, 1.0))])
def test_two_drawn_slices_give_the_whole_ball(filler, view, spacing):
    volume = scenes.noisy_ball(12, radius=RADIUS, spacing=spacing, shape=(30, 56, 56))
    editor = filler(volume, Scope=DRAWN, MarkSizeMm=4.0)
    axes = scenes.slice_axes(view)
    for height in (-5.0, 4.0):
        draw_disc(editor, view, axes, height * np.abs(axes[:, 2]), np.sqrt(RADIUS**2 - height**2) - 1.0)
    assert not scenes.voxels(editor).any(), "a preview changes nothing"
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.9
    editor.undo()
    assert not scenes.voxels(editor).any()


@pytest.mark.parametrize("degrees", [0.5, 10.0])
def test_slices_are_drawn_on_in_a_view_that_is_tilted_against_them(filler, degrees):
    axes = np.diag([-1.0, -1.0, 1.0]) @ scenes.rotation((1, 0, 0), degrees)
    volume = scenes.noisy_ball(12, radius=RADIUS, axes=axes)
    editor = filler(volume, Scope=DRAWN, MarkSizeMm=4.0)
    for height in (-5.0, 0.0, 4.0):
        center = np.array([0.0, 0.0, height])
        draw_disc(editor, "Red", scenes.slice_axes("Red"), center, np.sqrt(RADIUS**2 - height**2) - 1.0)
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.95


def test_a_stroke_corrects_a_slice_between_and_its_neighbours_follow(filler):
    volume = scenes.ball_volume(inside=0)  # nothing to see: only what is drawn counts
    editor = filler(volume, Scope=DRAWN, MarkSizeMm=8.0)
    axes = scenes.slice_axes("Red")
    for height in (-8.5, 8.5):
        scenes.turn_slice("Red", axes, (0.0, 0.0, height))
        scenes.click((0.0, 0.0, height))
    places, before = scenes.voxel_places(volume), preview(editor, volume)
    scenes.turn_slice("Red", axes, (0.0, 0.0, 0.5))
    scenes.drag([(0.0, 0.0, 0.5), (9.0, 0.0, 0.5)])
    after = preview(editor, volume)
    for height in (0.5, 3.5, -2.5):
        layer = np.isclose(places[..., 2], height)
        assert places[after & layer][:, 0].max() > places[before & layer][:, 0].max() + 2.0, f"at {height} mm"


def test_another_option_fills_between_the_same_slices_again(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Scope=DRAWN, MarkSizeMm=6.0)
    for view, place in (("Green", -5.0), ("Red", 0.0), ("Green", -5.0), ("Green", 5.0)):
        axes = scenes.slice_axes(view)
        center = place * np.abs(axes[:, 2])
        scenes.turn_slice(view, axes, center)
        scenes.drag([center - 3.0 * axes[:, 0], center + 3.0 * axes[:, 0]], view)
    before, work = preview(editor, volume), effect_of(editor)._work
    effect_of(editor).options.others.click()  # there are no others
    scenes.wait_until(lambda: effect_of(editor)._work is not work, "the option changes nothing")
    assert scenes.dice(preview(editor, volume), before) > 0.99


def test_an_oblique_view_is_refused_in_words_for_drawing_on_slices(filler):
    editor = filler(scenes.noisy_ball(12, radius=RADIUS), Scope=DRAWN)
    scenes.turn_slice("Red", scenes.rotation((1, 2, 3), 40.0))
    scenes.click((0.0, 0.0, 0.0))
    assert "oblique" in effect_of(editor).notice.text
    assert not shown(editor)


def test_slices_of_a_tilted_gantry_are_drawn_on_as_others_are(filler):
    axes = np.diag([-1.0, -1.0, 1.0])
    axes[1, 2] = np.tan(np.deg2rad(25.0))
    volume = scenes.noisy_ball(12, radius=RADIUS, spacing=(1.0, 1.0, 1.5), axes=axes)
    editor = filler(volume, Scope=DRAWN, MarkSizeMm=4.0)
    axes = scenes.slice_axes("Red")
    for height in (-5.0, 4.0):
        draw_disc(editor, "Red", axes, np.array([0.0, 0.0, height]), np.sqrt(RADIUS**2 - height**2) - 1.0)
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.9


def test_slices_of_the_segment_are_kept_and_filled_between(filler):
    volume = scenes.noisy_ball(12, radius=RADIUS)
    editor = filler(volume, Scope=DRAWN)
    layers = np.isin(scenes.voxel_places(volume)[..., 2].round(1), (-4.5, 4.5))
    scenes.draw(editor, scenes.ball(volume, RADIUS) & layers)
    effect_of(editor).options.fill_button.click()
    apply(editor)
    assert scenes.dice(scenes.voxels(editor), scenes.ball(volume, RADIUS)) > 0.9
    assert np.array_equal(scenes.voxels(editor)[layers], scenes.ball(volume, RADIUS)[layers])
