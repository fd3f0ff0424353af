"""What tells the content of a segmentation from any other, so that results say when it was edited."""

from __future__ import annotations

import numpy as np
import slicer
from vtk.util import numpy_support

from NeuroOrbitLib.mrml.segment_masks import labelled_segments

_LABEL_MAP = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()


def content_of(segmentation: slicer.vtkMRMLSegmentationNode) -> dict[str, list[float]]:
    """Return what tells the content of the segments from any other: by label value, voxels and their middle (RAS mm).

    The same before and after a scene was saved, whatever box the voxels are stored in.
    """
    found, layers = {}, {}
    for value, segment_id in labelled_segments(segmentation).items():
        segment = segmentation.GetSegmentation().GetSegment(segment_id)
        layer = segment.GetRepresentation(_LABEL_MAP)
        if layer is None or layer.GetPointData().GetScalars() is None:
            continue
        key = layer.GetAddressAsString("vtkObject")
        if key not in layers:
            layers[key] = _counts(layer)
        if segment.GetLabelValue() in layers[key]:
            found[str(value)] = layers[key][segment.GetLabelValue()]
    return found


def _counts(layer: slicer.vtkOrientedImageData) -> dict[int, list[float]]:
    """Number of voxels and their middle (RAS mm, to a hundredth) of every value of a label map."""
    extent = layer.GetExtent()
    flat = numpy_support.vtk_to_numpy(layer.GetPointData().GetScalars())
    array = flat.reshape(layer.GetDimensions()[::-1])
    kji = np.nonzero(array)
    values = array[kji].astype(np.int64)
    counts = np.bincount(values)
    sums = [np.bincount(values, index, len(counts)) for index in reversed(kji)]
    matrix = slicer.util.vtkMatrixFromArray(np.eye(4))
    layer.GetImageToWorldMatrix(matrix)
    affine = slicer.util.arrayFromVTKMatrix(matrix)
    found = {}
    for value in np.flatnonzero(counts):
        middle = np.array([total[value] / counts[value] for total in sums]) + np.array(extent[::2])
        ras = affine[:3, :3] @ middle + affine[:3, 3]
        found[int(value)] = [int(counts[value]), *(round(float(each), 2) for each in ras)]
    return found
