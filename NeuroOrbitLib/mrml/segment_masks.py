"""Conversion between segments of the vocabulary and arrays on a volume's grid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util import numpy_support

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.label_values import values_in
from NeuroOrbitLib.label_maps.merging import merge_masks
from NeuroOrbitLib.label_maps.names import Meaning, meaning_of
from NeuroOrbitLib.label_maps.plausibility import inside_and_outside, lies_within
from NeuroOrbitLib.mrml.segmentations import fill_faintly, oriented_image
from NeuroOrbitLib.mrml.storage_check import check_segments
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import (
    check_scalar_volume,
    ijk_to_local,
    labels_on_grid,
    world_from_ijk,
    world_from_local,
)
from NeuroOrbitLib.problem import Problem

_LABEL_MAP = slicer.vtkSegmentationConverter.GetBinaryLabelmapRepresentationName()
_VALUE_OF_ID = {anatomy.segment_id(value): value for value in anatomy.LABEL_VALUES}
_TERMINOLOGY = slicer.vtkSegment.GetTerminologyEntryTagName()
#: Type that Slicer gives to every new segment.
_TISSUE = "SCT^85756007"
_NO_CODE = "^"


def label_of_segment(segment_id: str, segment: slicer.vtkSegment) -> int | None:
    """Return the label value of a segment by its SNOMED CT codes, its identifier or its name; ``None`` without one.

    The codes take precedence, as the user can change them in Slicer's list of segments, e.g. if two sides are
    exchanged, but not the identifier. If they were changed to those of something else, e.g. a tumour, the segment has
    no label value. Segments that were drawn in Slicer or imported from a label map have no codes; they are known by
    their names, see :func:`NeuroOrbitLib.label_maps.names.meaning_of`.
    """
    tag = vtk.mutable("")
    segment.GetTag(_TERMINOLOGY, tag)
    codes, own = _codes(str(tag)), _VALUE_OF_ID.get(segment_id)
    if codes in _VALUE_OF_CODES:
        return _VALUE_OF_CODES[codes]
    if own is None:
        return _value_of_name(segment.GetName() or "")
    return own if _may_mean(codes, own) else None


def _may_mean(codes: tuple[str, ...], value: int) -> bool:
    """Return whether codes leave open what a segment is, or name the structure of a label value without its side."""
    return not codes or codes[0] == _TISSUE or codes == (_codes(anatomy.terminology_entry(value))[0], _NO_CODE)


@lru_cache(maxsize=1000)
def _value_of_name(name: str) -> int | None:
    meaning = meaning_of(name)
    if meaning is None or meaning.needs_side or meaning.is_part:
        return None
    return anatomy.label_value(meaning.key, meaning.side)


def _codes(entry: str) -> tuple[str, ...]:
    """Return scheme and code of type and modifier of a serialised terminology entry; () if it has no type."""
    parts = entry.split("~")
    if len(parts) < 4 or not parts[2].strip("^"):
        return ()
    return tuple("^".join(part.split("^")[:2]) for part in parts[2:4])


_VALUE_OF_CODES = {_codes(anatomy.terminology_entry(value)): value for value in anatomy.LABEL_VALUES}


def labelled_segments(node: slicer.vtkMRMLSegmentationNode) -> dict[int, str]:
    """Return the identifier of the first segment of each label value of the vocabulary, by label value."""
    segmentation = node.GetSegmentation()
    found: dict[int, str] = {}
    for segment_id in segmentation.GetSegmentIDs():
        value = label_of_segment(segment_id, segmentation.GetSegment(segment_id))
        if value is not None:
            found.setdefault(value, segment_id)
    return found


def passed_over_segments(node: slicer.vtkMRMLSegmentationNode) -> list[tuple[str, str]]:
    """Return the names of segments that repeat a structure, each with the name of the structure's first segment."""
    segmentation, first = node.GetSegmentation(), labelled_segments(node)
    found = []
    for segment_id in segmentation.GetSegmentIDs():
        value = label_of_segment(segment_id, segmentation.GetSegment(segment_id))
        if value is not None and first[value] != segment_id:
            found.append(tuple(segmentation.GetSegment(name).GetName() for name in (segment_id, first[value])))
    return found


def misnamed_segments(node: slicer.vtkMRMLSegmentationNode) -> list[str]:
    """Return a sentence about each segment whose name says another structure, or another side, than it counts as."""
    text = _("The segment '{name}' of '{segmentation}' counts as {structure}. If the name is right, choose its "
             "structure with a double click on its colour in the Segment Editor; if not, correct the name.")
    segmentation, found = node.GetSegmentation(), []
    for segment_id in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(segment_id)
        value = label_of_segment(segment_id, segment)
        if _says_another(meaning_of(segment.GetName() or ""), value):
            counted = _("no structure of the orbit") if value is None else f"'{translated(anatomy.label_name(value))}'"
            found.append(text.format(name=segment.GetName(), segmentation=node.GetName(), structure=counted))
    return found


