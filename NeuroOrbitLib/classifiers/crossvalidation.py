"""Repeated cross-validation by patient: every estimator is fitted on some patients and judged on the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.calibrated import cross_fitted_temperature
from NeuroOrbitLib.classifiers.cohort import Cohort, read_cohort
from NeuroOrbitLib.classifiers.task import Estimator
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import check_plan, read_result, result_path, run_tasks
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.folds import check_no_leak, patient_folds


@dataclass(frozen=True)
class Fold:
    """One training of a repeated cross-validation.

    :param repeat: number of the repeat, from 1.
    :param number: number of the fold, from 1.
    :param train: positions of the cases to learn from.
    :param held_out: positions of the cases to judge on.
    :param seed: seed of the training's randomness.
    """

    repeat: int
    number: int
    train: tuple[int, ...]
    held_out: tuple[int, ...]
    seed: int

    @property
    def name(self) -> str:
        """Return the name of its folder."""
        return f"repeat-{self.repeat}/fold-{self.number}"


#: Trains and judges one fold in its own folder; must be importable by workers and return plain data. After an
#: interruption it is called again and continues from the files that it left there.
FoldJob = Callable[[Fold, Path, Progress], dict[str, Any]]


@dataclass(frozen=True)
class Plan:
    """The design of a cross-validation.

    :param folds: number of folds in every repeat.
    :param repeats: number of repeats; each assigns the patients to folds again.
    :param seed: seed of the assignment to folds and of every training.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param permutation: seed for permuting labels among patients, to show the result of chance; None for true labels.
    :param by_patient: False allows cases of one patient in both parts of a split, to show the effect of that leak.
    """

    folds: int = 5
    repeats: int = 1
    seed: int = 0
    scheduler: str | None = None
    permutation: int | None = None
    by_patient: bool = True

    def dealt(self, cohort: Cohort) -> list[Fold]:
        """Return the folds of every repeat of a cohort, whose labels are already permuted if they are to be."""
        return repeated_folds(cohort.patients, cohort.labels.tolist(), self.folds, self.repeats, self.seed,
                              self.by_patient)


def crossvalidate(cohort: Cohort, estimator: Estimator, folder: Path, plan: Plan, positive: int = 1,
                  progress: Progress = silent) -> tuple[list[Predictions], list[dict[str, Any]]]:
    """Return out-of-fold predictions of every repeat, and the record of each fold.

    The predictions of each fold are calibrated by the temperature fitted to those of the other folds.

    :param cohort: cases to learn from and to judge on, with their true labels.
    :param estimator: estimator to fit in each fold.
    :param folder: folder of the trainings; folds that are finished there are not computed again.
    :param plan: design of the cross-validation.
    :param positive: label of the class whose probability is judged against all others.
    :param progress: receives the fraction done and a message.
    :return: predictions, one entry for each repeat, and the results of the folds in the order of
        :meth:`Plan.dealt`, each with its ``repeat`` and ``fold``.
    :raises Problem: when the folder holds another cross-validation, e.g. one with other folds.
    """
    judged = cohort.permuted(plan.permutation)
    folds = plan.dealt(judged)
    what = described(judged, estimator, plan)
    check_plan(folder, what)
    _refuse_other_folds(folder, folds)
    job = partial(fit_fold, cohort=str(cohort.folder.resolve()), estimator=estimator, permutation=plan.permutation)
    results = run_folds(job, folds, folder, what, plan.scheduler, progress)
    repeats = [gathered(judged, folds, results, number, positive) for number in range(1, plan.repeats + 1)]
    recorded = [{"repeat": fold.repeat, "fold": fold.number, **result}
                for fold, result in zip(folds, results, strict=True)]
    return [cross_fitted_temperature(repeat) for repeat in repeats], recorded


def described(cohort: Cohort, estimator: Estimator, plan: Plan) -> dict[str, Any]:
    """Return what identifies the trainings of a folder, without the number of repeats, as repeats can be added."""
    return {"config": estimator.settings(), "cases": cohort.fingerprint(), "labels": cohort.labels.tolist(),
            "by_patient": plan.by_patient}


def _refuse_other_folds(folder: Path, folds: Sequence[Fold]) -> None:
    """Refuse a folder with results of other folds, which the plan of a folder does not always reveal.

    :raises Problem: when a finished fold has other held-out cases, which other trainings have learned from.
    """
    for fold in folds:
        if result_path(folder, fold.name).exists() and (
                read_result(folder, fold.name)["held_out"] != list(fold.held_out)):
            raise Problem(f"{folder} holds results of other folds: their number or the seed has been changed. Choose "
                          "another folder, or remove it.")


def fit_fold(fold: Fold, folder: Path, progress: Progress = silent, *, cohort: str, estimator: Estimator,
             permutation: int | None = None) -> dict[str, Any]:
    """Return a fold's predictions after fitting on its training patients, as plain data that a cluster can return."""
    data = read_cohort(cohort).permuted(permutation)
    predictor = estimator.fit(data, fold.train, folder, fold.seed, progress)
    found = predictor.probabilities(data, fold.held_out)
    record = getattr(predictor, "record", None)
    return {"held_out": list(fold.held_out), "probabilities": np.asarray(found).tolist(),
            **(record() if record is not None else {})}


