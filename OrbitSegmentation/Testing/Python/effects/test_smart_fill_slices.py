"""SmartFill in several slices that wait for Apply: every mark counts where it was made."""

from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer

from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartFill"


def effect_of(editor):
    return editor.effectByName(NAME).self()


def apply(editor):
    effect_of(editor).options.apply_button.click()
    slicer.app.processEvents()


@pytest.fixture
def leak():
    """Two cylinders along z at x = -6 and 6 mm, and a bridge between them, all equally bright; voxels of 1 mm."""
    volume = scenes.ball_volume(shape=(21, 64, 64))
    array, places = slicer.util.arrayFromVolume(volume), scenes.voxel_places(volume)
    x, y = places[..., 0], places[..., 1]
    bright = (np.hypot(x + 6, y) <= 5) | (np.hypot(x - 6, y) <= 5) | ((np.abs(y) < 1.6) & (np.abs(x) < 6))
    array[:] = np.where(bright, 100, 0) + np.random.default_rng(0).normal(0, 8, array.shape)
    slicer.util.arrayFromVolumeModified(volume)
    return volume


def drag_on(height, xs, ys, **options):
    """Drag through an axial slice."""
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, height))
    scenes.drag([(x, y, height) for x, y in zip(xs, ys, strict=True)], **options)


def take_back_on(height):
    drag_on(height, (4.0, 4.0), (-3.0, 3.0), modifier=qt.Qt.ControlModifier)


def per_slice(editor, where, volume, heights):
    found, places = scenes.voxels(editor) & where(scenes.voxel_places(volume)), scenes.voxel_places(volume)
    return [int((found & np.isclose(places[..., 2], height)).sum()) for height in heights]


def beyond(places):
    return places[..., 0] > 3.0


def anywhere(places):
    return np.ones(places.shape[:3], dtype=bool)


@pytest.mark.parametrize("height", [0.0, 1.0])
def test_a_leak_is_taken_back_in_any_slice_of_a_slab(filler, leak, height):
    editor = filler(leak, Scope=1, SlabMm=6.0)
    drag_on(0.0, (-8.0, -3.0), (0.0, 0.0))
    take_back_on(height)
    count = int(effect_of(editor).options.status.text.split()[0])
    apply(editor)
    assert per_slice(editor, beyond, leak, range(-3, 4)) == [0] * 7
    assert scenes.voxels(editor).sum() == count


def test_a_leak_is_taken_back_on_a_slice_that_was_carried_on_to(filler, leak):
    editor = filler(leak, Slices=4)
    drag_on(0.0, (-8.0, -3.0), (0.0, 0.0))
    effect_of(editor).options.next.click()
    before = effect_of(editor).options.status.text
    take_back_on(2.0)
    assert effect_of(editor).options.status.text != before
    apply(editor)
    leaked = per_slice(editor, beyond, leak, range(5))
    assert leaked[2] == 0 and all(leaked[number] > 0 for number in (0, 1, 3, 4))


def test_another_option_fills_every_marked_slice_again_and_no_other(filler, leak):
    editor = filler(leak, OthersAreBackground=0)
    scenes.draw(editor, scenes.voxel_places(leak)[..., 0] > -1.0, "two")
    for height in (0.0, 1.0, 2.0):
        drag_on(height, (-8.0, -4.0), (0.0, 0.0))
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 6.0))
    first = effect_of(editor).options.status.text
    effect_of(editor).options.others.click()
    scenes.wait_until(lambda: effect_of(editor).options.status.text != first, "the option changes nothing")
    apply(editor)
    found = per_slice(editor, anywhere, leak, range(-1, 8))
    assert min(found[1:4]) > 60
    assert found[0] == 0 and found[4:] == [0] * 5


def test_slices_that_were_carried_on_to_stay_filled_with_another_option(filler, leak):
    editor = filler(leak, Slices=3)
    drag_on(0.0, (-8.0, -4.0), (0.0, 0.0))
    effect_of(editor).options.next.click()
    first = effect_of(editor)._work
    effect_of(editor).options.others.click()
    scenes.wait_until(lambda: effect_of(editor)._work is not first, "the option changes nothing")
    apply(editor)
    assert [count > 60 for count in per_slice(editor, anywhere, leak, range(-1, 5))] == [False, *[True] * 4, False]


def test_after_another_layout_the_fill_still_goes_on(filler, leak):
    editor, layouts = filler(leak, Slices=2), slicer.app.layoutManager()
    drag_on(0.0, (-8.0, -4.0), (0.0, 0.0))
    before = layouts.layout
    layouts.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView)
    slicer.app.processEvents()
    effect_of(editor).options.next.click()
    layouts.setLayout(before)
    slicer.app.processEvents()
    apply(editor)
    found = per_slice(editor, anywhere, leak, range(-1, 4))
    assert [count > 0 for count in found] == [False, True, True, True, False]


@pytest.mark.parametrize("options", [{"Slices": 3}, {"Scope": 1, "SlabMm": 6.0}])
@pytest.mark.parametrize("spacing", [0.4, 6.0])
def test_no_slice_is_left_out_where_the_view_shows_a_volume_with_other_slices(filler, leak, options, spacing):
    editor = filler(leak, **options)
    shown = scenes.ball_volume(spacing=(1.0, 1.0, spacing), shape=(9, 64, 64))
    slicer.util.setSliceViewerLayers(background=shown)
    slicer.app.processEvents()
    assert editor.activeEffect().sliceSpacing(scenes.slice_widget()) == pytest.approx(spacing)
    drag_on(0.0, (-8.0, -4.0), (0.0, 0.0))
    effect_of(editor).options.next.click()
    effect_of(editor).options.previous.click()
    apply(editor)
    found = per_slice(editor, anywhere, leak, range(-8, 9))
    filled = np.flatnonzero(found)
    assert min(found[5:12]) > 60 and np.ptp(filled) == len(filled) - 1