def _says_another(meaning: Meaning | None, value: int | None) -> bool:
    """Return whether the meaning of a name contradicts the label value of its segment."""
    if meaning is None or (value is None and (meaning.needs_side or meaning.is_part)):
        return False
    return (value is None or anatomy.structure_of(value).key != meaning.key
            or meaning.side not in (None, anatomy.side_of(value)))


def other_segments(node: slicer.vtkMRMLSegmentationNode) -> list[str]:
    """Return the names of the segments that have no label value of the vocabulary."""
    segmentation = node.GetSegmentation()
    segments = [(name, segmentation.GetSegment(name)) for name in segmentation.GetSegmentIDs()]
    return [segment.GetName() for name, segment in segments if label_of_segment(name, segment) is None]


def add_label_segment(node: slicer.vtkMRMLSegmentationNode, value: int) -> str:
    """Return the identifier of the segment of a label value; if there is none, add an empty one with its codes."""
    existing = labelled_segments(node).get(value)
    if existing is not None:
        return existing
    segmentation = node.GetSegmentation()
    segment_id = segmentation.GenerateUniqueSegmentID(anatomy.segment_id(value))
    segmentation.AddEmptySegment(segment_id, anatomy.label_name(value), list(anatomy.label_color(value)))
    segment = segmentation.GetSegment(segment_id)
    segment.SetTag(_TERMINOLOGY, anatomy.terminology_entry(value))
    segment.SetNameAutoGenerated(False)
    segment.SetColorAutoGenerated(False)
    fill_faintly(node)
    return segment_id


def filled_labels(node: slicer.vtkMRMLSegmentationNode) -> set[int]:
    """Return the label values whose segments have voxels; each label map that segments share is read only once."""
    segmentation = node.GetSegmentation()
    layers: dict[str, set[int]] = {}
    filled = set()
    for value, segment_id in labelled_segments(node).items():
        segment, layer = segmentation.GetSegment(segment_id), _layer_of(segmentation, segment_id)
        if not _has_voxels(layer):
            continue
        key = layer.GetAddressAsString("vtkObject")
        if key not in layers:
            layers[key] = values_in(numpy_support.vtk_to_numpy(layer.GetPointData().GetScalars()))
        if segment.GetLabelValue() in layers[key]:
            filled.add(value)
    return filled


def label_masks(node: slicer.vtkMRMLSegmentationNode,
                volume: slicer.vtkMRMLScalarVolumeNode) -> dict[int, np.ndarray]:
    """Return the mask of every segment of the vocabulary that is not empty, on the grid of ``volume``.

    Both nodes must be under the same parent transform, or under linear ones.

    :return: boolean array (K, J, I) of the volume's shape, by label value.
    :raises Problem: if they are under other transforms.
    """
    return _label_masks(node, _volume_grid(volume, node))


def label_masks_on(node: slicer.vtkMRMLSegmentationNode, grid: Grid) -> dict[int, np.ndarray]:
    """Return the masks of :func:`label_masks` on a grid in the segmentation's own RAS mm, without parent transforms."""
    return _label_masks(node, _grid_image(grid.affine, [bound for n in grid.shape[::-1] for bound in (0, n - 1)]))


def _label_masks(node: slicer.vtkMRMLSegmentationNode,
                 reference: slicer.vtkOrientedImageData) -> dict[int, np.ndarray]:
    filled = filled_labels(node)
    segments = {value: name for value, name in labelled_segments(node).items() if value in filled}
    return dict(zip(segments, _masks_on(node, segments.values(), reference), strict=True))


