"""Receiver operating characteristic: area under the curve with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from NeuroOrbitLib.problem import Problem

#: Variances below this are rounding.
_NO_VARIANCE = 1e-14


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Two classifiers on the same cases: their areas, the difference, and the two-sided p value."""

    first: float
    second: float
    difference: Interval
    p_value: float


def area_under_curve(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of (positive, negative) pairs that the score orders rightly, ties counting half.

    :raises Problem: when one class is missing.
    """
    labels = np.asarray(labels, dtype=bool)
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if positives == 0 or negatives == 0:
        raise Problem("A receiver operating characteristic needs cases of both classes. Add cases of the other class.")
    ranks = rankdata(scores)[labels].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def delong_interval(labels: np.ndarray, scores: np.ndarray, patients: Sequence[str] | None = None,
                    confidence: float = 0.95) -> Interval:
    """Area with the confidence interval of DeLong et al. 1988, cut at 0 and 1.

    The interval is NaN where a class has cases of one patient only, who tells nothing about how patients differ.

    :param patients: patient of each case, whose cases depend on each other (Obuchowski 1997); one of each by default.
    """
    areas, covariance = _delong(labels, np.atleast_2d(scores), patients)
    half = norm.ppf(0.5 + confidence / 2) * np.sqrt(covariance[0, 0])
    low, high = np.clip([areas[0] - half, areas[0] + half], 0.0, 1.0)
    return Interval(float(areas[0]), float(low), float(high))


def delong_test(labels: np.ndarray, first: np.ndarray, second: np.ndarray, patients: Sequence[str] | None = None,
                confidence: float = 0.95) -> Comparison:
    """Compare two scores of the same cases (DeLong et al. 1988).

    The p value of different areas and the interval are NaN where the variance of the difference is not known: a class
    has cases of one patient only, or one score is perfect and the other one constant.

    :param patients: as for :func:`delong_interval`.
    """
    areas, covariance = _delong(labels, np.stack([first, second]), patients)
    difference = float(areas[0] - areas[1])
    variance = float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    spread = np.sqrt(variance) if variance > _NO_VARIANCE else 0.0 if difference == 0 else float("nan")
    half = float(norm.ppf(0.5 + confidence / 2) * spread)
    p_value = 1.0 if difference == 0 else float(2 * norm.sf(abs(difference) / spread))
    return Comparison(float(areas[0]), float(areas[1]), Interval(difference, difference - half, difference + half),
                      p_value)


def bootstrap_interval(statistic: Callable[[np.ndarray], float], groups: Sequence[str], resamples: int = 2000,
                       confidence: float = 0.95, seed: int = 0) -> Interval:
    """Percentile bootstrap in which whole patients are drawn, so that scans of one patient stay together.

    :param statistic: of the positions of the drawn cases; a draw for which it raises :class:`Problem` (one class
        missing) or gives no number is left out.
    :param groups: patient of each case.
    """
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    positions = [np.flatnonzero(member == index) for index in range(len(names))]
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        drawn = np.concatenate([positions[index] for index in rng.integers(len(names), size=len(names))])
        value = _or_nan(statistic, drawn)
        if np.isfinite(value):
            values.append(value)
    whole = statistic(np.arange(len(member)))
    if not values:
        return Interval(float(whole), float("nan"), float("nan"))
    low, high = np.quantile(values, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return Interval(float(whole), float(low), float(high))


def roc_points(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """False positive rate, true positive rate and threshold of each corner of the curve."""
    from sklearn.metrics import roc_curve

    return roc_curve(labels, scores)


def _or_nan(statistic: Callable[[np.ndarray], float], drawn: np.ndarray) -> float:
    try:
        return statistic(drawn)
    except Problem:
        return float("nan")


def _delong(labels: np.ndarray, scores: np.ndarray, patients: Sequence[str] | None) -> tuple[np.ndarray, np.ndarray]:
    """Areas of the rows of ``scores`` and their covariance, by midranks (Sun and Xu 2014), added up by patient."""
    labels = np.asarray(labels, dtype=bool)
    area_under_curve(labels, scores[0])
    positive, negative = scores[:, labels], scores[:, ~labels]
    m, n = positive.shape[1], negative.shape[1]
    among = np.apply_along_axis(rankdata, 1, np.concatenate([positive, negative], axis=1))
    v10 = (among[:, :m] - np.apply_along_axis(rankdata, 1, positive)) / n
    v01 = 1 - (among[:, m:] - np.apply_along_axis(rankdata, 1, negative)) / m
    areas = v10.mean(axis=1)
    member = np.arange(m + n) if patients is None else np.unique(np.asarray(patients), return_inverse=True)[1]
    count = int(member.max()) + 1
    parts = [_added_up((own - areas[:, None]) / own.shape[1], member[chosen], count)
             for own, chosen in ((v10, labels), (v01, ~labels))]
    return areas, _covariance(parts, [len(set(member[chosen].tolist())) for chosen in (labels, ~labels)], count)


def _added_up(parts: np.ndarray, member: np.ndarray, count: int) -> np.ndarray:
    """What the cases (scores, cases) of each patient add up to, (scores, patients)."""
    return np.stack([np.bincount(member, row, count) for row in parts])


def _covariance(parts: Sequence[np.ndarray], with_class: Sequence[int], count: int) -> np.ndarray:
    """Covariance of the areas from the parts that positive and negative cases of each patient have in them.

    :param with_class: how many patients have positive, and negative cases. :param count: how many there are.
    """
    if min(with_class) < 2:
        return np.full((len(parts[0]), len(parts[0])), np.nan)
    found = sum(own @ own.T * patients / (patients - 1) for own, patients in zip(parts, with_class, strict=True))
    both = parts[0] @ parts[1].T * count / (count - 1)
    return found + both + both.T
