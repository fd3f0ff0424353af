"""What SmartPencil shows and selects: regions as drawn in a view, and those that the mouse crossed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.effects.slice_effect import Pointer
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask
from OrbitSegmentationLib.effects.pencil_regions import Regions


@dataclass(frozen=True, eq=False)
class Shown:
    """Regions as they are drawn in a view.

    :param regions: the regions.
    :param view: slice widget.
    :param grid: pixels of the slice.
    :param picture: region of each pixel of ``grid``, -1 where there is none.
    """

    regions: Regions
    view: object
    grid: SliceGrid
    picture: np.ndarray

    def is_of(self, regions: Regions, view: object, grid: SliceGrid) -> bool:
        """Return whether these regions are already drawn in this way."""
        return self.regions.division is regions.division and self.view == view and self.grid.key == grid.key


class Stroke:
    """The regions that the mouse has crossed since the button was pressed.

    :param shown: regions in the view.
    :param pointer: position of the mouse where the button was pressed.
    :param segment: identifier of the segment that was selected then.
    """

    def __init__(self, shown: Shown, pointer: Pointer, segment: str | None) -> None:
        self.shown, self.removing, self.segment = shown, pointer.removing, segment
        self._taken: set[int] = set()
        self._last = pointer.ras
        self.extend(pointer)

    def extend(self, pointer: Pointer) -> bool:
        """Add the regions between the last point and this one, and return whether there are new ones."""
        before, way = len(self._taken), pointer.ras - self._last
        steps = max(1, int(np.ceil(np.linalg.norm(way) / min(self.shown.grid.spacing))))
        crossed = (self.shown.regions.region_at(self._last + way * step / steps) for step in range(steps + 1))
        self._taken.update(region for region in crossed if region is not None)
        self._last = pointer.ras
        return len(self._taken) > before

    def mask(self) -> np.ndarray:
        """Return the selected regions in the slice: bool, shape (rows, columns)."""
        return np.isin(self.shown.picture, list(self._taken))

    def voxels(self) -> VoxelMask | None:
        """Return the voxels of the selected regions; ``None`` if there are none."""
        return self.shown.regions.voxels(self._taken) if self._taken else None
