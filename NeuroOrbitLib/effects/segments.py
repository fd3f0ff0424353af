"""The other segments as label maps: what an effect should not reach across."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import slicer

from NeuroOrbitLib.effects.slice_images import sample_box_labels, sample_labels
from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.imaging.slices import SliceGrid


def labels_in_slice(scripted_effect: object, grid: SliceGrid) -> np.ndarray:
    """The other visible segments in a slice: 1, 2, ... in their order, 0 where none is; array of shape (rows, columns).
    """
    segmentation = scripted_effect.parameterSetNode().GetSegmentationNode()
    return _labels(scripted_effect, grid.shape, lambda labelmap: sample_labels(labelmap, segmentation, grid))


def labels_in_box(scripted_effect: object, box: Box) -> np.ndarray:
    """The other visible segments in a block of the reference geometry: 1, 2, ..., 0 where none is; shape (K, J, I)."""
    return _labels(scripted_effect, box.shape, lambda labelmap: sample_box_labels(scripted_effect, labelmap, box))


def other_segments(scripted_effect: object) -> Iterator[slicer.vtkSegment]:
    """The visible segments that are not selected, in their order."""
    node = scripted_effect.parameterSetNode()
    segmentation = node.GetSegmentationNode()
    display = segmentation.GetDisplayNode()
    for identifier in segmentation.GetSegmentation().GetSegmentIDs():
        is_visible = display is None or display.GetSegmentVisibility(identifier)
        if identifier != node.GetSelectedSegmentID() and is_visible:
            yield segmentation.GetSegmentation().GetSegment(identifier)


def _labels(scripted_effect: object, shape: tuple[int, ...],
            sample: Callable[[slicer.vtkOrientedImageData], np.ndarray]) -> np.ndarray:
    name = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()
    found, layers = np.zeros(shape, dtype=np.int16), {}
    for number, segment in enumerate(other_segments(scripted_effect), start=1):
        labelmap = segment.GetRepresentation(name)
        if labelmap is None:
            continue
        if labelmap not in layers:  # segments that do not overlap share a label map
            layers[labelmap] = sample(labelmap)
        found[layers[labelmap] == segment.GetLabelValue()] = number
    return found
