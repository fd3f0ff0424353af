"""What every estimator of the shared floor promises: it learns inside the fold only, and says what it selected."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase, read_cohort, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan, crossvalidate
from NeuroOrbitLib.classifiers.judging import judge_by_crossvalidation, judge_by_split, out_of_fold
from NeuroOrbitLib.classifiers.leak_check import looks_at_held_out_cases
from NeuroOrbitLib.classifiers.selectors import LassoSelection, penalty_path, weights_under
from NeuroOrbitLib.classifiers.tabular import LEARNERS, TabularEstimator
from NeuroOrbitLib.classifiers.task import ClassWords, Sample, Task
from NeuroOrbitLib.classifiers.training_config import changed, config_from_dict
from NeuroOrbitLib.evaluation.classification.evaluation import measures_table
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs import tasks
from NeuroOrbitLib.jobs.tasks import check_plan
from NeuroOrbitLib.problem import Problem

TASK = Task("test", "Test", (ClassWords("no", "no response"), ClassWords("yes", "response", ("responder",))))
SELECTION = {"difference": {"p": 0.05}, "lasso": {"largest": 5, "folds": 3}}


def cohort_of(values: np.ndarray, labels: np.ndarray, folder: Path = Path(".")) -> Cohort:
    """A cohort of numbers without images; two cases of each patient share a label."""
    cases = tuple(CohortCase(f"case {place}", f"patient {place // 2}", int(label),
                             {f"f{number}": float(value) for number, value in enumerate(row)})
                  for place, (row, label) in enumerate(zip(values, labels, strict=True)))
    return Cohort(folder, cases, {"arrays": False})


@pytest.fixture
def informative() -> Cohort:
    """60 cases; of 12 numbers the fourth tells the class, and some are missing."""
    rng = np.random.default_rng(3)
    labels = np.repeat(rng.permutation(np.repeat([0, 1], 15)), 2)
    values = rng.normal(size=(60, 12))
    values[:, 3] += 2.5 * labels
    values[::7, 5] = np.nan
    return cohort_of(values, labels)


@pytest.mark.parametrize("learner", LEARNERS)
def test_a_number_that_tells_the_class_is_selected_and_used(informative, learner, tmp_path):
    estimator = TabularEstimator("all", tuple(informative.columns), learner, SELECTION)
    fitted = estimator.fit(informative, range(40))
    assert "f3" in fitted.selected and len(fitted.selected) <= 5
    found = fitted.probabilities(informative, range(40, 60))
    assert found.shape == (20, 2) and np.allclose(found.sum(axis=1), 1)
    assert area_under_curve(informative.labels[40:], found[:, 1]) > 0.85
    assert not looks_at_held_out_cases(estimator, informative, range(40), tmp_path)


def test_the_leak_check_sees_an_estimator_that_scales_over_the_whole_cohort(informative, tmp_path):
    class Peeking(TabularEstimator):
        def fit(self, cohort, places, folder=None, seed=0, progress=None):
            everyone = cohort.numbers(self.columns)
            kept = np.argsort(-np.abs(np.nanmean(everyone[cohort.labels == 1], axis=0)))[:3]
            return TabularEstimator("kept", tuple(self.columns[place] for place in kept)).fit(cohort, places)

    assert looks_at_held_out_cases(Peeking("peeking", tuple(informative.columns)), informative, range(40), tmp_path)


def test_noise_is_not_learned_unless_features_are_selected_outside_of_the_folds():
    """The trap of small cohorts: 60 patients, 300 features of pure noise, the best of them selected."""
    inside, outside = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = rng.permutation(np.repeat([0, 1], 30))
        values = rng.normal(size=(60, 300))
        names = [str(number) for number in range(300)]
        cases = tuple(CohortCase(f"c{place}", f"p{place}", int(label), dict(zip(names, row, strict=True)))
                      for place, (row, label) in enumerate(zip(values, labels, strict=True)))
        cohort, plan = Cohort(Path("."), cases, {}), Plan(folds=5, seed=seed)
        honest = TabularEstimator("honest", tuple(cohort.columns), selection={"difference": {"p": 0.01}})
        inside.append(out_of_fold(cohort, honest, Path("."), plan))
        peeked = honest.fit(cohort, range(60)).selected
        outside.append(out_of_fold(cohort, TabularEstimator("peeked", peeked), Path("."), plan))
    reached = [np.mean([area_under_curve(each.labels, each.probabilities) for each in found])
               for found in (inside, outside)]
    assert abs(reached[0] - 0.5) < 0.03, reached
    assert reached[1] > 0.7, reached


def test_lasso_keeps_at_most_the_stated_number_and_never_nothing():
    rng = np.random.default_rng(0)
    values, labels = rng.normal(size=(50, 30)), np.repeat([0, 1], 25)
    assert LassoSelection(largest=10).fit(values, labels).get_support().sum() >= 1
    values[:, :20] += labels[:, None]
    assert LassoSelection(largest=4, rule="min").fit(values, labels).get_support().sum() == 4
    first = penalty_path(values, labels)[0]
    assert not weights_under(values, labels, 0.9 * first).any() and weights_under(values, labels, 1.3 * first).any()


def test_three_classes_are_learned_and_one_is_judged_against_the_rest():
    rng = np.random.default_rng(1)
    labels = np.tile([0, 1, 2], 30)
    values = rng.normal(size=(90, 4)) + 2 * np.eye(4)[labels]
    cases = tuple(CohortCase(f"c{n}", f"p{n}", int(label), dict(zip("abcd", row, strict=True)))
                  for n, (row, label) in enumerate(zip(values, labels, strict=True)))
    cohort = Cohort(Path("."), cases, {})
    estimator = TabularEstimator("three", tuple("abcd"), selection={"difference": {}, "lasso": {"folds": 3}})
    assert estimator.fit(cohort, range(60)).probabilities(cohort, range(60, 90)).shape == (30, 3)
    found = out_of_fold(cohort, estimator, Path("."), Plan(folds=3), positive=2)
    assert found.labels.sum() == 30 and area_under_curve(found.labels, found.probabilities) > 0.85


def test_a_cohort_of_numbers_is_crossvalidated_from_its_folder(tmp_path, informative):
    samples = [Sample(case.case, case.patient, case.label, {}, case.numbers) for case in informative.cases]
    written = write_cohort(tmp_path, samples, {"synthetic": True, "arrays": False, "ceiling_auc": 0.97})
    again = read_cohort(tmp_path)
    assert again.names == written.names and np.array_equal(again.labels, informative.labels)
    assert np.array_equal(again.numbers(["f5"]), informative.numbers(["f5"]), equal_nan=True)
    estimator = TabularEstimator("logistic", ("f3", "f5"))
    plan = Plan(folds=3, repeats=2)
    results = judge_by_crossvalidation(TASK, again, estimator, tmp_path / "cv", plan, "Test",
                                       baselines=[TabularEstimator("f1 alone", ("f1",))])
    assert results["synthetic"] and results["measures"]["auc"]["mean"] > 0.85
    assert results["baselines"]["f1 alone"]["auc"]["value"] < 0.75
    repeats, folds = crossvalidate(again, estimator, tmp_path / "cv" / "trainings", plan)
    assert len(repeats) == 2 and all(fold["selected"] == ["f3", "f5"] for fold in folds)
    with pytest.raises(Problem, match="other cases or settings"):
        crossvalidate(again, TabularEstimator("logistic", ("f3",)), tmp_path / "cv" / "trainings", plan)
    with pytest.raises(Problem, match="patients of the cohort have"):
        judge_by_crossvalidation(TASK, again, estimator, tmp_path / "cv2", Plan(folds=20), "Test")


def test_workers_of_a_cluster_find_a_cohort_that_was_named_by_a_relative_path(tmp_path, informative, monkeypatch):
    """They work in a folder of their own, in which "cohorts/tao" is not a prepared cohort."""
    write_cohort(tmp_path / "cohorts" / "tao", informative.cases, {"arrays": False})
    (tmp_path / "worker").mkdir()
    monkeypatch.chdir(tmp_path)

    def submit(function, *arguments):
        monkeypatch.chdir(tmp_path / "worker")
        function(*arguments)
        monkeypatch.chdir(tmp_path)
        return Future()

    @contextlib.contextmanager
    def elsewhere(_scheduler):
        yield submit, lambda _futures: []

    monkeypatch.setattr(tasks, "pool", elsewhere)
    plan = Plan(folds=2, scheduler="tcp://cluster:8786")
    repeats, _folds = crossvalidate(read_cohort("cohorts/tao"), TabularEstimator("own", ("f3",)), Path("cv"), plan)
    assert area_under_curve(repeats[0].labels, repeats[0].probabilities) > 0.8


def test_trainings_on_images_that_were_prepared_again_are_not_taken_over(tmp_path, informative):
    """A FLAIR was exported anew: the lesions, and with them the numbers, stayed, but the network's images did not."""
    for case in informative.cases:
        write_case_arrays(tmp_path / "cohort", case.case, {"image": np.zeros(4, np.uint8)})
    cohort = write_cohort(tmp_path / "cohort", informative.cases, {})
    plan, estimator = Plan(folds=3), TabularEstimator("logistic", ("f3",))
    crossvalidate(cohort, estimator, tmp_path / "cv", plan)
    crossvalidate(cohort, estimator, tmp_path / "cv", plan)
    write_case_arrays(cohort.folder, cohort.names[7], {"image": np.ones(4, np.uint8)})
    with pytest.raises(Problem, match="other cases or settings"):
        crossvalidate(cohort, estimator, tmp_path / "cv", plan)


