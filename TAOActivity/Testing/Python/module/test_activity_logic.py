"""The logic: from a volume node to an estimate with its reasons, or one clear message and an untouched scene."""

from __future__ import annotations

import json

import numpy as np
import pytest
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.dicom_fields import technique_fields
from NeuroOrbitLib.mrml.folders import folder_of
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.tools import Tool
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.mrml.prepared_scan import PreparedScan
from TAOActivityLib.mrml.runs import Question
from Testing.panels import scene_content

QUICK = Question(patch=24, stride=12, each_slice=False)


def heat_in_patient(result):
    """RAS mm of all voxels with at least half of the largest heat."""
    image = image_from_node(result.heat)
    warm = np.argwhere(image.array >= 0.5 * image.array.max())
    return image.grid.ras_from_ijk(warm[:, ::-1])


def drag(prepared, right=0.0, forwards=0.0, up=0.0):
    """Move the box by millimetres."""
    prepared.box.SetCenterWorld(np.array(prepared.box.GetCenterWorld()) + np.array([right, forwards, up]))


def test_crop_lies_on_the_optic_nerves_and_shows_both_eyes(logic, hot_scan, orbits):
    prepared = logic.prepare(hot_scan, orbits=orbits)
    nerves = [orbits.GetSegmentCenterRAS(f"{side}_optic_nerve") for side in ("right", "left")]
    eyes = np.array([orbits.GetSegmentCenterRAS(f"{side}_eyeball") for side in ("right", "left")])
    center, size = np.array(prepared.box.GetCenterWorld()), np.array(prepared.box.GetSize())
    assert center[2] == pytest.approx(np.mean(nerves, axis=0)[2], abs=3.27 / 2 + 0.1)
    assert center[1] == pytest.approx(eyes[:, 1].mean() - 12, abs=1.0)
    np.testing.assert_allclose(size, [128 * 0.8, 128 * 0.8, 5 * 3.27], atol=1e-3)
    assert (np.abs(eyes - center)[:, :2] < size[:2] / 2).all()
    assert prepared.move().is_none
    assert folder_of(prepared.box) == folder_of(prepared.box.GetNodeReference("NeuroOrbit.provenance"))


def test_glow_is_called_active_and_its_absence_is_not(logic, hot_scan, cold_scan, orbits):
    hot = logic.process(logic.prepare(hot_scan, orbits=orbits))
    cold = logic.process(logic.prepare(cold_scan, orbits=orbits))
    assert hot.record["decision"] == "active" and hot.record["probability"] > 0.6
    assert cold.record["decision"] == "inactive"
    assert cold.record["probability"] == pytest.approx(1 / (1 + np.exp(2 / 1.5)), abs=0.01), "bias over temperature"
    low, high = hot.record["interval"]
    assert low < hot.record["probability"] < high
    assert hot.record["calibrated"] and hot.record["model"]["name"] == "tao-b"


def test_ratios_are_in_a_table_with_the_published_cut_offs(logic, hot_scan, orbits):
    result = logic.process(logic.prepare(hot_scan, orbits=orbits))
    table, row = result.table, 3
    assert [table.GetCellText(row, column) for column in (0, 1)] == ["Lateral rectus", "right"]
    assert table.GetNumberOfRows() == 8
    ratio = slicer.util.arrayFromTableColumn(table, "to_brain")[row]
    assert ratio > 3 and table.GetCellText(row, 3) == "yes"
    assert "1.21" in table.GetColumnTitle("above_brain") and "1.21" in table.GetColumnDescription("to_brain")
    others = np.delete(slicer.util.arrayFromTableColumn(table, "to_brain"), row)
    assert others.max() < ratio / 2


