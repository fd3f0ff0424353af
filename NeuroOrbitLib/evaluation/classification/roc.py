"""Receiver operating characteristic (ROC): area under the curve (AUC) with its uncertainty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from NeuroOrbitLib.problem import Problem

#: Variance below which a value is only rounding error.
_NO_VARIANCE = 1e-14


@dataclass(frozen=True)
class Interval:
    """A value with its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Comparison:
    """Comparison of two classifiers on the same cases: their areas, the difference, and the two-sided p value."""

    first: float
    second: float
    difference: Interval
    p_value: float


def area_under_curve(labels: np.ndarray, scores: np.ndarray) -> float:
    """Return the share of (positive, negative) pairs of cases that the score orders correctly; ties count half.

    :param labels: truth of each case, 0 or 1, (cases,).
    :param scores: score of each case, higher for class 1, (cases,).
    :raises Problem: if one of the classes has no case.
    """
    labels = np.asarray(labels, dtype=bool)
    positives, negatives = int(labels.sum()), int((~labels).sum())
    if positives == 0 or negatives == 0:
        raise Problem("A receiver operating characteristic needs cases of both classes. Add cases of the other class.")
    ranks = rankdata(scores)[labels].sum()
    return float((ranks - positives * (positives + 1) / 2) / (positives * negatives))


def delong_interval(labels: np.ndarray, scores: np.ndarray, patients: Sequence[str] | None = None,
                    confidence: float = 0.95) -> Interval:
    """Return the area with the confidence interval of DeLong et al. 1988, clipped to 0 and 1.

    The interval is NaN if all cases of a class are of one patient, since the variation between patients is then
    unknown.

    :param labels: truth of each case, 0 or 1, (cases,).
    :param scores: score of each case, (cases,).
    :param patients: patient of each case, since cases of one patient are correlated (Obuchowski 1997); by default every
        case is of another patient.
    :param confidence: confidence level of the interval, 0 to 1.
    :raises Problem: if one of the classes has no case.
    """
    areas, covariance = _delong(labels, np.atleast_2d(scores), patients)
    half = norm.ppf(0.5 + confidence / 2) * np.sqrt(covariance[0, 0])
    low, high = np.clip([areas[0] - half, areas[0] + half], 0.0, 1.0)
    return Interval(float(areas[0]), float(low), float(high))


def delong_test(labels: np.ndarray, first: np.ndarray, second: np.ndarray, patients: Sequence[str] | None = None,
                confidence: float = 0.95) -> Comparison:
    """Compare two scores of the same cases (DeLong et al. 1988).

    The interval and, if the areas differ, the p value are NaN if the variance of the difference is not known: if all
    cases of a class are of one patient, or one score is perfect and the other one constant.

    :param labels: truth of each case, 0 or 1, (cases,).
    :param first, second: scores of each case, (cases,).
    :param patients: patient of each case; by default every case is of another patient.
    :param confidence: confidence level of the interval of the difference, 0 to 1.
    :raises Problem: if one of the classes has no case.
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
                       confidence: float = 0.95, seed: int = 0, centred: bool = False) -> Interval:
    """Return the percentile bootstrap interval of a statistic, resampling whole patients.

    :param statistic: function that returns the statistic for the positions of the drawn cases; draws for which it
        raises :class:`Problem` (e.g. if a class is missing) or returns no finite number are left out.
    :param groups: patient of each case.
    :param resamples: number of draws.
    :param confidence: confidence level of the interval, 0 to 1.
    :param seed: seed of the draws.
    :param centred: whether the interval is shifted by the difference between the statistic and the mean of the draws;
        for a statistic that rises when cases are drawn several times, such as a calibration error.
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
    shift = whole - np.mean(values) if centred else 0.0
    return Interval(float(whole), float(low + shift), float(high + shift))


def roc_points(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return false positive rate, true positive rate and threshold of each corner of the ROC curve."""
    from sklearn.metrics import roc_curve

    return roc_curve(labels, scores)


def _or_nan(statistic: Callable[[np.ndarray], float], drawn: np.ndarray) -> float:
    try:
        return statistic(drawn)
    except Problem:
        return float("nan")


def _delong(labels: np.ndarray, scores: np.ndarray, patients: Sequence[str] | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the areas of the rows of ``scores`` and their covariance, by midranks (Sun and Xu 2014) and patients."""
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
    """Return the sums of the cases (scores, cases) of each patient, (scores, patients)."""
    return np.stack([np.bincount(member, row, count) for row in parts])


def _covariance(parts: Sequence[np.ndarray], with_class: Sequence[int], count: int) -> np.ndarray:
    """Return the covariance of the areas from the contributions of each patient's positive and negative cases.

    :param parts: contributions of the positive and of the negative cases, each (scores, patients).
    :param with_class: numbers of patients with positive and with negative cases.
    :param count: number of patients.
    """
    if min(with_class) < 2:
        return np.full((len(parts[0]), len(parts[0])), np.nan)
    found = sum(own @ own.T * patients / (patients - 1) for own, patients in zip(parts, with_class, strict=True))
    both = parts[0] @ parts[1].T * count / (count - 1)
    return found + both + both.T
