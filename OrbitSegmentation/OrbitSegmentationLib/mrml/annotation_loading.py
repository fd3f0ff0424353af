"""Loading of a case into the scene: the scan, and the labels to continue from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy import label_name
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.label_maps.merging import merge_masks
from NeuroOrbitLib.label_maps.plausibility import lies_within
from NeuroOrbitLib.mrml.segment_masks import beyond, label_masks_on
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.terminology import load_orbit_terminology
from NeuroOrbitLib.mrml.volumes import ijk_to_local, node_from_image, world_from_local
from NeuroOrbitLib.mrml.windows import set_useful_window
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.cases import AnnotationCase
from OrbitSegmentationLib.annotation.export import Format, unknown_values
from OrbitSegmentationLib.annotation.progress import CaseState


def load_scan(case: AnnotationCase) -> tuple[slicer.vtkMRMLScalarVolumeNode, Grid, list[str]]:
    """Load the scan of a case into a new volume node.

    :return: the node, the grid of the scan's file, and notices about changes that were made on reading.
    :raises Problem: if the scan cannot be read.
    """
    from NeuroOrbitLib.dicom.scans import read_one  # not needed before the first case

    image, notices = read_one(case.scan)
    volume = node_from_image(image, case.name)
    set_useful_window(volume)
    return volume, image.grid, notices


def saved_labels(case: AnnotationCase, state: CaseState, folder: Path) -> Path | None:
    """Return the label file to load: an existing one that the last save wrote, as older files are out of date."""
    saved = [kind.path(folder, case.name) for kind in (Format.SEGMENTATION, Format.LABEL_MAP)]
    return next((path for path in saved if path.name in state.files and path.is_file()), None)


def load_labels(path: Path | None, volume: slicer.vtkMRMLScalarVolumeNode, grid: Grid,
                name: str, is_own: bool = True) -> tuple[slicer.vtkMRMLSegmentationNode, list[str]]:
    """Load labels into a new segmentation node on ``volume``.

    :param path: ``.seg.nrrd`` file or label map; ``None`` for an empty segmentation.
    :param volume: node of the scan.
    :param grid: grid of the scan's file.
    :param name: name of the new node.
    :param is_own: whether the file was saved by this page. The values of other label maps are interpreted by the names
        in nnU-Net's ``dataset.json`` beside them, if there is one.
    :return: the node, and notices for the annotator about the labels.
    :raises Problem: if the labels cannot be read, or have values outside of the vocabulary.
    """
    load_orbit_terminology()
    if path is None:
        return add_segmentation(Image(np.zeros(grid.shape, np.uint8), grid.affine), volume, name), []
    if path.name.lower().endswith(Format.SEGMENTATION.value):
        node = _load_segmentation(path, volume, name)
        return node, [] if is_own else _against_segments(node, grid, path.name)
    labels, notices = _label_map_on(path, grid, is_own)
    return add_segmentation(labels, volume, name), notices


def _load_segmentation(path: Path, volume: slicer.vtkMRMLScalarVolumeNode,
                       name: str) -> slicer.vtkMRMLSegmentationNode:
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", slicer.mrmlScene.GenerateUniqueName(name))
    storage = slicer.vtkMRMLSegmentationStorageNode()
    storage.SetFileName(str(path))
    if not storage.ReadData(node):
        raise Problem(_("{path} cannot be read as a segmentation. Remove or rename it to begin without it.").format(
            path=path))
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    return node


def _against_segments(node: slicer.vtkMRMLSegmentationNode, grid: Grid, name: str) -> list[str]:
    """Return notices if segments of a file lie beside the scan, or contradict the anatomy, as by exchanged sides."""
    from NeuroOrbitLib.label_maps.plausibility import contradictions

    labels, _shared = merge_masks(label_masks_on(node, grid), grid.shape)
    against = contradictions(Image(labels, grid.affine))
    notices = _about_cut([segment for segment, *_numbers in beyond(node, grid)], name)
    if against:
        notices.append(_("The segments of {name} contradict the anatomy: {reasons}. Correct their names and codes, or "
                         "move the file away.").format(name=name, reasons="; ".join(against[:2])))
    return notices


def _about_cut(names: Sequence[str], file: str) -> list[str]:
    """Return a notice about structures of a label file that reach beyond the scan; none without any."""
    text = _("In {file}, {names} reach beyond the scan; no label map holds what lies there. Check that the file "
             "belongs to this scan.")
    return [text.format(file=file, names=", ".join(names))] if names else []


def _label_map_on(path: Path, grid: Grid, is_own: bool) -> tuple[Image, list[str]]:
    """Return the label map on the scan's grid, resampled if its grid differs, and notices about it."""
    from NeuroOrbitLib.imaging.resampling import resample_labels
    from NeuroOrbitLib.label_maps.mapping import labels_in_words, load_label_map, mapping_for
    from NeuroOrbitLib.label_maps.plausibility import contradictions, inside_and_outside

    labels, notices = load_label_map(path), []
    mapping = None if is_own else mapping_for(path)
    if mapping is not None:
        labels = mapping.apply(labels)
        notices.append(f"The labels of {path.name} were read as {mapping.source} names them: "
                       f"{labels_in_words(mapping)}.")
    strange = unknown_values(labels.array)
    if strange:
        listed = ", ".join(map(str, strange[:5])) + ("…" if len(strange) > 5 else "")
        raise Problem(_("{name} has the label values {listed}, which mean nothing here (1 to 25 do). Convert it to the "
                        "label values of the orbit, or move it away to begin without it.").format(
                            name=path.name, listed=listed))
    if not is_own and (against := contradictions(labels)):
        notices.append(_("The label values of {name} contradict the anatomy: {reasons}. If they mean something else, "
                         "move the file away, or put nnU-Net's dataset.json with their names beside it.").format(
                             name=path.name, reasons="; ".join(against[:2])))
    labels = labels.with_array(labels.array.astype(np.uint8))
    if labels.grid.same_as(grid, tolerance=0.01):
        return Image(labels.array, grid.affine), notices
    notices.append(_("{name} lies on another grid than the scan; its labels were interpolated. Check their "
                     "outlines.").format(name=path.name))
    notices += _about_cut([label_name(value) for value in inside_and_outside(labels, grid)[1]], path.name)
    return resample_labels(labels, grid), notices


