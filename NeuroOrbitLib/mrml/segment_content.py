"""What tells the content of a segmentation from any other, so that results say when it was edited."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import slicer
from vtk.util import numpy_support

from NeuroOrbitLib.mrml.measurement_table import CONTENT_ATTRIBUTE
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_of_segment, labelled_segments
from NeuroOrbitLib.mrml.volumes import ijk_to_local

_LABEL_MAP = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()


class EditedSince:
    """Tells whether a segmentation was edited since a result was computed.

    Finding out takes a while: it is done again only when the segments or their place on the scan may have changed.

    :param was_edited: finds it out for a result.
    """

    def __init__(self, was_edited: Callable[[object], bool]) -> None:
        self._was_edited = was_edited
        self._known: tuple[tuple[object, ...], bool] = ((), False)

    def __call__(self, result: object, node: slicer.vtkMRMLNode, segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
        """Return whether a segmentation is another than that of a result.

        :param result: what ``was_edited`` takes.
        :param node: that stands for the result in the scene.
        """
        stamp = (node.GetID(), segmentation.GetID(), *_stamp_of(segmentation), *_places_of(segmentation))
        if stamp != self._known[0]:
            self._known = stamp, self._was_edited(result)
        return self._known[1]


def _stamp_of(node: slicer.vtkMRMLSegmentationNode) -> list[tuple[str, int | None, int]]:
    """The segments with what they stand for and the times at which their label maps were modified last."""
    segmentation, stamps = node.GetSegmentation(), []
    for name in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(name)
        layer = segment.GetRepresentation(_LABEL_MAP)
        stamps.append((name, label_of_segment(name, segment), layer.GetMTime() if layer is not None else 0))
    return stamps


def _places_of(segmentation: slicer.vtkMRMLSegmentationNode) -> Iterator[object]:
    """Equal as long as a segmentation and its scan lie where they lie."""
    scan = scan_of(segmentation)
    for node in filter(None, (segmentation, scan)):
        transform = node.GetParentTransformNode()
        yield (transform.GetID(), transform.GetTransformToWorldMTime()) if transform is not None else None
    yield ijk_to_local(scan).tolist() if scan is not None else None


def keep_content(node: slicer.vtkMRMLNode, segmentation: slicer.vtkMRMLSegmentationNode,
                 content: Mapping[str, list[float]] | None = None) -> None:
    """Keep with ``node`` what a segmentation holds, for :func:`was_edited`.

    :param content: what it held when ``node`` was computed of it; what it holds now by default.
    """
    node.SetAttribute(CONTENT_ATTRIBUTE, json.dumps(content_of(segmentation) if content is None else content))


def was_edited(node: slicer.vtkMRMLNode | None, segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
    """Return whether a segmentation holds something else than what ``node`` keeps; False where it keeps nothing."""
    content = node.GetAttribute(CONTENT_ATTRIBUTE) if node is not None else None
    return content is not None and json.loads(content) != content_of(segmentation)


#: What segmentations held when they were looked at last: times of their label maps, and the content.
_known_contents: dict[str, tuple[list[tuple[str, int | None, int]], dict[str, list[float]]]] = {}


def known_content(segmentation: slicer.vtkMRMLSegmentationNode) -> dict[str, list[float]]:
    """Return :func:`content_of` a segmentation, found out anew only when its segments may have changed."""
    stamp, key = _stamp_of(segmentation), segmentation.GetID()
    if _known_contents.get(key, ((),))[0] != stamp:
        _known_contents[key] = stamp, content_of(segmentation)
    return _known_contents[key][1]


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
