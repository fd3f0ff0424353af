"""SmartPencil obeys the rules of the segment editor: it is compared with the built-in brush under every rule."""

from __future__ import annotations

import gc
import sys

import numpy as np
import pytest
import qt
import slicer

from NeuroOrbitLib.effects.overlays import SliceOverlay
from Testing.Python.effects import effect_scenes as scenes

NAME = "SmartPencil"
EDITOR = slicer.vtkMRMLSegmentEditorNode
MASK = slicer.vtkMRMLSegmentationNode
SEGMENTS = ("one", "two", "three", "hidden")
POINTS = [(-6.0, -3.0, 0.5), (6.0, 4.0, 0.5)]
RULES = {
    "overwrite all": lambda node: None,
    "overwrite visible": lambda node: node.SetOverwriteMode(EDITOR.OverwriteVisibleSegments),
    "allow overlap": lambda node: node.SetOverwriteMode(EDITOR.OverwriteNone),
    "inside all segments": lambda node: node.SetMaskMode(MASK.EditAllowedInsideAllSegments),
    "inside visible segments": lambda node: node.SetMaskMode(MASK.EditAllowedInsideVisibleSegments),
    "outside all segments": lambda node: node.SetMaskMode(MASK.EditAllowedOutsideAllSegments),
    "outside visible segments": lambda node: node.SetMaskMode(MASK.EditAllowedOutsideVisibleSegments),
    "inside segment two": lambda node: (node.SetMaskSegmentID("two"),
                                        node.SetMaskMode(MASK.EditAllowedInsideSingleSegment)),
    "editable intensities": lambda node: (node.SetSourceVolumeIntensityMaskRange(90.0, 110.0),
                                          node.SetSourceVolumeIntensityMask(True)),
}


@pytest.fixture
def editor(editors):
    """Four segments in a ball of two intensities, each beside or over the line that is drawn; the last is hidden."""
    volume = scenes.ball_volume(radius=14.0, shape=(20, 48, 48))
    places = scenes.voxel_places(volume)
    array = slicer.util.arrayFromVolume(volume)
    array[(array > 0) & (places[..., 1] > 0.4)] = 130
    slicer.util.arrayFromVolumeModified(volume)
    made = editors(volume, NAME, SEGMENTS)
    made.activeEffect().setParameter("Regions", 150)
    for name, low in (("two", -7.0), ("three", -2.0), ("hidden", 3.0)):
        block = (np.abs(places[..., 0] - low) < 2.0) & (np.abs(places[..., 1]) < 6.0)
        slicer.util.updateSegmentBinaryLabelmapFromArray(
            block.astype(np.uint8), made.segmentationNode(), name, volume)
    made.segmentationNode().GetDisplayNode().SetSegmentVisibility("hidden", False)
    slicer.app.processEvents()
    return made


def state(editor):
    """All segments: (segment, K, J, I)."""
    return np.stack([scenes.voxels(editor, name) for name in SEGMENTS])


def after_stroke(editor, effect, modifier=qt.Qt.NoModifier):
    """All segments after one stroke, which is then undone; undoing must bring the old state back."""
    before = state(editor)
    editor.setActiveEffectByName(effect)
    if effect != NAME:
        editor.activeEffect().setCommonParameter("BrushDiameterIsRelative", 0)
        editor.activeEffect().setCommonParameter("BrushAbsoluteDiameter", 5.0)
    scenes.drag(POINTS, modifier=modifier)
    result = state(editor)
    editor.undo()
    assert np.array_equal(state(editor), before)
    return result


@pytest.mark.parametrize("rule", RULES)
def test_adding_changes_all_segments_as_the_brush_does(editor, rule):
    everywhere = after_stroke(editor, NAME)[0] & after_stroke(editor, "Paint")[0]
    assert everywhere.sum() > 20
    before = state(editor)
    RULES[rule](editor.mrmlSegmentEditorNode())
    pencil, brush = after_stroke(editor, NAME), after_stroke(editor, "Paint")
    assert np.array_equal(pencil[:, everywhere], brush[:, everywhere])
    assert (pencil[0] != before[0]).any()
    if rule not in ("overwrite all", "allow overlap"):
        assert not np.array_equal(pencil[:, everywhere], after_all(before, everywhere))


def after_all(before, where):
    """What adding without rules leaves in each segment."""
    return np.stack([np.full(where.sum(), index == 0) for index in range(len(before))])


@pytest.mark.parametrize("rule", ["overwrite all", "outside visible segments", "inside segment two",
                                  "editable intensities"])
def test_removing_changes_all_segments_as_the_eraser_does(editor, rule):
    full = np.ones(slicer.util.arrayFromVolume(editor.sourceVolumeNode()).shape, dtype=np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        full, editor.segmentationNode(), "one", editor.sourceVolumeNode())
    slicer.app.processEvents()
    removed = [before & ~after for before, after in
               ((state(editor)[0], after_stroke(editor, NAME, qt.Qt.ControlModifier)[0]),
                (state(editor)[0], after_stroke(editor, "Erase")[0]))]
    both = removed[0] & removed[1]
    assert both.sum() > 20
    RULES[rule](editor.mrmlSegmentEditorNode())
    pencil, eraser = after_stroke(editor, NAME, qt.Qt.ControlModifier), after_stroke(editor, "Erase")
    assert np.array_equal(pencil[:, both], eraser[:, both])


def test_parameters_survive_saving_and_loading(editor, slicer_session, tmp_path):
    values = {"Regions": "740", "Compactness": "0.31", "ThreeDimensional": "1", "BlockSizeMm": "45",
              "WithinSegments": "1", "ShowBorders": "0"}
    for name, value in values.items():
        editor.activeEffect().setParameter(name, value)
    scenes.close_editor(editor)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    again = slicer.qMRMLSegmentEditorWidget()
    again.setMRMLScene(slicer.mrmlScene)
    again.setMRMLSegmentEditorNode(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentEditorNode"))
    effect = again.effectByName(NAME)
    assert {name: effect.parameter(name) for name in values} == values
    settings = effect.self().options.settings()
    assert (settings.count, settings.compactness, settings.block_mm) == (740, 0.31, 45.0)
    scenes.close_editor(again)


def test_options_and_parameters_follow_each_other(editor):
    effect = editor.activeEffect()
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


def test_fifty_times_entering_and_leaving_leaves_nothing(editor, slicer_session):
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
    for turn in range(51):
        editor.setActiveEffectByName(NAME)
        scenes.hover((0.0, turn / 10.0, 0.5))
        if turn % 10 == 0:
            scenes.click((0.0, 0.0, 0.5))
        editor.setActiveEffect(None)
        slicer_session.process_events()  # deletes what was left to be deleted
        before = count() if turn == 0 else before
    assert count() == before
    assert before[0] == 0 and before[3] == 0
