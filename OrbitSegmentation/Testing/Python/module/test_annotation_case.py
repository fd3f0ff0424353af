"""A case in the scene: where its labels lie, on which side, with which names, and what is on disk afterwards."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import slicer
import vtk

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.anatomy import segment_id
from NeuroOrbitLib.files.checked_json import CHECKSUM
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import segment_masks
from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import node_from_image
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.cases import find_cases
from OrbitSegmentationLib.annotation.export import Format
from OrbitSegmentationLib.annotation.progress import ChangedByOther, load_state, save_state
from OrbitSegmentationLib.annotation.writing import WouldReplace
from OrbitSegmentationLib.mrml.annotation_loading import write_segmentation
from OrbitSegmentationLib.mrml.open_case import OpenCase
from Testing.dicom_series import evenly, write_series
from Testing.panels import double_segment

RIGHT_EYE, LEFT_EYE = anatomy.label_value("eyeball", "right"), anatomy.label_value("eyeball", "left")
BOTH = (Format.LABEL_MAP, Format.SEGMENTATION)


def tilted(shape):
    """Anisotropic, oblique, with axes I, J, K to posterior, left, superior; the middle of the grid at RAS (5, 0, 2)."""
    angle = np.deg2rad(15)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ np.array([[0, -2.0, 0], [-1.5, 0, 0], [0, 0, 3.0]])
    affine[:3, 3] = [5, 0, 2] - affine[:3, :3] @ ((np.array(shape[::-1]) - 1) / 2)
    return affine


@pytest.fixture
def case(tmp_path, make_scan, slicer_session):
    """A case whose grid is oblique and anisotropic; the annotations go to ``out``."""
    shape = (12, 50, 32)
    save_image(make_scan(shape, tilted(shape)), tmp_path / "scans" / "p1.nii.gz")
    return find_cases(tmp_path / "scans").cases[0]


@pytest.fixture
def opened(case, tmp_path):
    return OpenCase(case, tmp_path / "out", "Ann")


def ball(grid, center, radius):
    k, j, i = np.indices(grid.shape)
    return np.linalg.norm(grid.ras_from_ijk(np.stack([i, j, k], -1)) - center, axis=-1) < radius


def draw(opened, value, center, radius=9.0):
    mask = ball(opened.grid, center, radius)
    segment_masks.set_segment_mask(opened.segmentation, opened.segment(value), mask, opened.volume)
    return mask


def middle(image, value):
    return image.grid.ras_from_ijk(np.argwhere(image.array == value)[:, ::-1]).mean(axis=0)


def test_label_map_has_the_values_of_the_vocabulary_on_the_scans_own_grid(opened, case, tmp_path):
    right = draw(opened, RIGHT_EYE, [30, 0, 2])
    draw(opened, LEFT_EYE, [-28, 3, 2], 6)
    opened.save(BOTH)
    labels = load_image(tmp_path / "out" / "p1_labels.nii.gz")
    assert labels.grid.same_as(load_image(case.scan).grid, tolerance=1e-3)
    assert labels.array.dtype == np.uint8
    assert set(np.unique(labels.array)) == {0, RIGHT_EYE, LEFT_EYE}
    assert np.array_equal(labels.array == RIGHT_EYE, right)
    assert middle(labels, RIGHT_EYE) == pytest.approx([30, 0, 2], abs=0.7)
    assert middle(labels, LEFT_EYE) == pytest.approx([-28, 3, 2], abs=0.7)


def test_segmentation_file_has_names_terminology_status_and_place(opened, tmp_path):
    draw(opened, LEFT_EYE, [-28, 3, 2])
    opened.mark_done(LEFT_EYE, True)
    opened.save(BOTH)
    header = (tmp_path / "out" / "p1.seg.nrrd").read_bytes().split(b"\n\n")[0].decode()
    assert "Segment0_ID:=left_eyeball" in header
    assert "Segment0_Name:=Left eyeball" in header
    assert "SCT^79652003^Eyeball~SCT^7771000^Left" in header
    assert re.search(r"Segmentation.Status:completed", header)
    stored = load_image(tmp_path / "out" / "p1.seg.nrrd")
    drawn = stored.grid.ras_from_ijk(np.argwhere(stored.array != 0)[:, ::-1])
    assert drawn.mean(axis=0) == pytest.approx([-28, 3, 2], abs=0.7)


@pytest.mark.parametrize("formats", [BOTH, (Format.LABEL_MAP,), ()])
def test_tomorrow_goes_on_where_today_ended(opened, case, tmp_path, formats):
    mask = draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.mark_done(RIGHT_EYE, True)
    opened.save(formats)
    opened.close()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0
    again = OpenCase(case, tmp_path / "out", "Ann")
    assert again.done() == {RIGHT_EYE}
    assert again.filled() == {RIGHT_EYE}
    assert np.array_equal(segment_masks.label_masks(again.segmentation, again.volume)[RIGHT_EYE], mask)
    assert not again.unsaved
    assert again.notices == []


def test_last_save_is_opened_whatever_it_wrote_besides(opened, case, tmp_path):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.save(BOTH)
    draw(opened, LEFT_EYE, [-28, 3, 2])
    assert opened.save() == ["p1_labels.nii.gz was not written anew: it is older than the labels."]
    assert OpenCase(case, tmp_path / "out", "Ann").filled() == {RIGHT_EYE, LEFT_EYE}


def test_segmentation_is_written_with_a_dicom_segmentation_alone(opened, case, tmp_path):
    made = tmp_path / "made.dcm"
    made.write_bytes(b"dicom")
    draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.mark_done(RIGHT_EYE, True)
    opened.save([Format.DICOM], made)
    assert (tmp_path / "out" / "p1_seg.dcm").read_bytes() == b"dicom"
    again = OpenCase(case, tmp_path / "out", "Ann")
    assert (again.filled(), again.done()) == ({RIGHT_EYE}, {RIGHT_EYE})


def test_older_segmentation_is_no_start_after_a_label_map_alone_was_saved(opened, case, tmp_path):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.save(BOTH)
    labels, _ = opened.label_map()
    newer = labels.with_array(np.where(labels.array == RIGHT_EYE, LEFT_EYE, 0).astype(np.uint8))
    writers = {tmp_path / "out" / "p1_labels.nii.gz": lambda path: save_image(newer, path)}
    save_state(tmp_path / "out", opened.state, "Ann", writers)  # as by a version that wrote only what was ticked
    assert OpenCase(case, tmp_path / "out", "Ann").filled() == {LEFT_EYE}


def test_nothing_counts_as_done_when_the_saved_labels_are_gone(opened, case, tmp_path):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.mark_done(RIGHT_EYE, True)
    opened.save()
    (tmp_path / "out" / "p1.seg.nrrd").unlink()
    again = OpenCase(case, tmp_path / "out", "Ann")
    assert (again.filled(), again.done()) == (set(), set())
    assert "cannot be opened as it was saved" in again.notices[-1]


def test_progress_of_an_earlier_version_still_opens(opened, case, tmp_path):
    mask = draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.mark_done(RIGHT_EYE, True)
    opened.save(BOTH)
    path = tmp_path / "out" / "p1.annotation.json"
    content = json.loads(path.read_text())
    assert "path" not in content.pop("scan"), "a scan's place often holds a patient's name"
    del content[CHECKSUM]
    path.write_text(json.dumps({**content, "format": 1}))
    again = OpenCase(case, tmp_path / "out", "Ann")
    assert again.done() == {RIGHT_EYE}
    assert np.array_equal(segment_masks.label_masks(again.segmentation, again.volume)[RIGHT_EYE], mask)


def test_case_of_another_data_set_is_refused_and_the_moved_scan_is_not(opened, case, make_scan, tmp_path):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.save()
    moved = replace(case, scan=case.scan.rename(tmp_path / "p1.nii.gz"))
    assert OpenCase(moved, tmp_path / "out", "Ann").filled() == {RIGHT_EYE}
    other = replace(case, scan=save_image(make_scan(), tmp_path / "other" / "p1.nii.gz"))
    before = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(Problem, match=r"p1 of another scan.*Choose another folder in 'Save to'"):
        OpenCase(other, tmp_path / "out", "Ann")
    assert slicer.mrmlScene.GetNumberOfNodes() == before


def test_labels_of_another_patient_on_the_same_grid_are_told(opened, case, make_scan, tmp_path):
    """Scans in the space of a template share a grid, and cohorts share names of files."""
    draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.save()
    assert OpenCase(case, tmp_path / "out", "Ann").notices == []
    image = load_image(case.scan)
    other = replace(case, scan=save_image(image.with_array(image.array[::-1]), tmp_path / "other" / "p1.nii.gz"))
    (notice,) = OpenCase(other, tmp_path / "out", "Ann").notices
    assert "scan with other voxels" in notice and "choose another folder in 'Save to'" in notice


@pytest.mark.parametrize("hardened", [(), ("volume",), ("segmentation",), ("volume", "segmentation")])
def test_labels_of_a_scan_that_was_turned_are_written_where_its_file_has_them(opened, case, tmp_path, hardened):
    """Turning a tilted head is how some annotators begin; reopened, the labels lay beside the structures."""
    right = draw(opened, RIGHT_EYE, [30, 0, 2])
    transform, matrix = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Turned"), np.eye(4)
    matrix[:3, :3] = [[0.96, -0.28, 0.0], [0.28, 0.96, 0.0], [0.0, 0.0, 1.0]]
    matrix[:3, 3] = 5.0, -20.0, 30.0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    for name in ("volume", "segmentation"):
        getattr(opened, name).SetAndObserveTransformNodeID(transform.GetID())
        if name in hardened:
            getattr(opened, name).HardenTransform()
    opened.save(BOTH)
    assert opened.segmentation.GetSegmentCenterRAS(segment_id(RIGHT_EYE))[2] > 25, "in the scene it stays where it was"
    labels = load_image(tmp_path / "out" / "p1_labels.nii.gz")
    assert labels.grid.same_as(load_image(case.scan).grid, tolerance=1e-3)
    assert np.array_equal(labels.array == RIGHT_EYE, right)
    again = OpenCase(case, tmp_path / "out", "Ann")
    assert np.array_equal(segment_masks.label_masks(again.segmentation, again.volume)[RIGHT_EYE], right)


def test_labels_drawn_by_voxels_lie_on_a_scan_that_was_turned_alone(opened, tmp_path):
    """As the model's are brought: they went to where the scan had been, and into the file as much the other way."""
    transform, matrix = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Turned"), np.eye(4)
    matrix[:3, :3] = [[0.96, -0.28, 0.0], [0.28, 0.96, 0.0], [0.0, 0.0, 1.0]]
    matrix[:3, 3] = 5.0, -20.0, 30.0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    opened.volume.SetAndObserveTransformNodeID(transform.GetID())
    right = draw(opened, RIGHT_EYE, [30, 0, 2])
    seen = opened.segmentation.GetSegmentCenterRAS(segment_id(RIGHT_EYE))
    assert seen == pytest.approx((matrix @ [30, 0, 2, 1])[:3], abs=1.6)
    opened.save(BOTH)
    labels = load_image(tmp_path / "out" / "p1_labels.nii.gz")
    assert np.array_equal(labels.array == RIGHT_EYE, right)


