"""Front ends of walls, and chords, in flat sets of points."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.morphology import disk

from NeuroOrbitLib.measurements.definitions import (
    CHORD_BAND_MM,
    FRONT_DEPTH_MM,
    RIM_DEPTH_MM,
    RIM_SLOPE,
    RIM_TOLERANCE_MM,
    THINNEST_BONE_MM,
)


def frontmost_of_outermost(points: np.ndarray, outward: np.ndarray, forward: np.ndarray,
                           tolerance: float = RIM_TOLERANCE_MM) -> np.ndarray:
    """Return the front end of a wall: the frontmost among the outermost points.

    Walls that diverge slightly towards the back (:data:`~NeuroOrbitLib.measurements.definitions.RIM_SLOPE`) are treated
    like straight ones.

    :param points: points (N, 3) of one section of the orbit, mm.
    :param outward: unit vector (3,) from the orbit's middle to the wall.
    :param forward: unit vector (3,) to the front.
    :param tolerance: points up to this far (mm) from the outermost one count as outermost.
    """
    place = points @ (outward + RIM_SLOPE * forward)
    # Many points of a lattice are equally far out: rounding must not decide between them.
    outermost = points[place > place.max() - tolerance - 1e-6]
    return outermost[(outermost @ (forward + 1e-3 * outward)).argmax()]


def front_of_wall(values: np.ndarray, across: np.ndarray, ahead: np.ndarray) -> tuple[float, float] | None:
    """Return the front end of a wall: the front of the contents beside it where they are :data:`RIM_DEPTH_MM` deep.

    :param values: signed distance (mm) of the points of a section from the outline of the orbit's contents, positive
        inside; (across, ahead). Only values near the outline need to be exact.
    :param across: distance (mm) of the rows to the side on which the wall lies, evenly spaced and increasing.
    :param ahead: distance (mm) of the columns to the front, evenly spaced and increasing.
    :return: position across and ahead (mm); ``None`` if the contents are nowhere that deep.
    """
    step = float(ahead[1] - ahead[0])
    depth = np.clip(0.5 + values / step, 0.0, 1.0).sum(axis=1) * step
    deep = np.flatnonzero(depth >= RIM_DEPTH_MM)
    if not deep.size:
        return None
    last = int(deep[-1])
    front = _front(values[last], ahead)
    if last + 1 == len(depth):
        return float(across[last]), front
    share = (depth[last] - RIM_DEPTH_MM) / (depth[last] - depth[last + 1])
    beyond = _front(values[last + 1], ahead) if (values[last + 1] > 0).any() else front
    return float(across[last] + share * (across[1] - across[0])), front + share * (beyond - front)


def _front(values: np.ndarray, ahead: np.ndarray) -> float:
    """Return the frontmost change from positive to negative values along a row."""
    last = len(values) - 1 - int((values[::-1] > 0).argmax())
    if last + 1 == len(values):
        return float(ahead[last])
    share = values[last] / (values[last] - values[last + 1])
    return float(ahead[last] + share * (ahead[last + 1] - ahead[last]))


def without_thin(inside: np.ndarray, step: float) -> np.ndarray:
    """Return a flat mask of bone without parts narrower than :data:`THINNEST_BONE_MM`.

    :param inside: mask (N, M) of a section.
    :param step: distance of the mask's points (mm).
    """
    return ndimage.binary_opening(inside, disk(round(THINNEST_BONE_MM / 2 / step)))


def front_of(points: np.ndarray, forward: np.ndarray, depth: float = FRONT_DEPTH_MM) -> np.ndarray:
    """Return the front (3,) of a set of points: as far forward as the frontmost point, in the middle of those near it.

    The middle is used because on a flat front the frontmost point itself is not reproducible.

    :param points: points (N, 3) in mm.
    :param forward: unit vector (3,) to the front.
    :param depth: points up to this far (mm) behind the frontmost one count as near it.
    """
    place = points @ forward
    beside = points[place > place.max() - depth].mean(axis=0)
    return beside + (place.max() - beside @ forward) * forward


def greatest_chord(inside: np.ndarray, step: float, sideways_step: float) -> float:
    """Return the longest chord (mm) of a flat set of points, as the mean over a band of parallel lines.

    A chord runs from the first border of the set to the last, including gaps: the fat between rectus and levator is
    thinner than voxels, which show it a whole voxel wide or not at all.

    :param inside: whether each point is in the set, or the share of it that is; (along the chords, sideways).
    :param step: distance of the points along the chords (mm).
    :param sideways_step: distance of the lines (mm).
    """
    return greatest_band(inside, step, sideways_step)[0]


def greatest_band(inside: np.ndarray, step: float, sideways_step: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the length of :func:`greatest_chord`, and the lines of its band that meet the set.

    The parameters are those of :func:`greatest_chord`.

    :return: length (mm), column numbers (L,) of the lines, and positions (L, 2) of their first and last border, in
        points.
    """
    share = np.pad(np.asarray(inside, dtype=float), ((1, 1), (0, 0)))
    first, last = len(share) - 2 - _last_border(share[::-1]), _last_border(share) - 1
    lengths = (last - first) * step
    lengths[share.max(axis=0) < 0.5] = 0.0
    count = max(round(2 * CHORD_BAND_MM / sideways_step), 1)
    means = np.convolve(lengths, np.ones(count) / count, mode="same")
    start = int(means.argmax()) - count // 2
    lines = np.flatnonzero(lengths[max(start, 0):start + count] > 0) + max(start, 0)
    return float(means.max()), lines, np.stack([first, last], axis=1)[lines]


def _last_border(share: np.ndarray) -> np.ndarray:
    """Return the position (M,), in points, at which each column of the share (N, M) last falls below a half."""
    last = len(share) - 1 - (share[::-1] >= 0.5).argmax(axis=0)
    last = np.minimum(last, len(share) - 2)
    columns = np.arange(share.shape[1])
    inner, outer = share[last, columns], share[last + 1, columns]
    return last + np.clip((inner - 0.5) / np.maximum(inner - outer, 1e-6), 0.0, 1.0)
