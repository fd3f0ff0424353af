"""Permutation importance: the fall of a model's AUC when a number is permuted between cases (Breiman 2001)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs.progress import Progress, silent


@dataclass(frozen=True)
class Importance:
    """The importance of a number: the fall of the AUC when it is permuted.

    :param name: name of the number.
    :param mean: mean fall over the permutations.
    :param sd: standard deviation between the permutations; 0 for a single one.
    :param low: 2.5th percentile of the permutations.
    :param high: 97.5th percentile of the permutations.
    """

    name: str
    mean: float
    sd: float
    low: float
    high: float


def permutation_importance(labels: np.ndarray, values: np.ndarray, names: Sequence[str],
                           scores_of: Callable[[np.ndarray], np.ndarray], repeats: int = 20, seed: int = 0,
                           progress: Progress = silent) -> list[Importance]:
    """Return the importance of each number, the largest first.

    :param labels: truth of each case, 0 or 1, (cases,).
    :param values: numbers of each case, (cases, numbers).
    :param names: names of the numbers.
    :param scores_of: function that returns the model's scores (cases,) for numbers (cases, numbers).
    :param repeats: number of permutations of each number.
    :param seed: seed of the permutations.
    :param progress: receives the fraction done and a message.
    :raises Problem: if one of the classes has no case.
    """
    rng = np.random.default_rng(seed)
    whole = area_under_curve(labels, scores_of(values))
    found = []
    for place, name in enumerate(names):
        progress(place / len(names), f"Permuting {name}")
        falls = np.array([whole - area_under_curve(labels, scores_of(_permuted(values, place, rng)))
                          for _ in range(repeats)])
        low, high = np.percentile(falls, (2.5, 97.5))
        found.append(Importance(name, float(falls.mean()), float(falls.std(ddof=1)) if repeats > 1 else 0.0,
                                float(low), float(high)))
    return sorted(found, key=lambda each: -each.mean)


def _permuted(values: np.ndarray, place: int, rng: np.random.Generator) -> np.ndarray:
    changed = np.array(values, dtype=float)
    changed[:, place] = rng.permutation(changed[:, place])
    return changed