def cropped(opened, low, high, step=1):
    """Crop the scan in its place, as the module Crop Volume does: every ``step``-th voxel from ``low`` to ``high``."""
    affine, array = opened.grid.affine.copy(), slicer.util.arrayFromVolume(opened.volume)
    affine[:3, 3] = opened.grid.ras_from_ijk(np.array(low[::-1]))
    affine[:3, :3] *= step
    part = array[tuple(slice(first, last, step) for first, last in zip(low, high, strict=True))]
    slicer.util.updateVolumeFromArray(opened.volume, np.ascontiguousarray(part))
    opened.volume.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(affine))


@pytest.mark.parametrize("step", [1, 2])
@pytest.mark.parametrize("turned", [False, True])
def test_labels_of_a_scan_that_was_cropped_are_written_on_the_grid_of_its_file(opened, case, tmp_path, turned, step):
    right = draw(opened, RIGHT_EYE, [30, 0, 2])
    cropped(opened, (1, 4, 6), (12, 40, 30), step)
    if turned:
        transform, matrix = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Turned"), np.eye(4)
        matrix[:3, 3] = 5.0, -20.0, 30.0
        transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
        for node in (opened.volume, opened.segmentation):
            node.SetAndObserveTransformNodeID(transform.GetID())
        opened.segmentation.HardenTransform()
    opened.save(BOTH)
    labels = load_image(tmp_path / "out" / "p1_labels.nii.gz")
    assert labels.grid.same_as(load_image(case.scan).grid, tolerance=1e-3)
    assert np.array_equal(labels.array == RIGHT_EYE, right)
    again = OpenCase(case, tmp_path / "out", "Ann")
    assert np.array_equal(segment_masks.label_masks(again.segmentation, again.volume)[RIGHT_EYE], right)


