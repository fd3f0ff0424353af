"""Which scans are offered for annotation, and where their labels come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.anatomy import RECTI, label_value
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation import structures
from OrbitSegmentationLib.annotation.cases import find_cases


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def as_text(cases, folder):
    return {case.name: (case.scan.relative_to(folder).as_posix(),
                        case.labels.relative_to(folder).as_posix() if case.labels else None) for case in cases}


def test_scans_of_a_folder_are_found_with_the_labels_beside_them(tmp_path):
    make(tmp_path, "b.nii.gz", "a.nrrd", "a_labels.nii.gz", "b.seg.nrrd", "notes.txt", ".hidden.nii.gz",
         "patient-1/ct.nii.gz", "patient-1/ct_segmentation.nii.gz", "patient-2/ct.nii.gz")
    assert as_text(find_cases(tmp_path).cases, tmp_path) == {
        "a": ("a.nrrd", "a_labels.nii.gz"),
        "b": ("b.nii.gz", "b.seg.nrrd"),
        "patient-1_ct": ("patient-1/ct.nii.gz", "patient-1/ct_segmentation.nii.gz"),
        "patient-2_ct": ("patient-2/ct.nii.gz", None),
    }


def test_marks_of_labels_may_be_in_capitals(tmp_path):
    make(tmp_path, "p1.nii.gz", "p1_Labels.nii.gz", "p2.nii.gz", "p2_SEG.nrrd", "p10.nii.gz")
    assert as_text(find_cases(tmp_path).cases, tmp_path) == {
        "p1": ("p1.nii.gz", "p1_Labels.nii.gz"), "p2": ("p2.nii.gz", "p2_SEG.nrrd"), "p10": ("p10.nii.gz", None)}


def test_what_annotators_wrote_is_no_scan(tmp_path):
    make(tmp_path, "a.nii.gz", "annotations/b.nii.gz", "mine/c.nii.gz")
    assert [case.name for case in find_cases(tmp_path, exports=tmp_path / "mine").cases] == ["a"]


def test_folder_of_scans_may_be_the_folder_of_annotations(tmp_path):
    make(tmp_path, "a.nii.gz", "a_labels.nii.gz", "a.seg.nrrd")
    assert as_text(find_cases(tmp_path, exports=tmp_path).cases, tmp_path) == {"a": ("a.nii.gz", "a_labels.nii.gz")}


def test_two_scans_of_one_name_are_told_and_the_first_is_kept(tmp_path):
    make(tmp_path, "a.nii.gz", "a.nrrd")
    found = find_cases(tmp_path)
    assert [case.scan.name for case in found.cases] == ["a.nii.gz"]
    assert found.problems == ("a.nrrd: a.nii.gz has the same name; rename one",)


def test_nnunet_folder_gives_images_with_their_labels(tmp_path):
    make(tmp_path, "imagesTr/p1_0000.nii.gz", "imagesTr/p2_0000.nii.gz", "labelsTr/p1.nii.gz")
    assert as_text(find_cases(tmp_path).cases, tmp_path) == {
        "p1": ("imagesTr/p1_0000.nii.gz", "labelsTr/p1.nii.gz"), "p2": ("imagesTr/p2_0000.nii.gz", None)}


def test_nnunet_number_that_looks_like_a_channel_keeps_its_labels(tmp_path):
    make(tmp_path, "imagesTr/orbit_00001_0000.nii.gz", "labelsTr/orbit_00001.nii.gz",
         "imagesTr/orbit_00010_0000.nii.gz", "labelsTr/orbit_00010.nii.gz")
    assert as_text(find_cases(tmp_path).cases, tmp_path) == {
        "orbit_00001": ("imagesTr/orbit_00001_0000.nii.gz", "labelsTr/orbit_00001.nii.gz"),
        "orbit_00010": ("imagesTr/orbit_00010_0000.nii.gz", "labelsTr/orbit_00010.nii.gz")}


def test_cases_go_on_from_the_open_one_and_begin_anew_at_the_end(tmp_path):
    make(tmp_path, "a.nii.gz", "b.nii.gz", "c.nii.gz")
    found = find_cases(tmp_path)
    assert [case.name for case in found.after("b")] == ["c", "a"]
    assert [case.name for case in found.after("")] == ["a", "b", "c"]


def test_dicom_series_are_found_by_their_content(tmp_path, dicom_series_writer, toy_head_maker):
    dicom_series_writer(toy_head_maker(10.0)[0], tmp_path / "exam" / "ct")
    make(tmp_path, "papers/README")
    cases = find_cases(tmp_path).cases
    assert [(case.name, case.scan.is_dir()) for case in cases] == [("exam_ct", True)]
    assert [case.name for case in find_cases(tmp_path / "exam" / "ct").cases] == ["ct"]


def test_table_names_cases_scans_and_labels(tmp_path):
    make(tmp_path, "scans/a.nii.gz", "scans/b.nii.gz", "labels/a.nii.gz")
    table = tmp_path / "cases.csv"
    table.write_text("case,image,labels\nFirst one,scans/a.nii.gz,labels/a.nii.gz\n,scans/b.nii.gz,\n"
                     ",scans/c.nii.gz,\nFirst one,scans/b.nii.gz,\n")
    found = find_cases(tmp_path)
    assert as_text(found.cases, tmp_path) == {
        "First-one": ("scans/a.nii.gz", "labels/a.nii.gz"), "b": ("scans/b.nii.gz", None)}
    assert found.problems == ("row 4: there is no scan 'scans/c.nii.gz'",
                              "row 5: the case First-one is there already; give each row its own 'case'")
    assert find_cases(table) == found


def test_manifest_of_a_phantom_cohort_is_a_list_of_cases(tmp_path):
    make(tmp_path, "patient-0001/ct-fast.nii.gz", "patient-0001/ct-fast_labels.nii.gz")
    (tmp_path / "manifest.csv").write_text("patient,image,labels\npatient-0001,patient-0001/ct-fast.nii.gz,"
                                           "patient-0001/ct-fast_labels.nii.gz\n")
    assert [case.name for case in find_cases(tmp_path).cases] == ["patient-0001_ct-fast"]


@pytest.mark.parametrize(("content", "words"), [
    ({}, "holds no scan"),
    ({"cases.csv": "name,file\na,b\n"}, "has no column 'image'"),
    ({"cases.csv": "image\nnowhere.nii.gz\n"}, "row 2: there is no scan 'nowhere.nii.gz'"),
    ({"cases.csv": b"\xff\xfe\x00"}, "line 1: .*Save the table as CSV"),
])
def test_folder_without_cases_is_refused_with_what_to_do(tmp_path, content, words):
    for name, text in content.items():
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(Problem, match=words):
        find_cases(tmp_path)


def test_missing_folder_is_told(tmp_path):
    with pytest.raises(Problem, match="There is no folder or table"):
        find_cases(tmp_path / "gone")


def test_tasks_ask_for_both_sides():
    main = structures.task_values(structures.MAIN)
    assert len(main) == 12
    assert {label_value(key, side) for key in RECTI for side in ("right", "left")} < set(main)
    assert set(main) < set(structures.task_values(structures.MUSCLES)) < set(structures.task_values(structures.ALL))
    assert structures.task_values(structures.ALL) == tuple(range(1, 26))


def test_a_task_gets_what_it_asks_for_and_the_eyeball_with_its_lens():
    labels = np.array([0, 1, 2, 3, 19, 20, 21, 25], np.uint8)
    kept = structures.labels_for_task(labels, structures.task_values(("eyeball", "optic_nerve")))
    assert kept.tolist() == [0, 1, 2, 3, 1, 2, 0, 0]
    assert structures.labels_for_task(labels, structures.task_values(("eyeball", "lens", "orbital_fat"))).tolist() == [
        0, 1, 2, 0, 19, 20, 21, 0]
    assert labels.tolist() == [0, 1, 2, 3, 19, 20, 21, 25]


def test_folders_that_cannot_be_read_are_told_and_the_others_are_listed(tmp_path, monkeypatch):
    for name in ("a/scan.nii", "lost+found/scan.nii", "lost+found/deeper/scan.nii"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    read = Path.iterdir

    def refuse(folder):
        if folder.name in refused:
            raise PermissionError(13, "Permission denied", str(folder))
        return read(folder)

    monkeypatch.setattr(Path, "iterdir", refuse)
    refused = {"lost+found"}
    found = find_cases(tmp_path)
    assert [case.name for case in found.cases] == ["a_scan"]
    assert "lost+found cannot be read (Permission denied)" in " ".join(found.problems)
    refused = {tmp_path.name}
    with pytest.raises(Problem, match="cannot be read"):
        find_cases(tmp_path)
