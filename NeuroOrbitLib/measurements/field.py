"""A structure's outline between the voxels: signed distance in mm, positive inside, at any point of the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging.boxes import Box, crop_grid
from NeuroOrbitLib.imaging.image import Grid, sizes_without_noise
from NeuroOrbitLib.measurements.definitions import THICKEST_SLICE_MM

#: Voxels have slices if these are farther apart than this many pixels.
_ELONGATED = 1.5
#: SD (voxels) of the Gaussian that smooths the distance, which removes the steps of voxels.
SMOOTHING = 0.6
_MARGIN_MM = 4.0
#: Number of interpolated layers per thick slice.
_STEPS = 4


@dataclass(frozen=True)
class Field:
    """The outline of one structure as the zero level of a smooth function.

    :param values: signed distance in mm on ``grid``, (K, J, I), positive inside.
    :param grid: grid of the values.
    :param mask: the structure's voxels on the same grid.
    :param is_round: whether the outline curves from slice to slice like that of a ball, while that of a muscle also
        shifts.
    """

    values: np.ndarray
    grid: Grid
    mask: np.ndarray
    is_round: bool = False

    def at(self, ras: np.ndarray) -> np.ndarray:
        """Return the signed distance (...) in mm at RAS points (..., 3); clearly negative outside of the grid."""
        ijk = ras.reshape(-1, 3) @ self._inverse[:3, :3].T + self._inverse[:3, 3]
        values, kji = self._between_slices, ijk[:, ::-1].T
        kji *= ((np.array(values.shape) - 1) / np.maximum(np.array(self.values.shape) - 1, 1))[:, None]
        found = ndimage.map_coordinates(values, kji, order=1, mode="constant", cval=-_MARGIN_MM)
        return found.reshape(ras.shape[:-1])

    def share_at(self, ras: np.ndarray) -> np.ndarray:
        """Return the share (...) of the structure around RAS points (..., 3), from 0 to 1.

        It is interpolated between voxels, so that sums over a plane or a volume equal those of the voxels; smoothing an
        outline would cut its corners.
        """
        ijk = ras.reshape(-1, 3) @ self._inverse[:3, :3].T + self._inverse[:3, 3]
        return ndimage.map_coordinates(self.mask.astype(np.float32), ijk[:, ::-1].T, order=1).reshape(ras.shape[:-1])

    @cached_property
    def voxels(self) -> np.ndarray:
        """RAS mm (N, 3) of the middles of the structure's voxels."""
        return self.grid.ras_from_ijk(np.argwhere(self.mask)[:, ::-1])

    @cached_property
    def volume_ml(self) -> float:
        """Number of voxels times their volume, in ml."""
        return float(np.count_nonzero(self.mask) * self.grid.voxel_volume / 1000.0)

    @cached_property
    def solid(self) -> np.ndarray:
        """Points (N, 3) inside, RAS mm, with equal distances in all directions also for anisotropic voxels."""
        low, high = self.voxels.min(axis=0) - max(self.grid.spacing), self.voxels.max(axis=0) + max(self.grid.spacing)
        step = max(0.8, float(np.prod(high - low) / 60_000) ** (1 / 3))
        points = np.stack(np.meshgrid(*[np.arange(start, stop, step) for start, stop in zip(low, high, strict=True)],
                                      indexing="ij"), axis=-1).reshape(-1, 3)
        inside = points[self.at(points) > 0]
        return inside if len(inside) > 20 else self.voxels

    @cached_property
    def slices(self) -> Slices:
        """Distance and direction of the scan's slices."""
        axis = int(np.argmax(self.grid.spacing))
        along = self.grid.affine[:3, axis]
        return Slices(max(sizes_without_noise(self.grid.spacing)), along / np.linalg.norm(along))

    def voxel_size_along(self, direction: np.ndarray) -> float:
        """Return the size (mm) of a voxel along a unit direction (3,), its slice distance across the slices."""
        return float(np.linalg.norm(direction @ self.grid.affine[:3, :3]))

    @cached_property
    def thick_slices(self) -> tuple[float, float] | None:
        """In how many thick slices the structure is: behind one another on average, and if all had an equal area.

        ``None`` without thick slices.
        """
        axis = _thick_axis(self.grid.spacing[::-1])
        if axis is None:
            return None
        areas = np.moveaxis(self.mask, axis, 0).sum(axis=(1, 2), dtype=float)
        return (float(areas.sum() / np.count_nonzero(self.mask.any(axis))),
                float(areas.sum() ** 2 / np.square(areas).sum()))

    @property
    def contour_error(self) -> float:
        """Half of the mean voxel size in mm, the largest error of an outline drawn on voxels."""
        return float(self.grid.voxel_volume ** (1 / 3) / 2)

    @cached_property
    def _between_slices(self) -> np.ndarray:
        """The values; for a round structure with interpolated layers between thick slices.

        Linear interpolation between slices would cut off the top of a ball: in slices of 3.3 mm its diameter would be
        0.16 mm too small.
        """
        axis = _thick_axis(self.grid.spacing[::-1]) if self.is_round else None
        return self.values if axis is None else _curved(self.values, self.mask, axis)

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.linalg.inv(self.grid.affine)