def test_heat_lies_on_the_muscle_that_glows_on_the_patients_right(logic, hot_scan, orbits, hot_muscle):
    result = logic.process(logic.prepare(hot_scan, orbits=orbits))
    result = logic.explain(result, Question(patch=8, stride=8, each_slice=False))
    warm = heat_in_patient(result)
    assert (warm[:, 0] > 0).all(), "right of the midline"
    distances = [np.linalg.norm(hot_muscle - point, axis=1).min() for point in warm]
    assert max(distances) < 10, "mm from the muscle"
    assert result.heat_table.GetCellText(0, 0) == "Lateral rectus"
    assert result.heat_table.GetCellText(0, 1) == "right"
    np.testing.assert_allclose(image_from_node(result.heat).affine, image_from_node(result.seen).affine)
    assert result.explanation["parameters"]["patch"] == 8
    display = result.heat.GetDisplayNode()
    assert display.GetColorNodeID() == "vtkMRMLColorTableNodeIron"


def test_grad_cam_is_a_second_view(logic, hot_scan, orbits):
    result = logic.explain(logic.process(logic.prepare(hot_scan, orbits=orbits)), Question(method="grad_cam"))
    assert result.explanation["unit"] == "logit"
    assert slicer.util.arrayFromVolume(result.heat).max() > 0
    assert heat_in_patient(result)[:, 0].min() > 0


def test_explaining_again_keeps_the_first_heat_map(logic, hot_scan, orbits):
    result = logic.process(logic.prepare(hot_scan, orbits=orbits))
    first = logic.explain(result, QUICK).heat
    second = logic.explain(result, Question(patch=24, stride=12, fill="patch mean")).heat
    assert first is not second and slicer.mrmlScene.IsNodePresent(first)
    assert result.heat is second and folder_of(first) == folder_of(second) == folder_of(result.table)


def test_dragged_box_moves_the_crop_by_as_many_millimetres_and_whole_slices(logic, hot_scan, orbits):
    prepared = logic.prepare(hot_scan, orbits=orbits)
    before, center = prepared.grid(), np.array(prepared.box.GetCenterWorld())
    drag(prepared, 4.0, -3.0, 3.9)
    move = prepared.move()
    assert (move.right, move.forwards, move.slices) == (pytest.approx(4.0), pytest.approx(-3.0), 1)
    np.testing.assert_allclose(prepared.grid().center - before.center, [4.0, -3.0, 3.27], atol=1e-3)
    prepared.snap()
    np.testing.assert_allclose(np.array(prepared.box.GetCenterWorld()) - center, [4.0, -3.0, 3.27], atol=1e-3)
    result = logic.process(prepared)
    np.testing.assert_allclose(result.record["crop"]["affine"], prepared.grid().affine)
    np.testing.assert_allclose(image_from_node(result.seen).affine, prepared.grid().affine)
    prepared.put_back()
    np.testing.assert_allclose(prepared.grid().affine, before.affine)


def test_crop_dragged_off_the_eyes_is_refused(logic, hot_scan, orbits):
    prepared = logic.prepare(hot_scan, orbits=orbits)
    drag(prepared, 70.0)
    before = scene_content()
    with pytest.raises(Problem, match="does not show the left eye"):
        logic.process(prepared)
    assert scene_content() == before


def test_single_orbits_are_seen_by_models_that_know_them(logic, hot_scan, orbits):
    prepared = logic.prepare(hot_scan, Tool("tao-single"), orbits)
    assert prepared.region == "right"
    eye = orbits.GetSegmentCenterRAS("right_eyeball")
    assert prepared.box.GetCenterWorld()[0] == pytest.approx(eye[0], abs=1)
    right = logic.explain(logic.process(prepared, Tool("tao-single")), QUICK)
    assert right.record["crop"]["region"] == "right" and (heat_in_patient(right)[:, 0] > 0).all()
    prepared.show_region("left")
    assert prepared.box.GetCenterWorld()[0] == pytest.approx(orbits.GetSegmentCenterRAS("left_eyeball")[0], abs=1)
    left = logic.process(prepared, Tool("tao-single"))
    assert left.record["probability"] < right.record["probability"]
    assert image_from_node(left.seen).affine[0, 0] > 0, "a left orbit is stored as a right one"
    with pytest.raises(Problem, match="not learned from crops of this region"):
        logic.process(prepared, Tool("tao-b"))


