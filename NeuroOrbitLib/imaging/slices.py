"""Slices through a volume in any orientation: pixels in a plane, and the voxels that belong to a mask of pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box, box_around
from NeuroOrbitLib.imaging.image import Grid

_ALIGNED_COSINE = math.cos(1e-3)
#: The visible part is widened to multiples of this number of pixels, so that a small pan does not change it.
_STEP = 16
#: Largest number of pixels of an oblique slice; the size of its pixels is doubled until it fits.
_MOST_PIXELS = 1 << 20


@dataclass(frozen=True)
class VoxelMask:
    """A set of voxels of a volume.

    :param box: box in the volume's array (K, J, I) that contains them.
    :param mask: boolean array of the box's shape.
    """

    box: Box
    mask: np.ndarray


@dataclass(frozen=True, eq=False)
class SliceGrid:
    """A grid of pixels in a plane that cuts a volume.

    Rows run along the view's upward direction and columns to its right, so row 0 is at the bottom.

    :param shape: number of pixels (rows, columns).
    :param affine: 4x4 matrix from (column, row, height above the plane in mm, 1) to patient RAS millimetres.
    :param volume: grid of the volume that is cut.
    """

    shape: tuple[int, int]
    affine: np.ndarray
    volume: Grid

    @property
    def spacing(self) -> tuple[float, float]:
        """Size of a pixel in mm (row to row, column to column)."""
        column, row = np.linalg.norm(self.affine[:3, :2], axis=0)
        return float(row), float(column)

    @property
    def step(self) -> float:
        """Distance (mm) along the normal to the next slice of the volume, so that no voxel is left out between them."""
        return float(np.abs(self.affine[:3, 2] @ self.volume.affine[:3, :3]).max())

    @property
    def key(self) -> tuple:
        """Hashable key that is equal for grids with pixels at the same places in the same volume."""
        return self.shape, tuple(np.round(self.affine, 5).ravel().tolist()), self.volume.key

    def pixel_at(self, ras: np.ndarray) -> tuple[int, int] | None:
        """Return the pixel (row, column) that a point in RAS mm projects onto; ``None`` if it lies beside the grid."""
        column, row = np.floor((np.linalg.inv(self.affine) @ np.append(ras, 1.0))[:2] + 0.5).astype(int)
        inside = 0 <= row < self.shape[0] and 0 <= column < self.shape[1]
        return (int(row), int(column)) if inside else None

    def voxels(self, mask: np.ndarray) -> VoxelMask | None:
        """Return the voxels that belong to a mask of the slice: those that the plane cuts and whose centre is masked.

        :param mask: boolean array of shape (rows, columns).
        :return: the voxels in their smallest box; ``None`` if there are none.
        """
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not rows.size:
            return None
        pixel_from_ijk = np.linalg.inv(self.affine) @ self.volume.affine
        box = self._candidates(pixel_from_ijk, (rows[0], rows[-1]), (columns[0], columns[-1]))
        return None if box is None else smallest(self._cut(pixel_from_ijk, box, mask))

    def nearest(self, voxels: VoxelMask, fill: float = 0) -> np.ndarray:
        """Return the value of the voxel under each pixel, without interpolation, and ``fill`` outside of the box.

        :param voxels: values (not only masks) on a box of the volume.
        :param fill: value of the pixels outside of the box.
        :return: array of shape (rows, columns) with the type of the voxels.
        """
        result = np.full(self.shape, fill, dtype=voxels.mask.dtype)
        ijk_from_pixel = np.linalg.inv(self.volume.affine) @ self.affine
        part = self._pixels_of(voxels.box)
        if part is None:
            return result
        rows, columns = (np.arange(piece.start, piece.stop) for piece in part)
        index, inside = [], np.True_
        for axis in (2, 1, 0):
            along = ijk_from_pixel[axis]
            positions = along[0] * columns[None, :] + along[1] * rows[:, None] + along[3]
            number = np.floor(positions + 0.5).astype(np.intp) - voxels.box.start[2 - axis]
            inside = inside & (number >= 0) & (number < voxels.mask.shape[2 - axis])
            index.append(np.clip(number, 0, voxels.mask.shape[2 - axis] - 1))
        result[part] = np.where(inside, voxels.mask[tuple(index)], np.asarray(fill, dtype=result.dtype))
        return result

    def _pixels_of(self, box: Box) -> tuple[slice, slice] | None:
        """Return the part of the slice above and below a box of voxels."""
        low, high = np.array(box.start[::-1]) - 0.5, np.array(box.stop[::-1]) - 0.5
        corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1)
        pixels = _apply(np.linalg.inv(self.affine) @ self.volume.affine, corners)[1::-1]
        first = np.clip(np.floor(pixels.min(axis=1)).astype(int), 0, self.shape)
        last = np.clip(np.ceil(pixels.max(axis=1)).astype(int) + 1, 0, self.shape)
        return (slice(first[0], last[0]), slice(first[1], last[1])) if np.all(last > first) else None

    def _candidates(self, pixel_from_ijk: np.ndarray, rows: tuple[int, int],
                    columns: tuple[int, int]) -> Box | None:
        """Return a box of all voxels that a part of the slice can touch."""
        corners = np.array([(c, r, 0.0) for c in (columns[0] - 0.5, columns[1] + 0.5)
                            for r in (rows[0] - 0.5, rows[1] + 0.5)]).T
        ijk = _apply(np.linalg.inv(pixel_from_ijk), corners)
        start, stop = np.floor(ijk.min(axis=1) - 1.0), np.ceil(ijk.max(axis=1) + 1.0) + 1
        return Box(tuple(start[::-1]), tuple(stop[::-1])).inside(self.volume.shape)

    def _cut(self, pixel_from_ijk: np.ndarray, box: Box, mask: np.ndarray) -> VoxelMask:
        """Return the masked voxels among those of a box that the plane cuts.

        The plane crosses each line of voxels along the axis closest to its normal once: only voxels around that
        crossing are examined, not the whole box.
        """
        slope = pixel_from_ijk[2, :3]  # mm that a step along I, J, K rises above the plane
        half_thickness = np.abs(slope).sum() / 2  # a voxel whose centre is farther away is not cut
        through = int(np.argmax(np.abs(slope)))
        across = [axis for axis in range(3) if axis != through]
        lines = [np.arange(box.start[2 - axis], box.stop[2 - axis]) for axis in across]
        first, second = (line.ravel() for line in np.meshgrid(*lines, indexing="ij"))
        crossing = -(pixel_from_ijk[2, 3] + slope[across[0]] * first + slope[across[1]] * second) / slope[through]
        layer = np.floor(crossing + 0.5).astype(int)
        reach = int(half_thickness / abs(slope[through]) + 0.5 - 1e-6)
        found = np.zeros(box.shape, dtype=bool)
        for step in range(-reach, reach + 1):
            ijk = np.empty((3, first.size), dtype=int)
            ijk[across[0]], ijk[across[1]], ijk[through] = first, second, layer + step
            found |= self._masked(pixel_from_ijk, ijk, box, mask, half_thickness)
        return VoxelMask(box, found)

    def _masked(self, pixel_from_ijk: np.ndarray, ijk: np.ndarray, box: Box, mask: np.ndarray,
                half_thickness: float) -> np.ndarray:
        """Return the voxels among ``ijk`` (3, n) that are cut, in the box and masked, as a mask of the box's shape."""
        column, row, height = _apply(pixel_from_ijk, ijk)
        column, row = np.floor(column + 0.5).astype(int), np.floor(row + 0.5).astype(int)
        index = ijk[::-1] - np.array(box.start)[:, None]
        good = (np.abs(height) <= half_thickness * (1 + 1e-6)) & (row >= 0) & (row < self.shape[0])
        good &= (column >= 0) & (column < self.shape[1])
        good &= ((index >= 0) & (index < np.array(box.shape)[:, None])).all(axis=0)
        good[good] = mask[row[good], column[good]]
        found = np.zeros(box.shape, dtype=bool)
        found[tuple(index[:, good])] = True
        return found


