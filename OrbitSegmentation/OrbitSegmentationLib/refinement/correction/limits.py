"""How far a correction may go: never further from the drawn border than the user allows, and never to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from OrbitSegmentationLib.refinement.correction.distance import signed_distance

#: Part of a piece's half thickness that always stays, so that thin structures do not vanish under a wide limit.
_CORE = 0.6


def kept_inside(distance: np.ndarray, limit: float) -> np.ndarray:
    """Voxels of the rough mask that stay: deeper than the limit, and the core of every connected piece.

    :param distance: signed distance of the rough mask (mm), positive inside.
    """
    pieces, count = ndimage.label(distance > 0)
    if count == 0:
        return np.zeros(distance.shape, bool)
    deepest = ndimage.maximum(distance, pieces, np.arange(count + 1))
    return (distance > 0) & (distance >= np.minimum(limit, _CORE * deepest)[pieces])


def kept_outside(distance: np.ndarray, limit: float) -> np.ndarray:
    """Voxels that stay background: further outside of the rough border than the limit."""
    return distance < -limit


def limited(wanted: np.ndarray, rough: np.ndarray, spacing: Sequence[float], limit: float) -> np.ndarray:
    """The wanted mask as far as the limit lets it, without islands that the rough mask does not touch.

    Every voxel in which the result differs from ``rough`` lies within ``limit`` mm of its border.
    """
    distance = signed_distance(rough, spacing)
    result = (wanted | kept_inside(distance, limit)) & ~kept_outside(distance, limit)
    pieces, count = ndimage.label(result)
    touched = np.zeros(count + 1, bool)
    touched[np.unique(pieces[rough & result])] = True
    touched[0] = False
    return touched[pieces]
