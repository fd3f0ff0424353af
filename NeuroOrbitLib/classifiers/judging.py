"""Judging classifiers: by cross-validation, or a finished model on a cohort that it has not learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan, crossvalidate, gathered
from NeuroOrbitLib.classifiers.task import Estimator, Predictor, Task
from NeuroOrbitLib.classifiers.task_module import TaskModule
from NeuroOrbitLib.evaluation.classification.calibration import with_temperature
from NeuroOrbitLib.evaluation.classification.evaluation import EvaluationSettings
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.report import write_classifier_report
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem


def judge_by_crossvalidation(task: Task, cohort: Cohort, estimator: Estimator, folder: Path, plan: Plan, title: str,
                             threshold: float = 0.5, baselines: Sequence[Estimator] = (),
                             progress: Progress = silent) -> dict[str, Any]:
    """Cross-validate an estimator and write the report into ``folder``; what is done there is not done again.

    :param title: of the report; permuted labels and leaking patients are added to it.
    :param threshold: probability from which on a case is called positive.
    :param baselines: simpler estimators, fitted on the first repeat's folds; left out with permuted labels.
    :return: what is in ``evaluation.json``.
    :raises Problem: when a class has fewer patients than there are folds.
    """
    check_classes(task, cohort, plan.folds)
    repeats, folds = crossvalidate(cohort, estimator, folder / "trainings", plan, task.positive, progress=progress)
    simpler = {} if plan.permutation is not None else {
        baseline.name: out_of_fold(cohort, baseline, folder / "baselines" / baseline.name, plan, task.positive)
        for baseline in baselines}
    curves = {f"repeat {fold['repeat']}, fold {fold['fold']}": tuple(fold["loss"]) for fold in folds if "loss" in fold}
    facts = {**known_facts(cohort, plan.permutation is not None), "patients_leak": not plan.by_patient}
    return write_classifier_report(folder, _title(title, plan), repeats, EvaluationSettings(threshold), simpler or None,
                                   curves or None, facts)


def out_of_fold(cohort: Cohort, estimator: Estimator, folder: Path, plan: Plan, positive: int = 1) -> Predictions:
    """Return out-of-fold predictions of one repeat, computed in this process; for estimators that take seconds."""
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

    :param temperature: the model is calibrated with; None for none.
    :param facts: what else is to stand in the report.
    :return: what is in ``evaluation.json``.
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

    :return: what is in ``evaluation.json``; ``novelty`` tells how usual the model finds the cases.
    :raises Problem: when the cohort shows something else than the package has learned from.
    """
    module.check_fit(package, cohort)
    scores = module.novelty_scores(package, cohort, device)
    novelty = None if scores is None else {
        "median": float(np.median([each.score for each in scores])),
        "unusual_share": float(np.mean([each.is_unusual for each in scores]))}
    facts = {"model": package.name, "sha256": package.sha256, "novelty": novelty}
    return judge_predictor(module.TASK, cohort, module.predictor_of(package, device), folder,
                           f"{package.title}: {cohort.folder.name}", float(package.facts.settings["threshold"]),
                           package.facts.calibration.get("temperature"), facts)


def check_classes(task: Task, cohort: Cohort, folds: int) -> None:
    """Make sure that every class has a patient for every fold.

    :raises Problem: naming the class that has not.
    """
    patients = np.array(cohort.patients)
    for label, words in enumerate(task.classes):
        count = len(set(patients[cohort.labels == label]))
        if count < folds:
            raise Problem(f"{count} patients of the cohort have {words.name}; {folds} folds need {folds} of each "
                          "class at least. Use fewer folds or a larger cohort.")


def known_facts(cohort: Cohort, permuted: bool = False) -> dict[str, Any]:
    """Return what is known about a cohort; a ceiling is left out for permuted labels, since it is of the true ones."""
    known = {name: value for name, value in cohort.facts.items() if not (permuted and name.startswith("ceiling"))}
    return {**known, "labels_permuted": permuted}


def _title(title: str, plan: Plan) -> str:
    if plan.permutation is not None:
        return f"{title}: labels permuted"
    return title if plan.by_patient else f"{title}: patients leak between folds"
