"""Where walls end in front, and chords, in flat sets of points."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.measurements.definitions import CHORD_BAND_MM, FRONT_DEPTH_MM, RIM_TOLERANCE_MM


def frontmost_of_outermost(points: np.ndarray, outward: np.ndarray, forward: np.ndarray,
                           tolerance: float = RIM_TOLERANCE_MM) -> np.ndarray:
    """Return where a wall ends in front: the frontmost of those points that lie farthest out.

    :param points: (N, 3) mm, of one section of the orbit.
    :param outward: unit vector (3,) from the orbit's middle to the wall.
    :param forward: unit vector (3,) to the front.
    :param tolerance: points within so many mm of the farthest one count as farthest.
    """
    place = points @ outward
    outermost = points[place > place.max() - tolerance]
    return outermost[(outermost @ forward).argmax()]


def front_of(points: np.ndarray, forward: np.ndarray, depth: float = FRONT_DEPTH_MM) -> np.ndarray:
    """Return the front of a set of points (N, 3): as far forward as the frontmost, in the middle of those beside it.

    :param depth: points within so many mm behind the frontmost one count as beside it; a flat front has no other
        place that could be found again.
    """
    place = points @ forward
    beside = points[place > place.max() - depth].mean(axis=0)
    return beside + (place.max() - beside @ forward) * forward


def greatest_chord(inside: np.ndarray, step: float, sideways_step: float) -> float:
    """Return the longest chord (mm) of a flat set of points, as the mean over a band of parallel lines.

    :param inside: whether each point is in the set, or what share of it, (along the chords, sideways).
    :param step: distance of the points along the chords (mm). :param sideways_step: of the lines (mm).
    """
    lengths = inside.sum(axis=0) * step
    count = max(round(2 * CHORD_BAND_MM / sideways_step), 1)
    return float(np.convolve(lengths, np.ones(count) / count, mode="same").max())
