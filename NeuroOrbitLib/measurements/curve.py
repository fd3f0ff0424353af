"""Sampled curves in space: length, resampling, smoothing, directions, and where points lie along them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import cKDTree

STEP = 0.5


@dataclass(frozen=True)
class Curve:
    """A curve through evenly spaced points.

    :param points: (N, 3) RAS mm, from back to front.
    """

    points: np.ndarray

    @cached_property
    def places(self) -> np.ndarray:
        """Distance (N,) of each point from the curve's start, along the curve, in mm."""
        return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self.points, axis=0), axis=1))])

    @property
    def length(self) -> float:
        """Length in mm."""
        return float(self.places[-1])

    @cached_property
    def tangents(self) -> np.ndarray:
        """Unit direction (N, 3) of the curve at each point."""
        tangents = np.gradient(self.points, axis=0)
        return tangents / np.linalg.norm(tangents, axis=1, keepdims=True)

    def at(self, place: float | np.ndarray) -> np.ndarray:
        """Return the point(s) at ``place`` mm from the start, shape (..., 3)."""
        return np.stack([np.interp(place, self.places, self.points[:, axis]) for axis in range(3)], axis=-1)

    def tangent_at(self, place: float | np.ndarray) -> np.ndarray:
        """Return the unit direction(s) at ``place`` mm from the start, shape (..., 3)."""
        tangent = np.stack([np.interp(place, self.places, self.tangents[:, axis]) for axis in range(3)], axis=-1)
        return tangent / np.linalg.norm(tangent, axis=-1, keepdims=True)

    def part(self, start: float, stop: float) -> Curve:
        """Return the part of the curve between two places (mm from the start), extended straight beyond its ends."""
        count = max(round((stop - start) / STEP) + 1, 4)
        places = np.linspace(start, stop, count)
        points = self.at(np.clip(places, 0.0, self.length))
        before, after = np.minimum(places, 0.0), np.maximum(places - self.length, 0.0)
        return Curve(points + before[:, None] * self.tangents[0] + after[:, None] * self.tangents[-1])

    def along(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the place (P,) along the curve and the distance (P,) from it of ``points`` (P, 3).

        Points beyond an end get places beyond it.
        """
        distance, nearest = self._tree.query(points)
        offset = points - self.points[nearest]
        ahead = np.einsum("ij,ij->i", offset, self.tangents[nearest])
        return self.places[nearest] + ahead, np.sqrt(np.maximum(distance**2 - ahead**2, 0.0))

    def crossing(self, point: np.ndarray, normal: np.ndarray) -> float | None:
        """Return the first place (mm from the start) where the curve crosses a plane; ``None`` if it does not.

        :param point: point (3,) of the plane, RAS mm.
        :param normal: normal (3,) of the plane.
        """
        height = (self.points - point) @ normal
        change = np.flatnonzero(height[:-1] * height[1:] <= 0)
        if not change.size:
            return None
        first = change[0]
        share = height[first] / (height[first] - height[first + 1]) if height[first] != height[first + 1] else 0.0
        return float(self.places[first] + share * (self.places[first + 1] - self.places[first]))

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points)


def evenly_spaced(points: np.ndarray, step: float = STEP) -> Curve:
    """Return the curve through ``points`` (M, 3) with about ``step`` mm between its points."""
    raw = Curve(points)
    count = max(round(raw.length / step) + 1, 4)
    return Curve(raw.at(np.linspace(0.0, raw.length, count)))


def smoothed(points: np.ndarray, sigma: float) -> np.ndarray:
    """Return the points (N, 3) of a curve smoothed by a Gaussian of ``sigma`` points; both ends stay in place."""
    ends = np.linspace(points[0], points[-1], len(points))
    deviation = points - ends
    odd = np.concatenate([-deviation[:0:-1], deviation, -deviation[-2::-1]])
    return ends + gaussian_filter1d(odd, sigma, axis=0)[len(points) - 1:2 * len(points) - 1]
