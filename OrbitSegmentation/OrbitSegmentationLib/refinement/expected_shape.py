"""The expected border, on all slices, of a structure that was drawn on some of them."""

from __future__ import annotations

import numpy as np

_TAPER = 0.35  # mm by which the border moves inwards per mm beyond the first or last drawn slice
_ENDED = 0.5  # mm by which the structure's middle lies outside on a slice where the structure has ended


def expected_depth(drawn: np.ndarray, known: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return how far inside the structure each voxel is expected to lie within its slice (mm, negative outside).

    Between two drawn slices their depths are blended as in Raya and Udupa (IEEE TMI 9:32, 1990), each moved to the
    structure's middle, which follows a smooth curve through the middles of all drawn slices. The area of the section
    changes linearly, since blending the depths of dissimilar sections alone would give a section smaller than both, or
    an empty one.

    :param drawn: the structure on the drawn slices (slices, rows, columns), bool; at least one voxel.
    :param known: which slices were drawn, bool (slices,); on an empty one the structure has ended.
    :param spacing: distance (mm) of slices, rows and columns.
    :return: depth, float32, shape of ``drawn``.
    """
    keys = np.flatnonzero(known)
    depths, middles = _sections(drawn, keys, spacing[1:])
    areas = np.count_nonzero(drawn[keys], axis=(1, 2))
    numbers = np.arange(len(drawn))
    within = np.clip(numbers, keys[0], keys[-1])
    ways = _smooth_way(keys, middles, within)
    after = np.searchsorted(keys, within)
    before = np.maximum(np.searchsorted(keys, within, side="right") - 1, 0)
    result = np.empty(drawn.shape, np.float32)
    for number, (first, second) in enumerate(zip(before, after, strict=True)):
        share = (within[number] - keys[first]) / max(keys[second] - keys[first], 1)
        sections = [moved(depths[key], ways[number] - middles[key]) for key in (first, second)]
        area = round((1 - share) * areas[first] + share * areas[second])
        beyond = abs(number - within[number]) * spacing[0]
        result[number] = with_area((1 - share) * sections[0] + share * sections[1], area) - _TAPER * beyond
    return result


def distance_to_known(known: np.ndarray, step: float) -> np.ndarray:
    """Return the distance of each slice from the nearest drawn one, shape (slices,).

    :param known: which slices were drawn, bool (slices,); at least one.
    :param step: distance of the slices (mm).
    """
    return np.abs(np.arange(len(known))[:, None] - np.flatnonzero(known)).min(axis=1) * step


def _sections(drawn: np.ndarray, keys: np.ndarray, spacing: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return depths (mm) and middles (row, column) on drawn slices; an empty one is the nearest, but all outside."""
    full = [place for place, key in enumerate(keys) if drawn[key].any()]
    nearest = [min(full, key=lambda place, key=key: abs(keys[place] - key)) for key in keys]
    depths = np.stack([signed_depth(drawn[keys[place]], spacing) for place in nearest])
    for place, key in enumerate(keys):
        if not drawn[key].any():
            depths[place] -= depths[place].max() + _ENDED
    return depths, np.array([np.argwhere(drawn[keys[place]]).mean(axis=0) for place in nearest])


def with_area(depth: np.ndarray, area: int) -> np.ndarray:
    """Return the depth shifted so that ``area`` pixels lie inside; unchanged if that is no pixel, or all of them."""
    if not 0 < area < depth.size:
        return depth
    lowest, next_one = np.partition(depth.ravel(), (-area - 1, -area))[[-area, -area - 1]]
    return depth - 0.5 * (lowest + next_one)


def signed_depth(plane: np.ndarray, spacing: tuple[float, float]) -> np.ndarray:
    """Return the distance to the border (mm), which runs between pixels; positive inside, float32."""
    from scipy.ndimage import distance_transform_edt  # imported here, so that Slicer starts without it

    inside, outside = (distance_transform_edt(part, sampling=spacing) for part in (plane, ~plane))
    half = 0.5 * min(spacing)
    return np.where(plane, inside - half, half - outside).astype(np.float32)


def _smooth_way(keys: np.ndarray, middles: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Return the structure's middle (row, column) on the slices ``numbers``, interpolated without overshoot."""
    from scipy.interpolate import PchipInterpolator  # imported here, so that Slicer starts without it

    if len(keys) == 1:
        return np.repeat(middles, len(numbers), axis=0)
    return PchipInterpolator(keys, middles)(numbers)


def moved(depth: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Return the depth of a section moved by a way (rows, columns)."""
    from scipy.ndimage import shift  # imported here, so that Slicer starts without it

    return shift(depth, way, order=1, mode="nearest") if np.abs(way).max() > 0.05 else depth
