"""The distribution of heat over structures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_name


@dataclass(frozen=True)
class HeatPlaces:
    """The distribution of heat over structures.

    :param by_structure: mean heat of each structure that is present, by the name of its label.
    :param ratio: ratio of the mean positive heat in the target to that in the rest, see :func:`heat_ratio`.
    :param share: share (0 to 1) of all heat that lies inside the target; NaN without heat.
    """

    by_structure: dict[str, float]
    ratio: float
    share: float


def heat_places(heat: np.ndarray, labels: np.ndarray, values: Collection[int], target: np.ndarray | None = None,
                rest: np.ndarray | None = None) -> HeatPlaces:
    """Return the distribution of heat over structures.

    :param heat: heat map on the grid of ``labels``.
    :param labels: label map of the vocabulary.
    :param values: label values of the structures.
    :param target: mask whose heat is compared with that of ``rest``; by default all these structures.
    :param rest: mask to compare with; by default everything outside of the target.
    """
    inside = np.isin(labels, list(values)) if target is None else target
    total = float(heat.sum(dtype=np.float64))
    return HeatPlaces({label_name(value): found for value, found in mean_heat(heat, labels, values).items()},
                      heat_ratio(heat, inside, ~inside if rest is None else rest),
                      float(heat[inside].sum(dtype=np.float64)) / total if total > 0 else float("nan"))


def mean_heat(heat: np.ndarray, labels: np.ndarray, values: Iterable[int]) -> dict[int, float]:
    """Return the mean heat in each label that is present, by label value.

    :param heat: heat map on the grid of ``labels``; pixels that are not finite are left out.
    :param labels: label map of the same shape.
    :param values: label values of the structures.
    """
    known = np.isfinite(heat)
    masks = {value: (labels == value) & known for value in values}
    return {value: float(heat[mask].mean()) for value, mask in masks.items() if mask.any()}


def heat_ratio(heat: np.ndarray, target: np.ndarray, rest: np.ndarray) -> float:
    """Return the ratio of the mean positive heat in ``target`` to that in ``rest`` (masks).

    Negative heat counts as 0, since it is evidence against the class. The ratio is infinite if the rest has no heat,
    and 0 if neither has any.
    """
    warm = np.clip(np.nan_to_num(heat), 0.0, None)
    inside, outside = (float(warm[mask].mean()) if mask.any() else 0.0 for mask in (target, rest))
    if outside > 0:
        return inside / outside
    return float("inf") if inside > 0 else 0.0
