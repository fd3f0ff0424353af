"""Tables of one's own: what is prepared again when a file or a number of a row has changed, and what is not."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase, write_case_arrays
from NeuroOrbitLib.classifiers.cohort_table import TableReader, import_cohort
from NeuroOrbitLib.classifiers.commands.cohort import CohortCommand
from NeuroOrbitLib.classifiers.row_notices import NOTICES
from NeuroOrbitLib.problem import Problem

READER = TableReader(2, "yes and of no", ("patient", "image", "label"), "patient, image and label",
                     lambda cells: (int(cells["label"]), {"score": float(cells["score"]), "size": float("nan")}))


def prepared(row, folder, progress=None, *, cohort, asked):
    """What a task does with a row: keep an array, return what was measured, the row's own score among it."""
    asked.append(row.case)
    write_case_arrays(cohort, row.case, {"image": np.frombuffer(row.image.read_bytes(), np.uint8)})
    size = len(row.image.read_bytes()) + (len(row.segmentation.read_bytes()) if row.segmentation else 0)
    return {"score": row.numbers["score"], "size": float(size)}


@pytest.fixture
def made(tmp_path):
    """A function that imports a table of two rows and returns the cohort and the rows that were prepared."""
    for name, content in (("a.nii", b"1234"), ("b.nii", b"5678"), ("a_labels.nii", b"0110")):
        (tmp_path / name).write_bytes(content)

    def run(score: str = "1") -> tuple[Cohort, list[str]]:
        (tmp_path / "cohort.csv").write_text(
            f"patient,image,label,labels,score\nA,a.nii,1,a_labels.nii,{score}\nB,b.nii,0,,2\n", encoding="utf-8")
        asked: list[str] = []
        cohort, problems, _notices = import_cohort(READER, tmp_path / "cohort.csv", tmp_path / "out",
                                         lambda rows: partial(prepared, asked=asked), {})
        assert not problems
        return cohort, asked

    return run


def changed(path: Path, content: bytes) -> None:
    """Write other content, a second later at the least, as a correction is."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before + 10**9, before + 10**9))


@pytest.mark.parametrize("name", ["a.nii", "a_labels.nii"])
def test_a_scan_or_segmentation_that_was_corrected_is_prepared_again(made, tmp_path, name):
    assert made()[1] == ["A_a", "B_b"] and made()[1] == []
    changed(tmp_path / name, b"123456")
    cohort, asked = made()
    assert asked == ["A_a"] and cohort.numbers(["size"])[:, 0].tolist() == [10.0, 4.0]
    assert cohort.columns == ["score", "size"]


def test_a_table_that_has_changed_is_read_again_and_only_new_scans_are_prepared(tmp_path, monkeypatch):
    """A class that was corrected, or one more patient, cost the segmentation of every scan: the folder was refused."""
    for name in "abcd":
        (tmp_path / f"{name}.nii").write_bytes(name.encode())

    def run(*rows: str, table: Path = tmp_path / "cohort.csv") -> tuple[Cohort, list[str]]:
        table.write_text("\n".join(["patient,case,image,label,score", *rows]), encoding="utf-8")
        asked: list[str] = []
        return import_cohort(READER, table, tmp_path / "out", lambda _rows: partial(prepared, asked=asked), {},
                             more_on=lambda rows: [row.case for row in rows[:1]])[0], asked

    first, second, third = "A,a,a.nii,1,1", "B,b,b.nii,0,1", "C,c,c.nii,0,1"
    assert run(first, second)[1] == ["a", "b"]
    cohort, asked = run(first, second.replace(",0,", ",1,"), third)
    assert asked == ["c"] and cohort.labels.tolist() == [1, 1, 0]
    cohort, asked = run(first, third.replace("C,", "Cid,"))
    assert asked == [] and cohort.patients == ["A", "Cid"]
    monkeypatch.chdir(tmp_path)
    assert run(first, third, table=Path("cohort.csv"))[1] == [], "the same table by a relative path"
    cohort, asked = run(first, third.replace("c.nii", "d.nii"))
    assert asked == ["c"] and bytes(cohort.array("image", 1)) == b"d"
    assert run(third, first)[1] == ["c", "a"], "c has another image; more is done on the first row than on the others"


def test_a_scan_that_was_damaged_for_a_while_is_used_again_once_it_is_mended(tmp_path):
    """Its arrays of before were still there: the row stayed left out, with a message that was no longer true."""
    for name, content in (("a", b"1234"), ("b", b"5678"), ("c", b"9012")):
        (tmp_path / f"{name}.nii").write_bytes(content)
    (tmp_path / "cohort.csv").write_text("patient,image,label,score\nA,a.nii,1,1\nB,b.nii,0,2\nC,c.nii,0,2\n",
                                         encoding="utf-8")

    def problems() -> list[str]:
        return import_cohort(READER, tmp_path / "cohort.csv", tmp_path / "out", lambda rows: readable, {})[1]

    assert problems() == []
    changed(tmp_path / "c.nii", b"damaged")
    assert problems() == ["C_c: c.nii cannot be read"]
    changed(tmp_path / "c.nii", b"9012")
    assert problems() == []


def readable(row, folder, progress=None, *, cohort):
    """What a task does with a row whose file must not be damaged."""
    if row.image.read_bytes() == b"damaged":
        raise Problem(f"{row.image.name} cannot be read")
    return prepared(row, folder, cohort=cohort, asked=[])


def test_a_segmentation_whose_values_are_named_otherwise_is_read_again(made, tmp_path):
    """Exchanged names were corrected: what was measured of the wrong structures must not stay."""
    made()
    (tmp_path / "dataset.json").write_text('{"labels": {"right medial rectus": 1}}', encoding="utf-8")
    assert made()[1] == ["A_a"], "row B has no segmentation"
    changed(tmp_path / "dataset.json", b'{"labels": {"left medial rectus": 1}}')
    assert made()[1] == ["A_a"] and made()[1] == []


def test_a_number_that_was_corrected_in_the_table_is_taken_without_preparing_again(made):
    made()
    cohort, asked = made(score="3")
    assert asked == [] and cohort.numbers(["score"])[:, 0].tolist() == [3.0, 2.0]


def test_notices_about_scans_are_told_once_for_all_cases_and_again_when_the_cohort_is_read_anew(tmp_path):
    """Notices, such as that a mask is another patient's, were dropped."""
    for name in "abc":
        (tmp_path / f"{name}.nii").write_bytes(name.encode())
    (tmp_path / "cohort.csv").write_text("patient,image,label,score\nA,a.nii,1,1\nB,b.nii,0,2\nC,c.nii,0,2\n",
                                         encoding="utf-8")
    for _time in range(2):
        cohort, _problems, notices = import_cohort(READER, tmp_path / "cohort.csv", tmp_path / "out",
                                                   lambda rows: noticed, {})
        assert notices == ["A_a, C_c: The slices are thick.", "C_c: The mask is hardly brighter."]
        assert cohort.columns == ["score", "size"]