def write_segmentation(node: slicer.vtkMRMLSegmentationNode, path: Path, to_file: np.ndarray) -> None:
    """Write a ``.seg.nrrd`` file without changing the node or its storage node.

    :param node: the segmentation.
    :param path: file to write.
    :param to_file: matrix (4, 4) from the segments' own RAS (mm) to the RAS of the scan's file, see
        :func:`place_in_file`.
    :raises Problem: if the file cannot be written.
    """
    storage = slicer.vtkMRMLSegmentationStorageNode()
    storage.SetFileName(str(path))
    storage.SetUseCompression(True)
    if not storage.WriteData(_moved_copy(node, to_file)):
        raise Problem(_("{path} cannot be written. Check the folder's permissions and the free space.").format(
            path=path))


def place_in_file(node: slicer.vtkMRMLSegmentationNode, volume: slicer.vtkMRMLScalarVolumeNode,
                  grid: Grid) -> np.ndarray:
    """Return the matrix (4, 4) from the segments' own RAS (mm) to the RAS of the scan's file.

    The scan or the segmentation may have been moved since loading. A scan that was cropped has kept its place; one with
    all its voxels may have been moved.

    :param node: the segmentation.
    :param volume: the scan.
    :param grid: grid of the scan's file.
    :raises Problem: if only one of the two has a non-linear transform, or the scan's voxels were replaced by voxels
        that reach beyond its file.
    """
    to_scan = (np.eye(4) if volume.GetParentTransformNode() is node.GetParentTransformNode()
               else np.linalg.inv(world_from_local(volume)) @ world_from_local(node))
    own = Grid(slicer.util.arrayFromVolume(volume).shape, ijk_to_local(volume))
    if own.shape == grid.shape:
        return grid.affine @ np.linalg.inv(own.affine) @ to_scan
    if not lies_within(own, grid, margin=0.5):
        raise Problem(_("The voxels of '{name}' were replaced by others that reach beyond its file, so that nobody can "
                        "tell where the labels belong in the file. Save '{labels}' with the application's own Save, "
                        "then open the case again.").format(name=volume.GetName(), labels=node.GetName()))
    return to_scan


def _moved_copy(node: slicer.vtkMRMLSegmentationNode, matrix: np.ndarray) -> slicer.vtkMRMLSegmentationNode:
    """Return a copy outside of the scene, moved by a matrix; the node itself for an identity matrix."""
    if np.allclose(matrix, np.eye(4), atol=1e-6):
        return node
    copy = slicer.vtkMRMLSegmentationNode()
    copy.GetSegmentation().DeepCopy(node.GetSegmentation())
    copy.ApplyTransformMatrix(slicer.util.vtkMatrixFromArray(matrix))
    return copy
