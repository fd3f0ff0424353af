"""What the SmartPencil shows and takes: regions as drawn in a view, and those that the mouse crossed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.effects.slice_effect import Pointer
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask
from OrbitSegmentationLib.effects.pencil_regions import Regions


@dataclass(frozen=True, eq=False)
class Shown:
    """Regions as they are drawn in a view.

    :param picture: the region of each pixel of the slice ``grid``, -1 where there is none.
    """

    regions: Regions
    view: object
    grid: SliceGrid
    picture: np.ndarray

    def is_of(self, regions: Regions, view: object, grid: SliceGrid) -> bool:
        """Whether these regions are drawn like this already."""
        return self.regions.division is regions.division and self.view == view and self.grid.key == grid.key


class Stroke:
    """The regions that the mouse crossed since the button went down.

    :param segment: the segment that was selected then.
    """

    def __init__(self, shown: Shown, pointer: Pointer, segment: str | None) -> None:
        self.shown, self.removing, self.segment = shown, pointer.removing, segment
        self._taken: set[int] = set()
        self._last = pointer.ras
        self.extend(pointer)

    def extend(self, pointer: Pointer) -> bool:
        """Take the regions between the last point and this one; return whether there are new ones."""
        before, way = len(self._taken), pointer.ras - self._last
        steps = max(1, int(np.ceil(np.linalg.norm(way) / min(self.shown.grid.spacing))))
        crossed = (self.shown.regions.region_at(self._last + way * step / steps) for step in range(steps + 1))
        self._taken.update(region for region in crossed if region is not None)
        self._last = pointer.ras
        return len(self._taken) > before

    def mask(self) -> np.ndarray:
        """The taken regions in the slice: boolean (rows, columns)."""
        return np.isin(self.shown.picture, list(self._taken))

    def voxels(self) -> VoxelMask | None:
        """The voxels of the taken regions; ``None`` if there are none."""
        return self.shown.regions.voxels(self._taken) if self._taken else None