def label_image(node: slicer.vtkMRMLSegmentationNode, volume: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return the segments of the vocabulary as one label map, uint8 (K, J, I), on the grid of ``volume``.

    Where segments overlap, it has the same value as the label map of an annotation, see
    :func:`NeuroOrbitLib.label_maps.merging.merge_masks`, in whatever order they are listed; :func:`overlaps` tells the
    user.

    :raises Problem: if the segmentation is under another transform than the volume, was loaded from a damaged file, or
        has no structure that the extension knows.
    """
    check_segments(node)
    if node.GetParentTransformNode() is not volume.GetParentTransformNode():
        raise Problem(_("'{segmentation}' and '{volume}' lie under different transforms. Put both under the same one "
                        "(module Transforms).").format(segmentation=node.GetName(), volume=volume.GetName()))
    _give_voxels(node)
    masks = label_masks(node, volume)
    if not masks:
        raise Problem(_("'{name}' has no segments of the orbit. Choose a segmentation whose segments have the "
                        "extension's names or codes, or leave the choice empty.").format(name=node.GetName()))
    labels, _conflicts = merge_masks(masks, slicer.util.arrayFromVolume(volume).shape)
    return Image(labels_on_grid(volume, labels), world_from_ijk(volume))


def overlaps(node: slicer.vtkMRMLSegmentationNode, volume: slicer.vtkMRMLScalarVolumeNode) -> list[str]:
    """Return a sentence about each two structures that share voxels which :func:`label_image` gives to one of them."""
    segmentation, segments = node.GetSegmentation(), labelled_segments(node)
    layers = {_layer_of(segmentation, segments[value]).GetAddressAsString("vtkObject") for value in filled_labels(node)}
    if len(layers) < 2:  # within one label map a voxel has one segment
        return []
    text = _("'{segmentation}': {overlap} Separate them in the Segment Editor, and begin again.")
    _labels, conflicts = merge_masks(label_masks(node, volume), slicer.util.arrayFromVolume(volume).shape)
    return [text.format(segmentation=node.GetName(), overlap=conflict) for conflict in conflicts]


def beyond(node: slicer.vtkMRMLSegmentationNode, grid: Grid) -> list[tuple[str, int, int]]:
    """Return the structures that a label map on a grid would cut, as where the segments were drawn on another scan.

    :param node: the segmentation.
    :param grid: grid in the segmentation's own RAS mm, without parent transforms.
    :return: name of each segment, number of its voxels with their centres outside of the grid, and of all its voxels.
    """
    segmentation, layers, found = node.GetSegmentation(), {}, []
    for segment_id in labelled_segments(node).values():
        layer = _layer_of(segmentation, segment_id)
        if not _has_voxels(layer):
            continue
        key = layer.GetAddressAsString("vtkObject")
        if key not in layers:
            image = _layer_image(layer)  # whose voxels are counted only where that is needed, as there may be millions
            layers[key] = ({}, {}) if lies_within(image.grid, grid) else inside_and_outside(image, grid)
        segment = segmentation.GetSegment(segment_id)
        inside, outside = (values.get(segment.GetLabelValue(), 0) for values in layers[key])
        if outside:
            found.append((segment.GetName(), outside, inside + outside))
    return found


def beyond_scan(node: slicer.vtkMRMLSegmentationNode, volume: slicer.vtkMRMLScalarVolumeNode) -> list[str]:
    """Return a sentence about the voxels that :func:`label_image` leaves out because they lie beside a scan, if any."""
    text = _("'{segmentation}' reaches beyond '{volume}', and what lies there is not used: {structures}. Check that it "
             "was drawn on this scan.")
    cut = beyond(node, Grid(slicer.util.arrayFromVolume(volume).shape, _local_affine(volume, node)))
    return [text.format(segmentation=node.GetName(), volume=volume.GetName(),
                        structures=cut_in_words(cut))] if cut else []


def cut_in_words(cut: Iterable[tuple[str, int, int]]) -> str:
    """Return the result of :func:`beyond` as the structures with the number of voxels that they lack."""
    text = _("{name} ({outside} of {all} voxels)")
    return ", ".join(text.format(name=name, outside=outside, all=total) for name, outside, total in cut)


def _layer_image(layer: slicer.vtkOrientedImageData) -> Image:
    """Return a label map that segments share, with its place in their own RAS mm."""
    matrix = vtk.vtkMatrix4x4()
    layer.GetImageToWorldMatrix(matrix)
    affine = slicer.util.arrayFromVTKMatrix(matrix)
    affine[:3, 3] += affine[:3, :3] @ np.array(layer.GetExtent()[::2])
    voxels = numpy_support.vtk_to_numpy(layer.GetPointData().GetScalars())
    return Image(voxels.reshape(layer.GetDimensions()[::-1]), affine)


def union_of_segments(node: slicer.vtkMRMLSegmentationNode, volume: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return all segments, whatever their names, as one mask, uint8 (K, J, I), on the grid of ``volume``.

    :raises Problem: if the segmentation is under another transform than the volume, or was loaded from a damaged file.
    """
    check_segments(node)
    if node.GetParentTransformNode() is not volume.GetParentTransformNode():
        raise Problem(_("'{segmentation}' and '{volume}' lie under different transforms. Put both under the same one "
                        "(module Transforms).").format(segmentation=node.GetName(), volume=volume.GetName()))
    _give_voxels(node)
    segmentation = node.GetSegmentation()
    drawn = [name for name in segmentation.GetSegmentIDs() if _has_voxels(_layer_of(segmentation, name))]
    grid = _volume_grid(volume, node)
    mask = np.zeros(slicer.util.arrayFromVolume(volume).shape, np.uint8)
    for segment in _masks_on(node, drawn, grid):
        mask[segment] = 1
    return Image(labels_on_grid(volume, mask), world_from_ijk(volume))


def _give_voxels(node: slicer.vtkMRMLSegmentationNode) -> None:
    """Add a label map to segments that are only surfaces or contours, as the application's modules do.

    :raises Problem: if the application cannot convert them.
    """
    segmentation = node.GetSegmentation()
    if segmentation.GetNumberOfSegments() == 0 or segmentation.ContainsRepresentation(_LABEL_MAP):
        return
    if not node.CreateBinaryLabelmapRepresentation():
        raise Problem(_("The segments of '{name}' have no voxels and cannot be given any. Create the representation "
                        "Binary labelmap in the module Segmentations, then try again.").format(name=node.GetName()))


def _volume_grid(volume: slicer.vtkMRMLScalarVolumeNode,
                 node: slicer.vtkMRMLSegmentationNode) -> slicer.vtkOrientedImageData:
    """Return the grid of a volume, without voxels, in the coordinates of ``node``.

    :raises UnsuitableVolume: if the volume has no voxels, as after a scene was opened without the volume's file.
    """
    check_scalar_volume(volume)
    return _grid_image(_local_affine(volume, node), volume.GetImageData().GetExtent())


def _local_affine(volume: slicer.vtkMRMLScalarVolumeNode, node: slicer.vtkMRMLSegmentationNode) -> np.ndarray:
    """Return the matrix (4, 4) from voxel indices (I, J, K) of a volume to the RAS mm in which ``node`` is stored.

    :raises Problem: if they are under different transforms of which one is not linear.
    """
    if volume.GetParentTransformNode() is node.GetParentTransformNode():
        return ijk_to_local(volume)
    return np.linalg.inv(world_from_local(node)) @ world_from_ijk(volume)


def _grid_image(affine: np.ndarray, extent: Sequence[int]) -> slicer.vtkOrientedImageData:
    image = slicer.vtkOrientedImageData()
    image.SetExtent(*extent)
    image.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(affine))
    return image


