"""SmartPencil by mouse in slice views; results in millimetres."""

from __future__ import annotations

import gc
import sys
from functools import partial

import numpy as np
import pytest
import qt
import slicer

from NeuroOrbitLib.effects.overlays import SliceOverlay
from NeuroOrbitLib.widgets import dependencies
from Testing.panels import self_tests_of
from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartPencil"
CENTER = (0.0, 0.0, 0.5)


@pytest.fixture
def pencil(editors):
    """Makes Segment Editors with the pencil active and parameters set."""
    return partial(editors, effect=NAME)


def effect_of(editor):
    return editor.effectByName(NAME).self()


def wait_for_regions(editor, ras=CENTER, view="Red"):
    """Hover until the region under the mouse is shown, as a user does."""
    effect = effect_of(editor)
    scenes.hover(ras, view)
    scenes.wait_until(lambda: effect.overlay(scenes.slice_widget(view), "hover").visible, "no regions came")
    return effect.shown.regions


def strokes_within(axes, center, radius, step=2.0):
    """Points that a user would draw through to fill a disc."""
    steps = np.arange(-radius, radius + step / 2, step)
    return [center + axes[:, :2] @ np.array([x, y]) for y in steps for x in steps if np.hypot(x, y) <= radius]


@pytest.mark.parametrize(("view", "spacing"), [("Red", (0.7, 0.7, 3.0)), ("Green", (0.7, 0.9, 1.5)),
                                               ("Yellow", (0.7, 0.9, 1.5))])
def test_drawing_over_a_ball_gives_its_cross_section(pencil, view, spacing):
    editor = pencil(scenes.ball_volume(spacing=spacing, shape=(30, 64, 72), radius=12.0), Regions=300)
    axes = scenes.slice_axes(view)
    center = 0.3 * axes[:, 2]
    scenes.turn_slice(view, axes, center)
    scenes.drag(strokes_within(axes, center, 11.0, step=1.5), view)
    places = scenes.places(editor)
    axis = int(np.abs(axes[:, 2]).argmax())
    assert np.ptp(places[:, axis]) == 0.0
    assert abs(places[0, axis] - center[axis]) <= spacing[axis] / 2
    assert np.linalg.norm(places, axis=1).max() <= 12.0 + max(np.delete(spacing, axis))
    assert len(places) * np.prod(spacing) / spacing[axis] == pytest.approx(np.pi * 144, rel=0.12)


@pytest.mark.parametrize("seed", [1, 2])
def test_an_oblique_view_of_an_oblique_scan_is_drawn_where_it_is_seen(pencil, seed):
    spacing = (0.8, 0.8, 1.6)
    volume = scenes.ball_volume(spacing=spacing, shape=(40, 64, 64), radius=12.0,
                                axes=scenes.rotation((1, 2, seed), 25.0), center=(2.0, -1.0, 1.0))
    editor = pencil(volume, Regions=300)
    axes = scenes.rotation((3, seed, 1), 50.0)
    center = np.array([2.0, -1.0, 1.0])
    scenes.turn_slice("Red", axes, center)
    scenes.drag(strokes_within(axes, center, 11.0, step=1.5))
    offsets, diagonal = scenes.places(editor) - center, np.linalg.norm(spacing)
    assert np.abs(offsets @ axes[:, 2]).max() <= diagonal / 2
    in_plane = np.linalg.norm(offsets @ axes[:, :2], axis=1)
    assert in_plane.max() <= 12.0 + diagonal
    shown = np.histogram(in_plane, bins=np.sqrt(np.linspace(0, 144, 7)))[0]  # six rings of equal area
    assert shown.min() > 0.75 * shown.max()


def test_control_removes_and_a_stroke_is_one_step_of_undo(pencil):
    editor = pencil(scenes.ball_volume(), Regions=200)
    scenes.drag([(-6.0, 0.0, 0.5), (6.0, 0.0, 0.5)])
    drawn = scenes.voxels(editor)
    scenes.drag([(-2.0, 0.0, 0.5), (2.0, 0.0, 0.5)], modifier=qt.Qt.ControlModifier)
    left = scenes.voxels(editor)
    assert drawn.sum() > left.sum() > 0 and not (left & ~drawn).any()
    editor.undo()
    assert np.array_equal(scenes.voxels(editor), drawn)
    editor.undo()
    assert not scenes.voxels(editor).any()
    editor.redo()
    assert np.array_equal(scenes.voxels(editor), drawn)


