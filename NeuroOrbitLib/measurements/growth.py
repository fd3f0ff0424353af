"""Growth of muscles between two dates: their surfaces on the later date, and the movement of these surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.measure import Measuring

#: Percentile of a surface's movement that is shown to the reader as the largest, with its place.
_MOST_PERCENTILE = 95


@dataclass(frozen=True)
class Growth:
    """Outward movement of a muscle's surface between two dates (mm; negative inwards).

    :param structure: key of the muscle.
    :param mean: mean movement.
    :param most: movement at ``place``, the 95th percentile.
    :param place: point (3,) of the largest movement, in RAS mm of the first scan.
    :param points: points (N, 3) of the surface on the second date, in RAS mm of the second scan.
    :param triangles: numbers (M, 3) of the points of each triangle, anticlockwise as seen from outside.
    :param moved: movement (N,) at each point.
    """

    structure: str
    side: Side
    mean: float
    most: float
    place: np.ndarray
    points: np.ndarray
    triangles: np.ndarray
    moved: np.ndarray


def muscle_growth(first: Measuring, second: Measuring, matrix: np.ndarray) -> list[Growth]:
    """Return how far the surface of each muscle moved outwards.

    :param first, second: measures of the two dates.
    :param matrix: (4, 4) from RAS mm of the first scan to RAS mm of the second.
    """
    return list(_growths(first, second, matrix))


def _growths(first: Measuring, second: Measuring, matrix: np.ndarray) -> Iterator[Growth]:
    for side in Side:
        for key in EXTRAOCULAR_MUSCLES:
            if not (first.shapes[side].why_lacking(key) or second.shapes[side].why_lacking(key)):
                before, after = first.shapes[side].field(key), second.shapes[side].field(key)
                points, triangles = _surface(after)
                at_first = (points - matrix[:3, 3]) @ np.linalg.inv(matrix[:3, :3]).T
                moved = after.at(points) - before.at(at_first)
                most = int(np.argmin(np.abs(moved - np.percentile(moved, _MOST_PERCENTILE))))
                yield Growth(key, side, float(moved.mean()), float(moved[most]), at_first[most], points, triangles,
                             moved)


def _surface(field: Field) -> tuple[np.ndarray, np.ndarray]:
    """Return the outline of a structure as triangles: points (N, 3) in RAS mm, and their numbers (M, 3)."""
    from skimage.measure import marching_cubes

    values = np.pad(field.values, 1, constant_values=min(float(field.values.min()), -1.0))  # closed at the edges
    kji, triangles, _normals, _values = marching_cubes(values, 0.0)
    mirrored = np.linalg.det(field.grid.affine[:3, :3]) < 0
    return field.grid.ras_from_ijk(kji[:, ::-1] - 1.0), (triangles[:, ::-1] if mirrored else triangles)
