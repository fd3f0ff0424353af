"""The limits of a correction: never further from the drawn border than the user allows, and never to an empty mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from OrbitSegmentationLib.refinement.correction.distance import signed_distance

#: Depth of the core of a piece, as a fraction of its largest depth; the core stays, so that thin structures do not
#: vanish under a wide limit.
_CORE = 0.6


def kept_inside(distance: np.ndarray, limit: float) -> np.ndarray:
    """Return the voxels of the rough mask that stay: those deeper than the limit, and the core of every piece.

    :param distance: signed distance (mm) to the border of the rough mask, positive inside.
    :param limit: distance (mm) that the border may move.
    """
    pieces, count = ndimage.label(distance > 0)
    if count == 0:
        return np.zeros(distance.shape, bool)
    deepest = ndimage.maximum(distance, pieces, np.arange(count + 1))
    return (distance > 0) & (distance >= np.minimum(limit, _CORE * deepest)[pieces])


def kept_outside(distance: np.ndarray, limit: float) -> np.ndarray:
    """Return the voxels that stay background, as they lie further outside of the rough border than ``limit`` mm."""
    return distance < -limit


def limited(wanted: np.ndarray, rough: np.ndarray, spacing: Sequence[float], limit: float) -> np.ndarray:
    """Return the wanted mask as far as the limit allows, without islands that do not touch the rough mask.

    Every voxel in which the result differs from ``rough`` lies within ``limit`` mm of its border.

    :param wanted: corrected mask, bool, 2-D or 3-D.
    :param rough: mask that the user drew, same shape.
    :param spacing: voxel size (mm) along each array axis.
    :param limit: distance (mm) that the border may move.
    """
    distance = signed_distance(rough, spacing)
    return touching((wanted | kept_inside(distance, limit)) & ~kept_outside(distance, limit), rough)


def touching(mask: np.ndarray, rough: np.ndarray) -> np.ndarray:
    """Return the connected pieces of a mask that share voxels with the rough mask."""
    pieces, count = ndimage.label(mask)
    touched = np.zeros(count + 1, bool)
    touched[np.unique(pieces[rough & mask])] = True
    touched[0] = False
    return touched[pieces]