def slice_grid(world_from_view: np.ndarray, view_size: tuple[int, int], volume: Grid) -> SliceGrid | None:
    """Return the grid of pixels for the part of a volume that a slice view shows.

    If the slice is parallel to axes of the volume, each pixel is one voxel of the layer nearest to the slice, without
    interpolation. Otherwise pixels are squares of the size of the smallest voxel edge, or a power of two times that.

    :param world_from_view: 4x4 matrix from view coordinates (x to the right and y upward in pixels of the screen, z 0)
        to patient RAS mm.
    :param view_size: width and height of the view in pixels of the screen.
    :param volume: grid of the volume.
    :return: ``None`` if the slice view shows no part of the volume.
    """
    axes = world_from_view[:3, :2] / np.linalg.norm(world_from_view[:3, :2], axis=0)
    normal = np.cross(axes[:, 0], axes[:, 1])
    width, height = view_size
    corners = _apply(world_from_view, np.array([(x - 0.5, y - 0.5, 0.0) for x in (0, width) for y in (0, height)]).T)
    voxel_axes = volume.affine[:3, :3] / np.array(volume.spacing)
    cosines = axes.T @ voxel_axes
    column_axis, row_axis = np.abs(cosines).argmax(axis=1)
    if column_axis != row_axis and np.abs(cosines).max(axis=1).min() >= _ALIGNED_COSINE:
        return _aligned_grid(corners, normal, volume, [(axis, cosines[number, axis] > 0)
                                                       for number, axis in enumerate((column_axis, row_axis))])
    return _oblique_grid(corners, axes, normal, volume)


