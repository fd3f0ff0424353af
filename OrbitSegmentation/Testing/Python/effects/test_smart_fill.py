"""SmartFill by mouse in slice views; results in millimetres."""

from __future__ import annotations

import time

import numpy as np
import pytest
import qt
import slicer

from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartFill"
RADIUS = 9.0
SLICE, SLAB, VOLUME = range(3)


def noisy_ball(**options):
    """A bright ball in noise: muscle in fat."""
    volume = scenes.ball_volume(**{"radius": RADIUS, **options})
    array = slicer.util.arrayFromVolume(volume)
    array += np.random.default_rng(0).normal(0, 12, array.shape).astype(array.dtype)
    slicer.util.arrayFromVolumeModified(volume)
    return volume


def ball(volume, radius=RADIUS, center=(0.0, 0.0, 0.0)):
    return np.linalg.norm(scenes.voxel_places(volume) - np.asarray(center), axis=-1) <= radius


def dice(found, truth):
    return 2 * (found & truth).sum() / (found.sum() + truth.sum())


@pytest.fixture
def filler(editors):
    """Makes Segment Editors with the effect active and parameters set."""

    def make(volume, segments=("one", "two"), **parameters):
        editor = editors(volume, NAME, segments)
        for name, value in parameters.items():
            editor.activeEffect().setParameter(name, value)
        return editor

    return make


def effect_of(editor):
    return editor.effectByName(NAME).self()


def apply(editor):
    effect_of(editor).options.apply_button.click()
    slicer.app.processEvents()


def wait_until(condition, what):
    deadline = time.monotonic() + 20.0
    while not condition():
        assert time.monotonic() < deadline, what
        slicer.app.processEvents()
        time.sleep(0.005)


def slice_axes(view):
    return slicer.util.arrayFromVTKMatrix(scenes.slice_view(view).mrmlSliceNode().GetSliceToRAS())[:3, :3]


def shown(editor, view="Red", name="shape"):
    return effect_of(editor).overlay(scenes.slice_widget(view), name).visible


def draw(editor, mask, segment="one"):
    """Put voxels into a segment without the effect."""
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), editor.segmentationNode(), segment,
                                                     editor.sourceVolumeNode())
    slicer.app.processEvents()


@pytest.mark.parametrize(("view", "spacing"), [("Red", (0.7, 0.7, 3.0)), ("Green", (0.7, 0.9, 1.5)),
                                               ("Yellow", (0.7, 0.9, 1.5))])
def test_a_click_fills_the_structure_in_the_slice(filler, view, spacing):
    volume = noisy_ball(spacing=spacing, shape=(20, 64, 72))
    editor = filler(volume)
    axes = slice_axes(view)
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
    editor = filler(noisy_ball(spacing=spacing, shape=(40, 64, 64), axes=scenes.rotation((1, 2, seed), 25.0),
                               center=center))
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
    volume = noisy_ball(spacing=spacing, shape=(24, 64, 64))
    editor = filler(volume, Scope=VOLUME)
    scenes.click((1.0, 1.0, 0.2))
    apply(editor)
    assert dice(scenes.voxels(editor), ball(volume)) > 0.95


def test_a_slab_is_as_thick_as_the_slider_says(filler):
    volume = noisy_ball()
    editor = filler(volume, Scope=SLAB, SlabMm=6.0)
    scenes.turn_slice("Red", slice_axes("Red"), (0.0, 0.0, 0.5))
    scenes.click((0.0, 0.0, 0.5))
    apply(editor)
    found = scenes.voxels(editor)
    heights = scenes.places(editor)[:, 2]
    assert heights.min() == pytest.approx(-2.5) and heights.max() == pytest.approx(3.5)
    inside = np.abs(scenes.voxel_places(volume)[..., 2] - 0.5) < 3.4
    assert dice(found, ball(volume) & inside) > 0.95


