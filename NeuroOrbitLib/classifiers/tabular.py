"""Estimators on a cohort's numbers: scikit-learn pipelines, fitted as a whole inside the fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.logarithms import signed_logarithm
from NeuroOrbitLib.classifiers.reproducibility import (
    REPRODUCIBILITY,
    columns_beginning,
    repeated_column,
    split_selection,
)
from NeuroOrbitLib.classifiers.selection import selection_steps
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Learner = Literal["logistic", "svm", "forest"]
LEARNERS: tuple[Learner, ...] = ("logistic", "svm", "forest")
#: Name of the step that takes logarithms.
LOGARITHMS = "logarithms"


@dataclass(frozen=True)
class TabularEstimator:
    """A pipeline on some columns of a cohort that fills missing numbers, scales and selects columns, and learns.

    :param name: name in tables and file names.
    :param columns: names of the columns to learn from.
    :param learner: ``"logistic"`` (regression), ``"svm"`` (radial basis functions, Platt's probabilities) or
        ``"forest"`` (random forest).
    :param selection: steps of :func:`NeuroOrbitLib.classifiers.selection.selection_steps` with their options, in
        order, and of :mod:`NeuroOrbitLib.classifiers.reproducibility`, which is always done first; none by default.
    :param options: keyword arguments of scikit-learn's learner.
    :param beginning: prefix of further column names of the cohort, used beside ``columns``; none if it is empty.
    :param logarithms: whether to learn from logarithms, suited to counts and volumes with a few very large values; see
        :func:`~NeuroOrbitLib.classifiers.logarithms.signed_logarithm`.
    """

    name: str
    columns: tuple[str, ...]
    learner: Learner = "logistic"
    selection: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    beginning: str = ""
    logarithms: bool = False

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted."""
        named = {"beginning": self.beginning} if self.beginning else {}
        if self.logarithms:
            named = {**named, LOGARITHMS: True}
        return {"estimator": "tabular", "columns": list(self.columns), **named, "learner": self.learner,
                "selection": {name: dict(options) for name, options in self.selection.items()},
                "options": dict(self.options)}

    def fit(self, cohort: Cohort, places: Sequence[int], folder: Path | None = None, seed: int = 0,
            progress: Progress = silent) -> TabularPredictor:
        """Fit the whole pipeline on the cases at ``places``.

        :raises Problem: when a class has too few cases among them, or no column has a number.
        """
        columns = columns_beginning(cohort, self.beginning, self.columns)
        if split_selection(self.selection)[0] is None:
            columns = tuple(name for name in columns if repeated_column(name) is None)
        values, labels = cohort.numbers(columns, places), cohort.labels[list(places)]
        usable = np.flatnonzero(np.isfinite(values).any(axis=0))
        if len(set(labels.tolist())) < 2:
            raise Problem("All cases to learn from are of one class. Use fewer folds or a larger cohort.")
        if np.unique(labels, return_counts=True)[1].min() < self._needed:
            raise Problem(f"{self.name} needs {self._needed} cases of each class at least to learn from. Use a larger "
                          "cohort, or choose another learner.")
        if not len(usable):
            raise Problem(f"None of the numbers of {self.name} is known in the cases to learn from. Prepare the cohort "
                          "with them.")
        progress(0.0, f"Fitting {self.name}")
        names = tuple(columns[place] for place in usable)
        pipeline = self.pipeline(seed, names).fit(values[:, usable], labels)
        return _without_repeats(TabularPredictor(names, pipeline, int(max(cohort.labels)) + 1))

    @property
    def _needed(self) -> int:
        """Smallest number of cases of each class for the steps that split them again."""
        return 3 if self.learner == "svm" else 2 if "lasso" in self.selection else 1

    def pipeline(self, seed: int = 0, columns: Sequence[str] = ()) -> Pipeline:
        """Return the pipeline before it is fitted.

        :param seed: seed of selection and learner.
        :param columns: names of its input columns, in order; the names state which were measured repeatedly.
        """
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import FunctionTransformer, StandardScaler

        repeated, others = split_selection(self.selection)
        first: list[tuple[str, Any]] = []
        if repeated is not None:
            from NeuroOrbitLib.classifiers.selectors import ReproducibilitySelection

            first = [(REPRODUCIBILITY, ReproducibilitySelection.of_columns(columns, **repeated))]
        compress = [(LOGARITHMS, FunctionTransformer(signed_logarithm))] if self.logarithms else []
        return Pipeline([*first, ("fill", SimpleImputer(strategy="median")), *compress, ("scale", StandardScaler()),
                         *selection_steps(others, seed), ("learn", learner(self.learner, seed, self.options))])


@dataclass(frozen=True)
class TabularPredictor:
    """A fitted pipeline.

    :param columns: names of its input columns, in order.
    :param pipeline: fitted pipeline.
    :param classes: number of classes of the task.
    """

    columns: tuple[str, ...]
    pipeline: Pipeline
    classes: int

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the probability of each class, (cases, classes)."""
        return self.of_numbers(cohort.numbers(self.columns, places))

    def of_numbers(self, values: np.ndarray) -> np.ndarray:
        """Return the probability of each class for numbers (cases, columns), NaN where missing."""
        known = self.pipeline.predict_proba(values)
        found = np.zeros((len(values), self.classes))
        found[:, self.pipeline.classes_] = known
        return found

    @property
    def selected(self) -> tuple[str, ...]:
        """Names of the columns that the learner receives after selection."""
        kept = np.arange(len(self.columns))
        for _, step in self.pipeline.steps:
            if hasattr(step, "get_support"):
                kept = kept[step.get_support(indices=True)]
        return tuple(self.columns[place] for place in kept)

    def record(self) -> dict[str, Any]:
        """Return a fold's record beside its predictions: the selected columns."""
        return {"selected": list(self.selected)}


def _without_repeats(predictor: TabularPredictor) -> TabularPredictor:
    """Return the predictor without its selection by reproducibility, as later patients are measured once."""
    first, step = predictor.pipeline.steps[0]
    if first != REPRODUCIBILITY:
        return predictor
    columns = tuple(predictor.columns[place] for place in step.get_support(indices=True))
    return replace(predictor, columns=columns, pipeline=predictor.pipeline[1:])


def learner(kind: Learner, seed: int = 0, options: Mapping[str, Any] | None = None) -> Any:
    """Return an unfitted scikit-learn classifier.

    :param kind: one of :data:`LEARNERS`.
    :param seed: seed of the learner's randomness.
    :param options: keyword arguments of the learner, which replace our defaults.
    :raises Problem: for an unknown kind.
    """
    given = dict(options or {})
    if kind == "logistic":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(**{"max_iter": 1000, **given})
    if kind == "svm":
        from sklearn.calibration import CalibratedClassifierCV
        from sklearn.svm import SVC

        return CalibratedClassifierCV(SVC(**{"kernel": "rbf", **given}), method="sigmoid", cv=3, ensemble=False)
    if kind == "forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(**{"n_estimators": 300, "min_samples_leaf": 3, "random_state": seed, **given})
    raise Problem(f"There is no learner {kind!r}. Choose one of {', '.join(LEARNERS)}.")
