"""Voxel-wise agreement of two masks: Dice, IoU, sensitivity, precision, specificity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Counts:
    """Numbers of voxels by agreement: true positive, false positive, false negative, true negative."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def dice(self) -> float:
        """Dice coefficient, 2 TP / (2 TP + FP + FN)."""
        return _ratio(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)

    @property
    def iou(self) -> float:
        """Intersection over union (Jaccard index), TP / (TP + FP + FN)."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive + self.false_negative)

    @property
    def sensitivity(self) -> float:
        """Sensitivity (recall), TP / (TP + FN)."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def precision(self) -> float:
        """Precision (positive predictive value), TP / (TP + FP)."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def specificity(self) -> float:
        """Specificity, TN / (TN + FP); near 1 for every small structure, so never a sign of quality by itself."""
        return _ratio(self.true_negative, self.true_negative + self.false_positive)


def count_agreement(reference: np.ndarray, prediction: np.ndarray, ignore: np.ndarray | None = None) -> Counts:
    """Count voxels by agreement.

    Undefined values are NaN: Dice and IoU if both masks are empty, sensitivity if the reference is empty, precision if
    the prediction is empty. If only one mask is empty, Dice and IoU are 0.

    :param reference: mask of the reference (bool), any shape.
    :param prediction: mask of the prediction (bool), same shape.
    :param ignore: mask of voxels to leave out, same shape.
    :raises ValueError: if the shapes differ.
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