def test_control_marks_background_and_takes_a_leak_back(filler):
    volume = noisy_ball(center=(-6.0, 0.0, 0.0), radius=5.0, shape=(9, 64, 64))
    array = slicer.util.arrayFromVolume(volume)
    second = ball(volume, 5.0, (6.0, 0.0, 0.0))
    bridge = (np.abs(scenes.voxel_places(volume)[..., 1]) < 1.6) & (np.abs(scenes.voxel_places(volume)[..., 0]) < 6)
    array[second | bridge] = 100
    slicer.util.arrayFromVolumeModified(volume)
    editor = filler(volume)
    layer = slicer.util.arrayFromVolume(volume).shape[0] // 2
    scenes.turn_slice("Red", slice_axes("Red"), (0.0, 0.0, 0.0))
    scenes.drag([(-8.0, 0.0, 0.0), (-3.0, 0.0, 0.0)])
    leaking = dice(preview(editor, volume)[layer], ball(volume, 5.0, (-6.0, 0.0, 0.0))[layer])
    scenes.drag([(4.0, -3.0, 0.0), (4.0, 3.0, 0.0)], modifier=qt.Qt.ControlModifier)
    assert shown(editor, name="background")
    apply(editor)
    found = scenes.voxels(editor)[layer]
    assert leaking < 0.8 < 0.9 < dice(found, ball(volume, 5.0, (-6.0, 0.0, 0.0))[layer])
    assert not shown(editor, name="background")


def preview(editor, volume):
    """What is proposed, on the volume's grid: boolean (K, J, I)."""
    found = np.zeros(slicer.util.arrayFromVolume(volume).shape, dtype=bool)
    shape = effect_of(editor)._shape
    if shape is not None:
        found[shape.box.slices] = shape.mask
    return found


def test_what_the_segment_holds_is_where_the_fill_begins(filler):
    volume = noisy_ball()
    editor = filler(volume, Scope=VOLUME)
    draw(editor, ball(volume, 3.0))
    effect_of(editor).options.fill_button.click()
    apply(editor)
    assert dice(scenes.voxels(editor), ball(volume)) > 0.95


def test_other_segments_are_background_unless_switched_off(filler):
    volume = noisy_ball()
    right = scenes.voxel_places(volume)[..., 0] > 2.0
    editor = filler(volume, Scope=VOLUME)
    draw(editor, ball(volume) & right, "two")
    scenes.click((-3.0, 0.0, 0.5))
    assert not preview(editor, volume)[right].any()
    effect_of(editor).options.others.click()
    wait_until(lambda: preview(editor, volume)[right].any(), "the option changes nothing")
    assert dice(preview(editor, volume), ball(volume)) > 0.9


def test_a_fill_is_one_step_of_undo(filler):
    volume = noisy_ball()
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
    volume = noisy_ball()
    editor = filler(volume)
    for height in (-3.5, 0.5):
        scenes.turn_slice("Red", slice_axes("Red"), (0.0, 0.0, height))
        scenes.click((0.0, 0.0, height))
    apply(editor)
    places = scenes.places(editor)
    assert set(places[:, 2].round(3)) == {-3.5, 0.5}
    near = np.isin(scenes.voxel_places(volume)[..., 2].round(3), (-3.5, 0.5))
    assert dice(scenes.voxels(editor), ball(volume) & near) > 0.95
    editor.undo()
    assert not scenes.voxels(editor).any()


@pytest.mark.parametrize("view", ["Red", "Green"])
def test_propagation_follows_the_structure_to_its_end(filler, view):
    volume = noisy_ball()
    editor = filler(volume, Slices=20)
    axes = slice_axes(view)
    scenes.turn_slice(view, axes, 0.5 * np.abs(axes[:, 2]))
    scenes.click(0.5 * np.abs(axes[:, 2]), view)
    options = effect_of(editor).options
    options.next.click()
    options.previous.click()
    assert "end" in effect_of(editor).notice.text
    apply(editor)
    assert dice(scenes.voxels(editor), ball(volume)) > 0.93


def test_propagation_goes_no_further_than_asked(filler):
    volume = noisy_ball()
    editor = filler(volume, Slices=3)
    scenes.turn_slice("Red", slice_axes("Red"), (0.0, 0.0, 0.5))
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
    wait_until(lambda: border() < 0.8 * rough, "the preview is as rough as before")


def test_an_added_mark_changes_the_preview_only_where_it_should(filler):
    volume = noisy_ball()
    editor = filler(volume, Scope=VOLUME)
    scenes.click((0.0, 0.0, 0.5))
    before = preview(editor, volume)
    scenes.click((3.0, 3.0, 0.5))
    assert (preview(editor, volume) >= before).all()


def test_cancel_and_leaving_leave_the_segment_as_it_was(filler):
    volume = noisy_ball()
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
    editor = filler(noisy_ball(), Scope=VOLUME)
    scenes.click((0.0, 0.0, 0.5))
    assert all(shown(editor, view) for view in ("Red", "Yellow", "Green"))
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(RADIUS + 6.0)
    slicer.app.processEvents()
    assert not shown(editor)
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(0.5)
    slicer.app.processEvents()
    assert shown(editor)
