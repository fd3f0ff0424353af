"""Features that change when a region is drawn again are left out, inside the fold; choices are made inside it too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase
from NeuroOrbitLib.classifiers.leak_check import looks_at_held_out_cases
from NeuroOrbitLib.classifiers.nested import NestedChoice
from NeuroOrbitLib.classifiers.number_inputs import NumberInput
from NeuroOrbitLib.classifiers.reproducibility import intraclass_correlation, repeat_name, repeated_column
from NeuroOrbitLib.classifiers.selectors import ReproducibilitySelection
from NeuroOrbitLib.classifiers.tabular import TabularEstimator
from NeuroOrbitLib.problem import Problem

SELECTION = {"reproducibility": {"smallest": 0.75}, "difference": {"p": 0.05}}


@pytest.fixture
def cohort() -> Cohort:
    """60 cases of two groups of features; of every third case each feature was measured twice more.

    ``A:steady`` and ``A:shaky`` both tell the class, but only the former comes out the same again; group B is noise.
    """
    rng = np.random.default_rng(5)
    labels = rng.permutation(np.repeat([0, 1], 30))
    cases = []
    for place, label in enumerate(labels):
        numbers = {"A:steady": label * 2.0 + rng.normal(), "A:shaky": label * 2.0 + rng.normal(),
                   "B:noise": rng.normal()}
        spread = {"A:steady": 0.1, "A:shaky": 3.0, "B:noise": 0.1}
        for repeat in (1, 2):
            numbers |= {repeat_name(name, repeat): numbers[name] + rng.normal(0, sd) if place % 3 == 0 else float("nan")
                        for name, sd in spread.items()}
        cases.append(CohortCase(f"c{place}", f"p{place}", int(label), numbers))
    return Cohort(Path("."), tuple(cases), {})


def test_the_published_example_of_the_intraclass_correlation():
    """Shrout and Fleiss 1979, table 2: six targets, four judges; ICC(2,1) = .29."""
    judges = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    assert intraclass_correlation(judges[:, :, None])[0] == pytest.approx(0.2898, abs=1e-4)
    shifted = np.stack([judges[:, 0], judges[:, 0] + 5], axis=1)  # agreement is absolute, not a correlation
    assert intraclass_correlation(shifted[:, :, None])[0] < 0.3
    assert np.isnan(intraclass_correlation(judges[:4, :, None])[0])


def test_only_reproducible_features_reach_the_learner(cohort):
    fitted = TabularEstimator("A", (), selection=SELECTION, beginning="A:").fit(cohort, range(60))
    assert fitted.selected == ("A:steady",) and fitted.columns == ("A:steady",)
    free = TabularEstimator("A", (), selection={"difference": {"p": 0.05}}, beginning="A:").fit(cohort, range(60))
    assert set(free.selected) == {"A:steady", "A:shaky"}
    numbers = NumberInput((), SELECTION, "A:").fit(cohort, range(60))
    assert numbers.columns == ("A:steady",)


def test_later_patients_need_no_repeated_measurement(cohort):
    fitted = TabularEstimator("A", (), selection=SELECTION, beginning="A:").fit(cohort, range(40))
    once = replace(cohort, cases=tuple(
        replace(case, numbers={name: value for name, value in case.numbers.items() if repeated_column(name) is None})
        for case in cohort.cases))
    assert np.array_equal(fitted.probabilities(once, range(40, 60)), fitted.probabilities(cohort, range(40, 60)))


def test_features_that_nobody_measured_again_are_kept():
    step = ReproducibilitySelection.of_columns(["a", "b", "gone@1"]).fit(np.random.default_rng(0).normal(size=(9, 3)))
    assert step.get_support().tolist() == [True, True, False]


def test_the_choice_is_made_inside_the_training_cases(cohort, tmp_path):
    candidates = tuple(TabularEstimator(group, (), beginning=f"{group}:") for group in ("B", "A"))
    choice = NestedChoice("nested", candidates, folds=3)
    found = choice.fit(cohort, range(40), tmp_path / "one")
    assert found.chosen == "A" and found.reached["A"] > 0.85 > found.reached["B"]
    assert found.record()["selected"] == ["A:steady", "A:shaky"]
    alone = choice.fit(replace(cohort, cases=cohort.cases[:40]), range(40), tmp_path / "alone")
    assert alone.reached == found.reached  # the held-out cases take no part in the inner cross-validation
    assert not looks_at_held_out_cases(choice, cohort, range(40), tmp_path / "check")


def test_a_choice_needs_two_patients_of_each_class(cohort, tmp_path):
    few = cohort.with_labels([1] + [0] * 59)
    with pytest.raises(Problem, match="two patients at least"):
        NestedChoice("nested", (TabularEstimator("A", (), beginning="A:"),)).fit(few, range(60), tmp_path)
