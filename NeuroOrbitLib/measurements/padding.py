"""Structures that are cut off at the end of the field of view of a scan whose array is padded beyond it.

Scans that were resampled, rotated or registered are padded with one value. Air may have a single value, too, and touch
a structure: in front of an open eye, or through the nose beside thin bone. But a field of view ends at a plane: where
it cuts off a structure, the padding fills one side of this plane and none of the other for centimetres, unlike air
beside skin or in a sinus.
"""

from __future__ import annotations

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


def cut_by_padding(labels: Image, scan: Image) -> set[int]:
    """Return the label values whose structures continue beyond the part of the array that the scan fills.

    :param labels: label map.
    :param scan: grey values on the grid of the labels.
    """
    values, found = _values_at_faces(scan.array), set()
    for label, place in enumerate(ndimage.find_objects(labels.array), start=1):
        if place is None:
            continue
        box = Box(*zip(*((part.start, part.stop) for part in place), strict=True)).grown(1).inside(labels.array.shape)
        own, grey = labels.array[box.slices] == label, scan.array[box.slices]
        around = ndimage.binary_dilation(own) & ~own
        for value in values:
            pieces, _count = ndimage.label(around & (grey == value), np.ones((3, 3, 3)))
            sizes = np.bincount(pieces.ravel())
            if any(_ends_at_a_plane(labels, scan, label, value, np.argwhere(pieces == number) + box.start)
                   for number in np.flatnonzero(sizes[1:] >= TOUCHING) + 1):
                found.add(label)
    return found


def _values_at_faces(array: np.ndarray) -> list[float]:
    """Return the most frequent values of the outermost voxels."""
    faces = np.concatenate([np.take(array, place, axis).ravel() for axis in range(3) for place in (0, -1)])
    values, counts = np.unique(faces, return_counts=True)
    often = np.argsort(-counts)[:_VALUES]
    return values[often[counts[often] >= _LEAST_SHARE * faces.size]].tolist()


def _ends_at_a_plane(labels: Image, scan: Image, label: int, value: float, near: np.ndarray) -> bool:
    """Return whether a structure ends at a plane with voxels of one value on one side, and of others on the other.

    :param label: label value of the structure.
    :param value: grey value that may be padding.
    :param near: indices (N, 3), (K, J, I), of voxels of the grey value beside the structure.
    """
    middle = near[np.linalg.norm(near - np.median(near, axis=0), axis=1).argmin()]
    box, places = _around(scan.grid, middle)
    empty, own = scan.array[box.slices].ravel() == value, labels.array[box.slices].ravel() == label
    looked_at = np.linalg.norm(places, axis=1) <= _AROUND
    if min(empty[looked_at].mean(), 1.0 - empty[looked_at].mean()) < _LEAST_SIDE:
        return False
    towards = places[looked_at & empty].mean(axis=0) - places[looked_at & ~empty].mean(axis=0)
    depth = places @ (towards / np.linalg.norm(towards))
    plane = np.quantile(depth[looked_at], 1.0 - empty[looked_at].mean())
    beyond = depth > plane
    # An open eye sticks out of the air around it.
    sticks_out = np.count_nonzero(own & (depth > plane + max(scan.spacing))) >= TOUCHING
    return not sticks_out and bool(min(beyond[looked_at & empty].mean(), 1.0 - beyond[looked_at & ~empty].mean())
                                   >= _ON_ITS_SIDE)


def _around(grid: Grid, middle: np.ndarray) -> tuple[Box, np.ndarray]:
    """Return the box of :data:`_AROUND` around a voxel (K, J, I), and the RAS offsets (N, 3) in mm of its voxels."""
    reach = np.ceil(_AROUND * np.linalg.norm(np.linalg.inv(grid.affine[:3, :3]), axis=1))[::-1]
    box = Box(tuple(middle), tuple(middle + 1)).grown(tuple(reach)).inside(grid.shape)
    kji = np.moveaxis(np.indices(box.shape), 0, -1).reshape(-1, 3) + box.start
    return box, grid.ras_from_ijk(kji[:, ::-1]) - grid.ras_from_ijk(middle[::-1])
