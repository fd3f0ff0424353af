"""The logic: from a volume node to result nodes, or one clear message and an untouched scene."""

from __future__ import annotations

import datetime
import itertools
import json
import os
import signal
from pathlib import Path

import ctk
import nibabel
import numpy as np
import pydicom
import pytest
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import JobFailed
from NeuroOrbitLib.mrml import run_records
from NeuroOrbitLib.mrml.folders import folder_of
from NeuroOrbitLib.mrml.provenance import RECORD_REFERENCE, record_of
from NeuroOrbitLib.mrml.segmentation_results import table_of
from NeuroOrbitLib.mrml.volumes import image_from_node, node_from_image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import from_plain
from Testing.dicom_series import files_of, write_image

RIGHT_EYE, LEFT_EYE, RIGHT_MUSCLE = "right_eyeball", "left_eyeball", "right_medial_rectus"


def scene_content():
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    nodes = [slicer.mrmlScene.GetNthNode(index).GetID() for index in range(slicer.mrmlScene.GetNumberOfNodes())]
    return nodes, hierarchy.GetNumberOfItems()


def temporary_files():
    return sorted(str(path) for path in Path(slicer.app.temporaryPath).rglob("neuro-orbit-*"))


def segment_array(results, segment_id, volume):
    return slicer.util.arrayFromSegmentBinaryLabelmap(results.segmentation, segment_id, volume) != 0


def test_structures_are_found_on_their_own_side(logic, scan):
    results = logic.process(scan)
    assert results.segmentation.GetSegmentCenterRAS(RIGHT_EYE)[0] == pytest.approx(30, abs=1.1)
    assert results.segmentation.GetSegmentCenterRAS(LEFT_EYE)[0] == pytest.approx(-30, abs=1.1)
    np.testing.assert_array_equal(
        segment_array(results, RIGHT_MUSCLE, scan), slicer.util.arrayFromVolume(scan) == 500)


def test_table_equals_what_the_label_map_says(logic, scan):
    table = logic.process(scan).table
    grey = slicer.util.arrayFromVolume(scan)
    left_half = np.arange(grey.shape[2]) < grey.shape[2] // 2
    expected = {("Eyeball", "right"): ((grey == 1000) & ~left_half).sum() * 8 / 1000,
                ("Eyeball", "left"): ((grey == 1000) & left_half).sum() * 8 / 1000,
                ("Medial rectus muscle", "right"): (grey == 500).sum() * 8 / 1000}
    rows = [(table.GetCellText(row, 0), table.GetCellText(row, 1)) for row in range(table.GetNumberOfRows())]
    found = dict(zip(rows, slicer.util.arrayFromTableColumn(table, "volume_ml"), strict=True))
    assert found == pytest.approx(expected, abs=0.005)
    np.testing.assert_allclose(slicer.util.arrayFromTableColumn(table, "mean_intensity"), [1000, 1000, 500])


def test_uneven_dicom_slices_that_were_loaded_as_even_are_told_with_the_result(logic, scan, tmp_path):
    image = image_from_node(scan)
    taken = image.affine.copy()
    taken[:3, 2] /= 2  # of these slices, the second is kept beside every other one
    written = write_image(Image(np.repeat(image.array, 2, axis=0), taken), tmp_path / "ct")
    kept = [path for index, path in enumerate(files_of(written)) if index % 2 == 0 or index == 1][:len(image.array)]
    for path in kept:
        ctk.ctkDICOMIndexer().addFile(slicer.dicomDatabase, str(path))
    scan.SetAttribute("DICOM.instanceUIDs", " ".join(pydicom.dcmread(path).SOPInstanceUID for path in kept))
    (notice,) = [notice for notice in logic.process(scan).notices if "DICOM" in notice["text"]]
    assert notice["level"] == "warning" and "(1.00 to 2.00 mm apart)" in notice["text"]


def orientations():
    """The 48 ways to store a volume: axis orders and flips, as (array axes, flipped array axes)."""
    for axes in itertools.permutations(range(3)):
        for flips in itertools.product((False, True), repeat=3):
            yield axes, tuple(axis for axis, flipped in enumerate(flips) if flipped)


def stored_as(image, axes, flips):
    """The same anatomy with voxels stored in another order."""
    array = np.flip(image.array.transpose(axes), flips)
    move = np.zeros((4, 4))
    move[3, 3] = 1
    for new, old in enumerate(axes):
        move[2 - old, 2 - new] = -1 if new in flips else 1
        if new in flips:
            move[2 - old, 3] = image.array.shape[old] - 1
    return Image(np.ascontiguousarray(array), image.affine @ move)


