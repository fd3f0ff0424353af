"""Cohort tables and folders, explained rows, and folds that no patient crosses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.cohorts import read_cohort
from NeuroOrbitLib.training.folds import check_no_leak, hold_out_patients, patient_folds
from NeuroOrbitLib.training.patients import one_spelling_each


def write(path: Path, shape=(3, 4, 5), origin=0.0) -> Path:
    affine = np.eye(4)
    affine[0, 3] = origin
    voxels = np.random.default_rng(list(str(path).encode())).integers(-1000, 1000, shape, dtype=np.int16)
    return save_image(Image(voxels, affine), path)


def pair(folder: Path, name: str) -> tuple[Path, Path]:
    return write(folder / f"{name}.nii.gz"), write(folder / f"{name}_labels.nii.gz")


def test_a_table_gives_its_patients_in_order(tmp_path):
    for name in ("before", "after", "other"):
        pair(tmp_path / "scans", name)
    rows = [("P1", "before"), ("P1", "after"), ("P2", "other")]
    lines = [f"{p},scans/{n}.nii.gz,scans/{n}_labels.nii.gz" for p, n in rows]
    (tmp_path / "cohort.csv").write_text("patient,image,labels\n" + "\n".join(lines))
    cohort = read_cohort(tmp_path)
    assert cohort.patients == ["P1", "P1", "P2"]
    assert cohort.cases[1].image == tmp_path / "scans" / "after.nii.gz"
    assert [case.name for case in cohort.cases] == ["P1_before", "P1_after", "P2_other"]
    assert cohort.problems == ()


def test_each_bad_row_is_explained_and_the_good_ones_are_kept(tmp_path):
    pair(tmp_path, "good")
    write(tmp_path / "small_labels.nii.gz", shape=(2, 2, 2))
    write(tmp_path / "moved_labels.nii.gz", origin=3.0)
    (tmp_path / "broken.nii.gz").write_bytes(b"no image")
    (tmp_path / "table.csv").write_text(
        "patient,image,labels\n"
        "P1,good.nii.gz,good_labels.nii.gz\n"
        ",good.nii.gz,good_labels.nii.gz\n"
        "P2,absent.nii.gz,good_labels.nii.gz\n"
        "P3,good.nii.gz,good_labels.nii.gz\n"
        "P4,good_labels.nii.gz,small_labels.nii.gz\n"
        "P5,good_labels.nii.gz,moved_labels.nii.gz\n"
        "P6,broken.nii.gz,good_labels.nii.gz\n"
    )
    cohort = read_cohort(tmp_path / "table.csv")
    assert cohort.patients == ["P1"]
    expected = ["row 3: the patient is empty", "row 4: the image absent.nii.gz does not exist", "row 5: the image good",
                "row 6: the label map has (2, 2, 2) voxels", "row 7: the label map lies elsewhere",
                "row 8: broken.nii.gz cannot be read"]
    assert len(cohort.problems) == len(expected)
    assert all(line.startswith(start) for line, start in zip(cohort.problems, expected, strict=True)), cohort.problems


def test_a_copy_of_a_scan_under_another_patient_is_left_out(tmp_path):
    """It was learned from and judged on. Two label maps of one patient's scan may stay."""
    for name in ("first", "copy", "drawn_twice", "other"):
        pair(tmp_path, name)
    for name in ("copy", "drawn_twice"):
        (tmp_path / f"{name}.nii.gz").write_bytes((tmp_path / "first.nii.gz").read_bytes())
    rows = [("P1", "first"), ("Kopie", "copy"), ("P1", "drawn_twice"), ("P2", "other")]
    (tmp_path / "cohort.csv").write_text("patient,image,labels\n" + "\n".join(
        f"{patient},{name}.nii.gz,{name}_labels.nii.gz" for patient, name in rows))
    cohort = read_cohort(tmp_path)
    assert cohort.problems == ("row 3: its scan is that of the patient P1 (row 2); keep one of them",)
    assert [case.name for case in cohort.cases] == ["P1_first", "P1_drawn_twice", "P2_other"]


def test_a_table_without_the_patient_column_is_refused(tmp_path):
    (tmp_path / "cohort.csv").write_text("image,labels\na,b\n")
    with pytest.raises(Problem, match="lacks the column patient"):
        read_cohort(tmp_path)


