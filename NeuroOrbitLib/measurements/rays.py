"""Points where rays from inside a structure leave it."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.sections import plane_axes

_STEP_MM, _FARTHEST_MM = 0.2, 20.0
#: Radius around the end of an axis in which the surface is sampled: mm, and as a share of the distance to it.
_CAP_MM, _CAP_SHARE = 4.5, 0.4
#: Directions (degrees from the middle one) in which the frontmost or rearmost point of a globe is looked for.
_CONE = np.arange(0.0, 34.0, 2.0)


def exits(field: Field, start: np.ndarray, directions: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """Return where rays from ``start`` (3,) along unit ``directions`` (N, 3) first leave a structure, (N, 3) RAS mm.

    :param field: outline of the structure.
    :param start: point (3,) inside the structure, RAS mm.
    :param directions: unit vectors (N, 3) of the rays.
    :param shift: distance (mm) by which the structure is enlarged all around.
    """
    distances = np.arange(0.0, _FARTHEST_MM, _STEP_MM)
    values = field.at(start + distances[:, None] * directions[:, None, :]) + shift
    outside = values <= 0
    outside[:, -1] = True
    first = np.maximum(outside.argmax(axis=1), 1)
    rows = np.arange(len(directions))
    inner, outer = values[rows, first - 1], values[rows, first]
    share = np.clip(inner / np.maximum(inner - outer, 1e-6), 0.0, 1.0)
    return start + (distances[first - 1] + share * _STEP_MM)[:, None] * directions


def end_along(field: Field, start: np.ndarray, axis: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """Return the end of a structure along an axis, RAS mm (3,).

    The end is the top of a paraboloid fitted to the surface around it, which is wide enough to contain more than one
    layer of voxels.

    :param field: outline of the structure.
    :param start: point (3,) inside the structure, RAS mm.
    :param axis: unit vector (3,).
    :param shift: distance (mm) by which the structure is enlarged all around.
    """
    first, second = (direction[0] for direction in plane_axes(axis[None]))
    reach = np.linalg.norm(exits(field, start, axis[None], shift)[0] - start)
    widest = np.arctan2(min(_CAP_MM, _CAP_SHARE * reach), max(reach, 1e-6))
    off, around = np.meshgrid(np.linspace(0.0, widest, 8), np.radians(np.arange(0.0, 360.0, 20.0)), indexing="ij")
    off, around = off.ravel()[:, None], around.ravel()[:, None]
    cone = np.cos(off) * axis + np.sin(off) * (np.cos(around) * first + np.sin(around) * second)
    surface = exits(field, start, cone, shift) - start
    x, y, height = surface @ first, surface @ second, surface @ axis
    terms = np.stack([np.ones_like(x), x, y, x**2, x * y, y**2], axis=1)
    return start + np.linalg.lstsq(terms, height, rcond=None)[0][0] * axis


def foremost(field: Field, start: np.ndarray, direction: np.ndarray, shift: float = 0.0) -> np.ndarray:
    """Return the point (3,) of a structure's surface that is farthest in a direction, RAS mm.

    :param field: outline of the structure.
    :param start: point (3,) inside the structure, RAS mm.
    :param direction: unit vector (3,).
    :param shift: distance (mm) by which the structure is enlarged all around.
    """
    first, second = (axis[0] for axis in plane_axes(direction[None]))
    off, around = np.meshgrid(np.radians(_CONE), np.radians(np.arange(0.0, 360.0, 15.0)), indexing="ij")
    off, around = off.ravel()[:, None], around.ravel()[:, None]
    cone = np.cos(off) * direction + np.sin(off) * (np.cos(around) * first + np.sin(around) * second)
    points = exits(field, start, cone, shift)
    return points[(points @ direction).argmax()]
