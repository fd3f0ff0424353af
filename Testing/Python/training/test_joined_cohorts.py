"""Cohorts of several hospitals become one, and refuse to where they do not fit together."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import numpy as np
import pytest

from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase, read_cohort, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.joined_cohorts import JOINED, join_cohorts
from NeuroOrbitLib.classifiers.judging import judge_by_crossvalidation
from NeuroOrbitLib.classifiers.packing import PackageWords, train_package
from NeuroOrbitLib.classifiers.tabular import TabularEstimator
from NeuroOrbitLib.classifiers.task import ClassWords, Task
from NeuroOrbitLib.classifiers.training_config import config_from_dict
from NeuroOrbitLib.evaluation.classification.evaluation import measures_table
from NeuroOrbitLib.problem import Problem


def cohort(folder: Path, count: int = 3, shape: tuple[int, ...] = (2, 2), column: str = "age",
           more: tuple[str, ...] = (), **facts: object) -> Cohort:
    cases = [CohortCase(f"P{number}", f"P{number}", number % 2, {column: float(number)}) for number in range(count)]
    for number, case in enumerate(cases):
        image = np.full(shape, number, np.uint8)
        image[-1, -1] = 100 + crc32(folder.name.encode()) % 100  # no two cohorts hold the same scan
        write_case_arrays(folder, case.case, {name: image for name in ("image", *more)})
    return write_cohort(folder, cases, {"synthetic": True, "patients": count, "region": "both", "seed": count, **facts})


def test_cases_of_all_cohorts_keep_labels_numbers_and_images(tmp_path):
    north, south = cohort(tmp_path / "north", 3, masks="drawn"), cohort(tmp_path / "south", 2, masks="found")
    made = join_cohorts([north.folder, south.folder], tmp_path / "both", ("masks",))
    found = read_cohort(tmp_path / "both")
    assert found.names == ["north-P0", "north-P1", "north-P2", "south-P0", "south-P1"] == found.patients
    assert found.labels.tolist() == [0, 1, 0, 0, 1]
    assert found.numbers(["age"])[:, 0].tolist() == [0, 1, 2, 0, 1]
    assert found.arrays("image")[:, 0, 0].tolist() == [0, 1, 2, 0, 1]
    assert found.facts["patients"] == 5 and found.facts["region"] == "both" and found.is_synthetic
    assert found.facts["masks"] == "drawn and found" and "seed" not in found.facts
    assert set(found.facts[JOINED]) == {"north", "south"} and made.facts[JOINED] == found.facts[JOINED]
    again = join_cohorts([north.folder, south.folder], tmp_path / "both", ("masks",))
    assert again.names == found.names


def test_a_cohort_with_patients_makes_the_joined_one_real(tmp_path):
    own = cohort(tmp_path / "own", synthetic=False)
    both = join_cohorts([cohort(tmp_path / "drawn", 5).folder, own.folder], tmp_path / "both")
    assert not both.is_synthetic and both.synthetic_cases == 5
    third = cohort(tmp_path / "third", 2, synthetic=False)
    assert join_cohorts([both.folder, third.folder], tmp_path / "all").synthetic_cases == 5
    assert join_cohorts([own.folder, third.folder], tmp_path / "real").synthetic_cases == 0


def test_what_was_learned_and_judged_on_drawings_among_patients_is_said(tmp_path):
    own = cohort(tmp_path / "own", 20, synthetic=False)
    both = join_cohorts([cohort(tmp_path / "drawn", 20).folder, own.folder], tmp_path / "both")
    task = Task("test", "Test", (ClassWords("no", "no"), ClassWords("yes", "yes")))
    plan, estimator = Plan(2), TabularEstimator("age", ("age",))
    results = judge_by_crossvalidation(task, both, estimator, tmp_path / "cv", plan, "Test")
    told = "20 of these 40 cases are synthetic"
    assert told in measures_table(results) and told in (tmp_path / "cv" / "report.html").read_text(encoding="utf-8")
    config = config_from_dict({"name": "x", "title": "X", "network": "n", "schedule": None, "folds": 2, "repeats": 1})
    package = train_package(task, both, estimator, config, PackageWords("1", "MR", "", {}, "yes"), tmp_path / "model",
                            tmp_path / "cv")
    assert package.document("evaluation")["synthetic_cases"] == 20
    assert package.training_data.endswith("20 yes, 20 of the scans synthetic")


def test_only_the_images_that_all_have_are_kept(tmp_path):
    folders = [cohort(tmp_path / "found", more=("flair",)).folder, cohort(tmp_path / "drawn").folder]
    both = join_cohorts(folders, tmp_path / "both")
    assert both.arrays("image")[:, 0, 0].tolist() == [0, 1, 2, 0, 1, 2]
    with pytest.raises(Problem, match="has no flair"):
        both.array("flair", 0)


@pytest.mark.parametrize(("second", "words"), [
    ({"column": "size"}, "other columns or images"),
    ({"shape": (3, 2)}, "other columns or images"),
    ({"region": "right"}, "region is both in first, right in second"),
    ({"columns": [{"name": "age", "title": "Age", "unit": "months"}]}, "different lists of features"),
])
def test_cohorts_that_do_not_fit_together_are_refused(tmp_path, second, words):
    folders = [cohort(tmp_path / "first").folder, cohort(tmp_path / "second", **second).folder]
    with pytest.raises(Problem, match=words):
        join_cohorts(folders, tmp_path / "both")
    assert not (tmp_path / "both").exists()


def test_names_and_folders_must_be_clear(tmp_path):
    first, other = cohort(tmp_path / "a" / "site"), cohort(tmp_path / "b" / "site")
    with pytest.raises(Problem, match="different names"):
        join_cohorts([first.folder, other.folder], tmp_path / "both")
    second = cohort(tmp_path / "second")
    with pytest.raises(Problem, match="folder of its own"):
        join_cohorts([first.folder, second.folder], second.folder)
    with pytest.raises(Problem, match="another cohort"):
        join_cohorts([first.folder, second.folder], cohort(tmp_path / "third").folder)


def with_case(folder: Path, name: str, value: int) -> Path:
    """A cohort of one case whose image has one value."""
    write_case_arrays(folder, name, {"image": np.full((2, 2), value, np.uint8)})
    write_cohort(folder, [CohortCase(name, name, 0, {"age": 1.0})], {"synthetic": False, "table": f"{folder.name}.csv"})
    return folder


def test_tables_of_hospitals_may_be_called_otherwise(tmp_path):
    made = join_cohorts([with_case(tmp_path / "north", "P", 1), with_case(tmp_path / "south", "P", 2)], tmp_path / "o")
    assert made.facts["table"] == "north.csv and south.csv"


def test_cases_whose_names_would_be_the_same_do_not_replace_each_other(tmp_path):
    """a + b-P and a-b + P: the second image was written over the first, and both rows were about it."""
    folders = [with_case(tmp_path / "a", "b-P", 1), with_case(tmp_path / "a-b", "P", 2)]
    with pytest.raises(Problem, match="would have the same name, a-b-P"):
        join_cohorts(folders, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_scan_that_is_in_two_cohorts_is_refused(tmp_path):
    """Under two names it would be learned from and judged on."""
    folders = [with_case(tmp_path / "north", "P", 1), with_case(tmp_path / "south", "Q", 1)]
    with pytest.raises(Problem, match="north-P and south-Q are the same scan"):
        join_cohorts(folders, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_joins(tmp_path, capsys):
    from NeuroDifferentialLib.__main__ import main

    folders = [str(cohort(tmp_path / name).folder) for name in ("north", "south")]
    assert main(["cohort", "--join", *folders, "-o", str(tmp_path / "both")]) == 0
    assert "6 cases of 6 patients, 2 of them positive" in capsys.readouterr().out
    assert len(read_cohort(tmp_path / "both")) == 6


def test_cohorts_and_a_table_at_once_are_refused(tmp_path, capsys):
    """The table was left out without a word."""
    from NeuroDifferentialLib.__main__ import main

    with pytest.raises(SystemExit):
        main(["cohort", "--join", str(tmp_path / "a"), str(tmp_path / "b"), "--table", "mine.csv", "-o", str(tmp_path)])
    assert "not allowed with argument" in capsys.readouterr().err
