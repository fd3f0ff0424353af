"""What the AutoCorrection corrects: the selected segment in a slice or as a whole, and the correction as voxels."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.reference import reference_of, world_from_local
from NeuroOrbitLib.effects.slice_images import (
    block_image,
    sample_box_labels,
    sample_labels,
    sample_slice,
    source_volume,
    world_from_view,
)
from NeuroOrbitLib.effects.writing import selected_segment
from NeuroOrbitLib.imaging.boxes import Box, box_covering
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.imaging.slices import SliceGrid, VoxelMask, slice_grid, smallest
from NeuroOrbitLib.problem import Problem

#: Surroundings (mm) that are read beyond the reach of the border.
_CONTEXT = 8.0
#: Confidence below which a voxel at the border counts as unsure.
SURE = 0.5


@dataclass(frozen=True, eq=False)
class Drawing:
    """The selected segment as it was drawn, with the image under it.

    :param image: brightness; :param mask: the segment; both (rows, columns) or (K, J, I).
    :param spacing: mm along each axis.
    :param place: where that is: a slice, or a box of the reference geometry.
    :param key: tells whether anything it depends on has changed since.
    """

    image: np.ndarray
    mask: np.ndarray
    spacing: tuple[float, ...]
    place: SliceGrid | Box
    key: Hashable


@dataclass(frozen=True, eq=False)
class Proposal:
    """A correction that the user has not taken yet, as voxels of the reference geometry; ``None`` for no voxels.

    :param shape: the corrected segment; :param unsure: voxels along its border that may well be wrong.
    :param added: voxels to add to the segment; :param removed: voxels to take from it.
    :param sure_share: part of the border that the method is sure of, 0..1.
    """

    shape: VoxelMask | None
    unsure: VoxelMask | None
    added: VoxelMask | None
    removed: VoxelMask | None
    sure_share: float

    @property
    def changed_voxels(self) -> int:
        """How many voxels differ from what was drawn."""
        return sum(int(part.mask.sum()) for part in (self.added, self.removed) if part is not None)


def slice_drawing(scripted_effect: object, view: object) -> Drawing:
    """The segment in the slice that a view shows, also where it reaches out of the view.

    :raises Problem: if there is nothing to correct.
    """
    segment, volume = _parts(scripted_effect)
    grid = whole_slice(view.mrmlSliceNode(), reference_of(scripted_effect).grid)
    labelmap = segment_labelmap(segment)
    mask = (sample_labels(labelmap, scripted_effect.parameterSetNode().GetSegmentationNode(), grid)
            == segment.GetLabelValue()) if grid is not None and labelmap is not None else np.zeros((1, 1), bool)
    if not mask.any():
        raise Problem(_("The segment '{name}' has nothing to correct in this slice. Draw it roughly here first, or "
                        "choose the whole segment.").format(name=segment.GetName()))
    return Drawing(sample_slice(volume, grid).array, mask, grid.spacing, grid, drawing_key(scripted_effect))


def volume_drawing(scripted_effect: object, distance_limit_mm: float) -> Drawing:
    """The whole segment in a box with room for the border to move.

    :raises Problem: if there is nothing to correct.
    """
    segment, _volume = _parts(scripted_effect)
    box = segment_box(scripted_effect, segment, distance_limit_mm + _CONTEXT)
    block = block_image(scripted_effect, box) if box is not None else None
    mask = (sample_box_labels(scripted_effect, segment_labelmap(segment), block.box) == segment.GetLabelValue()
            if block is not None else np.zeros((1, 1, 1), bool))
    if not mask.any():
        raise Problem(_("The segment '{name}' is empty. Draw the structure roughly first.").format(
            name=segment.GetName()))
    return Drawing(block.array, mask, block.spacing, block.box, drawing_key(scripted_effect))


def drawing_key(scripted_effect: object) -> Hashable:
    """Equal as long as the selected segment, the image and where they lie are the same; ``None`` without either."""
    segment, volume = selected_segment(scripted_effect), source_volume(scripted_effect)
    reference = reference_of(scripted_effect)
    if segment is None or volume is None or reference is None:
        return None
    node, labelmap = scripted_effect.parameterSetNode(), segment_labelmap(segment)
    transforms = tuple(parent.GetTransformToWorldMTime() for item in (volume, node.GetSegmentationNode())
                       if (parent := item.GetParentTransformNode()) is not None)
    return (node.GetSegmentationNode().GetID(), node.GetSelectedSegmentID(), segment.GetLabelValue(),
            labelmap.GetMTime() if labelmap is not None else 0, volume.GetID(), volume.GetImageData().GetMTime(),
            volume.GetMTime(), reference.grid.key, transforms)


def proposal_from(drawing: Drawing, mask: np.ndarray, confidence: np.ndarray) -> Proposal:
    """A correction of a drawing as voxels.

    :param mask: corrected mask; :param confidence: 0..1; both of the drawing's shape.
    """
    border = _border(mask) | (mask != drawing.mask)
    unsure = border & (confidence < SURE)
    parts = (mask, unsure, mask & ~drawing.mask, drawing.mask & ~mask)
    return Proposal(*(_voxels(drawing.place, part) for part in parts),
                    1.0 - float(unsure.sum()) / max(int(border.sum()), 1))


def _parts(scripted_effect: object) -> tuple[slicer.vtkSegment, slicer.vtkMRMLScalarVolumeNode]:
    segment, volume = selected_segment(scripted_effect), source_volume(scripted_effect)
    if segment is None:
        raise Problem(_("No segment is selected. Select the segment to correct."))
    if volume is None or reference_of(scripted_effect) is None:
        raise Problem(_("There is no source volume to correct by. Choose a source volume."))
    return segment, volume


def segment_labelmap(segment: slicer.vtkSegment) -> slicer.vtkOrientedImageData | None:
    """The segment's label map, which others may share; ``None`` for an empty segment."""
    labelmap = segment.GetRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName())
    return labelmap if labelmap is not None and not labelmap.IsEmpty() else None


