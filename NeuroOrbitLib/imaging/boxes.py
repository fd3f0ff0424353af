"""Boxes of voxels: cutting a part out of an image and putting it back in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.image import Grid, Image


@dataclass(frozen=True)
class Box:
    """A half-open block of voxels in array order (K, J, I), which may extend beyond the image.

    :param start: first voxel (K, J, I).
    :param stop: voxel after the last one (K, J, I).
    :raises ValueError: if the box is empty.
    """

    start: tuple[int, int, int]
    stop: tuple[int, int, int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", tuple(int(index) for index in self.start))
        object.__setattr__(self, "stop", tuple(int(index) for index in self.stop))
        if any(stop <= start for start, stop in zip(self.start, self.stop, strict=True)):
            raise ValueError(f"An empty box: from {self.start} to {self.stop}.")

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of voxels (K, J, I)."""
        return tuple(stop - start for start, stop in zip(self.start, self.stop, strict=True))

    @property
    def slices(self) -> tuple[slice, slice, slice]:
        """Index of the box in an array that contains it completely."""
        return tuple(slice(start, stop) for start, stop in zip(self.start, self.stop, strict=True))

    def grown(self, margin: int | tuple[int, int, int]) -> Box:
        """Return the box extended by ``margin`` voxels (one number, or K, J, I) on every side."""
        margins = np.broadcast_to(margin, 3)
        return Box(tuple(np.array(self.start) - margins), tuple(np.array(self.stop) + margins))

    def inside(self, shape: tuple[int, int, int]) -> Box | None:
        """Return the part of the box that lies in an array of ``shape``; ``None`` if there is none."""
        start, stop = np.maximum(self.start, 0), np.minimum(self.stop, shape)
        return Box(tuple(start), tuple(stop)) if np.all(stop > start) else None

    def meets(self, other: Box) -> bool:
        """Return whether the boxes share a voxel."""
        return bool(np.all(np.maximum(self.start, other.start) < np.minimum(self.stop, other.stop)))

    def moved(self, offset: tuple[int, int, int]) -> Box:
        """Return the box shifted by ``offset`` voxels (K, J, I)."""
        return Box(tuple(np.add(self.start, offset)), tuple(np.add(self.stop, offset)))

    def within(self, outer: Box) -> tuple[slice, slice, slice]:
        """Return the index of the box in an array that holds only the voxels of ``outer``."""
        return self.moved(tuple(-np.array(outer.start))).slices


def box_around(mask: np.ndarray) -> Box | None:
    """Return the smallest box that holds all non-zero voxels of a (K, J, I) array; ``None`` if there are none."""
    start, stop = [], []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        indices = np.flatnonzero(mask.any(axis=others))
        if indices.size == 0:
            return None
        start.append(indices[0])
        stop.append(indices[-1] + 1)
    return Box(tuple(start), tuple(stop))


def box_around_all(boxes: Sequence[Box]) -> Box:
    """Return the smallest box that holds all of some boxes, of which there must be at least one."""
    return Box(tuple(np.min([box.start for box in boxes], axis=0)), tuple(np.max([box.stop for box in boxes], axis=0)))


def box_covering(grid: Grid, other: Grid, margin: int = 0) -> Box | None:
    """Return the box of the voxels of ``grid`` that cover ``other``; ``None`` if the grids do not overlap.

    :param grid: grid in whose voxels the box is given.
    :param other: grid to cover.
    :param margin: number of voxels of ``grid`` to add on every side, for interpolation.
    """
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in other.shape[::-1]])).reshape(3, -1).T
    indices = grid.ijk_from_ras(other.ras_from_ijk(corners))[:, ::-1]
    start, stop = np.floor(indices.min(axis=0)), np.ceil(indices.max(axis=0)) + 1
    return Box(tuple(start), tuple(stop)).grown(margin).inside(grid.shape)


def crop_grid(grid: Grid, box: Box) -> Grid:
    """Return the grid of the voxels in ``box``."""
    affine = grid.affine.copy()
    affine[:3, 3] = grid.ras_from_ijk(np.array(box.start[::-1]))
    return Grid(box.shape, affine)


def crop(image: Image, box: Box, fill: float = 0.0) -> Image:
    """Return the voxels in ``box`` at their place in the patient, with ``fill`` outside of the image."""
    grid = crop_grid(image.grid, box)
    inside = box.inside(image.array.shape)
    if inside == box:
        return Image(image.array[box.slices], grid.affine)
    array = np.full(box.shape, fill, dtype=image.array.dtype)
    if inside is not None:
        array[inside.within(box)] = image.array[inside.slices]
    return Image(array, grid.affine)


def paste(image: Image, part: Image, box: Box) -> Image:
    """Return a copy of ``image`` with the voxels of ``part`` in ``box``; the exact inverse of :func:`crop`.

    :raises ValueError: if ``part`` has another shape than ``box``.
    """
    if part.array.shape != box.shape:
        raise ValueError(f"The part has shape {part.array.shape}, the box {box.shape}.")
    array = image.array.copy()
    inside = box.inside(array.shape)
    if inside is not None:
        array[inside.slices] = part.array[inside.within(box)]
    return image.with_array(array)
