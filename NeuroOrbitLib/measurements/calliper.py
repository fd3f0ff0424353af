"""Callipers on flat sets of points: smallest and largest width, width in a direction, area of a polygon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DIRECTIONS = 180


@dataclass(frozen=True)
class Width:
    """The width of a set of points in the plane as a calliper measures it.

    :param value: distance of its jaws in mm.
    :param direction: unit vector (2,) from jaw to jaw.
    :param middle: point (2,) half-way between the jaws, and between the points of the set that touch them.
    """

    value: float
    direction: np.ndarray
    middle: np.ndarray

    def line(self, length: float | None = None) -> np.ndarray:
        """Return the ends (2, 2) of a line from jaw to jaw, the lower one first.

        :param length: length of the line (mm) if another value than the distance of the jaws is shown by it.
        """
        length = self.value if length is None else length
        return self.middle + np.array([[-0.5], [0.5]]) * length * self.direction


def smallest_width(points: np.ndarray) -> Width:
    """Return the narrowest position of a calliper around ``points`` (N, 2)."""
    directions, widths = _all_widths(points)
    return width_along(points, directions[widths.argmin()])


def largest_width(points: np.ndarray) -> Width:
    """Return the widest position of a calliper around ``points`` (N, 2)."""
    directions, widths = _all_widths(points)
    return width_along(points, directions[widths.argmax()])


def width_along(points: np.ndarray, direction: np.ndarray) -> Width:
    """Return the width of ``points`` (N, 2) along ``direction`` (2,)."""
    direction = np.asarray(direction, dtype=float) / np.linalg.norm(direction)
    place = points @ direction
    low, high = int(place.argmin()), int(place.argmax())
    return Width(float(place[high] - place[low]), direction, points[[low, high]].mean(axis=0))


def polygon_area(outline: np.ndarray) -> float:
    """Return the area inside of a closed outline (N, 2) by the shoelace formula."""
    x, y = outline.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _all_widths(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the directions (D, 2), one per degree of a half circle, and the width in each."""
    angles = np.arange(DIRECTIONS) * np.pi / DIRECTIONS
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    place = points @ directions.T
    return directions, place.max(axis=0) - place.min(axis=0)
