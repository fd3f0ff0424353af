"""Uncertainty of measures: their change if the outline is moved inwards or outwards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from NeuroOrbitLib.measurements.field import Field

#: Standard deviation, in units of half a voxel, of an edge that is equally likely anywhere within a voxel.
_UNIFORM = 3.0**-0.5


def contour_sigma(field: Field, expected_dice: float | None = None) -> float:
    """Return the standard deviation (mm) of a structure's outline.

    :param field: outline of the structure.
    :param expected_dice: expected overlap (Dice) of the segmentation with a reader's; the expected difference in volume
        is spread over the surface. If it is not known, only the voxel size counts.
    """
    of_voxels = field.contour_error * _UNIFORM
    if expected_dice is None or not 0.0 < expected_dice <= 1.0:
        return of_voxels
    volume = np.count_nonzero(field.mask) * field.grid.voxel_volume
    return max(of_voxels, float((1.0 - expected_dice) * volume / max(surface_area(field), 1e-6)))


def edge_sigma(field: Field, direction: np.ndarray, sigma: float) -> float:
    """Return the standard deviation (mm) of a border across a unit direction (3,).

    A border that runs along the slices is only known to within one slice, however small the voxels' other sides are.

    :param field: outline of the structure.
    :param direction: unit vector (3,) across the border.
    :param sigma: standard deviation of the whole outline (mm), see :func:`contour_sigma`.
    """
    return max(sigma, field.voxel_size_along(direction) / 2 * _UNIFORM)


def surface_area(field: Field) -> float:
    """Return the area of a structure's surface in mm2, from the faces of its voxels.

    For a surface without a preferred direction, the area of its voxel faces is one and a half times its own.
    """
    axes = field.grid.affine[:3, :3]
    faces = [np.linalg.norm(np.cross(axes[:, (axis + 1) % 3], axes[:, (axis + 2) % 3])) for axis in range(3)]
    counts = [np.count_nonzero(np.diff(field.mask.astype(np.int8), axis=2 - axis)) for axis in range(3)]
    return float(np.dot(counts, faces) * 2 / 3)


def volume_uncertainty(field: Field, sigma: float) -> float:
    """Return how much (ml) a volume changes if the outline moves by ``sigma`` mm all around."""
    return surface_area(field) * sigma / 1000.0


def by_perturbing(measure: Callable[[float], float | None], sigma: float) -> tuple[float | None, float | None]:
    """Return a measure and its uncertainty: half of its change as the outline moves by ``sigma`` mm out and in.

    :param measure: function that returns the value for an outline moved outwards by a distance in mm; ``None`` if there
        is none.
    :param sigma: standard deviation of the outline (mm).
    """
    value = measure(0.0)
    if value is None:
        return None, None
    ends = [other for other in (measure(sigma), measure(-sigma)) if other is not None]
    if len(ends) == 2:
        return value, abs(ends[0] - ends[1]) / 2
    return value, max((abs(end - value) for end in ends), default=None)