def test_a_scan_whose_voxels_were_replaced_by_others_elsewhere_is_not_saved(opened, tmp_path):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    cropped(opened, (0, 0, 0), (12, 40, 30))
    opened.volume.SetOrigin(200.0, 0.0, 0.0)
    with pytest.raises(Problem, match=r"nobody can tell where the labels belong.*own Save"):
        opened.save(BOTH)
    assert not list((tmp_path / "out").glob("*"))


def test_new_segment_has_name_colour_and_codes_of_the_vocabulary(opened):
    segment = opened.segmentation.GetSegmentation().GetSegment(opened.segment(10))
    assert segment.GetName() == "Left medial rectus muscle"
    assert segment.GetColor() == pytest.approx(anatomy.label_color(10))
    entry = vtk.mutable("")
    segment.GetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), entry)
    assert str(entry) == anatomy.terminology_entry(10)
    assert opened.segment(10) == "left_medial_rectus"
    assert opened.segmentation.GetSegmentation().GetNumberOfSegments() == 1


def test_segment_of_another_program_is_known_by_its_codes(opened):
    segmentation = opened.segmentation.GetSegmentation()
    segmentation.AddEmptySegment("Segment_1", "MR left")
    segmentation.GetSegment("Segment_1").SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(),
                                                anatomy.terminology_entry(10))
    assert opened.segment(10) == "Segment_1"
    segmentation.AddEmptySegment("Segment_2", "Tumour")
    assert segment_masks.other_segments(opened.segmentation) == ["Tumour"]
    _, notices = opened.label_map()
    assert notices == ["Tumour: not a structure of the orbit, and only in the .seg.nrrd file."]