def test_a_fast_stroke_leaves_no_gap(pencil):
    editor = pencil(scenes.ball_volume(), Regions=400)
    scenes.drag([(-8.0, 1.0, 0.5), (8.0, -3.0, 0.5)])
    places = scenes.places(editor)
    along = np.linspace(0, 1, 60)[:, None] * np.array([16.0, -4.0, 0.0]) + np.array([-8.0, 1.0, 0.5])
    assert np.linalg.norm(places[None] - along[:, None], axis=2).min(axis=1).max() <= np.sqrt(0.75) + 1e-6


def test_regions_follow_the_window_that_is_shown(pencil):
    volume = scenes.ball_volume(radius=12.0, shape=(20, 64, 64))
    array = slicer.util.arrayFromVolume(volume)
    array[np.linalg.norm(scenes.voxel_places(volume) - [0, 0, 0], axis=-1) <= 6.0] = 140
    slicer.util.arrayFromVolumeModified(volume)
    editor = pencil(volume, Regions=100)

    def grey_values(point):
        regions = wait_for_regions(editor, point)
        voxels = regions.voxels([regions.region_at(np.array(point))])
        return np.ptp(slicer.util.arrayFromVolume(volume)[voxels.box.slices][voxels.mask])

    edge = [(6.0 * np.cos(angle), 6.0 * np.sin(angle), 0.5) for angle in np.linspace(0, 6, 5)]
    volume.GetDisplayNode().SetWindowLevel(60, 120)
    apart = max(grey_values(point) for point in edge)
    volume.GetDisplayNode().SetWindowLevel(80, 40)  # both are white: the border between them is not seen
    slicer.app.processEvents()
    together = max(grey_values(point) for point in edge)
    assert apart == 0 and together == 40


def test_a_volume_that_changes_gets_new_regions_without_moving_the_mouse(pencil):
    volume = scenes.ball_volume()
    editor = pencil(volume, Regions=200)
    before = wait_for_regions(editor)
    slicer.util.arrayFromVolume(volume)[...] = np.roll(slicer.util.arrayFromVolume(volume), 6, axis=2)
    slicer.util.arrayFromVolumeModified(volume)
    scenes.wait_until(lambda: effect_of(editor).shown.regions.division is not before.division,
                      "regions are the old ones")
    scenes.drag(strokes_within(scenes.slice_axes("Red"), np.array([-6.0, 0.0, 0.5]), 8.0))
    assert scenes.places(editor)[:, 0].mean() == pytest.approx(-6.0, abs=1.0)


def test_another_source_volume_can_be_chosen_while_drawing(pencil):
    first = scenes.ball_volume(center=(-8.0, 0.0, 0.0), radius=6.0)
    second = scenes.ball_volume(center=(8.0, 0.0, 0.0), radius=6.0)
    editor = pencil(first, Regions=200)
    wait_for_regions(editor)
    editor.setSourceVolumeNode(second)
    slicer.app.processEvents()
    scenes.drag(strokes_within(scenes.slice_axes("Red"), np.array([8.0, 0.0, 0.5]), 4.0))
    assert scenes.places(editor)[:, 0].min() > 1.0


def test_a_volume_of_one_slice(pencil):
    volume = scenes.ball_volume(shape=(1, 48, 56), spacing=(1.0, 1.0, 5.0))
    editor = pencil(volume, Regions=100)
    scenes.turn_slice("Red", scenes.slice_axes("Red"), (0.0, 0.0, 0.0))
    scenes.click((0.0, 0.0, 0.0))
    assert scenes.voxels(editor).sum() > 4
    editor.undo()
    scenes.turn_slice("Green", scenes.slice_axes("Green"), (0.0, 0.5, 0.0))
    scenes.click((3.0, 0.5, 0.0), "Green")
    places = scenes.places(editor)
    assert len(places) and np.ptp(places[:, 1]) == 0.0