def test_all_48_orientations_give_the_same_anatomy(logic, scan):
    base = image_from_node(scan)
    reference = logic.process(scan)
    expected = {name: rounded_world_voxels(reference, name, scan) for name in (RIGHT_EYE, LEFT_EYE, RIGHT_MUSCLE)}
    with slicer.util.RenderBlocker():
        for axes, flips in orientations():
            node = node_from_image(stored_as(base, axes, flips), "Turned")
            results = logic.process(node)
            for name, points in expected.items():
                assert rounded_world_voxels(results, name, node) == points, (axes, flips, name)
            for added in (results.segmentation, results.table, results.record, node):
                slicer.mrmlScene.RemoveNode(added)


def rounded_world_voxels(results, segment_id, volume):
    """Centres (RAS mm) of the voxels of a segment as a set of rounded triples."""
    ijk = np.argwhere(segment_array(results, segment_id, volume))[:, ::-1]
    return {tuple(point) for point in np.round(image_from_node(volume).grid.ras_from_ijk(ijk), 3)}


OBLIQUE = np.array([[0.87, -0.5, 0, 3], [0.5, 0.87, 0, -4], [0, 0, 1, 5], [0, 0, 0, 1]])


def test_oblique_and_anisotropic_volume(logic, make_scan):
    affine = OBLIQUE @ np.diag([1.5, 2.5, 4.0, 1.0])
    affine[:3, 3] = -affine[:3, :3] @ [31.5, 11.5, 5.5]
    scan = node_from_image(make_scan((12, 24, 64), affine), "Oblique")
    results = logic.process(scan)
    for name in (RIGHT_EYE, LEFT_EYE):
        found = segment_array(results, name, scan)
        ras = image_from_node(scan).grid.ras_from_ijk(np.argwhere(found)[:, ::-1])
        np.testing.assert_allclose(ras.mean(axis=0), [30 if name == RIGHT_EYE else -30, 0, 0], atol=1.0)
        assert (slicer.util.arrayFromVolume(scan)[found] == 1000).all()


def test_parent_transform_counts_and_carries_the_result_along(logic, scan):
    turn = np.diag([-1.0, -1.0, 1.0, 1.0])
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(turn))
    scan.SetAndObserveTransformNodeID(transform.GetID())
    results = logic.process(scan)
    assert results.segmentation.GetSegmentCenterRAS(LEFT_EYE)[0] == pytest.approx(-30, abs=1.1)
    left = segment_array(results, LEFT_EYE, scan)
    assert left.sum() == pytest.approx(4 / 3 * np.pi * 11**3 / 8, rel=0.05), "the large eyeball is on the left now"
    assert results.segmentation.GetParentTransformNode() is transform


def test_unsuitable_volume_is_refused_before_anything_starts(logic, slicer_session):
    empty = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
    before = scene_content()
    with pytest.raises(Problem, match="'Empty' has no voxels"):
        logic.process(empty)
    assert scene_content() == before
    assert temporary_files() == []


@pytest.mark.parametrize(("model", "error", "words"), [
    ("problem", Problem, "No orbit was found. Choose a scan of the head."),
    ("bug", JobFailed, "weights"),
    ("killed", JobFailed, "stopped by the system"),
    ("elsewhere", Problem, "does not lie on the scan"),
])
def test_a_failure_leaves_scene_and_files_as_before_and_the_next_run_works(logic, scan, model, error, words):
    before = scene_content()
    with pytest.raises(error, match=words):
        logic.process(scan, model=model)
    assert scene_content() == before
    assert temporary_files() == []
    assert table_of(logic.process(scan).segmentation).GetNumberOfRows() == 3


def test_files_of_a_run_that_went_well_are_removed(logic, scan):
    logic.process(scan)
    assert temporary_files() == []


def test_worker_that_is_killed_from_outside_gives_a_message(logic, scan):
    run = logic.process(scan, model="stuck", waitForCompletion=False)
    os.kill(logic._runner.worker_pid, signal.SIGKILL)
    with pytest.raises(JobFailed, match="stopped by the system"):
        run.wait()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0


def test_volume_removed_while_running_ends_the_run(logic, scan):
    run = logic.process(scan, model="slow", waitForCompletion=False)
    slicer.mrmlScene.RemoveNode(scan)
    with pytest.raises(Problem, match="removed from the scene"):
        run.wait()
    assert temporary_files() == []


def test_volume_moved_while_running_gets_the_result_where_it_was(logic, scan):
    run = logic.process(scan, waitForCompletion=False)
    origin = scan.GetOrigin()
    scan.SetOrigin(origin[0] + 40, origin[1], origin[2])
    results = run.wait()
    assert results.segmentation.GetSegmentCenterRAS(RIGHT_EYE)[0] == pytest.approx(30, abs=1.1)
    assert "moved while" in results.notices[0]["text"]


def test_volume_changed_while_running_is_told(logic, scan):
    run = logic.process(scan, waitForCompletion=False)
    slicer.util.arrayFromVolume(scan)[:] = 7
    slicer.util.arrayFromVolumeModified(scan)
    assert "changed while" in run.wait().notices[0]["text"]


