"""Choice among estimators inside the training cases, so that the performance of the chosen one is not biased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.crossvalidation import Plan
from NeuroOrbitLib.classifiers.judging import out_of_fold
from NeuroOrbitLib.classifiers.task import Estimator, Predictor
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class NestedChoice:
    """The estimator with the highest AUC in an inner cross-validation of the training cases, fitted on all of them.

    :param name: name in tables and file names.
    :param candidates: estimators to choose among; of equally good ones the first is chosen.
    :param folds: number of folds of the inner cross-validation, by patient; fewer if a class has fewer patients.
    :param positive: label of the class whose AUC decides.
    """

    name: str
    candidates: tuple[Estimator, ...]
    folds: int = 5
    positive: int = 1

    def __post_init__(self) -> None:
        names = [candidate.name for candidate in self.candidates]
        if not names or len(set(names)) < len(names):
            raise Problem("A choice needs candidates, each with a name of its own.")

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted."""
        return {"estimator": "nested choice", "folds": self.folds, "positive": self.positive,
                "candidates": [candidate.settings() for candidate in self.candidates]}

    def fit(self, cohort: Cohort, places: Sequence[int], folder: Path, seed: int = 0,
            progress: Progress = silent) -> ChosenPredictor:
        """Choose an estimator and fit it, using only the cases at ``places``.

        :raises Problem: when a class has fewer than two patients among them.
        """
        training = replace(cohort, cases=tuple(cohort.cases[place] for place in places))
        plan = Plan(self._folds(training), seed=seed)
        reached: dict[str, float] = {}
        for number, candidate in enumerate(self.candidates):
            part(progress, number / len(self.candidates), 1.0)(0.0, f"Judging {candidate.name} inside the training")
            found = out_of_fold(training, candidate, folder / "inner" / candidate.name, plan, self.positive)
            reached[candidate.name] = area_under_curve(found.labels, found.probabilities)
        best = max(self.candidates, key=lambda candidate: reached[candidate.name])
        return ChosenPredictor(best.name, reached, best.fit(cohort, places, folder / "chosen", seed, progress))

    def _folds(self, training: Cohort) -> int:
        patients = np.array(training.patients)
        fewest = min(len(set(patients[training.labels == label])) for label in set(training.labels.tolist()))
        if fewest < 2 or len(set(training.labels.tolist())) < 2:
            raise Problem("To choose among models, each class needs two patients at least among the cases to learn "
                          "from. Use fewer folds or a larger cohort.")
        return min(self.folds, fewest)


@dataclass(frozen=True)
class ChosenPredictor:
    """The chosen estimator, fitted.

    :param chosen: name of the estimator.
    :param reached: AUC of every candidate in the inner cross-validation.
    :param predictor: the trained model.
    """

    chosen: str
    reached: dict[str, float]
    predictor: Predictor

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the probability of each class, (cases, classes)."""
        return self.predictor.probabilities(cohort, places)

    def record(self) -> dict[str, Any]:
        """Return a fold's record beside its predictions: chosen estimator, AUC of each, and the estimator's record."""
        own = getattr(self.predictor, "record", None)
        return {"chosen": self.chosen, "reached": self.reached, **(own() if own is not None else {})}