def test_three_dimensional_regions(pencil):
    editor = pencil(scenes.ball_volume(spacing=(1.0, 1.0, 1.0), shape=(48, 64, 64), radius=9.0),
                    Regions=200, ThreeDimensional=1, BlockSizeMm=40.0)
    scenes.drag(strokes_within(scenes.slice_axes("Red"), np.array(CENTER), 4.0))
    places = scenes.places(editor)
    assert np.ptp(places[:, 2]) >= 4.0
    assert np.linalg.norm(places, axis=1).max() <= 9.0 + np.sqrt(3)


def test_regions_stop_at_other_visible_segments(pencil):
    volume = scenes.ball_volume(radius=15.0)
    editor = pencil(volume, Regions=40, WithinSegments=1)
    half = (scenes.voxel_places(volume)[..., 0] > 1.0).astype(np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(half, editor.segmentationNode(), "two", volume)
    slicer.app.processEvents()
    scenes.click((0.6, 0.0, 0.5))
    assert scenes.places(editor)[:, 0].max() <= 1.0 + 1e-6
    editor.undo()
    editor.segmentationNode().GetDisplayNode().SetSegmentVisibility("two", False)
    editor.mrmlSegmentEditorNode().SetOverwriteMode(slicer.vtkMRMLSegmentEditorNode.OverwriteNone)
    crossing = [(0.6, y, 0.5) for y in np.linspace(-9, 9, 7)]
    scenes.drag(crossing)
    assert scenes.places(editor)[:, 0].max() > 1.5


def test_a_hidden_segment_is_asked_about(pencil, slicer_dialogs):
    editor = pencil(scenes.ball_volume())
    display = editor.segmentationNode().GetDisplayNode()
    display.SetSegmentVisibility("one", False)
    slicer_dialogs.answer("Yes")
    scenes.click(CENTER)
    assert display.GetSegmentVisibility("one") and not scenes.voxels(editor).any()
    scenes.click(CENTER)
    assert scenes.voxels(editor).any()


def test_a_segment_deleted_during_a_stroke_is_not_missed(pencil):
    editor = pencil(scenes.ball_volume())
    scenes.press(CENTER)
    editor.segmentationNode().GetSegmentation().RemoveSegment("one")
    slicer.app.processEvents()
    scenes.release((4.0, 0.0, 0.5))
    assert not scenes.voxels(editor, "two").any()
    editor.setCurrentSegmentID("two")
    editor.setActiveEffectByName(NAME)
    scenes.click(CENTER)
    assert scenes.voxels(editor, "two").any()


def test_the_wheel_does_not_take_a_stroke_to_another_slice(pencil):
    pencil(scenes.ball_volume())
    node = scenes.slice_view().mrmlSliceNode()
    scenes.press(CENTER)
    offset = node.GetSliceOffset()
    scenes.slice_view().interactor().InvokeEvent("MouseWheelForwardEvent")
    assert node.GetSliceOffset() == offset
    scenes.release(CENTER)
    scenes.slice_view().interactor().InvokeEvent("MouseWheelForwardEvent")
    assert node.GetSliceOffset() != offset


def test_neighbouring_slices_are_ready_before_they_are_shown(pencil):
    editor = pencil(scenes.ball_volume(), Regions=200)
    effect = effect_of(editor)
    wait_for_regions(editor)
    scenes.wait_until(lambda: not effect.busy, "neighbours are not divided")
    asked = []
    effect.store.request = lambda key, compute: asked.append(key)
    for _ in range(2):
        scenes.slice_view().interactor().InvokeEvent("MouseWheelForwardEvent")
        slicer.app.processEvents()
        assert effect.overlay(scenes.slice_widget(), "hover").visible
    assert not asked


def test_nothing_is_shown_beside_the_volume_and_after_leaving_the_view(pencil):
    editor = pencil(scenes.ball_volume(shape=(20, 20, 20)))
    wait_for_regions(editor)
    overlay = effect_of(editor).overlay(scenes.slice_widget(), "borders")
    scenes.slice_view().interactor().InvokeEvent("LeaveEvent")
    assert not overlay.visible
    scenes.slice_view().mrmlSliceNode().SetSliceOffset(50.0)
    scenes.click((0.0, 0.0, 50.0))
    assert not overlay.visible and not scenes.voxels(editor).any()


def test_the_background_gets_arrays_and_nothing_of_the_scene(pencil):
    for three_d in (0, 1):
        editor = pencil(scenes.ball_volume(), ThreeDimensional=three_d, WithinSegments=1)
        effect, given = effect_of(editor), []
        effect.store.request = lambda key, compute, given=given: given.append(compute)
        scenes.hover(CENTER)
        (compute,) = given
        assert all(isinstance(item, np.ndarray | tuple | int | float) for item in compute.args)


def test_a_fast_second_click_counts_too(pencil):
    editor = pencil(scenes.ball_volume(), Regions=200)
    scenes.click((-5.0, 0.0, 0.5))
    count = scenes.voxels(editor).sum()
    scenes.double_click((5.0, 0.0, 0.5))
    assert scenes.voxels(editor).sum() > count


def test_self_test_passes(slicer_session, effect_modules):
    sys.modules["SegmentEditorSmartPencil"].SegmentEditorSmartPencilTest().runTest()


@pytest.mark.parametrize("module", ["SegmentEditorSmartPencil", "SegmentEditorSmartFill",
                                    "SegmentEditorAutoCorrection"])
def test_the_application_finds_and_runs_a_self_test_of_each_effect(slicer_session, effect_modules, module):
    assert self_tests_of(module) - {"ScriptedLoadableModuleTest"} == {f"{module}Test"}
    slicer.selfTests[module](msec=0)


def test_self_test_says_what_is_not_installed_and_passes(slicer_session, effect_modules, monkeypatch):
    told = []
    monkeypatch.setattr(dependencies, "_is_satisfied", lambda requirement: requirement.name != "scikit-image")
    monkeypatch.setattr(slicer.util, "delayDisplay", lambda text, *_: told.append(text))
    sys.modules["SegmentEditorSmartPencil"].SegmentEditorSmartPencilTest().runTest()
    assert told == ["Not installed: scikit-image. What needs them was not tested."]


def test_options_and_parameters_follow_each_other(pencil):
    effect = pencil(scenes.ball_volume()).activeEffect()
    options = effect.self().options
    options.levels[2000].click()
    assert effect.integerParameter("Regions") == 2000 and options.regions.value == 2000
    options.levels[2000].click()
    assert options.levels[2000].checked and not options.levels[500].checked
    options.regions.value = 330
    assert effect.integerParameter("Regions") == 330 and not any(b.checked for b in options.levels.values())
    effect.setParameter("Compactness", 0.5)
    assert options.compactness.value == pytest.approx(0.5)
    assert not options.block.enabled
    options.three_d.click()
    assert options.block.enabled and effect.integerParameter("ThreeDimensional") == 1


def test_entering_and_leaving_many_times_leaves_nothing(pencil, slicer_session):
    editor = pencil(scenes.ball_volume(), Regions=150)
    effect = editor.activeEffect().self()
    editor.setActiveEffect(None)
    renderer = scenes.slice_view().renderWindow().GetRenderers().GetFirstRenderer()

    def count():
        gc.collect()
        objects = gc.get_objects()
        kept = [sum(isinstance(item, kind) for item in objects) for kind in (SliceOverlay, qt.QTimer)]
        del objects
        return [*kept, renderer.GetViewProps().GetNumberOfItems(), len(effect.lifetime), sys.getrefcount(effect)]

    before = None
    for turn in range(13):
        editor.setActiveEffectByName(NAME)
        scenes.hover((0.0, turn / 3.0, 0.5))
        if turn % 4 == 0:
            scenes.click((0.0, 0.0, 0.5))
        editor.setActiveEffect(None)
        slicer_session.process_events()  # deletes what was left to be deleted
        before = count() if turn == 0 else before
    assert count() == before
    assert before[0] == 0 and before[3] == 0