def test_parent_transform_counts(logic, hot_scan, orbits, hot_muscle):
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    shift = np.eye(4)
    shift[:3, 3] = [5.0, -20.0, 30.0]
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(shift))
    for node in (hot_scan, orbits):
        node.SetAndObserveTransformNodeID(transform.GetID())
    result = logic.explain(logic.process(logic.prepare(hot_scan, orbits=orbits)), Question(patch=12, stride=6))
    distance = np.linalg.norm(heat_in_patient(result).mean(axis=0) - (hot_muscle.mean(axis=0) + shift[:3, 3]))
    assert distance < 8


def no_eyes(scan, labels):
    labels = np.where(np.isin(labels.array, (1, 2, 19, 20)), 0, labels.array).astype(np.uint8)
    return scan.array, labels


def as_ct(scan, labels):
    values = np.full(scan.array.shape, 40.0)
    values[scan.array < np.percentile(scan.array, 30)] = -1000.0
    values[labels.array == 21] = -90.0
    values[scan.array > np.percentile(scan.array, 97)] = 900.0
    return values, labels.array


def as_t1(scan, labels):
    values = 1.2 * scan.array.max() - scan.array
    return values, labels.array


def mostly_nan(scan, labels):
    values = scan.array.astype(np.float32)
    values[:5] = np.nan
    return values, labels.array


@pytest.mark.parametrize(("spoil", "words"), [
    (as_ct, "This is a CT"),
    (as_t1, "not a T2 series"),
    (mostly_nan, "not numbers"),
    (no_eyes, "eyes or muscles are missing"),
])
def test_unusable_scan_is_refused_for_the_right_reason_and_leaves_the_scene_as_it_was(logic, inactive_scan, spoil,
                                                                                      words):
    values, labels = spoil(inactive_scan.image, inactive_scan.labels)
    scan = node_from_image(Image(values.astype(np.float32), inactive_scan.image.affine), "Spoilt")
    orbits = add_segmentation(Image(np.asarray(labels, np.uint8), inactive_scan.image.affine), scan, "Labels")
    before = scene_content()
    with pytest.raises(Problem, match=words):
        logic.prepare(scan, orbits=orbits)
    assert scene_content() == before


def test_sagittal_slices_are_refused(logic, inactive_scan):
    affine = np.array([[0, 0, 3.27, -10], [0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0, 0, 1.0]])
    scan = node_from_image(Image(inactive_scan.image.array, affine), "Sagittal")
    orbits = add_segmentation(Image(inactive_scan.labels.array, affine), scan, "Labels")
    with pytest.raises(Problem, match="not axial"):
        logic.prepare(scan, orbits=orbits)


def test_segmentation_of_something_else_is_refused(logic, hot_scan):
    other = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Brain")
    other.GetSegmentation().AddEmptySegment("tumour", "Tumour")
    before = scene_content()
    with pytest.raises(Problem, match="'Brain' has no segments of the orbit"):
        logic.prepare(hot_scan, orbits=other)
    assert scene_content() == before


@pytest.mark.parametrize(("model", "words"), [
    ("nowhere", "There is no model nowhere"), ("foreign", "does not classify activity")])
def test_model_that_does_not_classify_activity_is_refused(logic, hot_scan, orbits, model, words):
    with pytest.raises(Problem, match=words):
        logic.prepare(hot_scan, Tool(model), orbits)


