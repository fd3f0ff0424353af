"""Agreement of volumes: one structure in one case, and one structure over a cohort."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class VolumeAgreement:
    """Agreement of predicted with reference volumes over a cohort.

    :param cases: number of compared cases.
    :param pearson_r: Pearson correlation; NaN for fewer than three cases (two always correlate perfectly) or if all
        volumes are equal.
    :param mean_absolute_error: mean absolute error, in the unit of the volumes.
    :param root_mean_square_error: root mean square error, in the unit of the volumes.
    :param relative_error: mean of (prediction - reference) / reference, over cases with a reference above 0.
    :param relative_error_sd: standard deviation of the relative error over these cases (n - 1).
    :param bias: mean of prediction - reference, in the unit of the volumes.
    :param limits_of_agreement: bias -/+ 1.96 SD of the differences (Bland and Altman 1986).
    """

    cases: int
    pearson_r: float
    mean_absolute_error: float
    root_mean_square_error: float
    relative_error: float
    relative_error_sd: float
    bias: float
    limits_of_agreement: tuple[float, float]


def relative_volume_error(reference: float, prediction: float) -> float:
    """Return (prediction - reference) / reference; NaN if the reference is 0."""
    return (prediction - reference) / reference if reference else math.nan


def volume_agreement(reference: Sequence[float], prediction: Sequence[float]) -> VolumeAgreement:
    """Return the agreement of volumes over the cases of a cohort (Zhu et al. 2020, figure of volumes).

    :param reference: reference volume of each case, in any unit.
    :param prediction: predicted volume of each case, in the same order and unit.
    :raises ValueError: if the lengths differ or there is no case.
    """
    truth, estimate = np.asarray(reference, dtype=np.float64), np.asarray(prediction, dtype=np.float64)
    if truth.shape != estimate.shape or truth.size == 0:
        raise ValueError(f"Volumes must come in pairs; got {truth.size} references and {estimate.size} predictions.")
    difference = estimate - truth
    known = truth > 0
    relative = difference[known] / truth[known]
    bias, spread = float(difference.mean()), _sample_sd(difference)
    return VolumeAgreement(
        cases=int(truth.size),
        pearson_r=_pearson(truth, estimate),
        mean_absolute_error=float(np.abs(difference).mean()),
        root_mean_square_error=float(np.sqrt(np.mean(difference**2))),
        relative_error=float(relative.mean()) if relative.size else math.nan,
        relative_error_sd=_sample_sd(relative),
        bias=bias,
        limits_of_agreement=(bias - 1.96 * spread, bias + 1.96 * spread),
    )


def _sample_sd(values: np.ndarray) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else math.nan


def _pearson(a: np.ndarray, b: np.ndarray) -> float:
    if a.size < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan
    return float(np.corrcoef(a, b)[0, 1])
