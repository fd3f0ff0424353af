"""Structures that are cut where a scan shows nothing although its array goes on: beyond a padded field of view.

Scans that were resampled, turned or reconstructed in a circle are filled up with one value. Air may have one value,
too, and reach a structure: through the nose beside thin bone, or in front of an open eye. A field of view is convex, so
that what lies beyond it lies outside of the convex hull of all that the scan shows; nose, brows and cheeks put the air
beside an orbit inside of that hull.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

from NeuroOrbitLib.anatomy.structures import structure_of
from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.reasons import TOUCHING

#: Padding has one of so many most frequent values on the faces of the array, and takes this share of them.
_VALUES, _LEAST_SHARE = 4, 0.002
#: Voxels along every axis that padding is thick at least.
_THICK = np.ones((2, 2, 2), dtype=bool)
_MARGIN = 3
#: So far outside of the hull (mm) is not its rounding.
_ROUNDING_MM = 1e-3
#: What air may border in front, as it does an open eye. Where air has the value of the padding, that does not count; it
#: has it if less than this share of the hull holds other values, for sinuses lie inside of the hull.
_IN_FRONT, _FILLED = ("eye", "fat", "bone"), 0.97
#: Points that are looked at together: a hull may have ten thousands of planes.
_AT_ONCE = 200


def cut_by_padding(labels: Image, scan: Image) -> set[int]:
    """Return the label values whose structures go on beyond the part of the array that the scan fills.

    :param scan: on the grid of the labels, with the values of its file.
    """
    values, padding, found = _values_at_faces(scan.array), {}, set()
    for label, place in enumerate(ndimage.find_objects(labels.array), start=1):
        if place is None:
            continue
        box = Box(*zip(*((part.start, part.stop) for part in place), strict=True)).grown(_MARGIN)
        box = box.inside(labels.array.shape)
        own, grey = labels.array[box.slices] == label, scan.array[box.slices]
        around = ndimage.binary_dilation(own) & ~own
        for value in values:
            near = around & (grey == value)
            if np.count_nonzero(near) >= TOUCHING:
                near &= ndimage.binary_opening(grey == value, _THICK)
            if np.count_nonzero(near) < TOUCHING:
                continue
            if value not in padding:
                padding[value] = _Padding.of(scan, value)
            if padding[value] and padding[value].cuts(label, np.argwhere(near) + box.start, np.argwhere(own)
                                                      + box.start):
                found.add(label)
    return found


def _values_at_faces(array: np.ndarray) -> list[float]:
    """The most frequent values of the outermost voxels."""
    faces = np.concatenate([np.take(array, place, axis).ravel() for axis in range(3) for place in (0, -1)])
    values, counts = np.unique(faces, return_counts=True)
    often = np.argsort(-counts)[:_VALUES]
    return values[often[counts[often] >= _LEAST_SHARE * faces.size]].tolist()


@dataclass(frozen=True)
class _Padding:
    """The voxels of one value that hang together with the edge of the array.

    :param region: bool (K, J, I). :param planes: of the convex hull of all other voxels, in RAS mm: normals (N, 3) to
        the outside, then offsets (N,).
    :param is_air: whether air has this value, too.
    """

    scan: Image
    region: np.ndarray
    planes: np.ndarray
    is_air: bool

    @classmethod
    def of(cls, scan: Image, value: float) -> _Padding | None:
        """The padding of this value; ``None`` if what is shown has no volume."""
        empty = scan.array == value
        pieces, _count = ndimage.label(empty)
        at_edge = np.unique(np.concatenate([np.take(pieces, place, axis).ravel()
                                            for axis in range(3) for place in (0, -1)]))
        region = np.isin(pieces, at_edge[at_edge > 0])
        try:
            hull = ConvexHull(scan.grid.ras_from_ijk(_outermost(~region)[:, ::-1]))
        except (QhullError, ValueError):
            return None
        filled = np.count_nonzero(~empty) * scan.grid.voxel_volume
        return cls(scan, region, hull.equations, filled < _FILLED * hull.volume)

    def cuts(self, label: int, around: np.ndarray, own: np.ndarray) -> bool:
        """Whether a structure ends where the padding begins.

        :param around: indices (N, 3) of voxels of this value beside the structure. :param own: of its voxels.
        """
        points = self.scan.grid.ras_from_ijk(around[self.region[tuple(around.T)]][:, ::-1])
        counted = self._beyond(points) > _ROUNDING_MM
        if self.is_air and structure_of(label).group in _IN_FRONT:
            counted &= points[:, 1] < self.scan.grid.ras_from_ijk(own.mean(axis=0)[::-1])[1]
        return bool(np.count_nonzero(counted) >= TOUCHING)

    def _beyond(self, points: np.ndarray) -> np.ndarray:
        """How far (N,) points (N, 3) in RAS mm lie outside of the hull; negative inside."""
        parts = np.array_split(points, len(points) // _AT_ONCE + 1)
        return np.concatenate([(part @ self.planes[:, :3].T + self.planes[:, 3]).max(axis=1) for part in parts])


def _outermost(mask: np.ndarray) -> np.ndarray:
    """Indices (N, 3) of the first and the last voxel of a mask in every row along its last axis."""
    rows = np.argwhere(mask.any(axis=2))
    lines = mask[tuple(rows.T)]
    ends = lines.argmax(axis=1), lines.shape[1] - 1 - lines[:, ::-1].argmax(axis=1)
    return np.concatenate([np.column_stack([rows, end]) for end in ends])
