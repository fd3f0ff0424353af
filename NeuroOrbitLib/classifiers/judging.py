"""Judging classifiers: by cross-validation, or a finished model on a cohort that it has not learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan, crossvalidate, described, gathered
from NeuroOrbitLib.classifiers.learned_cases import FACT, learned_cases
from NeuroOrbitLib.classifiers.task import Estimator, Predictor, Task
from NeuroOrbitLib.classifiers.task_module import TaskModule
from NeuroOrbitLib.evaluation.classification.calibration import with_temperature
from NeuroOrbitLib.evaluation.classification.evaluation import NOT_COMPARED, EvaluationSettings
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.report import write_classifier_report
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.evaluation.classification.stability import selection_stability
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import check_plan
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.folds import check_no_leak


def judge_by_crossvalidation(task: Task, cohort: Cohort, estimator: Estimator, folder: Path, plan: Plan, title: str,
                             threshold: float = 0.5, baselines: Sequence[Estimator] = (),
                             progress: Progress = silent) -> dict[str, Any]:
    """Cross-validate an estimator and write the report into ``folder``; finished folds are not computed again.

    :param task: task of the cohort.
    :param cohort: cases to learn from and to judge on.
    :param estimator: estimator to judge.
    :param folder: folder of the report and of the trainings.
    :param plan: design of the cross-validation.
    :param title: title of the report, to which permuted labels and leaking patients are added.
    :param threshold: probability from which on a case counts as positive.
    :param baselines: simpler estimators, fitted on the folds of the first repeat; left out with permuted labels.
    :param progress: receives the fraction done and a message.
    :return: content of ``evaluation.json``.
    :raises Problem: when a class has fewer patients than there are folds.
    """
    check_classes(task, cohort, plan.folds)
    repeats, folds = crossvalidate(cohort, estimator, folder / "trainings", plan, task.positive, progress=progress)
    simpler, left_out = _of_simpler(() if plan.permutation is not None else baselines, lambda baseline: out_of_fold(
        cohort, baseline, folder / "baselines" / baseline.name, plan, task.positive))
    curves = {f"repeat {fold['repeat']}, fold {fold['fold']}": tuple(fold["loss"]) for fold in folds if "loss" in fold}
    facts = {**known_facts(cohort, plan.permutation is not None), "patients_leak": not plan.by_patient,
             "selection": selection_stability(folds), **left_out}
    return write_classifier_report(folder, _title(title, plan), repeats, EvaluationSettings(threshold), simpler or None,
                                   curves or None, facts)


def judge_by_split(task: Task, cohort: Cohort, estimator: Estimator, folder: Path, plan: Plan, title: str,
                   threshold: float = 0.5, baselines: Sequence[Estimator] = (),
                   progress: Progress = silent) -> dict[str, Any]:
    """Train on a cohort's training part, judge on its test part and write the report into ``folder``.

    The threshold is given by the configuration; nothing is chosen on the test part. The test part is given by the
    cohort's fact ``test_cases``: names of cases, whose patients have no other case.

    :param plan: only its seed and its permutation of labels are used.
    :return: content of ``evaluation.json``; ``training_auc`` is the AUC on the training cases.
    :raises Problem: when the cohort has no test part, or a patient is in both parts.
    """
    judged = cohort.permuted(plan.permutation)
    train, test = split_places(judged)
    check_plan(folder, {**described(judged, estimator, plan), "test": test})
    predictor = estimator.fit(judged, train, folder / "training", plan.seed, progress)
    found = _predicted(task, judged, predictor, test)
    own = _predicted(task, judged, predictor, train)
    simpler, left_out = _of_simpler(baselines, lambda each: _predicted(
        task, judged, each.fit(judged, train, folder / "baselines" / each.name, plan.seed), test))
    facts = {**known_facts(cohort, plan.permutation is not None), "training_cases": len(train),
             "training_auc": area_under_curve(own.labels, own.probabilities), **left_out}
    return write_classifier_report(folder, _title(f"{title}: one split", plan), [found], EvaluationSettings(threshold),
                                   simpler or None, facts=facts)


def _of_simpler(baselines: Sequence[Estimator], predicted: Callable[[Estimator], Predictions]) -> tuple[
        dict[str, Predictions], dict[str, dict[str, str]]]:
    """Return the predictions of simpler estimators by name, and a fact with the reasons of those that cannot learn.

    A measure that few scans show must not cost the report on the estimator itself.
    """
    found, reasons = {}, {}
    for baseline in baselines:
        try:
            found[baseline.name] = predicted(baseline)
        except Problem as problem:
            reasons[baseline.name] = str(problem)
    return found, {NOT_COMPARED: reasons} if reasons else {}


def split_places(cohort: Cohort) -> tuple[list[int], list[int]]:
    """Return the positions of a cohort's training and test cases.

    :raises Problem: when the cohort has no test part, or a patient is in both parts.
    """
    names = set(cohort.facts.get("test_cases") or ())
    places = ([place for place, name in enumerate(cohort.names) if (name in names) == held] for held in (False, True))
    train, test = places
    if not train or not test:
        raise Problem(f"The cohort {cohort.folder} has no training and test part. Use folds instead of a split.")
    patients = np.array(cohort.patients)
    check_no_leak(patients[train].tolist(), patients[test].tolist())
    return train, test


def _predicted(task: Task, cohort: Cohort, predictor: Predictor, places: Sequence[int]) -> Predictions:
    truth = (cohort.labels[list(places)] == task.positive).astype(int)
    probabilities = predictor.probabilities(cohort, places)[:, task.positive]
    return Predictions.of([cohort.names[place] for place in places], [cohort.patients[place] for place in places],
                          truth, probabilities)


def out_of_fold(cohort: Cohort, estimator: Estimator, folder: Path, plan: Plan, positive: int = 1) -> Predictions:
    """Return out-of-fold predictions of one repeat, computed in this process; meant for estimators that are fast."""
    judged = cohort.permuted(plan.permutation)
    folds = replace(plan, repeats=1).dealt(judged)
    results = []
    for fold in folds:
        predictor = estimator.fit(judged, fold.train, folder / fold.name, fold.seed)
        results.append({"held_out": list(fold.held_out),
                        "probabilities": predictor.probabilities(judged, fold.held_out)})
    return gathered(judged, folds, results, 1, positive)


def judge_predictor(task: Task, cohort: Cohort, predictor: Predictor, folder: Path, title: str, threshold: float,
                    temperature: float | None = None, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Judge a finished model on every case of a cohort and write the report into ``folder``.

    :param task: task of the cohort.
    :param cohort: cases to judge on.
    :param predictor: trained model.
    :param folder: folder of the report.
    :param title: title of the report.
    :param threshold: probability from which on a case counts as positive.
    :param temperature: temperature of the model's calibration; None if it is not calibrated.
    :param facts: further facts for the report.
    :return: content of ``evaluation.json``.
    """
    raw = predictor.probabilities(cohort, range(len(cohort)))[:, task.positive]
    probabilities = raw if temperature is None else with_temperature(raw, float(temperature))
    truth = (cohort.labels == task.positive).astype(int)
    found = Predictions.of(cohort.names, cohort.patients, truth, probabilities)
    known = {**known_facts(cohort), "calibrated": temperature is not None, **(facts or {})}
    return write_classifier_report(folder, title, [found], EvaluationSettings(threshold), facts=known)