def test_a_simpler_measure_that_one_case_shows_does_not_cost_the_report(tmp_path, informative):
    """The signal ratio was known of one scan: all trainings ended without a report when that scan was held out."""
    cases = [replace(case, numbers={**case.numbers, "rare": 1.0 if place == 3 else float("nan")})
             for place, case in enumerate(informative.cases)]
    test = [case.case for case in cases[:20]]
    cohort = write_cohort(tmp_path / "cohort", cases, {"arrays": False, "test_cases": test})
    own, rare = TabularEstimator("own", ("f3", "f5")), TabularEstimator("signal ratio", ("rare",))
    for judge, name in ((judge_by_crossvalidation, "cv"), (judge_by_split, "split")):
        found = judge(TASK, cohort, own, tmp_path / name, Plan(folds=3), "Test", baselines=[rare])
        assert found["baselines"] == {} and found["measures"]["auc"]["mean"] > 0.8
        told = "signal ratio is not compared: None of the numbers of signal ratio is known in the cases to learn from"
        assert told in measures_table(found) and told in (tmp_path / name / "report.html").read_text(encoding="utf-8")


def test_words_of_a_table_mean_classes():
    assert [TASK.label_of(word) for word in ("Responder", "yes", " no ", "maybe")] == [1, 1, 0, None]


