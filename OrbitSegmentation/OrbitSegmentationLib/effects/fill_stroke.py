"""A mark that the user draws for the SmartFill."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from NeuroOrbitLib.effects.slice_effect import Pointer
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask
from OrbitSegmentationLib.effects.fill_targets import layer_at
from OrbitSegmentationLib.effects.fill_work import Place
from OrbitSegmentationLib.refinement.strokes import stroke_mask


class Stroke:
    """A mark that is being drawn.

    :param pointer: position of the mouse where the mark begins.
    :param place: slice that it is drawn in.
    :param radius: radius (mm) of the brush.
    :param on_layer: whether the mark lies in one layer of voxels even if the slice is tilted against the layers, of
        which each would otherwise get a strip of it.
    :param key: key that differs once the segment or the volume has changed.
    """

    def __init__(self, pointer: Pointer, place: Place, radius: float, on_layer: bool, key: Hashable) -> None:
        self.view, self.background, self.radius, self.key = pointer.view, pointer.removing, radius, key
        self._on_layer = on_layer
        self.place, self.grid = place, place.grid
        self.points = [pointer.ras]

    def mask(self) -> np.ndarray:
        """Return the marked pixels of the slice: bool, shape (rows, columns)."""
        return self._mask_in(self.grid)

    def voxels(self) -> VoxelMask | None:
        """Return the marked voxels; ``None`` if there are none.

        :raises Problem: if the mark must lie in one layer, and the slice cuts the voxels obliquely.
        """
        grid = layer_at(self.grid, np.mean(self.points, axis=0)) if self._on_layer else self.grid
        return grid.voxels(self._mask_in(grid))

    def _mask_in(self, grid: SliceGrid) -> np.ndarray:
        from_ras = np.linalg.inv(grid.affine)
        places = (np.array(self.points) @ from_ras[:2, :3].T + from_ras[:2, 3])[:, ::-1]
        return stroke_mask(grid.shape, grid.spacing, places, self.radius)
