"""A mark that the user draws for the SmartFill."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from NeuroOrbitLib.effects.slice_effect import Pointer
from NeuroOrbitLib.imaging.slices import VoxelMask
from OrbitSegmentationLib.effects.fill_work import Place
from OrbitSegmentationLib.refinement.strokes import stroke_mask


class Stroke:
    """A mark that is being drawn.

    :param pointer: position of the mouse where the mark begins.
    :param place: slice that it is drawn in.
    :param radius: radius (mm) of the brush.
    :param key: key that differs once the segment or the volume has changed.
    """

    def __init__(self, pointer: Pointer, place: Place, radius: float, key: Hashable) -> None:
        self.view, self.background, self.radius, self.key = pointer.view, pointer.removing, radius, key
        self.place, self.grid = place, place.grid
        self.points = [pointer.ras]

    def mask(self) -> np.ndarray:
        """Return the marked pixels of the slice: bool, shape (rows, columns)."""
        from_ras = np.linalg.inv(self.grid.affine)
        places = (np.array(self.points) @ from_ras[:2, :3].T + from_ras[:2, 3])[:, ::-1]
        return stroke_mask(self.grid.shape, self.grid.spacing, places, self.radius)

    def voxels(self) -> VoxelMask | None:
        """Return the marked voxels; ``None`` if there are none."""
        return self.grid.voxels(self.mask())