def test_a_folder_in_which_nothing_was_done_takes_another_plan(tmp_path):
    """A first run that ended with a problem at once must not stand in the way of the corrected one."""
    check_plan(tmp_path / "run", {"profile": "wrong"})
    (tmp_path / "run" / "case").mkdir()
    check_plan(tmp_path / "run", {"profile": "right"})
    (tmp_path / "run" / "case" / "checkpoint.pt").write_bytes(b"half a training")
    check_plan(tmp_path / "run", {"profile": "right"})
    with pytest.raises(Problem, match="other cases or settings"):
        check_plan(tmp_path / "run", {"profile": "wrong"})


def test_a_table_that_was_cut_off_is_told_with_its_line(tmp_path, informative):
    written = write_cohort(tmp_path, informative.cases, {"arrays": False})
    table = written.folder / "cases.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines[:4], lines[4][:len(lines[4]) // 2]]), encoding="utf-8")
    with pytest.raises(Problem, match=r"cases\.csv, line 5 cannot be read \(\d+ cells where the heading has 15\)"):
        read_cohort(tmp_path)


@pytest.mark.parametrize("change", ["numbers", "labels", "facts"])
def test_trainings_of_the_same_cases_with_other_content_are_not_taken_over(tmp_path, informative, change):
    """A table that was corrected and prepared again: the old results are not those of the new cohort."""
    plan, estimator = Plan(folds=3), TabularEstimator("logistic", ("f3", "f5"))
    cohort = write_cohort(tmp_path / "cohort", informative.cases, {"arrays": False})
    crossvalidate(cohort, estimator, tmp_path / "cv", plan)
    cases = list(cohort.cases)
    if change == "numbers":
        cases[0] = replace(cases[0], numbers={**cases[0].numbers, "f3": 9.0})
    if change == "labels":
        cases[:2] = [replace(case, label=1 - case.label) for case in cases[:2]]
    facts = {"arrays": False, **({"profile": "full"} if change == "facts" else {})}
    other = write_cohort(tmp_path / "cohort", cases, facts)
    with pytest.raises(Problem, match="other cases or settings"):
        crossvalidate(other, estimator, tmp_path / "cv", plan)
    assert crossvalidate(write_cohort(tmp_path / "cohort", informative.cases, {"arrays": False}), estimator,
                         tmp_path / "cv", plan)