def noticed(row, folder, progress=None, *, cohort):
    """What a task does with a row, with notices about two of three."""
    said = {"A_a": ["The slices are thick."], "C_c": ["The slices are thick.", "The mask is hardly brighter."]}
    return {**prepared(row, folder, cohort=cohort, asked=[]), NOTICES: said.get(row.case, [])}


def test_one_scan_under_two_names_is_used_once(tmp_path):
    """A copy of a file, given to another patient: that scan would be learned from and judged on."""
    for name, content in (("a", b"1234"), ("b", b"5678"), ("c", b"1234")):
        (tmp_path / f"{name}.nii").write_bytes(content)
    (tmp_path / "cohort.csv").write_text("patient,image,label,score\nA,a.nii,1,1\nB,b.nii,0,2\nC,c.nii,0,2\n",
                                         encoding="utf-8")
    cohort, problems, _notices = import_cohort(READER, tmp_path / "cohort.csv", tmp_path / "out",
                                     lambda rows: partial(prepared, asked=[]), {})
    assert cohort.names == ["A_a", "B_b"] and problems == ["C_c: its scan is that of A_a; keep one of them"]


def test_patients_who_may_be_visits_of_one_are_told_beside_what_was_left_out(capsys, tmp_path):
    cases = tuple(CohortCase(name, name, 0, {}) for name in ("P01_T1", "P01_T2", "P02"))
    command = CohortCommand("", "", 1, lambda parser: None, lambda *_: None,
                            lambda *_: (Cohort(tmp_path, cases, {}), ["line 5: no image"], ["not used: eye"]),
                            lambda cohort: [])
    parser = ArgumentParser()
    command.add_parser(parser.add_subparsers())
    assert command.run(parser.parse_args(["cohort", "--table", "mine.csv", "-o", "made"])) == 0
    left_out, unused, check = capsys.readouterr().err.splitlines()
    assert left_out == "Left out: line 5: no image" and unused == "Check: not used: eye"
    assert check.startswith("Check: P01_T1, P01_T2 count as different")
