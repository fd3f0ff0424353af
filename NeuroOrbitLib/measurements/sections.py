"""Sections of a structure across a line, resampled between the voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.measure import find_contours, points_in_poly

from NeuroOrbitLib.measurements.calliper import Width, polygon_area, smallest_width
from NeuroOrbitLib.measurements.field import Field

RADIUS_MM, STEP_MM = 11.0, 0.4
#: Least area of a piece of a section that counts, as a share of the largest piece.
_CRUMB = 0.1
#: A section lies in a gap if its area is less than this share of the areas on both sides of it.
GAP = 0.4


@dataclass(frozen=True)
class Section:
    """A structure's distance field on a plane.

    :param center: middle of the plane, RAS mm (3,).
    :param first, second: unit vectors (3,) in the plane.
    :param values: signed distance (N, N) in mm along ``first`` (rows) and ``second`` (columns).
    :param shares: share (N, N) of the structure at the same points.
    :param step: distance of the points (mm).
    """

    center: np.ndarray
    first: np.ndarray
    second: np.ndarray
    values: np.ndarray
    shares: np.ndarray
    step: float = STEP_MM

    @property
    def normal(self) -> np.ndarray:
        """Unit vector (3,) perpendicular to the plane."""
        return np.cross(self.first, self.second)

    def outlines(self, shift: float = 0.0) -> list[np.ndarray]:
        """Return the outlines (N, 2), mm from the middle, of the structure enlarged by ``shift`` mm all around."""
        half = (self.values.shape[0] - 1) / 2
        values = np.pad(self.values, 1, constant_values=-1.0)
        found = [(outline - 1 - half) * self.step for outline in find_contours(values, -shift) if len(outline) > 4]
        areas = [polygon_area(outline) for outline in found]
        return [outline for outline, area in zip(found, areas, strict=True) if area > _CRUMB * max(areas)]

    @property
    def area(self) -> float:
        """Area in mm2."""
        return float(self.shares.sum() * self.step**2)

    @property
    def perimeter(self) -> float:
        """Length of the outlines in mm."""
        return float(sum(np.linalg.norm(np.diff(outline, axis=0), axis=1).sum() for outline in self.outlines()))

    def spread(self, axis: int) -> tuple[np.ndarray, float]:
        """Return the section's middle (2,) and the diameter along one axis of an ellipse with the same variance."""
        half = (self.values.shape[0] - 1) / 2
        steps = (np.arange(self.values.shape[0]) - half) * self.step
        total = self.shares.sum()
        middle = np.array([(self.shares.sum(axis=1) * steps).sum(), (self.shares.sum(axis=0) * steps).sum()]) / total
        weights = self.shares.sum(axis=1 - axis)
        return middle, float(4 * np.sqrt((weights * (steps - middle[axis]) ** 2).sum() / total))

    def width(self, shift: float = 0.0) -> Width | None:
        """Return the smallest calliper width; ``None`` where the structure is absent."""
        outlines = self.outlines(shift)
        return smallest_width(np.concatenate(outlines)) if outlines else None

    def main_width(self) -> Width | None:
        """Return the smallest calliper width of the largest piece alone; ``None`` where the structure is absent."""
        outlines = self.outlines()
        return smallest_width(max(outlines, key=polygon_area)) if outlines else None

    def area_beside(self) -> float:
        """Return the area (mm2) of all pieces but the largest."""
        outlines = sorted(self.outlines(), key=polygon_area)
        return float(sum(polygon_area(other) for other in outlines[:-1]
                         if not points_in_poly(other[:1], outlines[-1])[0]))

    def ras(self, flat: np.ndarray) -> np.ndarray:
        """Return points (..., 2) of the plane in RAS mm (..., 3)."""
        return self.center + flat[..., :1] * self.first + flat[..., 1:] * self.second

    def direction(self, flat: np.ndarray) -> np.ndarray:
        """Return a direction (2,) of the plane in RAS (3,)."""
        return flat[0] * self.first + flat[1] * self.second


def sections(field: Field, centers: np.ndarray, normals: np.ndarray, radius: float = RADIUS_MM,
             step: float = STEP_MM) -> list[Section]:
    """Return the sections of a structure at ``centers`` (N, 3) across ``normals`` (N, 3).

    :param field: outline of the structure.
    :param centers: middles (N, 3) of the sections, RAS mm.
    :param normals: unit vectors (N, 3) across the sections.
    :param radius: half of the side of the square that is sampled (mm).
    :param step: distance of the samples (mm).
    """
    firsts, seconds = plane_axes(normals)
    steps = np.arange(-np.ceil(radius / step), np.ceil(radius / step) + 1) * step
    points = (centers[:, None, None, :] + steps[None, :, None, None] * firsts[:, None, None, :]
              + steps[None, None, :, None] * seconds[:, None, None, :])
    values, shares = field.at(points), field.share_at(points)
    return [Section(*parts, step) for parts in zip(centers, firsts, seconds, values, shares, strict=True)]


def gap_in(areas: np.ndarray) -> np.ndarray:
    """Return whether each section along a line lies in a gap, from the areas (N,) of all."""
    before, after = np.maximum.accumulate(areas), np.maximum.accumulate(areas[::-1])[::-1]
    return areas < GAP * np.minimum(before, after)


def plane_axes(normals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two unit vectors (N, 3) within the planes across ``normals`` (N, 3), right-handed with them."""
    helper = np.where(np.abs(normals[:, 2:]) < 0.9, np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 0.0]]))
    first = np.cross(helper, normals)
    first /= np.linalg.norm(first, axis=1, keepdims=True)
    return first, np.cross(normals, first)
