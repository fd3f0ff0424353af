"""The planes in which a scan is processed, and the neighbours of a slice."""

from __future__ import annotations

import numpy as np

#: Distance (mm) of the neighbouring slices that are shown with a slice.
_NEIGHBOUR_MM = 1.5
#: Distance of slices (mm) that has the input value 1.
UNIT_MM = 5.0
#: Ratio of the longest to the shortest side of a voxel from which on slices are thick.
_THIN = 1.8


def planes(spacing: tuple[float, float, float]) -> tuple[int, ...]:
    """Return the axes (0 to 2 for K, J, I) across which a scan is processed: all three unless slices are thick.

    :param spacing: voxel size (mm) along K, J, I.
    """
    thickest = int(np.argmax(spacing))
    return (0, 1, 2) if spacing[thickest] < _THIN * min(spacing) else (thickest,)


def neighbours(index: int, count: int, spacing: float) -> tuple[int, int]:
    """Return the indices of the slices shown on both sides of a slice; at an end of the scan, the last one there.

    :param index: index of the slice, from 0.
    :param count: number of slices.
    :param spacing: distance of the slices (mm).
    """
    away = max(1, round(_NEIGHBOUR_MM / spacing))
    return max(index - away, 0), min(index + away, count - 1)
