"""The regions that SmartPencil offers, of the slice under the mouse or of a block of voxels around it."""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import slicer

from NeuroOrbitLib.effects.reference import Reference, reference_of
from NeuroOrbitLib.effects.segments import labels_in_box, labels_in_slice
from NeuroOrbitLib.effects.slice_images import block_image, box_near, sample_slice, source_volume
from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask, smallest
from OrbitSegmentationLib.refinement import superpixels
from OrbitSegmentationLib.refinement.region_store import Compute
from OrbitSegmentationLib.refinement.superpixels import Superpixels


@dataclass(frozen=True)
class PencilSettings:
    """The settings that the user has chosen.

    :param count: requested number of regions of the visible slice, or of the block.
    :param compactness: see :func:`~OrbitSegmentationLib.refinement.superpixels.slice_superpixels`.
    :param block_mm: edge (mm) of the block; 0 for regions of the slice.
    :param within_segments: whether regions must not cross the borders of other visible segments.
    """

    count: int
    compactness: float
    block_mm: float = 0.0
    within_segments: bool = False


@dataclass(frozen=True, eq=False)
class SliceRegions:
    """Regions of a slice."""

    place: SliceGrid
    division: Superpixels

    def region_at(self, ras: np.ndarray) -> int | None:
        """Return the region at a point (R, A, S; mm); ``None`` outside."""
        pixel = self.place.pixel_at(ras)
        return None if pixel is None else self.division.region_at(pixel)

    def picture(self, grid: SliceGrid) -> np.ndarray:
        """Return the region of each pixel (rows, columns), -1 for none; ``grid`` is not used."""
        return self.division.labels

    def voxels(self, regions: Iterable[int]) -> VoxelMask | None:
        """Return the voxels of these regions; ``None`` if there are none."""
        return self.place.voxels(self.division.mask_of(list(regions)))


@dataclass(frozen=True, eq=False)
class BlockRegions:
    """Regions of a block of voxels of the reference geometry."""

    place: Box
    division: Superpixels
    reference: Reference

    def region_at(self, ras: np.ndarray) -> int | None:
        """Return the region at a point (R, A, S; mm); ``None`` outside."""
        index = np.floor(self.reference.grid.ijk_from_ras(ras) + 0.5).astype(int)[::-1] - self.place.start
        return self.division.region_at(tuple(int(number) for number in index))

    def picture(self, grid: SliceGrid) -> np.ndarray:
        """Return the region of each pixel (rows, columns) of a slice, -1 outside of the block."""
        return grid.nearest(VoxelMask(self.place, self.division.labels), fill=-1)

    def voxels(self, regions: Iterable[int]) -> VoxelMask | None:
        """Return the voxels of these regions; ``None`` if there are none."""
        return smallest(VoxelMask(self.place, self.division.mask_of(list(regions))))


Regions = SliceRegions | BlockRegions


class RegionSource:
    """Makes the regions of one place: their key is known at once, voxels are read only for the computation.

    :param scripted_effect: the effect.
    :param settings: settings of the SmartPencil.
    :param place: a slice, or a block of voxels of the reference geometry.
    """

    def __init__(self, scripted_effect: object, settings: PencilSettings, place: SliceGrid | Box) -> None:
        self._effect = scripted_effect
        self._settings = settings
        self.place = place
        self._reference = reference_of(scripted_effect)
        self._borders = self._other_segments() if settings.within_segments else None
        self.key = self._key()

    def computation(self) -> Compute:
        """Return a function that computes the division; it holds only arrays, so that it may run in any thread."""
        settings, window = self._settings, window_of(source_volume(self._effect))
        if isinstance(self.place, SliceGrid):
            divide, spacing = superpixels.slice_superpixels, self.place.spacing
            array = sample_slice(source_volume(self._effect), self.place).array
        else:
            block = block_image(self._effect, self.place)
            divide, spacing, array = superpixels.block_supervoxels, block.spacing, block.array
        return partial(divide, array, spacing, settings.count, settings.compactness, window, self._borders)

    def regions(self, division: Superpixels) -> Regions:
        """Return the regions of a division at this place."""
        if isinstance(self.place, SliceGrid):
            return SliceRegions(self.place, division)
        return BlockRegions(self.place, division, self._reference)

    def _other_segments(self) -> np.ndarray:
        labels_of = labels_in_slice if isinstance(self.place, SliceGrid) else labels_in_box
        return labels_of(self._effect, self.place)

    def _key(self) -> Hashable:
        volume = source_volume(self._effect)
        parent = volume.GetParentTransformNode()
        place = self.place.key if isinstance(self.place, SliceGrid) else (self.place, self._reference.grid.key)
        borders = None if self._borders is None else zlib.crc32(np.ascontiguousarray(self._borders))
        return (volume.GetID(), volume.GetMTime(), volume.GetImageData().GetMTime(),
                parent.GetTransformToWorldMTime() if parent is not None else 0, window_of(volume), place,
                self._settings, borders)


def region_source(scripted_effect: object, settings: PencilSettings, grid: SliceGrid,
                  ras: np.ndarray) -> RegionSource | None:
    """Return the source of the regions under a point of a slice.

    :param scripted_effect: the effect.
    :param settings: settings of the SmartPencil.
    :param grid: pixels of the slice.
    :param ras: the point (R, A, S; mm).
    :return: the source; ``None`` without a source volume, or for a block if the point is outside of the
        reference geometry.
    """
    if source_volume(scripted_effect) is None:
        return None
    if not settings.block_mm:
        return RegionSource(scripted_effect, settings, grid)
    box = box_near(grid.volume, ras, settings.block_mm)
    return None if box is None else RegionSource(scripted_effect, settings, box)


def window_of(volume: slicer.vtkMRMLScalarVolumeNode) -> tuple[float, float] | None:
    """Return the limits of the volume's display window, in its intensities; ``None`` if it has no display node."""
    display = volume.GetScalarVolumeDisplayNode()
    return None if display is None else (display.GetWindowLevelMin(), display.GetWindowLevelMax())
