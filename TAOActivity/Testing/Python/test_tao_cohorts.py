"""Cohorts: synthetic ones continue where they stopped, one's own are checked row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.classifiers.cohort import arrays_path, read_cohort
from NeuroOrbitLib.imaging.boxes import box_around, crop
from NeuroOrbitLib.imaging.files import save_image
from NeuroOrbitLib.problem import Problem
from TAOActivityLib import cohort_table
from TAOActivityLib.cohort_table import READER, import_cohort
from TAOActivityLib.synthetic import cohort as synthetic_cohort
from TAOActivityLib.synthetic.cohort import make_cohort
from TAOActivityLib.synthetic.plan import ActivityCohortPlan

PLAN = ActivityCohortPlan(3, 4, 1, seed=5)


@pytest.fixture
def quick_scans(monkeypatch, active_scan):
    """Every synthetic visit gets the same scan, without bias correction: the test is about the folder."""
    monkeypatch.setattr(synthetic_cohort, "make_scan", lambda visit: active_scan)
    prepare = synthetic_cohort.prepare
    monkeypatch.setattr(synthetic_cohort, "prepare", lambda *given: prepare(*given, corrected=given[0]))


def test_a_synthetic_cohort_is_kept_as_crops_and_continued(tmp_path, quick_scans, monkeypatch):
    seen = []
    made = make_cohort(tmp_path, PLAN, 1, progress=lambda fraction, message="": seen.append(fraction))
    assert seen == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert (len(made.cases), made.labels.sum(), made.is_synthetic) == (4, 1, True)
    assert 0.85 < made.facts["ceiling_auc"] < 0.95
    again = read_cohort(tmp_path)
    assert np.array_equal(again.labels, made.labels) and again.names == made.names
    assert again.arrays("image").shape == (4, 5, 164, 164)
    assert again.arrays("image", [2]).dtype == np.float16 and set(np.unique(again.array("labels", 0))) >= {1, 2, 9, 10}
    assert sum(path.stat().st_size for path in (tmp_path / "crops").iterdir()) < 4 * 400_000
    arrays_path(tmp_path, made.cases[0].case).unlink()
    with pytest.raises(Problem, match="lacks the images"):
        read_cohort(tmp_path)
    calls = []
    scan = synthetic_cohort.make_scan
    monkeypatch.setattr(synthetic_cohort, "make_scan", lambda visit: (calls.append(visit.name), scan(visit))[1])
    make_cohort(tmp_path, PLAN, 1)
    assert calls == [made.cases[0].case]
    with pytest.raises(Problem, match="other cases or settings"):
        make_cohort(tmp_path, ActivityCohortPlan(3, 4, 1, seed=6), 1)


def table(folder: Path, text: str) -> Path:
    path = folder / "cohort.csv"
    path.write_text(text)
    return path


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).touch()


def test_labels_come_from_words_scores_or_items(tmp_path):
    touch(tmp_path, *(f"{name}.nii.gz" for name in "abcde"))
    items = "orbital_pain,gaze_pain,eyelid_swelling,eyelid_erythema,conjunctival_redness,chemosis,caruncle_swelling"
    rows, problems, _notices = READER.read(table(tmp_path, (
        f"patient,image,label,cas,{items}\np1,a.nii.gz,active,,,,,,,,\np1,b.nii.gz,,2,,,,,,,\n"
        "p2,c.nii.gz,,,1,1,0,1,0,0,0\np3,d.nii.gz,Inactive,1,,,,,,,\np4,e.nii.gz,,5,,,,,,,\n")))
    assert not problems
    assert [(row.label, row.numbers["score"]) for row in rows] == [(1, -1), (0, 2), (1, 3), (0, 1), (1, 5)]
    assert rows[0].case == "p1_a" and rows[1].patient == "p1"


def test_a_column_that_is_not_used_is_named(tmp_path):
    touch(tmp_path, "a.nii.gz", "b.nii.gz")
    rows, problems, notices = READER.read(table(tmp_path, (
        "patient,image,label,eye,orbital_pain\np1,a.nii.gz,active,left,1\np2,b.nii.gz,inactive,right,0\n")))
    assert len(rows) == 2 and not problems and notices == ["not used of the table: eye"]


def test_two_spellings_that_are_taken_for_one_patient_are_told(tmp_path):
    touch(tmp_path, "a.nii.gz", "b.nii.gz", "c.nii.gz")
    rows, problems, notices = READER.read(table(tmp_path, (
        "patient,image,label\nP1,a.nii.gz,active\np 1,b.nii.gz,inactive\nP2,c.nii.gz,inactive\n")))
    assert [row.patient for row in rows] == ["P1", "P1", "P2"] and not problems
    assert notices == ["'P1', 'p 1' are taken for one patient"]


@pytest.mark.parametrize(("row", "reason"), [
    (",a.nii.gz,active,,", "patient is empty"),
    ("p9,missing.nii.gz,active,,", "does not exist"),
    ("p9,,active,,", "does not exist"),
    ("p9,x.nii.gz,perhaps,,", "write active or inactive"),
    ("p9,x.nii.gz,,,", "neither a label nor"),
    ("p9,x.nii.gz,,9,", "runs from 0 to 7"),
    ("p9,x.nii.gz,,many,", "cannot be read"),
    ("p9,x.nii.gz,active,1,", "means inactive"),
    ("p9,a.nii.gz,active,,", "used twice"),
    ("p9,x.nii.gz,active,,nolabels.nii.gz", "segmentation nolabels.nii.gz does not exist"),
])  # fmt: skip
def test_a_bad_row_is_left_out_and_explained(tmp_path, row, reason):
    touch(tmp_path, "a.nii.gz", "b.nii.gz", "x.nii.gz")
    rows, problems, _notices = READER.read(table(tmp_path, (
        f"patient,image,label,cas,labels\np1,a.nii.gz,active,,\np2,b.nii.gz,inactive,,\n{row}\n")))
    assert len(rows) == 2 and len(problems) == 1
    assert reason in problems[0] and problems[0].startswith("line 4: ")


@pytest.mark.parametrize(("text", "reason"), [
    ("image,label\na,active\n", "lacks the column patient"),
    ("patient,image\np,a\n", "has no label"),
    ("patient,image,label\np,a.nii.gz,active\n", "active and of inactive"),
])  # fmt: skip
def test_a_bad_table_is_explained(tmp_path, text, reason):
    touch(tmp_path, "a.nii.gz")
    with pytest.raises(Problem, match=reason):
        READER.read(table(tmp_path, text))


def test_ones_own_cohort_is_prepared_and_unusable_scans_are_named(tmp_path, active_scan, monkeypatch):
    prepare = cohort_table.prepare
    monkeypatch.setattr(cohort_table, "prepare", lambda *given: prepare(*given, corrected=given[0]))
    save_image(active_scan.labels, tmp_path / "seg.nii.gz")
    around = box_around(active_scan.labels.array > 0)
    save_image(crop(active_scan.labels, around), tmp_path / "cropped.nii.gz")  # as other programs write segmentations
    for name in ("a", "b"):
        save_image(active_scan.image, tmp_path / f"{name}.nii.gz")
    holes = active_scan.image.array.astype(np.float32)
    eye = np.argwhere(active_scan.labels.array == 1)
    holes[tuple(eye[len(eye) // 2])] = np.nan
    save_image(active_scan.image.with_array(holes), tmp_path / "b.nii.gz")
    dark = active_scan.image.array * np.isin(active_scan.labels.array, (1, 2), invert=True)
    save_image(active_scan.image.with_array(dark), tmp_path / "t1.nii.gz")
    path = table(tmp_path, ("patient,image,cas,labels\np1,a.nii.gz,4,cropped.nii.gz\np2,b.nii.gz,1,seg.nii.gz\n"
                            "p3,t1.nii.gz,1,seg.nii.gz\n"))
    cohort, problems, notices = import_cohort(path, tmp_path / "out")
    assert [line.partition(":")[0] for line in notices if "not numbers (NaN" in line] == ["p2_b"]
    assert [(case.case, case.label, case.numbers["score"]) for case in cohort.cases] == [("p1_a", 1, 4), ("p2_b", 0, 1)]
    assert len(problems) == 1 and problems[0].startswith("p3_t1: This is not a T2")
    assert not cohort.is_synthetic and read_cohort(tmp_path / "out").arrays("image").shape == (2, 5, 164, 164)
    assert cohort.cases[0].numbers["brain_ratio"] > 1 and np.isfinite(cohort.arrays("image")).all()
