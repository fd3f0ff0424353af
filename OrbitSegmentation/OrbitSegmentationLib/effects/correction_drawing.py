"""Input and output of AutoCorrection: the selected segment, in a slice or as a whole, and the correction as voxels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.segments import (
    drawing_key,
    labels_in_box,
    labels_in_slice,
    segment_and_volume,
    segment_box,
    segment_labelmap,
)
from NeuroOrbitLib.effects.slice_images import block_image, sample_box_labels, sample_labels, sample_slice, whole_slice
from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask, smallest
from NeuroOrbitLib.problem import Problem

#: Margin (mm) around the reach of the border that is read as well.
_CONTEXT = 8.0
#: Confidence (0 to 1) below which a voxel at the border counts as unsure.
SURE = 0.5


@dataclass(frozen=True, eq=False)
class Drawing:
    """The selected segment as it was drawn, with the image under it.

    :param image: intensities, shape (rows, columns) or (K, J, I).
    :param mask: voxels of the segment, bool, shape of the image.
    :param others: voxels of other segments that the correction must not take, bool, shape of the image.
    :param spacing: pixel or voxel size (mm) along each axis of the image.
    :param place: slice, or box of the reference geometry, that the arrays cover.
    :param key: key that differs once anything that the drawing depends on has changed.
    """

    image: np.ndarray
    mask: np.ndarray
    others: np.ndarray
    spacing: tuple[float, ...]
    place: SliceGrid | Box
    key: Hashable


@dataclass(frozen=True, eq=False)
class Proposal:
    """A correction that the user has not accepted yet, as voxels of the reference geometry; ``None`` for no voxels.

    :param shape: the corrected segment.
    :param unsure: voxels along its border that are likely to be wrong.
    :param added: voxels to add to the segment.
    :param removed: voxels to remove from the segment.
    :param sure_share: share (0 to 1) of the border that the method is sure of.
    """

    shape: VoxelMask | None
    unsure: VoxelMask | None
    added: VoxelMask | None
    removed: VoxelMask | None
    sure_share: float

    @property
    def changed_voxels(self) -> int:
        """Number of voxels that differ from the drawing."""
        return sum(int(part.mask.sum()) for part in (self.added, self.removed) if part is not None)


def slice_drawing(scripted_effect: object, view: object, with_others: bool) -> Drawing:
    """Return the segment in the slice that a view shows, including its parts outside of the view.

    :param scripted_effect: the effect.
    :param view: slice widget.
    :param with_others: whether the other visible segments keep what they have.
    :raises Problem: if there is nothing to correct.
    """
    segment, volume = segment_and_volume(scripted_effect)
    grid = whole_slice(view.mrmlSliceNode(), reference_of(scripted_effect).grid)
    labelmap = segment_labelmap(segment)
    mask = (sample_labels(labelmap, scripted_effect.parameterSetNode().GetSegmentationNode(), grid)
            == segment.GetLabelValue()) if grid is not None and labelmap is not None else np.zeros((1, 1), bool)
    if not mask.any():
        raise Problem(_("The segment '{name}' has nothing to correct in this slice. Draw it roughly here first, or "
                        "choose the whole segment.").format(name=segment.GetName()))
    others = labels_in_slice(scripted_effect, grid) > 0 if with_others else np.zeros_like(mask)
    return Drawing(sample_slice(volume, grid).array, mask, others, grid.spacing, grid, drawing_key(scripted_effect))


def volume_drawing(scripted_effect: object, distance_limit_mm: float, with_others: bool) -> Drawing:
    """Return the whole segment in a box with room for the border to move.

    :param scripted_effect: the effect.
    :param distance_limit_mm: distance (mm) that the border may move.
    :param with_others: whether the other visible segments keep what they have.
    :raises Problem: if there is nothing to correct.
    """
    segment, _volume = segment_and_volume(scripted_effect)
    box = segment_box(scripted_effect, segment, distance_limit_mm + _CONTEXT)
    block = block_image(scripted_effect, box) if box is not None else None
    mask = (sample_box_labels(scripted_effect, segment_labelmap(segment), block.box) == segment.GetLabelValue()
            if block is not None else np.zeros((1, 1, 1), bool))
    if not mask.any():
        raise Problem(_("The segment '{name}' is empty. Draw the structure roughly first.").format(
            name=segment.GetName()))
    others = labels_in_box(scripted_effect, block.box) > 0 if with_others else np.zeros_like(mask)
    return Drawing(block.array, mask, others, block.spacing, block.box, drawing_key(scripted_effect))


def proposal_from(drawing: Drawing, mask: np.ndarray, confidence: np.ndarray) -> Proposal:
    """Return a correction of a drawing as voxels, without what it would take from other segments.

    :param drawing: the drawing.
    :param mask: corrected mask, bool, of the drawing's shape.
    :param confidence: confidence (0 to 1) of each voxel, of the drawing's shape.
    """
    from OrbitSegmentationLib.refinement.correction.limits import touching  # imported here: it imports SciPy

    mask = touching(mask & (drawing.mask | ~drawing.others), drawing.mask)
    border = _border(mask) | (mask != drawing.mask)
    unsure = border & (confidence < SURE)
    parts = (mask, unsure, mask & ~drawing.mask, drawing.mask & ~mask)
    return Proposal(*(_voxels(drawing.place, part) for part in parts),
                    1.0 - float(unsure.sum()) / max(int(border.sum()), 1))


def _border(mask: np.ndarray) -> np.ndarray:
    """Return the voxels of a mask that have a face-connected neighbour outside of it."""
    framed, inner = np.pad(mask, 1), mask.copy()
    for axis in range(mask.ndim):
        for step in (0, 2):
            part = [slice(1, -1)] * mask.ndim
            part[axis] = slice(step, step + mask.shape[axis])
            inner &= framed[tuple(part)]
    return mask & ~inner


def _voxels(place: SliceGrid | Box, mask: np.ndarray) -> VoxelMask | None:
    if isinstance(place, SliceGrid):
        return place.voxels(mask)
    return smallest(VoxelMask(place, mask))
