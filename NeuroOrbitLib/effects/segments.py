"""The selected segment, and the other visible segments as label maps, which an effect should not draw over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.reference import reference_of
from NeuroOrbitLib.effects.slice_images import sample_box_labels, sample_labels, source_volume
from NeuroOrbitLib.effects.writing import selected_segment
from NeuroOrbitLib.imaging.boxes import Box, box_covering
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.imaging.slices import SliceGrid
from NeuroOrbitLib.mrml.volumes import world_from_local
from NeuroOrbitLib.problem import Problem


def segment_and_volume(scripted_effect: object) -> tuple[slicer.vtkSegment, slicer.vtkMRMLScalarVolumeNode]:
    """Return the selected segment and the source volume on which it is drawn.

    :raises Problem: if one of them is missing.
    """
    segment, volume = selected_segment(scripted_effect), source_volume(scripted_effect)
    if segment is None:
        raise Problem(_("No segment is selected. Select the segment to work on."))
    if volume is None or reference_of(scripted_effect) is None:
        raise Problem(_("There is no source volume to work by. Choose a source volume."))
    return segment, volume


def segment_labelmap(segment: slicer.vtkSegment) -> slicer.vtkOrientedImageData | None:
    """Return the segment's label map, which other segments may share; ``None`` for an empty segment."""
    labelmap = segment.GetRepresentation(
        slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName())
    return labelmap if labelmap is not None and not labelmap.IsEmpty() else None


def segment_box(scripted_effect: object, segment: slicer.vtkSegment, margin_mm: float) -> Box | None:
    """Return the box of the reference geometry around a segment, widened by a margin (mm); None if it is empty."""
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


def drawing_key(scripted_effect: object) -> Hashable:
    """Return a key that stays equal while selected segment, image and their places do not change.

    ``None`` without a selected segment or a source volume, or where nothing can be drawn.
    """
    place = place_key(scripted_effect)
    if place is None:
        return None
    segment = selected_segment(scripted_effect)
    labelmap = segment_labelmap(segment)
    return *place, segment.GetLabelValue(), labelmap.GetMTime() if labelmap is not None else 0


def place_key(scripted_effect: object) -> tuple[Hashable, ...] | None:
    """Return a key like :func:`drawing_key`, but which drawing on the selected segment, or undo, does not change."""
    segment, volume = selected_segment(scripted_effect), source_volume(scripted_effect)
    try:
        reference = reference_of(scripted_effect)
    except Problem:  # moved to where nothing can be drawn; drawing itself raises the problem for the user to see
        return None
    if segment is None or volume is None or reference is None:
        return None
    node = scripted_effect.parameterSetNode()
    transforms = tuple(parent.GetTransformToWorldMTime() for item in (volume, node.GetSegmentationNode())
                       if (parent := item.GetParentTransformNode()) is not None)
    return (node.GetSegmentationNode().GetID(), node.GetSelectedSegmentID(), volume.GetID(),
            volume.GetImageData().GetMTime(), volume.GetMTime(), reference.grid.key, transforms)


def labels_in_slice(scripted_effect: object, grid: SliceGrid) -> np.ndarray:
    """Return the other visible segments in a slice, numbered from 1 in their order; 0 elsewhere.

    :param scripted_effect: scripted effect.
    :param grid: pixels of the slice.
    :return: numbers (rows, columns), int16.
    """
    segmentation = scripted_effect.parameterSetNode().GetSegmentationNode()
    return _labels(scripted_effect, grid.shape, lambda labelmap: sample_labels(labelmap, segmentation, grid))


def labels_in_box(scripted_effect: object, box: Box) -> np.ndarray:
    """Return the other visible segments in a box of the reference geometry, numbered from 1 in order; 0 elsewhere.

    :param scripted_effect: scripted effect.
    :param box: box of the reference geometry.
    :return: numbers (K, J, I), int16.
    """
    return _labels(scripted_effect, box.shape, lambda labelmap: sample_box_labels(scripted_effect, labelmap, box))


def other_segments(scripted_effect: object) -> Iterator[slicer.vtkSegment]:
    """Yield the visible segments that are not selected, in their order."""
    node = scripted_effect.parameterSetNode()
    segmentation = node.GetSegmentationNode()
    display = segmentation.GetDisplayNode()
    for identifier in segmentation.GetSegmentation().GetSegmentIDs():
        is_visible = display is None or display.GetSegmentVisibility(identifier)
        if identifier != node.GetSelectedSegmentID() and is_visible:
            yield segmentation.GetSegmentation().GetSegment(identifier)


def _labels(scripted_effect: object, shape: tuple[int, ...],
            sample: Callable[[slicer.vtkOrientedImageData], np.ndarray]) -> np.ndarray:
    found, layers = np.zeros(shape, dtype=np.int16), {}
    for number, segment in enumerate(other_segments(scripted_effect), start=1):
        labelmap = segment_labelmap(segment)
        if labelmap is None:
            continue
        if labelmap not in layers:  # segments that do not overlap share a label map
            layers[labelmap] = sample(labelmap)
        found[layers[labelmap] == segment.GetLabelValue()] = number
    return found