def test_a_second_segment_of_a_structure_is_told_and_not_called_something_else(opened):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    double_segment(opened.segmentation, segment_id(RIGHT_EYE), "Second reading")
    (notice,) = opened.save(BOTH)
    assert "'Second reading' stands for the same structure as 'Right eyeball'" in notice


def test_segments_that_count_as_something_else_than_their_name_are_told_when_saving(opened):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    draw(opened, LEFT_EYE, [-28, 3, 2])
    segmentation = opened.segmentation.GetSegmentation()
    right, left = (segmentation.GetSegment(segment_id(value)) for value in (RIGHT_EYE, LEFT_EYE))
    right.SetName("Left globe")
    left.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), "x~SCT^1^Lesion~SCT^4147007^Mass~^^~x~^^~^^")
    renamed, recoded = (notice for notice in opened.save(BOTH) if "counts as" in notice)
    assert "'Left globe'" in renamed and "counts as 'Right eyeball'." in renamed
    assert "'Left eyeball'" in recoded and "counts as no structure of the orbit." in recoded


def test_done_structure_without_voxels_is_known(opened):
    opened.mark_done(RIGHT_EYE, True)
    draw(opened, LEFT_EYE, [-28, 3, 2])
    opened.mark_done(LEFT_EYE, True)
    assert opened.empty_but_done() == [RIGHT_EYE]
    opened.mark_done(RIGHT_EYE, False)
    assert opened.done() == {LEFT_EYE}


