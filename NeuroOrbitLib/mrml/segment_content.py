"""Fingerprints of a segmentation's content, by which results notice that it was edited."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import slicer
from vtk.util import numpy_support

from NeuroOrbitLib.imaging.image import voxels_sha256
from NeuroOrbitLib.mrml.measurement_table import CONTENT_ATTRIBUTE
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_of_segment, labelled_segments
from NeuroOrbitLib.mrml.volumes import ijk_to_local

_LABEL_MAP = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()


class EditedSince:
    """Callable that tells whether a segmentation or its scan was edited since a result was computed.

    Finding out takes a while: it is done again only when segments, their place on the scan or its voxels may have
    changed.

    :param was_edited: function that makes the check for a result.
    """

    def __init__(self, was_edited: Callable[[object], bool]) -> None:
        self._was_edited = was_edited
        self._known: tuple[tuple[object, ...], bool] = ((), False)

    def __call__(self, result: object, node: slicer.vtkMRMLNode, segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
        """Return whether a segmentation or its scan was edited since a result was computed.

        :param result: argument of ``was_edited``.
        :param node: node that represents the result in the scene, and refers to its scan.
        :param segmentation: segmentation that the result rests on.
        """
        stamp = (node.GetID(), segmentation.GetID(), *_stamp_of(segmentation), *_places_of(segmentation),
                 _voxels_stamp(scan_of(node)))
        if stamp != self._known[0]:
            self._known = stamp, self._was_edited(result)
        return self._known[1]


def _stamp_of(node: slicer.vtkMRMLSegmentationNode) -> list[tuple[str, int | None, int]]:
    """Return each segment's identifier, label value, and the modification time of its label map."""
    segmentation, stamps = node.GetSegmentation(), []
    for name in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(name)
        layer = segment.GetRepresentation(_LABEL_MAP)
        stamps.append((name, label_of_segment(name, segment), layer.GetMTime() if layer is not None else 0))
    return stamps


def _voxels_stamp(scan: slicer.vtkMRMLVolumeNode | None) -> int:
    """The time at which the voxels of a scan were modified last; 0 without any."""
    voxels = scan.GetImageData() if scan is not None else None
    return voxels.GetMTime() if voxels is not None else 0


def _places_of(segmentation: slicer.vtkMRMLSegmentationNode) -> Iterator[object]:
    """Yield values that stay equal as long as a segmentation and its scan are not moved."""
    scan = scan_of(segmentation)
    for node in filter(None, (segmentation, scan)):
        transform = node.GetParentTransformNode()
        yield (transform.GetID(), transform.GetTransformToWorldMTime()) if transform is not None else None
    yield ijk_to_local(scan).tolist() if scan is not None else None


def keep_content(node: slicer.vtkMRMLNode, segmentation: slicer.vtkMRMLSegmentationNode,
                 content: Mapping[str, list[float]] | None = None) -> None:
    """Keep the content of a segmentation with ``node``, for :func:`was_edited`.

    :param content: content when ``node`` was computed from it; the present content by default.
    """
    node.SetAttribute(CONTENT_ATTRIBUTE, json.dumps(content_of(segmentation) if content is None else content))


def edited_labels(node: slicer.vtkMRMLNode | None, segmentation: slicer.vtkMRMLSegmentationNode) -> set[str]:
    """Return the label values (as text) whose segments differ from the content kept with ``node``; none if unknown."""
    content = node.GetAttribute(CONTENT_ATTRIBUTE) if node is not None else None
    return set() if content is None else differing_labels(json.loads(content), known_content(segmentation))


def differing_labels(one: Mapping[str, list[float]], other: Mapping[str, list[float]]) -> set[str]:
    """Return the label values (as text) that two results of :func:`content_of` do not have in common."""
    return {value for value in one.keys() | other.keys() if one.get(value) != other.get(value)}


def was_edited(node: slicer.vtkMRMLNode | None, segmentation: slicer.vtkMRMLSegmentationNode) -> bool:
    """Return whether the content of a segmentation differs from that kept with ``node``; False if none is kept."""
    content = node.GetAttribute(CONTENT_ATTRIBUTE) if node is not None else None
    return content is not None and json.loads(content) != content_of(segmentation)


#: Latest known content of segmentations by node ID, with the modification times of their label maps.
_known_contents: dict[str, tuple[list[tuple[str, int | None, int]], dict[str, list[float]]]] = {}


def known_content(segmentation: slicer.vtkMRMLSegmentationNode) -> dict[str, list[float]]:
    """Return :func:`content_of` a segmentation, computed again only if its segments may have changed."""
    stamp, key = _stamp_of(segmentation), segmentation.GetID()
    if _known_contents.get(key, ((),))[0] != stamp:
        _known_contents[key] = stamp, content_of(segmentation)
    return _known_contents[key][1]


#: Latest known hash of the voxels of scans by node ID, with the time at which the voxels were modified last.
_known_voxels: dict[str, tuple[int, str]] = {}


def known_voxels(scan: slicer.vtkMRMLVolumeNode) -> str:
    """Return the hash of a scan's voxels, computed again only if they may have changed, as a large scan takes long."""
    stamp, key = _voxels_stamp(scan), scan.GetID()
    if _known_voxels.get(key, (0, ""))[0] != stamp:
        _known_voxels[key] = stamp, voxels_sha256(slicer.util.arrayFromVolume(scan))
    return _known_voxels[key][1]


def has_other_voxels(scan: slicer.vtkMRMLVolumeNode | None, record: Mapping[str, object] | None) -> bool:
    """Return whether a scan is known to hold other voxels than when a record of a result was made."""
    known = (record or {}).get("input", {}).get("voxels_sha256")
    return known is not None and scan is not None and scan.GetImageData() is not None and known_voxels(scan) != known


def content_of(segmentation: slicer.vtkMRMLSegmentationNode) -> dict[str, list[float]]:
    """Return a fingerprint of the segments: by label value, the number of voxels and their centre (RAS mm).

    It is the same before and after a scene is saved, whatever box the voxels are stored in.
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
    """Return the number of voxels and their centre (RAS mm, to a hundredth) for every value of a label map."""
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