@pytest.mark.parametrize(("stated", "guessed"), [(1, False), (0, True)])
def test_sides_are_said_to_be_a_guess_when_the_file_of_the_scan_does_not_tell_them(logic, make_scan, tmp_path, stated,
                                                                                   guessed):
    image = make_scan()
    file = nibabel.Nifti1Image(image.array.T, image.affine)
    file.set_qform(image.affine, stated)
    file.set_sform(None, 0)
    nibabel.save(file, tmp_path / "scan.nii.gz")
    notices = logic.process(slicer.util.loadVolume(str(tmp_path / "scan.nii.gz"))).notices
    assert guessed == any("right and left are a guess" in notice["text"] for notice in notices)


def test_result_waits_while_another_scene_is_being_read(logic, scan, until):
    run = logic.process(scan, waitForCompletion=False)
    slicer.mrmlScene.StartState(slicer.vtkMRMLScene.ImportState)
    until(lambda: run.poll() == [] and not_before(run.started, seconds=1.0))
    slicer.mrmlScene.EndState(slicer.vtkMRMLScene.ImportState)
    assert run.results is None
    assert run.wait().segmentation.GetSegmentation().GetNumberOfSegments() == 3


def not_before(start, seconds):
    return (datetime.datetime.now(datetime.timezone.utc) - start).total_seconds() > seconds


def test_second_run_of_a_busy_logic_is_refused(logic, scan):
    run = logic.process(scan, model="slow", waitForCompletion=False)
    with pytest.raises(RuntimeError, match="A computation is running"):
        logic.process(scan)
    run.cancel()
    assert run.wait() is None
    assert temporary_files() == []


def test_record_says_how_the_result_came_about(logic, scan):
    results = logic.process(scan, model="notices", device="cpu")
    record = record_of(results.segmentation)
    assert record == json.loads(results.record.GetText(), object_hook=from_plain)
    assert record["module"] == "OrbitSegmentation"
    assert record["parameters"] == {"model": "notices", "device": "cpu", "model_folders": [], "doubt": True}
    assert record["model"]["sha256"] == "ab" * 32
    assert "Scan" not in json.dumps(record["input"]), "the scan's name may be a patient's"
    assert len(record["input"]["voxels_sha256"]) == 64
    assert record["versions"]["numpy"] == np.__version__
    assert record["notices"] == [{"level": "warning", "text": "The slices are thick."}]
    assert record["research_use"].startswith("For research use only")
    assert "labels" not in record, "paths of temporary files do not belong into a record"
    assert results.segmentation.GetAttribute("NeuroOrbit.TrainingData") == "synthetic"
    assert results.table.GetNodeReference(RECORD_REFERENCE) is results.record


@pytest.mark.parametrize("kept", [False, True])
def test_the_folder_of_the_users_models_is_in_the_record_only_where_names_are_kept(logic, scan, monkeypatch, kept):
    monkeypatch.setattr(run_records, "keeps_names", lambda: kept)
    folder = "/net/joerg.mueller/models"
    results = logic.process(scan, model="notices", device="cpu", modelFolder=folder)
    assert record_of(results.segmentation)["parameters"]["model_folders"] == [folder if kept else "(left out)"]
    assert ("mueller" in results.record.GetText()) == kept


def test_each_run_makes_new_nodes_and_overwrites_none(logic, scan):
    first, second = logic.process(scan), logic.process(scan)
    assert first.segmentation is not second.segmentation
    assert first.segmentation.GetName() != second.segmentation.GetName()


def test_results_survive_saving_and_loading_the_scene(logic, scan, tmp_path):
    results = logic.process(scan)
    expected = segment_array(results, RIGHT_MUSCLE, scan)
    volumes = slicer.util.arrayFromTableColumn(results.table, "volume_ml").tolist()
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    segmentation = slicer.util.getNode("Scan - Orbit segmentation")
    scan = slicer.util.getNode("Scan")
    np.testing.assert_array_equal(
        slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, RIGHT_MUSCLE, scan) != 0, expected)
    segment = segmentation.GetSegmentation().GetSegment(LEFT_EYE)
    assert (segment.GetName(), segment.GetTerminology().count("Left")) == ("Left eyeball", 1)
    table = table_of(segmentation)
    assert slicer.util.arrayFromTableColumn(table, "volume_ml").tolist() == volumes
    assert (table.GetColumnTitle("volume_ml"), table.GetColumnUnitLabel("volume_ml")) == ("Volume", "ml")
    assert len(record_of(segmentation)["input"]["voxels_sha256"]) == 64
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    assert segmentation.GetNodeReference(role) is scan
    assert_folder_of_the_run(segmentation, table)


def assert_folder_of_the_run(segmentation, table):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    folder = folder_of(segmentation)
    assert hierarchy.GetItemName(folder) == "Scan - Orbit segmentation"
    assert folder_of(table) == folder == folder_of(segmentation.GetNodeReference(RECORD_REFERENCE))