def test_visits_that_count_as_patients_by_their_names_are_told(tmp_path):
    for name in ("P01_T1", "P01_T2", "P02"):
        pair(tmp_path / name, "scan")
    cohort = read_cohort(tmp_path)
    assert cohort.patients == ["P01_T1", "P01_T2", "P02"]
    assert [line.partition(" count")[0] for line in cohort.notices] == ["P01_T1, P01_T2"]


def test_pairs_in_subfolders_belong_to_the_patient_of_the_subfolder(tmp_path):
    pair(tmp_path / "P1", "before")
    pair(tmp_path / "P1", "after")
    pair(tmp_path, "sub-07_ses-2_T1w")
    pair(tmp_path, "lonely")
    cohort = read_cohort(tmp_path)
    assert sorted(zip(cohort.patients, [c.image.name for c in cohort.cases], strict=True)) == [
        ("P1", "after.nii.gz"), ("P1", "before.nii.gz"), ("lonely", "lonely.nii.gz"),
        ("sub-07", "sub-07_ses-2_T1w.nii.gz"),
    ]


def test_the_layout_of_nnunet_is_read(tmp_path):
    write(tmp_path / "imagesTr" / "TED_001_0000.nii.gz")
    write(tmp_path / "labelsTr" / "TED_001.nii.gz")
    write(tmp_path / "imagesTr" / "TED_002_0000.nii.gz")
    cohort = read_cohort(tmp_path)
    assert cohort.patients == ["TED_001"]
    assert "label map TED_002.nii.gz does not exist" in cohort.problems[0]


def test_numbers_of_nnunet_that_look_like_a_channel_keep_their_labels(tmp_path):
    for name in ("orbit_00001", "orbit_00010"):
        write(tmp_path / "imagesTr" / f"{name}_0000.nii.gz")
        write(tmp_path / "labelsTr" / f"{name}.nii.gz")
    cohort = read_cohort(tmp_path)
    assert cohort.patients == ["orbit_00001", "orbit_00010"] and cohort.problems == ()


def test_the_modality_is_read_in_a_clinics_words_and_others_are_told(tmp_path):
    """A training on MR left the scans of a table that says MRI out, "of the other modality"."""
    words = ("mri", "MRT", " ct", "CT Orbita", "T2", "")
    rows = []
    for number, word in enumerate(words):
        pair(tmp_path, f"s{number}")
        rows.append(f"P{number},s{number}.nii.gz,s{number}_labels.nii.gz,{word}")
    (tmp_path / "cohort.csv").write_text("\n".join(["patient,image,labels,modality", *rows]), encoding="utf-8")
    cohort = read_cohort(tmp_path)
    assert [(case.patient, case.modality) for case in cohort.cases] == [
        ("P0", "MR"), ("P1", "MR"), ("P2", "CT"), ("P3", ""), ("P4", ""), ("P5", "")]
    assert cohort.problems == () and [line.partition(":")[0] for line in cohort.notices] == [
        "the modality 'CT Orbita' is neither CT nor MR", "the modality 'T2' is neither CT nor MR"]


def test_label_maps_beside_scans_are_found_in_capitals_and_in_another_file_type(tmp_path):
    for scan, labels in (("P 01.nii.gz", "P 01_Labels.nii.gz"), ("P 02.nii", "P 02_labels.nii.gz"),
                         ("P3.nrrd", "P3_LABELS.nrrd"), ("p3.nii.gz", "p3_labels.nrrd")):
        write(tmp_path / scan)
        write(tmp_path / labels)
    cohort = read_cohort(tmp_path)
    assert {case.image.name: case.labels.name for case in cohort.cases} == {
        "P 01.nii.gz": "P 01_Labels.nii.gz", "P 02.nii": "P 02_labels.nii.gz", "P3.nrrd": "P3_LABELS.nrrd",
        "p3.nii.gz": "p3_labels.nrrd"}
    assert cohort.problems == ()
    write(tmp_path / "P4.nii.gz")
    assert "P4.nii.gz: the label map P4_labels.nii.gz does not exist" in str(read_cohort(tmp_path).problems)


