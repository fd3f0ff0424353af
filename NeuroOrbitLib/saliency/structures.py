"""How much heat lies on each structure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def mean_heat(heat: np.ndarray, labels: np.ndarray, values: Iterable[int]) -> dict[int, float]:
    """Mean heat in each label that is present.

    :param heat: map on the grid of ``labels``; pixels that are not numbers are left out.
    :param labels: label map of the same shape.
    :param values: label values to look at.
    """
    known = np.isfinite(heat)
    masks = {value: (labels == value) & known for value in values}
    return {value: float(heat[mask].mean()) for value, mask in masks.items() if mask.any()}


def heat_ratio(heat: np.ndarray, target: np.ndarray, rest: np.ndarray) -> float:
    """Mean positive heat in ``target`` over that in ``rest`` (masks); infinite when the rest is cold, 0 when both are.

    Only what speaks for the class counts: negative heat is evidence against it.
    """
    warm = np.clip(np.nan_to_num(heat), 0.0, None)
    inside, outside = (float(warm[mask].mean()) if mask.any() else 0.0 for mask in (target, rest))
    if outside > 0:
        return inside / outside
    return float("inf") if inside > 0 else 0.0