def gathered(cohort: Cohort, folds: Sequence[Fold], results: Sequence[Mapping[str, Any]], repeat: int,
             positive: int = 1) -> Predictions:
    """Return the out-of-fold predictions of one repeat: the positive class against the rest."""
    probabilities, places = np.full(len(cohort), np.nan), np.zeros(len(cohort), dtype=int)
    for fold, result in zip(folds, results, strict=True):
        if fold.repeat == repeat:
            probabilities[result["held_out"]] = positive_column(result["probabilities"], positive)
            places[result["held_out"]] = fold.number
    return Predictions.of(cohort.names, cohort.patients, (cohort.labels == positive).astype(int), probabilities, places)


def positive_column(probabilities: Sequence[Any], positive: int = 1) -> np.ndarray:
    """Return the probability of one class, (cases,), from an array (cases, classes) or from one that is (cases,)."""
    values = np.asarray(probabilities, dtype=float)
    return values if values.ndim == 1 else values[:, positive]


def repeated_folds(patients: Sequence[str], labels: Sequence[int], folds: int, repeats: int, seed: int = 0,
                   by_patient: bool = True) -> list[Fold]:
    """Return the folds of every repeat; each repeat assigns the patients to folds again.

    :param patients: patient of each case.
    :param labels: class of each case, by which folds are stratified.
    :param folds: number of folds in every repeat.
    :param repeats: number of repeats.
    :param seed: seed of the assignment and, combined with repeat and fold, of every training.
    :param by_patient: False splits cases as if each were a separate patient. That leaks; it exists only to show how
        much.
    """
    groups = list(patients) if by_patient else [str(place) for place in range(len(patients))]
    found = []
    for repeat in range(1, repeats + 1):
        splits = patient_folds(groups, folds, seed + repeat - 1, labels)
        for number, split in enumerate(splits, start=1):
            check_no_leak([groups[i] for i in split.train], [groups[i] for i in split.held_out])
            found.append(Fold(repeat, number, split.train, split.held_out, 1000 * (seed + repeat) + number))
    return found


def run_folds(job: FoldJob, folds: Sequence[Fold], folder: Path, plan: Mapping[str, Any],
              scheduler: str | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Run every unfinished fold and return the results of all, in the order of ``folds``.

    :param job: trains and judges one fold.
    :param folds: folds to run.
    :param folder: folder with one subfolder for each fold, see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param plan: plain data that describes the computation; a folder with another plan is refused.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the folder holds another cross-validation, or the scheduler cannot be reached.
    """
    return run_tasks(job, {fold.name: fold for fold in folds}, folder, plan, scheduler, progress)