def _layer_of(segmentation: slicer.vtkSegmentation, segment_id: str) -> slicer.vtkOrientedImageData | None:
    """Return the label map that holds a segment, which other segments may share; ``None`` if it has none."""
    return segmentation.GetSegment(segment_id).GetRepresentation(_LABEL_MAP)


def _has_voxels(layer: slicer.vtkOrientedImageData | None) -> bool:
    return layer is not None and layer.GetPointData().GetScalars() is not None


def _masks_on(node: slicer.vtkMRMLSegmentationNode, segment_ids: Iterable[str],
              reference: slicer.vtkOrientedImageData) -> Iterator[np.ndarray]:
    """Yield the mask of each segment on a grid; a label map that segments share is resampled only once."""
    segmentation, placed = node.GetSegmentation(), {}
    for segment_id in segment_ids:
        layer = _layer_of(segmentation, segment_id)
        key = layer.GetAddressAsString("vtkObject")
        if key not in placed:
            placed[key] = _values_on(layer, reference)
        yield placed[key] == segmentation.GetSegment(segment_id).GetLabelValue()


def _values_on(layer: slicer.vtkOrientedImageData, reference: slicer.vtkOrientedImageData) -> np.ndarray:
    placed = slicer.vtkOrientedImageData()
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(layer, reference, placed)
    return numpy_support.vtk_to_numpy(placed.GetPointData().GetScalars()).reshape(placed.GetDimensions()[::-1])


def set_segment_mask(node: slicer.vtkMRMLSegmentationNode, segment_id: str, mask: np.ndarray,
                     volume: slicer.vtkMRMLScalarVolumeNode) -> None:
    """Replace the content of a segment; other segments keep theirs.

    Both nodes must be under the same parent transform, or under linear ones.

    :param node: the segmentation.
    :param segment_id: identifier of the segment.
    :param mask: boolean array (K, J, I) on the grid of ``volume``.
    :param volume: volume that has the grid.
    :raises Problem: if they are under other transforms.
    """
    image = oriented_image(Image(mask.astype(np.uint8), _local_affine(volume, node)))
    logic = slicer.vtkSlicerSegmentationsModuleLogic
    logic.SetBinaryLabelmapToSegment(image, node, segment_id, logic.MODE_REPLACE)