def test_scans_of_one_patient_with_the_same_file_name_keep_apart(tmp_path):
    for folder in ("P1/visit1", "P1/visit2", "P2/visit1"):
        pair(tmp_path / folder, "T1")
    cohort = read_cohort(tmp_path)
    assert [case.name for case in cohort.cases] == ["P1_T1_visit1", "P1_T1_visit2", "P2_T1"]
    for folder in ("P1/early/mri", "P1/late/mri"):
        pair(tmp_path / "deep" / folder, "T2")
    pair(tmp_path / "deep" / "P1", "T2")
    names = {case.name for case in read_cohort(tmp_path / "deep").cases}
    assert names == {"P1_T2", "P1_T2_early_mri", "P1_T2_late_mri"}
    for folder in ("sub-1/ses-1/anat", "sub-1/ses-2/anat"):
        pair(tmp_path / "bids" / folder, "T1w")
    assert [case.name for case in read_cohort(tmp_path / "bids").cases] == ["sub-1_T1w_ses-1", "sub-1_T1w_ses-2"]


def test_rows_that_cannot_be_used_change_no_name_and_one_image_is_used_once(tmp_path):
    pair(tmp_path / "a", "T1")
    write(tmp_path / "b" / "T1.nii.gz")
    save_image(Image(np.zeros((3, 4, 5), np.int16), np.eye(4)), tmp_path / "a" / "T1.nrrd")
    (tmp_path / "cohort.csv").write_text("patient,image,labels\n"
                                         "P1,a/T1.nii.gz,a/T1_labels.nii.gz\n"
                                         "P1,b/T1.nii.gz,b/T1_labels.nii.gz\n"
                                         "P1,a/../a/T1.nii.gz,a/T1_labels.nii.gz\n"
                                         "P1,a/T1.nrrd,a/T1_labels.nii.gz\n")
    cohort = read_cohort(tmp_path)
    assert [case.name for case in cohort.cases] == ["P1_T1"]
    missing, used, alike = cohort.problems
    assert "does not exist" in missing and "already used in row 2" in used and "rename one of them" in alike


def test_a_cohort_without_any_case_says_what_to_give(tmp_path):
    with pytest.raises(Problem, match=r"cohort\.csv with the columns"):
        read_cohort(tmp_path)
    with pytest.raises(Problem, match="There is no cohort"):
        read_cohort(tmp_path / "absent")


def test_a_manifest_of_phantoms_is_a_cohort_with_modalities(tmp_path):
    pair(tmp_path / "patient-0001", "ct-fast")
    pair(tmp_path / "patient-0001", "mr-t1")
    (tmp_path / "manifest.csv").write_text(
        "patient,protocol,modality,image,labels\n"
        "patient-0001,ct-fast,CT,patient-0001/ct-fast.nii.gz,patient-0001/ct-fast_labels.nii.gz\n"
        "patient-0001,mr-t1,MR,patient-0001/mr-t1.nii.gz,patient-0001/mr-t1_labels.nii.gz\n"
    )
    assert [(case.patient, case.modality) for case in read_cohort(tmp_path).cases] == [
        ("patient-0001", "CT"), ("patient-0001", "MR")
    ]


PATIENTS = [f"P{n % 13}" for n in range(40)]


def test_no_patient_is_ever_on_both_sides():
    for split in patient_folds(PATIENTS, 5, seed=1):
        train, held_out = ([PATIENTS[i] for i in part] for part in (split.train, split.held_out))
        check_no_leak(train, held_out)
        assert len(split.train) + len(split.held_out) == 40


def test_every_case_is_held_out_exactly_once_and_folds_are_balanced():
    splits = patient_folds(PATIENTS, 5)
    assert sorted(i for split in splits for i in split.held_out) == list(range(40))
    counts = [len({PATIENTS[i] for i in split.held_out}) for split in splits]
    assert sorted(counts) == [2, 2, 3, 3, 3]


def test_folds_do_not_depend_on_the_order_of_the_cases_but_on_the_seed():
    def held_out(patients, seed):
        return [{patients[i] for i in split.held_out} for split in patient_folds(patients, 4, seed)]

    assert held_out(PATIENTS, 0) == held_out(PATIENTS[::-1], 0)
    assert held_out(PATIENTS, 0) != held_out(PATIENTS, 1)


