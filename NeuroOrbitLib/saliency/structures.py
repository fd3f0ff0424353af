"""How much heat lies on each structure, and how much of it lies on some of them together."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_name


@dataclass(frozen=True)
class HeatPlaces:
    """Where heat lies.

    :param by_structure: mean heat of each structure that is present, by the name of its label.
    :param ratio: see :func:`heat_ratio`.
    :param share: part of all heat that lies inside the structures; NaN without heat.
    """

    by_structure: dict[str, float]
    ratio: float
    share: float


def heat_places(heat: np.ndarray, labels: np.ndarray, values: Collection[int], target: np.ndarray | None = None,
                rest: np.ndarray | None = None) -> HeatPlaces:
    """Return where heat lies.

    :param heat: map on the grid of ``labels``. :param labels: label map of our vocabulary.
    :param values: label values of the structures to look at.
    :param target: mask whose heat is compared, by default that of all these structures.
    :param rest: mask that it is compared with, by default everything outside of the target.
    """
    inside = np.isin(labels, list(values)) if target is None else target
    total = float(heat.sum(dtype=np.float64))
    return HeatPlaces({label_name(value): found for value, found in mean_heat(heat, labels, values).items()},
                      heat_ratio(heat, inside, ~inside if rest is None else rest),
                      float(heat[inside].sum(dtype=np.float64)) / total if total > 0 else float("nan"))


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

    Only positive heat counts: negative heat is evidence against the class.
    """
    warm = np.clip(np.nan_to_num(heat), 0.0, None)
    inside, outside = (float(warm[mask].mean()) if mask.any() else 0.0 for mask in (target, rest))
    if outside > 0:
        return inside / outside
    return float("inf") if inside > 0 else 0.0
