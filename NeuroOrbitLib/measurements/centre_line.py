"""The smooth line through the middle of a long structure."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.measurements.curve import Curve, evenly_spaced
from NeuroOrbitLib.measurements.field import Field

_ROUNDS, _DEGREE = 3, 4
_SHORTEST_MM = 5.0
_FARTHEST_MM = 9.0
#: Largest length of a line as a multiple of its structure's width; a line that swings between a few voxels is longer.
_MOST_WINDING = 3.0


def centre_line(field: Field, start: np.ndarray, solid: np.ndarray | None = None,
                degree: int = _DEGREE) -> Curve | None:
    """Return the line through the middles of a structure's sections, from its end near ``start`` to the other.

    The points of the structure are ordered along their longest axis; then, repeatedly, a polynomial curve is fitted
    and the points are ordered along it, until the sections are perpendicular to the line (a principal curve, Hastie and
    Stuetzle 1989; a polynomial cannot curl up in a wide, thin end as a free curve does).

    :param field: outline of the structure.
    :param start: point (RAS mm, (3,)) beyond the end at which the line begins.
    :param solid: points (N, 3) of the part of the structure to use; all of it by default.
    :param degree: degree of the polynomial.
    :return: ``None`` for a structure that is not longer than wide, or has too few voxels for a line.
    """
    whole = solid is None
    solid = field.solid if whole else solid
    if len(solid) < 20:
        return None
    middle = solid.mean(axis=0)
    axis = np.linalg.svd(solid - middle, full_matrices=False)[2][0]
    axis *= np.sign((middle - start) @ axis) or 1.0
    place = (solid - middle) @ axis
    extent = np.ptp(place)
    if extent < _SHORTEST_MM:
        return None
    for _ in range(_ROUNDS):
        fitted = _fitted(solid, place, degree)
        if fitted.length > _MOST_WINDING * extent:
            return None
        line = evenly_spaced(fitted.points)
        place, _ = line.along(solid)
    return _to_the_ends(line, field.voxels if whole else solid, field)


def _fitted(points: np.ndarray, place: np.ndarray, degree: int) -> Curve:
    """Return the line through points (N, 3), as polynomials of their positions (N,) along it."""
    middle, half = (place.max() + place.min()) / 2, max(np.ptp(place) / 2, 1e-6)
    powers = np.polynomial.legendre.legvander((place - middle) / half, degree)
    weights, *_ = np.linalg.lstsq(powers, points, rcond=None)
    return Curve(np.polynomial.legendre.legval(np.linspace(-1, 1, 200), weights).T)


def _to_the_ends(line: Curve, voxels: np.ndarray, field: Field) -> Curve:
    """Return the line, extended to the outer sides of the first and the last voxel."""
    line = line.part(-5.0, line.length + 5.0)
    place, distance = line.along(voxels)
    near = distance < _FARTHEST_MM
    if not near.any():
        return line
    first, last = np.percentile(place[near], (0.2, 99.8))
    start = first - _half_voxel(field, line.tangent_at(first))
    stop = last + _half_voxel(field, line.tangent_at(last))
    return line.part(start, stop)


def _half_voxel(field: Field, direction: np.ndarray) -> float:
    """Return half of the voxel size (mm) along a direction (3,)."""
    axes = field.grid.affine[:3, :3] / np.array(field.grid.spacing)
    return float(np.abs(direction @ axes) @ np.array(field.grid.spacing) / 2 / max(np.abs(direction @ axes).sum(), 1.0))