def test_a_leak_names_the_patient():
    with pytest.raises(Problem, match="P3"):
        check_no_leak(["P1", "P3"], ["P3", "P4"])


def test_more_folds_than_patients_is_refused():
    with pytest.raises(Problem, match="at least 3 patients"):
        patient_folds(["P1", "P1", "P2"], 3)


def test_holding_out_takes_whole_patients_and_never_all():
    split = hold_out_patients(PATIENTS, 0.25, seed=2)
    check_no_leak([PATIENTS[i] for i in split.train], [PATIENTS[i] for i in split.held_out])
    assert len({PATIENTS[i] for i in split.held_out}) == 3
    assert hold_out_patients(["A", "B"], 1.0).train
    with pytest.raises(Problem, match="two patients"):
        hold_out_patients(["A", "A"], 0.5)


def table_of(folder: Path, rows: list[tuple[str, str]]) -> Path:
    """A cohort whose rows are (patient, scan), in a table as a German spreadsheet writes it."""
    for _patient, name in rows:
        pair(folder, name)
    lines = [f"{patient};{name}.nii.gz;{name}_labels.nii.gz" for patient, name in rows]
    (folder / "cohort.csv").write_bytes(("Patient;Image;Labels\r\n" + "\r\n".join(lines)).encode("utf-16"))
    return folder


def test_a_patient_under_two_spellings_is_never_on_both_sides(tmp_path):
    rows = [("Mu\u0308ller", "a"), ("M\u00fcller", "b"), ("M\u00dcLLER\u200b", "c"), ("P 2", "d"), ("p2", "e"),
            ("P3", "f")]
    cohort = read_cohort(table_of(tmp_path, rows))
    assert cohort.patients == ["M\u00dcLLER"] * 3 + ["P 2"] * 2 + ["P3"]
    assert len(cohort.notices) == 2 and all("taken for one patient" in line for line in cohort.notices)
    for split in patient_folds(cohort.patients, 3):
        check_no_leak([cohort.patients[i] for i in split.train], [cohort.patients[i] for i in split.held_out])


def test_the_order_of_the_rows_does_not_decide_the_fold_of_a_patient_under_two_spellings():
    spelled = ["P 1", "p1", *(f"Q{number}" for number in range(8))]
    for seed in range(10):
        found = []
        for spellings in (spelled, spelled[::-1]):
            patients = one_spelling_each(spellings)
            found.append({frozenset(spellings[i] for i in split.held_out)
                          for split in patient_folds(patients, 3, seed)})
        assert found[0] == found[1]


def test_patients_that_differ_by_leading_zeros_are_refused_with_both_names(tmp_path):
    with pytest.raises(Problem, match="'P1' and 'P01'"):
        read_cohort(table_of(tmp_path, [("P1", "a"), ("P01", "b")]))


@pytest.mark.parametrize("patient", ["../outside", "/etc", "C:\\data", "..", "NUL", "a/b"])
def test_a_patient_that_is_a_path_names_no_folder_outside(tmp_path, patient):
    case, = read_cohort(table_of(tmp_path, [(patient, "scan")])).cases
    assert (tmp_path / case.name).resolve().parent == tmp_path.resolve()


def test_scans_whose_names_are_one_to_a_file_system_are_told_apart(tmp_path):
    cohort = read_cohort(table_of(tmp_path, [("a/b", "x"), ("a:b", "X")]))
    assert len(cohort.cases) == 1 and "rename one of them" in cohort.problems[0]


def test_sheared_scans_with_label_maps_on_their_grid_are_kept(tmp_path):
    affine = np.array([[1.0, 0, 0, 4], [0, 1, 0.3, 5], [0, 0, 2, 6], [0, 0, 0, 1]])
    moved = affine + np.eye(4, k=3)
    for name, placed in (("a", affine), ("a_labels", affine), ("b", affine), ("b_labels", moved)):
        save_image(Image(np.ones((3, 4, 5), np.uint8), placed), tmp_path / f"{name}.nii.gz")
    cohort = read_cohort(tmp_path)
    assert [case.name for case in cohort.cases] == ["a"]
    assert [problem.partition(" (")[0] for problem in cohort.problems] == [
        "b.nii.gz: the label map lies elsewhere than the image"]