@dataclass(frozen=True)
class Slices:
    """Distance of a scan's slices in mm (its largest voxel side), and the unit vector (3,) across them."""

    spacing: float
    normal: np.ndarray


def field_of(mask: np.ndarray, grid: Grid, box: Box, is_round: bool = False) -> Field:
    """Return the outline of a mask.

    :param mask: voxels of the structure within ``box``, bool (K, J, I).
    :param grid: grid of the whole label map.
    :param box: the smallest box around the structure.
    :param is_round: whether the outline curves from slice to slice like that of a ball.
    """
    margins = [int(np.ceil(_MARGIN_MM / size)) for size in grid.spacing[::-1]]
    padded = np.pad(mask, [(margin, margin) for margin in margins])
    spacing = np.array(grid.spacing[::-1])
    thick = _thick_axis(spacing)
    values = _signed_distance(padded, spacing) if thick is None else _between_outlines(padded, spacing, thick)
    width = [0.0 if other == thick else SMOOTHING * spacing.min() / spacing[other] for other in range(3)]
    return Field(ndimage.gaussian_filter(values, width), crop_grid(grid, box.grown(tuple(margins))), padded,
                 is_round)


def has_slices_beyond(limit: float, spacing: Sequence[float]) -> bool:
    """Return whether voxels have slices that are farther apart than a limit; voxels of about equal sides have none.

    :param limit: distance of slices (mm).
    :param spacing: voxel size (mm) along all axes, in any order.
    """
    sizes = sizes_without_noise(spacing)
    return max(sizes) > max(limit, _ELONGATED * float(np.median(sizes)))


def _thick_axis(spacing: Sequence[float]) -> int | None:
    """Return the array axis across slices far enough apart for outlines to be interpolated; ``None`` if there is none.

    :param spacing: voxel size (mm) along K, J, I.
    """
    axis = int(np.argmax(spacing))
    return axis if has_slices_beyond(THICKEST_SLICE_MM, spacing) else None


def _curved(values: np.ndarray, mask: np.ndarray, axis: int) -> np.ndarray:
    """Return values with :data:`_STEPS` layers for each one along an axis, on cubic curves (Catmull and Rom 1974).

    Next to a slice that does not show the structure, interpolation is linear, since nothing is known beyond the last
    slice.
    """
    known = np.moveaxis(values, axis, 0)
    first, second = known[:-1], known[1:]
    line = second - first
    shown = np.moveaxis(mask, axis, 0).any(axis=(1, 2))
    inner = np.zeros(len(line), dtype=bool)
    inner[1:-1] = shown[:-3] & shown[1:-2] & shown[2:-1] & shown[3:]
    slopes = line.copy(), line.copy()
    slopes[0][1:][inner[1:]] = ((line[1:] + line[:-1]) / 2)[inner[1:]]
    slopes[1][:-1][inner[:-1]] = ((line[1:] + line[:-1]) / 2)[inner[:-1]]
    steps = [_cubic(first, second, *slopes, number / _STEPS) for number in range(_STEPS)]
    finer = np.stack(steps, axis=1).reshape(-1, *known.shape[1:])
    return np.moveaxis(np.concatenate([finer, known[-1:]]), 0, axis)


def _cubic(first: np.ndarray, second: np.ndarray, leaving: np.ndarray, arriving: np.ndarray, at: float) -> np.ndarray:
    """Return the value of a cubic curve with the given slopes at a fraction of the way from ``first`` to ``second``."""
    square, cube = at**2, at**3
    return ((2 * cube - 3 * square + 1) * first + (3 * square - 2 * cube) * second + (cube - 2 * square + at) * leaving
            + (cube - square) * arriving)


def depth_within(mask: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return the distance (mm) of each voxel of a mask to the nearest one outside it, and 0 outside.

    Only the mask and the voxels beside it are looked at, since the nearest one outside is among them.

    :param mask: bool, of any number of axes.
    :param spacing: voxel size (mm) along each axis.
    """
    near = []
    for axis, size in enumerate(mask.shape):
        places = np.flatnonzero(mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis)))
        near.append(slice(max(places[0] - 1, 0), min(places[-1] + 2, size)) if places.size else slice(0, 0))
    depth = np.zeros(mask.shape)
    if mask.any():
        depth[tuple(near)] = ndimage.distance_transform_edt(mask[tuple(near)], spacing)
    return depth


def _signed_distance(mask: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Return the distance (mm) to the outline half-way between voxels, positive inside, never below -12."""
    inside = depth_within(mask, spacing)
    outside = ndimage.distance_transform_edt(~mask, spacing)
    half = spacing.min() / 2
    return np.where(mask, inside - half, np.maximum(half - outside, -12.0)).astype(np.float32)


def _between_outlines(mask: np.ndarray, spacing: np.ndarray, axis: int) -> np.ndarray:
    """Return signed distances within each slice, by which outlines can be interpolated (Raya and Udupa 1990).

    In slices that do not show the structure, the distance in space is used.
    """
    values = _signed_distance(mask, spacing)
    flat = np.delete(spacing, axis)
    for number in range(mask.shape[axis]):
        place = (slice(None),) * axis + (number,)
        if mask[place].any():
            values[place] = _signed_distance(mask[place], flat)
    return values
