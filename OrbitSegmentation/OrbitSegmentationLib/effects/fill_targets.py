"""Targets of the SmartFill: a slice, a slab of parallel slices in any orientation, or a block of voxels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.segments import (
    labels_in_box,
    labels_in_slice,
    segment_and_volume,
    segment_box,
    segment_labelmap,
)
from NeuroOrbitLib.effects.slice_images import (
    block_image,
    sample_box_labels,
    sample_labels,
    sample_slice,
)
from NeuroOrbitLib.imaging.boxes import Box, box_around_all
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask, smallest
from NeuroOrbitLib.problem import Problem

#: Smallest cosine of the angle between a view and the scan's slices at which the view counts as showing these slices.
_NEARLY_ALONG = 0.97


@dataclass(frozen=True, eq=False)
class FillTarget:
    """A place to fill, with the data of the scene there.

    :param image: intensities (K, J, I); in a slab K counts slices, J rows, I columns.
    :param spacing: voxel size (mm) along K, J, I.
    :param segment: voxels of the selected segment, bool, shape of the image.
    :param others: voxels of the other visible segments, bool, shape of the image.
    :param place: the slices, or the box of the reference geometry.
    """

    image: np.ndarray
    spacing: tuple[float, float, float]
    segment: np.ndarray
    others: np.ndarray
    place: tuple[SliceGrid, ...] | Box

    def holds(self, voxels: VoxelMask) -> bool:
        """Return whether all of the voxels lie in the target; always true for slices."""
        if not isinstance(self.place, Box):
            return True
        return bool(np.all(np.array(voxels.box.start) >= self.place.start)
                    and np.all(np.array(voxels.box.stop) <= self.place.stop))

    def pixels(self, voxels: VoxelMask) -> np.ndarray:
        """Return the voxels as a mask of the target's shape."""
        if not isinstance(self.place, Box):
            return np.stack([grid.nearest(voxels).astype(bool) for grid in self.place])
        found = np.zeros(self.place.shape, dtype=bool)
        shared = voxels.box.moved(tuple(-np.array(self.place.start)))
        inside = shared.inside(self.place.shape)
        if inside is not None:
            found[inside.slices] = voxels.mask[inside.within(shared)]
        return found

    def voxels(self, mask: np.ndarray) -> VoxelMask | None:
        """Return a mask of the target's shape as voxels of the reference geometry; ``None`` if it is empty."""
        if isinstance(self.place, Box):
            return smallest(VoxelMask(self.place, mask))
        return united(grid.voxels(layer) for grid, layer in zip(self.place, mask, strict=True) if layer.any())


def slab_target(scripted_effect: object, grids: Sequence[SliceGrid], step: float, with_others: bool) -> FillTarget:
    """Return the target that consists of parallel slices.

    :param scripted_effect: the effect.
    :param grids: the slices, of equal shape.
    :param step: distance (mm) between slices.
    :param with_others: whether to include the other visible segments.
    :raises Problem: without a segment or a source volume.
    """
    segment, volume = segment_and_volume(scripted_effect)
    segmentation = scripted_effect.parameterSetNode().GetSegmentationNode()
    labelmap = segment_labelmap(segment)
    shape = (len(grids), *grids[0].shape)
    image = np.stack([sample_slice(volume, grid).array for grid in grids])
    own, others = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for number, grid in enumerate(grids):
        if labelmap is not None:
            own[number] = sample_labels(labelmap, segmentation, grid) == segment.GetLabelValue()
        if with_others:
            others[number] = labels_in_slice(scripted_effect, grid) > 0
    return FillTarget(image, (step, *grids[0].spacing), own, others & ~own, tuple(grids))


