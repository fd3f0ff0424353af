"""The pixels that a mouse stroke covers in a slice."""

from __future__ import annotations

from itertools import pairwise

import numpy as np


def stroke_mask(shape: tuple[int, int], spacing: tuple[float, float], points: np.ndarray, radius: float) -> np.ndarray:
    """Return the pixels within a radius of a line through points, and in any case those under the points.

    :param shape: number of rows and columns of the slice.
    :param spacing: pixel size (mm) along rows and columns.
    :param points: row and column of each point, which may lie between pixels; shape (n, 2).
    :param radius: radius of the brush (mm).
    :return: covered pixels, bool (rows, columns).
    """
    mask, scale = np.zeros(shape, dtype=bool), np.asarray(spacing, dtype=float)
    places = np.asarray(points, dtype=float).reshape(-1, 2)
    under = np.floor(places + 0.5).astype(int)
    under = under[((under >= 0) & (under < shape)).all(axis=1)]
    mask[tuple(under.T)] = True
    for start, end in pairwise(places if len(places) > 1 else places.repeat(2, axis=0)):
        low = np.clip(np.floor(np.minimum(start, end) - radius / scale).astype(int), 0, shape)
        high = np.clip(np.ceil(np.maximum(start, end) + radius / scale).astype(int) + 1, 0, shape)
        rows, columns = np.ogrid[low[0] : high[0], low[1] : high[1]]
        near = _distance((rows * scale[0], columns * scale[1]), start * scale, end * scale) <= radius
        mask[low[0] : high[0], low[1] : high[1]] |= near
    return mask


def _distance(place: tuple[np.ndarray, np.ndarray], start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the distance (mm) of places from the segment of a line between ``start`` and ``end``."""
    along = end - start
    length = max(float(along @ along), 1e-12)
    share = ((place[0] - start[0]) * along[0] + (place[1] - start[1]) * along[1]) / length
    share = np.clip(share, 0.0, 1.0)
    return np.hypot(place[0] - start[0] - share * along[0], place[1] - start[1] - share * along[1])
