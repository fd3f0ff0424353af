"""A check that an estimator learns from the cases it was given and from no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.task import Estimator


def looks_at_held_out_cases(estimator: Estimator, cohort: Cohort, train: Sequence[int], folder: Path,
                            seed: int = 0) -> bool:
    """Return whether an estimator's training depends on the labels and numbers of the held-out cases.

    It is fitted twice on the same training cases: once in the cohort as it is, once in a cohort whose other cases have
    other labels and absurd numbers. An estimator that scales, selects or fills over the whole cohort differs.

    :param estimator: estimator to check.
    :param cohort: cohort to fit on.
    :param train: positions of the training cases; all other cases are changed.
    :param folder: folder of the two trainings.
    :param seed: seed of both trainings.
    """
    honest = estimator.fit(cohort, train, folder / "as-it-is", seed)
    spoiled = estimator.fit(_spoiled(cohort, set(train)), train, folder / "spoiled", seed)
    return not np.array_equal(honest.probabilities(cohort, train), spoiled.probabilities(cohort, train))


def _spoiled(cohort: Cohort, kept: set[int]) -> Cohort:
    """Return the cohort with other labels and numbers for all cases that are not kept."""
    classes = int(cohort.labels.max()) + 1
    cases = tuple(
        case if place in kept else replace(case, label=(case.label + 1) % classes,
                                           numbers={name: 1e6 * (1 + place) for name in case.numbers})
        for place, case in enumerate(cohort.cases))
    return replace(cohort, cases=cases)