def _aligned_grid(corners: np.ndarray, normal: np.ndarray, volume: Grid,
                  directions: list[tuple[int, bool]]) -> SliceGrid | None:
    """Return a grid whose pixels are voxels of one layer.

    :param directions: for columns and for rows, the voxel axis along which they run, and whether in its direction.
    """
    count = np.array(volume.shape[::-1])
    ijk = volume.ijk_from_ras(corners.T)
    through = 3 - directions[0][0] - directions[1][0]
    first = np.floor(ijk.mean(axis=0) + 0.5 + 1e-6).astype(int)  # the layer; overwritten along the other axes
    if not 0 <= first[through] < count[through]:
        return None
    affine, shape = np.eye(4), []
    for number, (axis, forward) in enumerate(directions):
        low, high = _stepped(ijk[:, axis].min(), ijk[:, axis].max(), 0, count[axis] - 1)
        if high < low:
            return None
        first[axis] = low if forward else high
        affine[:3, number] = volume.affine[:3, axis] * (1 if forward else -1)
        shape.append(high - low + 1)
    affine[:3, 2], affine[:3, 3] = normal, volume.ras_from_ijk(first)
    return SliceGrid((shape[1], shape[0]), affine, volume)


def _oblique_grid(corners: np.ndarray, axes: np.ndarray, normal: np.ndarray, volume: Grid) -> SliceGrid | None:
    outline = _outline(corners[:, 0], normal, volume)
    if outline is None:
        return None
    height = float(normal @ (corners[:, 0] - volume.affine[:3, 3]))
    origin = volume.affine[:3, 3] + height * normal  # of a lattice that does not move when the view is panned
    seen, present = axes.T @ (corners - origin[:, None]), axes.T @ (outline - origin[:, None])
    size = min(volume.spacing)
    while True:
        ranges = [_stepped(seen[axis].min() / size, seen[axis].max() / size,
                           math.ceil(present[axis].min() / size), math.floor(present[axis].max() / size))
                  for axis in range(2)]
        columns, rows = (high - low + 1 for low, high in ranges)
        if columns < 1 or rows < 1:
            return None
        if columns * rows <= _MOST_PIXELS:
            break
        size *= 2
    affine = np.eye(4)
    affine[:3, :2], affine[:3, 2] = axes * size, normal
    affine[:3, 3] = origin + axes @ (size * np.array([ranges[0][0], ranges[1][0]]))
    return SliceGrid((rows, columns), affine, volume)


def _stepped(low: float, high: float, first: int, last: int) -> tuple[int, int]:
    """Return the range from low to high, widened to multiples of the step and limited to first...last."""
    return max(math.floor(low / _STEP) * _STEP, int(first)), min(math.ceil(high / _STEP) * _STEP, int(last))


def _outline(point: np.ndarray, normal: np.ndarray, volume: Grid) -> np.ndarray | None:
    """Return the points at which a plane crosses the edges of a volume, RAS mm (3, n); ``None`` if it does not."""
    ends = np.array([(-0.5, n - 0.5) for n in volume.shape[::-1]])
    corners = np.array(np.meshgrid(*ends, indexing="ij"))  # (3, 2, 2, 2)
    points = _apply(volume.affine, corners.reshape(3, -1)).reshape(3, 2, 2, 2)
    crossings = []
    for axis in range(3):
        starts, stops = (np.take(points, end, axis=axis + 1).reshape(3, -1) for end in (0, 1))
        below, above = normal @ (starts - point[:, None]), normal @ (stops - point[:, None])
        crossed = (below * above <= 0) & (below != above)
        share = below[crossed] / (below[crossed] - above[crossed])
        crossings.append(starts[:, crossed] + share * (stops - starts)[:, crossed])
    found = np.concatenate(crossings, axis=1)
    return found if found.size else None


def smallest(voxels: VoxelMask) -> VoxelMask | None:
    """Return the same voxels in the smallest box that holds them; ``None`` if there are none."""
    box = box_around(voxels.mask)
    return None if box is None else VoxelMask(box.moved(voxels.box.start), voxels.mask[box.slices])


def _apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Transform points of shape (3, n) by a 4x4 matrix."""
    return matrix[:3, :3] @ points + matrix[:3, 3:]
