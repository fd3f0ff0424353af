"""Solids defined by their axial sections: a superellipse at every height, interpolated from a short table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import PchipInterpolator

Row = tuple[float, float, float, float]


@dataclass(frozen=True)
class Loft:
    """A left-right symmetric solid.

    :param rows: sections (height z, half width, front y, back y) in mm, z increasing; a width of 0 closes an end.
    :param exponent: exponent of the superellipse: 2 for elliptical sections, 2.5 for rounder shoulders; no other value
        is supported.
    :param middle: point (y, z) about which :meth:`inside` grows the solid.
    """

    rows: tuple[Row, ...]
    exponent: float
    middle: tuple[float, float]

    def inside(self, points: np.ndarray, grow: float | np.ndarray = 0.0) -> np.ndarray:
        """Return whether points (P, 3) lie in the solid, enlarged by ``grow`` mm on all sides; bool (P,)."""
        middle = np.array([0.0, *self.middle], dtype=points.dtype)
        if np.isscalar(grow) and grow == 0.0:
            return self._inside(points)
        offset = points - middle
        distance = np.maximum(np.linalg.norm(offset, axis=1), 1.0)
        shrink = 1.0 - np.asarray(grow, dtype=points.dtype) / distance
        return self._inside(middle + offset * shrink[:, None])

    def _inside(self, points: np.ndarray) -> np.ndarray:
        heights, table = self._table
        place = (points[:, 2] - heights[0]) / (heights[1] - heights[0])
        within = (place >= 0) & (place <= len(heights) - 1)
        row = table[np.clip(place, 0, len(heights) - 1).astype(np.int32)]
        across = np.abs(points[:, 0]) / row[:, 0]
        along = np.abs(points[:, 1] - row[:, 1]) / row[:, 2]
        if self.exponent == 2.5:
            return within & (across * across * np.sqrt(across) + along * along * np.sqrt(along) < 1)
        return within & (across * across + along * along < 1)

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Return heights every 0.25 mm, and half width, middle y and half length there."""
        rows = np.array(self.rows)
        heights = np.arange(rows[0, 0], rows[-1, 0] + 0.25, 0.25)
        width, front, back = PchipInterpolator(rows[:, 0], rows[:, 1:])(np.minimum(heights, rows[-1, 0])).T
        table = np.stack([np.maximum(width, 0.1), (front + back) / 2, np.maximum((front - back) / 2, 0.1)], axis=1)
        return heights, table.astype(np.float32)


def in_ellipsoid(points: np.ndarray, center: tuple[float, float, float], half_axes: tuple[float, float, float],
                 power: float = 2.0) -> np.ndarray:
    """Return whether points (P, 3) lie in an axis-aligned (super)ellipsoid; bool (P,)."""
    scaled = np.abs(points - np.array(center, dtype=points.dtype)) / np.array(half_axes, dtype=points.dtype)
    if power == 2.0:
        return np.einsum("ij,ij->i", scaled, scaled) < 1
    if power == 4.0:
        squared = scaled * scaled
        return np.einsum("ij,ij->i", squared, squared) < 1
    raise ValueError(f"Only the powers 2 and 4 are supported, not {power}.")
