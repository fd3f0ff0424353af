"""The contract between a classification task and everything that trains, judges, packs and explains classifiers.

A module of the extension states *what* it classifies as a :class:`Task`: its classes and their words, the columns of
its cohort, and how one case becomes a :class:`Sample`. *How* it is learned is an :class:`Estimator`; networks,
pipelines of hand-made features and one-number baselines are all estimators, and one cross-validation
(:mod:`NeuroOrbitLib.classifiers.judging`) judges them all. The names follow scikit-learn, but cases stay on disk and
estimators are given positions in a cohort instead of a matrix, because a case may hold several images.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.jobs.progress import Progress, silent

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort


@dataclass(frozen=True)
class ClassWords:
    """One class of a task and how it is written.

    :param key: key in tables, packages and JSON, e.g. ``"active"``.
    :param name: name in the interface and in reports, e.g. ``"active disease"``.
    :param spellings: further words that mean the class in a user's table, in lower case.
    """

    key: str
    name: str
    spellings: tuple[str, ...] = ()

    def is_meant_by(self, word: str) -> bool:
        """Return whether a word of a user's table means this class, regardless of upper or lower case."""
        return word.strip().casefold() in {self.key.casefold(), self.name.casefold(), *self.spellings}


@dataclass(frozen=True)
class Sample:
    """One prepared case: everything that an estimator may learn from.

    :param case: name of the case, unique in its cohort.
    :param patient: patient of the case; all cases of a patient are in the same part of every split.
    :param label: position of its class in the task's classes, or None if it is not known.
    :param images: arrays by name, of the same shape in every case; may be empty.
    :param numbers: values of the task's columns by name, NaN where missing; may be empty.
    """

    case: str
    patient: str
    label: int | None
    images: Mapping[str, np.ndarray] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """The definition of what is classified.

    :param kind: kind of the model packages, e.g. ``"disease_activity"``; a package of another kind is refused.
    :param title: title of the question, for reports.
    :param classes: two or more; their order gives the labels 0, 1, ....
    :param positive: label of the class whose probability is reported and judged against all others.
    :param columns: columns of the cohort's table beside case, patient and label.
    """

    kind: str
    title: str
    classes: tuple[ClassWords, ...]
    positive: int = 1
    columns: Sequence[Column] = ()

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or not 0 <= self.positive < len(self.classes):
            raise ValueError("A task needs two classes at least, and its positive class among them.")

    def label_of(self, word: str) -> int | None:
        """Return the label that a word of a user's table means, or None when it means no class."""
        meant = [label for label, words in enumerate(self.classes) if words.is_meant_by(word)]
        return meant[0] if meant else None


@runtime_checkable
class Predictor(Protocol):
    """A trained model, as an estimator returns it."""

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the probability of each class, (cases, classes), for the cases at ``places``; rows sum to 1."""


class Estimator(Protocol):
    """A method of learning a task. Estimators are sent to other processes, so they contain plain data only."""

    @property
    def name(self) -> str:
        """Name of the estimator in tables and file names."""

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted; results of different settings are never mixed."""

    def fit(self, cohort: Cohort, places: Sequence[int], folder: Path, seed: int,
            progress: Progress = silent) -> Predictor:
        """Learn from the cases at ``places`` and from no others, and return the trained model.

        Everything that depends on data is fitted here: scaling, filling of missing numbers, selection of features,
        weights, thresholds.

        :param folder: folder for checkpoints and logs of this training; an interrupted training continues from there.
        :param seed: seed of the training's randomness.
        """