def test_mark_set_in_slicers_segment_list_counts(opened):
    segment = opened.segmentation.GetSegmentation().GetSegment(opened.segment(RIGHT_EYE))
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    logic.SetSegmentStatus(segment, logic.Completed)
    assert opened.done() == {RIGHT_EYE}


def test_mark_taken_away_in_slicers_segment_list_counts(opened):
    opened.mark_done(RIGHT_EYE, True)
    segment = opened.segmentation.GetSegmentation().GetSegment(opened.segment(RIGHT_EYE))
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    logic.SetSegmentStatus(segment, logic.Flagged)
    assert opened.done() == set()


@pytest.fixture
def history(opened):
    """The undo of the Segment Editor."""
    history = slicer.vtkSegmentationHistory()
    history.SetSegmentation(opened.segmentation.GetSegmentation())
    return history


def test_undo_and_redo_leave_what_is_done(opened, case, history, tmp_path):
    draw(opened, LEFT_EYE, [-28, 3, 2])
    opened.segment(RIGHT_EYE)
    history.SaveState()
    right = draw(opened, RIGHT_EYE, [30, 0, 2])
    opened.mark_done(LEFT_EYE, True)
    history.RestorePreviousState()
    assert (opened.filled(), opened.done()) == ({LEFT_EYE}, {LEFT_EYE})
    assert history.RestoreNextState(), "the mark must not end redo"
    assert np.array_equal(segment_masks.label_masks(opened.segmentation, opened.volume)[RIGHT_EYE], right)
    assert opened.done() == {LEFT_EYE}
    history.RestorePreviousState()
    opened.save()
    assert load_state(tmp_path / "out", "p1").done == {LEFT_EYE}
    header = (tmp_path / "out" / "p1.seg.nrrd").read_bytes().split(b"\n\n")[0].decode()
    assert header.count("Segmentation.Status:completed") == 1
    assert OpenCase(case, tmp_path / "out", "Ann").done() == {LEFT_EYE}


def test_undo_does_not_bring_back_a_mark_that_was_taken_away(opened, history):
    draw(opened, LEFT_EYE, [-28, 3, 2])
    opened.mark_done(LEFT_EYE, True)
    history.SaveState()
    opened.mark_done(LEFT_EYE, False)
    history.RestorePreviousState()
    assert opened.done() == set()
    opened.mark_done(LEFT_EYE, True)
    assert opened.done() == {LEFT_EYE}


def test_undo_leaves_a_mark_set_in_slicers_segment_list(opened, history):
    segment = opened.segmentation.GetSegmentation().GetSegment(opened.segment(RIGHT_EYE))
    history.SaveState()
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    logic.SetSegmentStatus(segment, logic.Completed)
    assert opened.done() == {RIGHT_EYE}
    history.RestorePreviousState()
    assert opened.done() == {RIGHT_EYE}


def test_files_of_somebody_else_are_asked_about_and_ones_own_are_not(opened, tmp_path):
    draw(opened, RIGHT_EYE, [30, 0, 2])
    target = tmp_path / "out" / "p1_labels.nii.gz"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(b"a colleague's")
    assert opened.files_to_ask_about(BOTH) == [target]
    with pytest.raises(WouldReplace):
        opened.save(BOTH)
    assert target.read_bytes() == b"a colleague's"
    assert not (tmp_path / "out" / "p1.seg.nrrd").exists()
    opened.save(BOTH, replace=True)
    draw(opened, LEFT_EYE, [-28, 3, 2])
    assert opened.files_to_ask_about(BOTH) == []
    opened.save(BOTH)
    assert LEFT_EYE in load_image(target).array


