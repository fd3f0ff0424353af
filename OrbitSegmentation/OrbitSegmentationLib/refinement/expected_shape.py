"""A structure that was drawn on some slices only: where its border is expected on all of them."""

from __future__ import annotations

import numpy as np

_TAPER = 0.35  # mm that a structure gets thinner all around per mm beyond the first or last drawn slice
_ENDED = 0.5  # mm outside: what a slice where the structure has ended says of its middle


def expected_depth(drawn: np.ndarray, known: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """How far inside the structure each voxel is expected to lie (mm, negative outside), within its slice.

    Between two drawn slices their depths are blended after Raya and Udupa (IEEE TMI 9:32, 1990), each moved along
    with the structure's middle, which runs smoothly through the middles of all drawn slices. The area of the section
    changes evenly: blended depths of unlike sections alone would leave less than either of them, or nothing.

    :param drawn: the structure on the drawn slices (slices, rows, columns), bool; at least one voxel.
    :param known: which slices were drawn, shape (slices,); one that is empty says that the structure has ended.
    :param spacing: mm from slice to slice, row to row, column to column.
    :return: float32, shape of ``drawn``.
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
    """How far each slice is from the nearest drawn one (mm); shape (slices,)."""
    return np.abs(np.arange(len(known))[:, None] - np.flatnonzero(known)).min(axis=1) * step


def _sections(drawn: np.ndarray, keys: np.ndarray, spacing: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Depths (mm) and middles (row, column) on the drawn slices; an empty one is like the nearest, but all outside."""
    full = [place for place, key in enumerate(keys) if drawn[key].any()]
    nearest = [min(full, key=lambda place, key=key: abs(keys[place] - key)) for key in keys]
    depths = np.stack([signed_depth(drawn[keys[place]], spacing) for place in nearest])
    for place, key in enumerate(keys):
        if not drawn[key].any():
            depths[place] -= depths[place].max() + _ENDED
    return depths, np.array([np.argwhere(drawn[keys[place]]).mean(axis=0) for place in nearest])


def with_area(depth: np.ndarray, area: int) -> np.ndarray:
    """Depth with its zero moved so that ``area`` pixels lie inside; as it is where that is none, or all."""
    if not 0 < area < depth.size:
        return depth
    lowest, next_one = np.partition(depth.ravel(), (-area - 1, -area))[[-area, -area - 1]]
    return depth - 0.5 * (lowest + next_one)


def signed_depth(plane: np.ndarray, spacing: tuple[float, float]) -> np.ndarray:
    """Distance to the border (mm), which runs between pixels; positive inside."""
    from scipy.ndimage import distance_transform_edt  # not when the application starts

    inside, outside = (distance_transform_edt(part, sampling=spacing) for part in (plane, ~plane))
    half = 0.5 * min(spacing)
    return np.where(plane, inside - half, half - outside).astype(np.float32)


def _smooth_way(keys: np.ndarray, middles: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The structure's middle (row, column) on slices between the drawn ones, without swinging beyond them."""
    from scipy.interpolate import PchipInterpolator  # not when the application starts

    if len(keys) == 1:
        return np.repeat(middles, len(numbers), axis=0)
    return PchipInterpolator(keys, middles)(numbers)


def moved(depth: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Depth of a section that lies so many rows and columns further."""
    from scipy.ndimage import shift  # not when the application starts

    return shift(depth, way, order=1, mode="nearest") if np.abs(way).max() > 0.05 else depth