def whole_slice(node: slicer.vtkMRMLSliceNode, reference: Grid) -> SliceGrid | None:
    """The pixels of a slice as far as the reference geometry reaches."""
    matrix = world_from_view(node)
    width, height = node.GetDimensions()[:2]
    reach = np.linalg.norm(np.array(reference.shape[::-1]) * reference.spacing)
    more = int(np.ceil(2 * reach / np.linalg.norm(matrix[:3, 0]))) + max(width, height)
    shifted = matrix.copy()
    shifted[:3, 3] -= matrix[:3, :2] @ np.array([more, more])
    return slice_grid(shifted, (width + 2 * more, height + 2 * more), reference)


def segment_box(scripted_effect: object, segment: slicer.vtkSegment, margin_mm: float) -> Box | None:
    """The voxels of the reference geometry around a segment."""
    image = slicer.vtkOrientedImageData()
    node = scripted_effect.parameterSetNode()
    node.GetSegmentationNode().GetBinaryLabelmapRepresentation(node.GetSelectedSegmentID(), image)
    extent = [0, -1, 0, -1, 0, -1]
    if image.IsEmpty() or not slicer.vtkOrientedImageDataResample.CalculateEffectiveExtent(image, extent):
        return None
    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    affine = world_from_local(node.GetSegmentationNode()) @ slicer.util.arrayFromVTKMatrix(matrix)
    affine[:3, 3] += affine[:3, :3] @ np.array(extent[::2])
    shape = (np.array(extent[1::2]) - np.array(extent[::2]) + 1)[::-1]
    grid = reference_of(scripted_effect).grid
    box = box_covering(grid, Grid(tuple(int(count) for count in shape), affine))
    margins = tuple(int(np.ceil(margin_mm / size)) for size in grid.spacing[::-1])
    return box.grown(margins).inside(grid.shape) if box is not None else None


def _border(mask: np.ndarray) -> np.ndarray:
    """The voxels of a mask that touch others."""
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