def test_scan_that_changed_since_it_was_prepared_is_refused(logic, hot_scan, orbits):
    prepared = logic.prepare(hot_scan, orbits=orbits)
    result = logic.process(prepared)
    slicer.util.arrayFromVolume(hot_scan)[:] += 1
    slicer.util.arrayFromVolumeModified(hot_scan)
    for step in (lambda: logic.process(prepared), lambda: logic.explain(result)):
        with pytest.raises(Problem, match="changed or moved"):
            step()
    hot_scan.SetOrigin(0, 0, 0)
    assert "moved" in prepared.problem(hot_scan, "both")


def test_dicom_fields_decide_before_the_contrast_does(logic, hot_scan, orbits, monkeypatch):
    fields = {"0018,0081": "12", "0018,0080": "600", "0008,103E": "t1_tse_tra"}

    class Database:
        def instanceValue(self, uid, tag):
            return fields.get(tag, "") if uid == "1.2.3" else ""

        def fileForInstance(self, _uid):
            return ""  # the files are gone

    hot_scan.SetAttribute("DICOM.instanceUIDs", "1.2.3 1.2.4")
    monkeypatch.setattr(slicer, "dicomDatabase", Database(), raising=False)
    with pytest.raises(Problem, match="echo time 12 ms"):
        logic.prepare(hot_scan, orbits=orbits)
    fields.update({"0018,0081": "80", "0018,0080": "3000", "0008,103E": "t2_tse_fs_tra"})
    prepared = logic.prepare(hot_scan, orbits=orbits)
    assert prepared.record["sequence"]["basis"] == "fields"
    assert prepared.record["parameters"]["tags"]["EchoTime"] == "80"


def test_fields_beside_a_nifti_file_are_read_too(slicer_session, cold_scan, tmp_path):
    assert technique_fields(cold_scan) == {}
    assert slicer.util.saveNode(cold_scan, str(tmp_path / "scan.nii.gz"))
    (tmp_path / "scan.json").write_text(json.dumps({"EchoTime": 0.08, "SeriesDescription": "t2_fs", "Other": 1}))
    loaded = slicer.util.loadVolume(str(tmp_path / "scan.nii.gz"))
    assert technique_fields(loaded) == {"EchoTime": "80.0", "SeriesDescription": "t2_fs"}


def test_everything_survives_saving_and_loading_the_scene(logic, hot_scan, orbits, tmp_path):
    prepared = logic.prepare(hot_scan, orbits=orbits)
    drag(prepared, 3.0)
    affine = prepared.grid().affine
    result = logic.explain(logic.process(prepared), QUICK)
    probability, heat = result.record["probability"], slicer.util.arrayFromVolume(result.heat).copy()
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    prepared = PreparedScan(slicer.util.getNodesByClass("vtkMRMLMarkupsROINode")[0])
    np.testing.assert_allclose(prepared.grid().affine, affine, atol=1e-3)
    assert prepared.problem(prepared.scan, "both") == ""
    table = next(node for node in slicer.util.getNodesByClass("vtkMRMLTableNode") if "ratios" in node.GetName())
    loaded = ClassifierResult(table)
    assert loaded.record["probability"] == probability
    np.testing.assert_array_equal(slicer.util.arrayFromVolume(loaded.heat), heat)
    assert loaded.heat_table.GetCellText(0, 0) == "Lateral rectus"
    assert logic.process(prepared).record["probability"] == pytest.approx(probability, abs=1e-3), "and can be gone on"


def test_record_says_how_the_result_came_about(logic, hot_scan, orbits):
    result = logic.process(logic.prepare(hot_scan, orbits=orbits))
    record = json.loads(result.table.GetNodeReference("NeuroOrbit.provenance").GetText())
    assert record["module"] == "TAOActivity" and record["cut_offs"]["brain"] == 1.21
    assert len(record["input"]["voxels_sha256"]) == 64 and record["model"]["sha256"]
    assert record["research_use"].startswith("For research use only")
    assert "crop_file" not in record, "paths of temporary files do not belong into a record"
    assert result.table.GetAttribute("NeuroOrbit.TrainingData").startswith("synthetic")