@pytest.mark.parametrize(("learner", "selection", "needed"), [("svm", {}, 3), ("logistic", {"lasso": {}}, 2)])
def test_a_class_of_too_few_cases_is_told_instead_of_what_a_library_says(informative, learner, selection, needed):
    estimator = TabularEstimator("all", tuple(informative.columns), learner, selection)
    many = np.flatnonzero(informative.labels == 0)[:10].tolist()
    few = np.flatnonzero(informative.labels == 1)[:needed].tolist()
    with pytest.raises(Problem, match=rf"all needs {needed} cases of each class.*Use a larger cohort"):
        estimator.fit(informative, [*many, *few[1:]])
    assert estimator.fit(informative, [*many, *few]).probabilities(informative, few).shape == (needed, 2)


@pytest.mark.parametrize("other", [Plan(folds=4), Plan(folds=2), Plan(folds=3, seed=1)])
def test_results_of_other_folds_are_not_mixed_with_new_ones(tmp_path, informative, other):
    """Settings of a learner on numbers say neither how many folds there are nor who is in them."""
    cohort, estimator = write_cohort(tmp_path / "cohort", informative.cases, {"arrays": False}), (
        TabularEstimator("logistic", ("f3", "f5")))
    crossvalidate(cohort, estimator, tmp_path / "cv", Plan(folds=3))
    with pytest.raises(Problem, match="other folds"):
        crossvalidate(cohort, estimator, tmp_path / "cv", other)
    assert not (tmp_path / "cv" / "repeat-1" / "fold-4").exists()
    assert len(crossvalidate(cohort, estimator, tmp_path / "cv", Plan(folds=3, repeats=2))[0]) == 2


def test_a_number_without_end_is_told_by_its_name(tmp_path, informative):
    cases = [replace(case, numbers={**case.numbers, "f7": float("inf")}) for case in informative.cases]
    write_cohort(tmp_path, cases, {"arrays": False})
    with pytest.raises(Problem, match=r"line 2 cannot be read .*f7.*infinite.*Make the cohort again"):
        read_cohort(tmp_path)


@pytest.mark.parametrize(("change", "said"), [
    ("threshold=0,4", "threshold is a number with a point before its decimals, not '0,4'"),
    ("folds=3.5", "folds is a whole number, not 3.5"), ("seed=true", "seed is a whole number"),
    ("title=2024", "title is a text, not 2024"), ("network_options=5", "network_options is a group of settings"),
    ("schedule=fast", "A schedule is a group of settings, not 'fast'")])
def test_a_setting_of_another_kind_is_named(change, said):
    """--set threshold=0,4 ended in a traceback."""
    plain = {"name": "own", "title": "Own", "network": "clinical", "schedule": None}
    with pytest.raises(Problem, match=said):
        config_from_dict(changed(plain, [change]))