def test_case_that_somebody_else_saved_meanwhile_is_not_overwritten(opened, case, tmp_path):
    other = OpenCase(case, tmp_path / "out", "Ben")
    other.mark_done(LEFT_EYE, True)
    other.save(BOTH)
    before = (tmp_path / "out" / "p1_labels.nii.gz").read_bytes()
    draw(opened, RIGHT_EYE, [30, 0, 2])
    with pytest.raises(ChangedByOther, match="Ben saved p1"):
        opened.save(BOTH, replace=True)
    assert (tmp_path / "out" / "p1_labels.nii.gz").read_bytes() == before
    assert load_state(tmp_path / "out", "p1").annotator == "Ben"


def test_labels_found_with_the_scan_are_the_start(make_scan, tmp_path, slicer_session):
    scan = make_scan()
    save_image(scan, tmp_path / "p1.nii.gz")
    labels = np.where(ball(scan.grid, [30, 0, 0], 9), RIGHT_EYE, 0).astype(np.int16)
    save_image(scan.with_array(labels), tmp_path / "p1_labels.nii.gz")
    opened = OpenCase(find_cases(tmp_path).cases[0], tmp_path / "out", "Ann")
    assert opened.filled() == {RIGHT_EYE}
    assert opened.done() == set()


def test_labels_on_another_grid_are_interpolated_and_the_annotator_is_told(make_scan, tmp_path, slicer_session):
    scan = make_scan()
    save_image(scan, tmp_path / "p1.nii.gz")
    fine = np.diag([1.0, 1.0, 1.0, 1.0])
    fine[:3, 3] = [15, -15, -15]
    labels = Image(np.zeros((30, 30, 30), np.uint8), fine)
    save_image(labels.with_array(np.where(ball(labels.grid, [30, 0, 0], 9), RIGHT_EYE, 0).astype(np.uint8)),
               tmp_path / "p1_labels.nii.gz")
    opened = OpenCase(find_cases(tmp_path).cases[0], tmp_path / "out", "Ann")
    assert "another grid" in opened.notices[0]
    assert opened.segmentation.GetSegmentCenterRAS("right_eyeball") == pytest.approx([30, 0, 0], abs=1.0)


@pytest.mark.parametrize(("labels", "words"), [
    (np.full((16, 24, 48), 77, np.uint8), "label values 77"),
    (b"not an image", "cannot be read as an image"),
])
def test_bad_labels_leave_the_scene_as_it_was(make_scan, tmp_path, slicer_session, labels, words):
    scan = make_scan()
    save_image(scan, tmp_path / "p1.nii.gz")
    if isinstance(labels, bytes):
        (tmp_path / "p1_labels.nii.gz").write_bytes(labels)
    else:
        save_image(scan.with_array(labels), tmp_path / "p1_labels.nii.gz")
    before = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(Problem, match=words):
        OpenCase(find_cases(tmp_path).cases[0], tmp_path / "out", "Ann")
    assert slicer.mrmlScene.GetNumberOfNodes() == before


@pytest.mark.parametrize("ending", [".seg.nrrd", "_labels.nii.gz"])
def test_labels_beside_the_scan_are_told_when_they_are_opened_and_when_they_are_not_saved(case, tmp_path, ending):
    """A file of another scan, or of a larger one, gave an empty label map, and nothing said why."""
    scan = load_image(case.scan)
    affine = scan.affine.copy()
    affine[:3, 3] += 3 * affine[:3, 2]
    labels = np.zeros(scan.array.shape, np.uint8)
    labels[9:11, 20:24, 10:14], labels[11, 10:12, 20:23], labels[5, 30, 20] = RIGHT_EYE, LEFT_EYE, 25
    volume, path = node_from_image(Image(scan.array, affine), "another scan"), case.scan.with_name(f"p1{ending}")
    if ending == ".seg.nrrd":
        write_segmentation(add_segmentation(Image(labels, affine), volume, "other"), path, np.eye(4))
    else:
        save_image(Image(labels, affine), path)
    opened = OpenCase(replace(case, labels=path), tmp_path / "out", "Ann")
    (told,) = (notice for notice in opened.notices if "beyond the scan" in notice)
    assert f"In {path.name}, Right eyeball, Left eyeball reach beyond the scan" in told
    saved = [notice for notice in opened.save(BOTH) if "Beyond the scan" in notice]
    assert len(saved) == (ending == ".seg.nrrd"), "a label map was cut when it was opened"
    assert not saved or "Right eyeball (32 of 32 voxels), Left eyeball (6 of 6 voxels)." in saved[0]
    assert set(np.unique(load_image(tmp_path / "out" / "p1_labels.nii.gz").array)) == {0, 25}


