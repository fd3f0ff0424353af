"""Voxel agreement of two masks: Dice, IoU, sensitivity, precision, specificity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Counts:
    """Voxels by agreement: true positive, false positive, false negative, true negative."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def dice(self) -> float:
        """2 TP / (2 TP + FP + FN)."""
        return _ratio(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)

    @property
    def iou(self) -> float:
        """TP / (TP + FP + FN), the Jaccard index."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive + self.false_negative)

    @property
    def sensitivity(self) -> float:
        """TP / (TP + FN), also called recall."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def precision(self) -> float:
        """TP / (TP + FP), also called positive predictive value."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def specificity(self) -> float:
        """TN / (TN + FP); near 1 for every small structure, so never a sign of quality by itself."""
        return _ratio(self.true_negative, self.true_negative + self.false_positive)


def count_agreement(reference: np.ndarray, prediction: np.ndarray, ignore: np.ndarray | None = None) -> Counts:
    """Count voxels by agreement.

    A value that has no meaning is NaN: Dice and IoU when both masks are empty, sensitivity without a reference,
    precision without a prediction. When only one mask is empty, Dice and IoU are 0.

    :param reference: boolean mask, any shape.
    :param prediction: boolean mask of the same shape.
    :param ignore: voxels that count for nothing, same shape.
    :raises ValueError: when the shapes differ.
    """
    reference, prediction = np.asarray(reference, dtype=bool), np.asarray(prediction, dtype=bool)
    if reference.shape != prediction.shape:
        raise ValueError(f"The reference has shape {reference.shape}, the prediction {prediction.shape}.")
    assessed = reference.size
    if ignore is not None:
        keep = ~np.asarray(ignore, dtype=bool)
        reference, prediction = reference & keep, prediction & keep
        assessed = int(np.count_nonzero(keep))
    both = int(np.count_nonzero(reference & prediction))
    only_prediction = int(np.count_nonzero(prediction)) - both
    only_reference = int(np.count_nonzero(reference)) - both
    return Counts(both, only_prediction, only_reference, assessed - both - only_prediction - only_reference)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