def judge_package(module: TaskModule, package: ModelPackage, cohort: Cohort, folder: Path,
                  device: str = "cpu") -> dict[str, Any]:
    """Judge a model package on every case of a cohort and write the report into ``folder``.

    :param module: task module that the package belongs to.
    :param package: model to judge.
    :param cohort: cases to judge on.
    :param folder: folder of the report.
    :param device: device that computes, "cpu" or "cuda".
    :return: content of ``evaluation.json``; ``novelty`` states how unusual the cases are for the model,
        ``learned_cases`` how many it was trained on (None if it does not state them); the report warns of such cases.
    :raises Problem: when the cohort was prepared differently from the package's training.
    """
    module.check_fit(package, cohort)
    scores = module.novelty_scores(package, cohort, device)
    novelty = None if scores is None else {
        "median": float(np.median([each.score for each in scores])),
        "unusual_share": float(np.mean([each.is_unusual for each in scores]))}
    facts = {"model": package.name, "sha256": package.sha256, "novelty": novelty,
             FACT: learned_cases(package, cohort) if cohort.has_images else None}
    return judge_predictor(module.TASK, cohort, module.predictor_of(package, device), folder,
                           f"{package.title}: {cohort.folder.name}", float(package.facts.settings["threshold"]),
                           package.facts.calibration.get("temperature"), facts)


def check_classes(task: Task, cohort: Cohort, folds: int) -> None:
    """Refuse a cohort in which a class has fewer patients than there are folds.

    :raises Problem: naming the class.
    """
    patients = np.array(cohort.patients)
    for label, words in enumerate(task.classes):
        count = len(set(patients[cohort.labels == label]))
        if count < folds:
            raise Problem(f"{count} patients of the cohort have {words.name}; {folds} folds need {folds} of each "
                          "class at least. Use fewer folds or a larger cohort.")


def known_facts(cohort: Cohort, permuted: bool = False) -> dict[str, Any]:
    """Return the facts of a cohort; ceilings are left out for permuted labels, as they refer to the true labels."""
    known = {name: value for name, value in cohort.facts.items() if not (permuted and name.startswith("ceiling"))}
    return {**known, "labels_permuted": permuted}


def _title(title: str, plan: Plan) -> str:
    if plan.permutation is not None:
        return f"{title}: labels permuted"
    return title if plan.by_patient else f"{title}: patients leak between folds"