@pytest.mark.parametrize("exchanged", [False, True])
def test_exchanged_sides_in_a_segmentation_of_another_program_are_told(opened, case, tmp_path, exchanged):
    for value, side in ((RIGHT_EYE, 1), (LEFT_EYE, -1)):
        draw(opened, value, [side * (-30 if exchanged else 30), 0, 2], 11)
    opened.save(BOTH)
    (tmp_path / "out" / "p1.seg.nrrd").rename(case.scan.with_name("p1.seg.nrrd"))
    notices = OpenCase(find_cases(case.scan.parent).cases[0], tmp_path / "elsewhere", "Ben").notices
    told = [notice for notice in notices if "The segments of p1.seg.nrrd contradict the anatomy" in notice]
    assert len(told) == exchanged, notices
    assert all("it lies left of 2, the left eyeball" in notice for notice in told)


def test_labels_changed_by_another_program_are_told(opened, case, tmp_path):
    opened.save(BOTH)
    save_image(load_image(tmp_path / "out" / "p1_labels.nii.gz"), tmp_path / "out" / "p1_labels.nii.gz")
    (tmp_path / "out" / "p1_labels.nii.gz").write_bytes(b"other")
    notice, = OpenCase(case, tmp_path / "out", "Ann").notices
    assert notice.startswith("p1_labels.nii.gz was changed or removed by another program")


@pytest.mark.parametrize("higher", [0, 1024], ids=["HU", "stored without a sign"])
def test_ct_is_shown_in_a_window_for_soft_tissue(higher, tmp_path, toy_head, slicer_session):
    voxels = toy_head[0].array.copy()
    voxels[:, :8], voxels[:, 8:12], voxels[:, 12:24] = -1000, 1400, 40  # air, bone, muscle; the rest is fat
    save_image(toy_head[0].with_array(voxels + higher), tmp_path / "ct.nii.gz")
    opened = OpenCase(find_cases(tmp_path).cases[0], tmp_path / "out", "Ann")
    assert (opened.volume.GetDisplayNode().GetWindow(), opened.volume.GetDisplayNode().GetLevel()) == (350, 40 + higher)


def test_a_dicom_case_says_which_slices_were_interpolated(tmp_path, slicer_session):
    write_series(tmp_path / "scans" / "p1", np.delete(evenly(12), 4, axis=0))
    opened = OpenCase(find_cases(tmp_path / "scans").cases[0], tmp_path / "out", "Ann")
    assert opened.notices == ["Slice 5 of 12 is missing; it was interpolated from its neighbours."]
    assert slicer.util.arrayFromVolume(opened.volume).shape == (12, 8, 9)


def test_views_lie_along_the_slices_of_a_tilted_scan(opened):
    opened.show()
    axes = opened.grid.affine[:3, :3] / opened.grid.spacing
    nodes = slicer.util.getNodesByClass("vtkMRMLSliceNode")
    assert nodes
    for node in nodes:
        normal = slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())[:3, 2]
        assert np.abs(normal @ axes).max() == pytest.approx(1.0, abs=1e-4), node.GetName()


def test_results_of_other_scans_are_hidden_and_the_cases_own_labels_are_not(opened, make_scan):
    array = np.zeros((12, 50, 32), np.uint8)
    array[4:8, 20:30, 10:20] = RIGHT_EYE
    scan = node_from_image(make_scan(array.shape, np.eye(4)), "Another scan")
    result = add_segmentation(Image(array, np.eye(4)), scan, "Another scan - Orbit segmentation")
    result.SetAttribute(MODULE_ATTRIBUTE, "OrbitSegmentation")
    opened.show()
    assert not result.GetDisplayNode().GetVisibility() and opened.segmentation.GetDisplayNode().GetVisibility()
