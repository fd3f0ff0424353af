"""Structures that are cut off at the end of the field of view of a scan whose array is padded beyond it.

Scans that were resampled, rotated or registered are padded with one value. Air may have a single value, too, and touch
a structure: in front of an open eye, or through the nose beside thin bone. But a field of view ends at a plane: where
it cuts off a structure, the padding fills one side of this plane and none of the other for centimetres, unlike air
beside skin or in a sinus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.measurements.reasons import TOUCHING

#: Number of the most frequent values on the faces of the array that may be padding, and least share of the faces that
#: each must fill.
_VALUES, _LEAST_SHARE = 4, 0.002
#: Radius (mm) around the place where a structure meets the padding, and least share of the padding, and of the other
#: voxels, within it that must be on its own side of the plane.
_AROUND, _ON_ITS_SIDE = 20.0, 0.96
#: Least share of the voxels within the radius that must be padding, and that must not.
_LEAST_SIDE = 0.05
#: At first every so many voxels are looked at, and a share may be smaller by this much: that rejects nearly all air.
_EVERY, _TOLERANCE = 7, 0.02


def cut_by_padding(labels: Image, scan: Image) -> set[int]:
    """Return the label values whose structures continue beyond the part of the array that the scan fills.

    :param labels: label map.
    :param scan: grey values on the grid of the labels.
    """
    values, balls, found = _values_at_faces(scan.array), (_Ball(scan.grid, _EVERY), _Ball(scan.grid)), set()
    for label, place in enumerate(ndimage.find_objects(labels.array), start=1):
        if place is None:
            continue
        box = Box(*zip(*((part.start, part.stop) for part in place), strict=True)).grown(1).inside(labels.array.shape)
        own, grey = labels.array[box.slices] == label, scan.array[box.slices]
        around = ndimage.binary_dilation(own) & ~own
        if any(_ends_at_a_plane(labels, scan, balls, label, value, near + box.start)
               for value in values for near in _pieces(around & (grey == value))):
            found.add(label)
    return found


def _values_at_faces(array: np.ndarray) -> list[float]:
    """Return the most frequent values of the outermost voxels."""
    faces = np.concatenate([np.take(array, place, axis).ravel() for axis in range(3) for place in (0, -1)])
    values, counts = np.unique(faces, return_counts=True)
    often = np.argsort(-counts)[:_VALUES]
    return values[often[counts[often] >= _LEAST_SHARE * faces.size]].tolist()


def _pieces(mask: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the indices (N, 3), (K, J, I), of the voxels of each piece of a mask with at least TOUCHING voxels."""
    pieces, _count = ndimage.label(mask, np.ones((3, 3, 3)))
    for number, place in enumerate(ndimage.find_objects(pieces), start=1):
        near = np.argwhere(pieces[place] == number)
        if len(near) >= TOUCHING:
            yield near + [part.start for part in place]


class _Ball:
    """The voxels within :data:`_AROUND` of any voxel of a grid, computed once.

    :param every: number of which one voxel is taken.
    """

    def __init__(self, grid: Grid, every: int = 1) -> None:
        self._grid, self._every = grid, every
        self._reach = np.ceil(_AROUND * np.linalg.norm(np.linalg.inv(grid.affine[:3, :3]), axis=1))[::-1].astype(int)

    @cached_property
    def _within(self) -> np.ndarray:
        """Which voxels of the box around a voxel are within the radius and taken, bool (K, J, I)."""
        taken = np.arange(self._offsets[..., 0].size).reshape(self._offsets.shape[:3]) % self._every == 0
        return taken & (np.linalg.norm(self._offsets, axis=-1) <= _AROUND)

    @cached_property
    def _offsets(self) -> np.ndarray:
        """RAS offsets (K, J, I, 3) in mm of the voxels of the box."""
        kji = np.moveaxis(np.indices(2 * self._reach + 1), 0, -1) - self._reach
        return kji[..., ::-1] @ self._grid.affine[:3, :3].T

    @cached_property
    def _places(self) -> np.ndarray:
        return self._offsets[self._within]

    def around(self, middle: np.ndarray) -> tuple[tuple[slice, ...], np.ndarray, np.ndarray]:
        """Return the voxels around one voxel that lie in the array.

        :param middle: index (K, J, I) of the voxel.
        :return: index of their box in the array, which voxels of the box are taken, and their RAS offsets (N, 3) in mm
            from ``middle``.
        """
        box = Box(tuple(middle), tuple(middle + 1)).grown(tuple(self._reach)).inside(self._grid.shape)
        if box.shape == self._within.shape:
            return box.slices, self._within, self._places
        part = box.moved(tuple(self._reach - middle)).slices
        return box.slices, self._within[part], self._offsets[part][self._within[part]]


def _ends_at_a_plane(labels: Image, scan: Image, balls: Sequence[_Ball], label: int, value: float,
                     near: np.ndarray) -> bool:
    """Return whether a structure ends at a plane with voxels of one value on one side, and of others on the other.

    :param balls: some of the voxels around each voxel, and all of them.
    :param label: label value of the structure.
    :param value: grey value that may be padding.
    :param near: indices (N, 3), (K, J, I), of voxels of the grey value beside the structure.
    """
    middle = near[np.linalg.norm(near - np.median(near, axis=0), axis=1).argmin()]
    for ball, tolerance in zip(balls, (_TOLERANCE, 0.0), strict=True):
        box, within, places = ball.around(middle)
        empty = scan.array[box][within] == value
        share = empty.mean()
        if min(share, 1.0 - share) < _LEAST_SIDE - tolerance or not 0.0 < share < 1.0:
            return False
        depth, plane = _parted(places, empty)
        beyond = depth > plane
        if min(beyond[empty].mean(), 1.0 - beyond[~empty].mean()) < _ON_ITS_SIDE - tolerance:
            return False
    # An open eye sticks out of the air around it.
    own = labels.array[box][within] == label
    return bool(np.count_nonzero(own & (depth > plane + max(scan.spacing))) < TOUCHING)


def _parted(places: np.ndarray, empty: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the depths (N,) of places (N, 3) from the rest towards the empty ones, and that of the plane between."""
    of_empty, of_all = empty.astype(np.float64) @ places, places.sum(axis=0)
    towards = of_empty / np.count_nonzero(empty) - (of_all - of_empty) / np.count_nonzero(~empty)
    depth = places @ (towards / np.linalg.norm(towards))
    return depth, np.quantile(depth, 1.0 - empty.mean())
