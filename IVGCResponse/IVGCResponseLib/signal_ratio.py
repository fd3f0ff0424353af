"""Signal intensity ratio of the muscles: the semiquantitative measure that every model must beat (published AUC .59
to .70).

A muscle's mean signal over that of the temporal muscles, which the disease spares, both after bias correction.
"""

from __future__ import annotations

import numpy as np

from IVGCResponseLib.muscle_groups import ALL_RECTI, STRATEGIES, values_of
from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image

#: Where the temporal muscles lie from the middle of the eyeball (mm): laterally, backwards, upwards.
TEMPORALIS = ((24.0, 33.0), (14.0, 32.0), (-8.0, 14.0))
_SMALLEST_REFERENCE = 50
#: Percentile of the recti's signal that stands for the lowest one.
LOWEST = 5.0


def ratio_column(strategy: str) -> str:
    """Return the cohort's column with the signal ratio of a group of muscles."""
    return f"ratio {strategy}"


LOWEST_COLUMN = "lowest ratio"
RATIO_COLUMNS = (*(ratio_column(strategy) for strategy in STRATEGIES), LOWEST_COLUMN)


def signal_ratios(corrected: Image, labels: Image) -> dict[str, float]:
    """Return the signal ratio of every group of muscles and the lowest of the recti; NaN without a reference.

    :param corrected: the scan after bias correction.
    :param labels: label map on the same grid.
    """
    values, reference = corrected.array, temporal_signal(corrected, labels)
    found = {ratio_column(strategy): float(values[np.isin(labels.array, values_of(strategy))].mean()) / reference
             for strategy in STRATEGIES}
    inside = values[np.isin(labels.array, values_of(ALL_RECTI))]
    return {**found, LOWEST_COLUMN: float(np.percentile(inside, LOWEST)) / reference}


def temporal_signal(corrected: Image, labels: Image) -> float:
    """Return the median signal of both temporal muscles, NaN where too little of them is in the field of view."""
    ijk = np.argwhere(labels.array == 0)[:, ::-1]
    places = corrected.grid.ras_from_ijk(ijk)
    inside = np.zeros(len(ijk), dtype=bool)
    for side in Side:
        eye = np.argwhere(labels.array == label_value("eyeball", side))[:, ::-1]
        if len(eye):
            away = places - labels.grid.ras_from_ijk(eye).mean(axis=0)
            parts = (away[:, 0] * side.x_sign, -away[:, 1], away[:, 2])
            inside |= np.all([(low <= part) & (part <= high)
                              for part, (low, high) in zip(parts, TEMPORALIS, strict=True)], axis=0)
    k, j, i = ijk[inside][:, ::-1].T
    found = corrected.array[k, j, i]
    return float(np.median(found)) if found.size >= _SMALLEST_REFERENCE else float("nan")
