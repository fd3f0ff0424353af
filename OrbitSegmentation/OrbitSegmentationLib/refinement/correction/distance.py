"""Signed distances to the border of a mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage


def signed_distance(mask: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return the distance to the border in the unit of ``spacing``, positive inside; float32, shape of ``mask``.

    The border lies between voxels. Without a border the distance is infinite, and negative for an empty mask.

    :param mask: mask, bool, 2-D or 3-D.
    :param spacing: voxel size along each array axis.
    """
    if mask.all() or not mask.any():
        return np.full(mask.shape, np.inf if mask.all() else -np.inf, np.float32)
    half = 0.5 * min(spacing)
    inside = ndimage.distance_transform_edt(mask, spacing)
    outside = ndimage.distance_transform_edt(~mask, spacing)
    return np.where(mask, inside - half, half - outside).astype(np.float32)