def volume_target(scripted_effect: object, marks: Iterable[VoxelMask], room_mm: float,
                  with_others: bool) -> FillTarget | None:
    """Return the target that consists of the voxels around the selected segment and the marks.

    :param scripted_effect: the effect.
    :param marks: voxels of the marks.
    :param room_mm: margin (mm) on every side.
    :param with_others: whether to include the other visible segments.
    :return: the target; ``None`` if there is neither a segment nor a mark.
    :raises Problem: without a segment or a source volume.
    """
    segment, _volume = segment_and_volume(scripted_effect)
    reference = reference_of(scripted_effect).grid
    room = tuple(int(np.ceil(room_mm / size)) for size in reference.spacing[::-1])
    boxes = [mark.box.grown(room).inside(reference.shape) for mark in marks]
    boxes.append(segment_box(scripted_effect, segment, room_mm))
    boxes = [box for box in boxes if box is not None]
    block = block_image(scripted_effect, box_around_all(boxes)) if boxes else None
    if block is None:
        return None
    own = segment_in_box(scripted_effect, block.box)
    others = (labels_in_box(scripted_effect, block.box) > 0) & ~own if with_others else np.zeros_like(own)
    return FillTarget(block.array, block.spacing, own, others, block.box)


def segment_in_box(scripted_effect: object, box: Box) -> np.ndarray:
    """Return the mask, bool (K, J, I), of the selected segment in a box of the reference geometry.

    :raises Problem: without a segment or a source volume.
    """
    segment, _volume = segment_and_volume(scripted_effect)
    labelmap = segment_labelmap(segment)
    if labelmap is None:
        return np.zeros(box.shape, dtype=bool)
    return sample_box_labels(scripted_effect, labelmap, box) == segment.GetLabelValue()


def axis_across(slice_grid: SliceGrid) -> int:
    """Return the array axis of the reference geometry that is perpendicular to a slice.

    :raises Problem: if the slice cuts the voxels obliquely.
    """
    normals = np.linalg.inv(slice_grid.volume.affine[:3, :3])  # of layers along I, J, K; a tilted gantry shears axes
    along = np.abs(normals @ slice_grid.affine[:3, 2]) / np.linalg.norm(normals, axis=1)
    if along.max() < _NEARLY_ALONG:
        raise Problem(_("This view is oblique to the slices of the scan. Turn it with 'Rotate to volume plane' in the "
                        "view's menu, or fill in 3-D."))
    return 2 - int(np.argmax(along))


def layer_at(slice_grid: SliceGrid, ras: np.ndarray) -> SliceGrid:
    """Return the layer of voxels that a slice cuts at a point; the slice may be slightly tilted against the layers.

    :param slice_grid: pixels of the slice.
    :param ras: point (R, A, S; mm), which is projected onto the slice.
    :raises Problem: if the slice cuts the voxels obliquely.
    """
    grid, through = slice_grid.volume, 2 - axis_across(slice_grid)
    across = [axis for axis in range(3) if axis != through]
    height = slice_grid.affine[:3, 2] @ (ras - slice_grid.affine[:3, 3])
    index = grid.ijk_from_ras(ras - height * slice_grid.affine[:3, 2])[through]
    first, count = np.zeros(3), grid.shape[::-1]
    first[through] = np.clip(np.floor(index + 0.5), 0, count[through] - 1)
    affine = np.eye(4)
    affine[:3, :2] = grid.affine[:3, across]
    normal = np.cross(*affine[:3, :2].T)
    affine[:3, 2], affine[:3, 3] = normal / np.linalg.norm(normal), grid.ras_from_ijk(first)
    return SliceGrid((count[across[1]], count[across[0]]), affine, grid)


def united(parts: Iterable[VoxelMask | None]) -> VoxelMask | None:
    """Return the union of the parts; ``None`` if there are none."""
    parts = [part for part in parts if part is not None]
    if not parts:
        return None
    box = box_around_all([part.box for part in parts])
    mask = np.zeros(box.shape, dtype=bool)
    for part in parts:
        mask[part.box.within(box)] |= part.mask
    return VoxelMask(box, mask)


def shifted(grid: SliceGrid, distance: float) -> SliceGrid:
    """Return the slice shifted by a distance (mm) along its normal, on the same pixels."""
    affine = grid.affine.copy()
    affine[:3, 3] += distance * affine[:3, 2]
    return SliceGrid(grid.shape, affine, grid.volume)
