"""Which planes a scan is looked at in, and which slices lie beside one."""

from __future__ import annotations

import numpy as np

#: How far away (mm) the slices are that are shown beside one.
_NEIGHBOUR_MM = 1.5
#: Distance of slices (mm) that counts as 1.
UNIT_MM = 5.0
#: Voxels that are longer than this many times their shortest side are slices.
_THIN = 1.8


def planes(spacing: tuple[float, float, float]) -> tuple[int, ...]:
    """Return the axes (0 to 2 for K, J, I) across which a scan is looked at: all three unless slices are thick.

    :param spacing: voxel size along K, J, I (mm).
    """
    thickest = int(np.argmax(spacing))
    return (0, 1, 2) if spacing[thickest] < _THIN * min(spacing) else (thickest,)


def neighbours(index: int, count: int, spacing: float) -> tuple[int, int]:
    """Return the slices on both sides of one that are shown with it; at an end of the scan, the last one there.

    :param index: of the slice, from 0. :param count: number of slices. :param spacing: their distance (mm).
    """
    away = max(1, round(_NEIGHBOUR_MM / spacing))
    return max(index - away, 0), min(index + away, count - 1)
