"""All effects obey the rules of the segment editor: what they write is compared with what the built-in brush writes."""

from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer

from Testing.Python.effects import effect_scenes as scenes

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
#: Parameters with which an effect takes enough of the ball for the comparison.
PARAMETERS = {"SmartPencil": {"Regions": "150"}, "SmartFill": {"OthersAreBackground": "0", "MarkSizeMm": "5"},
              "AutoCorrection": {"OthersAreBackground": "0", "DistanceLimitMm": "6"}, "Paint": {}, "Erase": {}}
SAVED = {
    "SmartPencil": {"Regions": "740", "Compactness": "0.31", "ThreeDimensional": "1", "BlockSizeMm": "45",
                    "WithinSegments": "1", "ShowBorders": "0"},
    "SmartFill": {"Scope": "3", "SlabMm": "9", "Smoothness": "1.7", "ReachMm": "7.5", "MarkSizeMm": "3.5",
                  "OthersAreBackground": "0", "SegmentIsProposal": "1", "Slices": "8"},
    "AutoCorrection": {"WholeSegment": "1", "DistanceLimitMm": "4.5", "OthersAreBackground": "0",
                       "ShowConfidence": "0"},
}


@pytest.fixture
def no_frames():
    """No view is drawn anew: what is compared here are voxels, and how effects look has tests of its own."""
    slicer.app.pauseRender()
    yield
    slicer.app.resumeRender()


@pytest.fixture
def editor(no_frames, editors):
    """Four segments in a ball of two intensities; "one" is empty, the others lie beside or over the line that
    is drawn; the last is hidden.
    """
    volume = scenes.ball_volume(radius=14.0, shape=(20, 48, 48))
    places = scenes.voxel_places(volume)
    array = slicer.util.arrayFromVolume(volume)
    array[(array > 0) & (places[..., 1] > 0.4)] = 130
    slicer.util.arrayFromVolumeModified(volume)
    made = editors(volume, "Paint", SEGMENTS)
    for name, low in (("two", -7.0), ("three", -2.0), ("hidden", 3.0)):
        scenes.draw(made, (np.abs(places[..., 0] - low) < 2.0) & (np.abs(places[..., 1]) < 6.0), name)
    made.segmentationNode().GetDisplayNode().SetSegmentVisibility("hidden", False)
    slicer.app.processEvents()
    return made


def state(editor):
    """All segments: (segment, K, J, I)."""
    return np.stack([scenes.voxels(editor, name) for name in SEGMENTS])


def stroke(editor, name, modifier=qt.Qt.NoModifier):
    """Draw a line with an effect; a preview is applied."""
    editor.setActiveEffectByName(name)
    effect = editor.activeEffect()
    for parameter, value in PARAMETERS[name].items():
        effect.setParameter(parameter, value)
    if name in ("Paint", "Erase"):
        effect.setCommonParameter("BrushDiameterIsRelative", 0)
        effect.setCommonParameter("BrushAbsoluteDiameter", 9.0)
    scenes.drag(POINTS, modifier=modifier)
    if name == "AutoCorrection":
        own = effect.self()
        scenes.wait_until(lambda: own.proposal is not None or own.notice.notices, "no correction came")
        assert own.proposal is not None, own.notice.text
    if name in ("SmartFill", "AutoCorrection"):
        effect.self().apply()


def after_stroke(editor, name, modifier=qt.Qt.NoModifier):
    """All segments after one stroke, which is then undone, redone and undone."""
    before = state(editor)
    stroke(editor, name, modifier)
    result = state(editor)
    for step, expected in ((editor.undo, before), (editor.redo, result), (editor.undo, before)):
        step()
        assert np.array_equal(state(editor), expected)
    return result


def adds_and_paints(editor, name):
    """Voxels that both an effect and the brush add without any rule; "one" begins with what AutoCorrection needs."""
    if name == "AutoCorrection":
        places = scenes.voxel_places(editor.sourceVolumeNode())
        rough = scenes.ball(editor.sourceVolumeNode(), 10.0) & (np.abs(places[..., 2]) < 2.0)
        scenes.draw(editor, rough & (places[..., 1] < -2.0), "one")
    before = state(editor)[0]
    return (after_stroke(editor, name)[0] & ~before) & (after_stroke(editor, "Paint")[0] & ~before)


@pytest.mark.parametrize(("name", "rule"), [("SmartPencil", rule) for rule in RULES] + [
    (name, rule) for name in ("SmartFill", "AutoCorrection")
    for rule in RULES if "visible" in rule or rule == "editable intensities"])
def test_adding_changes_all_segments_as_the_brush_does(editor, name, rule):
    both = adds_and_paints(editor, name)
    assert both.sum() >= 20
    RULES[rule](editor.mrmlSegmentEditorNode())
    ours, brush = after_stroke(editor, name), after_stroke(editor, "Paint")
    assert np.array_equal(ours[:, both], brush[:, both])


@pytest.mark.parametrize("rule", ["overwrite all", "outside visible segments", "inside segment two",
                                  "editable intensities"])
def test_removing_changes_all_segments_as_the_eraser_does(editor, rule):
    scenes.draw(editor, np.ones(slicer.util.arrayFromVolume(editor.sourceVolumeNode()).shape, dtype=bool))
    removed = [before & ~after for before, after in
               ((state(editor)[0], after_stroke(editor, "SmartPencil", qt.Qt.ControlModifier)[0]),
                (state(editor)[0], after_stroke(editor, "Erase")[0]))]
    both = removed[0] & removed[1]
    assert both.sum() > 20
    RULES[rule](editor.mrmlSegmentEditorNode())
    pencil, eraser = after_stroke(editor, "SmartPencil", qt.Qt.ControlModifier), after_stroke(editor, "Erase")
    assert np.array_equal(pencil[:, both], eraser[:, both])


@pytest.mark.parametrize("name", SAVED)
def test_parameters_survive_saving_and_loading(editor, name, tmp_path):
    editor.setActiveEffectByName(name)
    for parameter, value in SAVED[name].items():
        editor.activeEffect().setParameter(parameter, value)
    scenes.close_editor(editor)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    again = slicer.qMRMLSegmentEditorWidget()
    again.setMRMLScene(slicer.mrmlScene)
    again.setMRMLSegmentEditorNode(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLSegmentEditorNode"))
    effect = again.effectByName(name)
    assert {parameter: effect.parameter(parameter) for parameter in SAVED[name]} == SAVED[name]
    scenes.close_editor(again)
