"""Conversion between volume nodes and the images of the pure code."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.mrml.acquisition import Acquisition, acquisition_of
from NeuroOrbitLib.problem import Problem

#: Subclasses of scalar volume nodes that hold several volumes (4-D), with their names for the user.
FOUR_DIMENSIONAL_CLASSES = MappingProxyType({
    "vtkMRMLMultiVolumeNode": "multi-volume",
    "vtkMRMLDiffusionWeightedVolumeNode": "diffusion-weighted series",
    "vtkMRMLDiffusionTensorVolumeNode": "diffusion tensor volume",
    "vtkMRMLTensorVolumeNode": "tensor volume",
})


class UnsuitableVolume(Problem):
    """The volume node cannot be analysed; the message says why and what to do."""


def image_from_node(node: slicer.vtkMRMLScalarVolumeNode) -> Image:
    """Return the voxels of a scalar volume node and their position in the patient.

    Linear parent transforms are part of the affine: the image lies where the user sees the volume. A tilted or unevenly
    spaced series under the transform of Slicer's DICOM reader lies where its slices were acquired, interpolated on a
    regular grid if they are uneven.

    :return: image whose array (K, J, I) is read-only and, unless slices were interpolated, a view of the node's voxels
        instead of a copy; affine from IJK to RAS mm.
    :raises UnsuitableVolume: if the node is not a scalar volume with voxels, holds colours or several volumes, or is
        under a transform that bends its slices.
    """
    check_scalar_volume(node)
    voxels = slicer.util.arrayFromVolume(node).view()
    acquisition = _acquisition(node)
    if acquisition is not None:
        voxels = acquisition.voxels(voxels)
    voxels.flags.writeable = False
    return Image(voxels, world_from_ijk(node))


def grid_of_node(node: slicer.vtkMRMLScalarVolumeNode) -> Grid:
    """Return the grid of :func:`image_from_node`, without its voxels."""
    acquisition = _acquisition(node)
    shape = slicer.util.arrayFromVolume(node).shape if acquisition is None else acquisition.grid.shape
    return Grid(shape, world_from_ijk(node))


def interpolation_notices(node: slicer.vtkMRMLScalarVolumeNode) -> list[str]:
    """Return notices for the user, in sentences, about what :func:`image_from_node` interpolates."""
    acquisition = _acquisition(node)
    return [] if acquisition is None else list(acquisition.notices)


def labels_on_grid(node: slicer.vtkMRMLScalarVolumeNode, own: np.ndarray) -> np.ndarray:
    """Return labels (K, J, I) of the voxels of ``node`` on the grid of :func:`image_from_node`."""
    acquisition = _acquisition(node)
    return own if acquisition is None else acquisition.labels(own)


def labels_on_node(node: slicer.vtkMRMLScalarVolumeNode, labels: np.ndarray) -> np.ndarray:
    """Return labels (K, J, I) on the grid of :func:`image_from_node` for the voxels of ``node``, by nearest slice."""
    acquisition = _acquisition(node)
    return labels if acquisition is None else acquisition.own_slices(labels)


def _acquisition(node: slicer.vtkMRMLScalarVolumeNode) -> Acquisition | None:
    """Return the position of the slices of a volume under a non-linear transform; None under a linear one or none.

    :raises UnsuitableVolume: if the transform bends the slices, or there is too large a gap between them.
    """
    transform = node.GetParentTransformNode()
    if transform is None or transform.IsTransformToWorldLinear():
        return None
    try:
        found = acquisition_of(node, ijk_to_local(node))
    except Problem as problem:
        raise UnsuitableVolume(f"'{node.GetName()}': {problem}") from problem
    if found is None:
        raise UnsuitableVolume(
            _("'{name}' is under the non-linear transform '{transform}'. "
              "Harden the transform on the volume or take the volume out of it (module Transforms).").format(
                  name=node.GetName(), transform=transform.GetName()))
    return found


def check_scan(node: slicer.vtkMRMLScalarVolumeNode | None) -> None:
    """Make sure that ``node`` is a scan that can be analysed.

    :raises UnsuitableVolume: if it is not; the message says why and what to do.
    """
    if node is None:
        raise UnsuitableVolume(_("Select a scan first."))
    if node.IsA("vtkMRMLLabelMapVolumeNode"):
        raise UnsuitableVolume(
            _("'{name}' is a label map, not a scan. Select a CT or MRI volume.").format(name=node.GetName()))
    check_scalar_volume(node)
    world_from_ijk(node)


def check_scalar_volume(node: slicer.vtkMRMLVolumeNode) -> None:
    """Make sure that ``node`` holds one scalar volume.

    :raises UnsuitableVolume: if it is not; the message says why and what to do.
    """
    if node is None or not node.IsA("vtkMRMLScalarVolumeNode"):
        raise UnsuitableVolume(_("This is not an image volume. Select a CT or MRI volume."))
    image = node.GetImageData()
    if node.GetClassName() in FOUR_DIMENSIONAL_CLASSES:
        raise UnsuitableVolume(_several_volumes_text(node, FOUR_DIMENSIONAL_CLASSES[node.GetClassName()]))
    if image is None or image.GetNumberOfPoints() == 0 or image.GetPointData().GetScalars() is None:
        raise UnsuitableVolume(
            _("'{name}' has no voxels. Load the scan again or select another volume.").format(name=node.GetName()))
    if image.GetNumberOfScalarComponents() in (3, 4) and image.GetScalarType() == vtk.VTK_UNSIGNED_CHAR:
        raise UnsuitableVolume(
            _("'{name}' is a colour picture. Select the original CT or MRI volume.").format(name=node.GetName()))
    if image.GetNumberOfScalarComponents() != 1:
        raise UnsuitableVolume(_several_volumes_text(node, f"{image.GetNumberOfScalarComponents()}-component"))


def _several_volumes_text(node: slicer.vtkMRMLVolumeNode, kind: str) -> str:
    return _("'{name}' holds several values per voxel ({kind}). "
             "Extract one volume (one time point or one contrast) and select that.").format(
                 name=node.GetName(), kind=kind)


def ijk_to_local(node: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """Return the 4x4 matrix from voxel index (I, J, K, 1) to the node's own RAS mm, without parent transforms."""
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def world_from_ijk(node: slicer.vtkMRMLVolumeNode) -> np.ndarray:
    """Return the 4x4 matrix from voxel index (I, J, K, 1) to patient RAS mm, parent transforms included.

    Under the transform of Slicer's DICOM reader, K counts the slices of the regular grid of :func:`image_from_node`.

    :raises UnsuitableVolume: if the volume is under a transform that bends slices, or its voxels have no volume.
    """
    acquisition = _acquisition(node)
    affine = world_from_local(node) @ ijk_to_local(node) if acquisition is None else acquisition.grid.affine
    if abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise UnsuitableVolume(
            _("'{name}' has an impossible geometry (zero voxel size). Load the scan again.").format(
                name=node.GetName()))
    return affine


def world_from_local(node: slicer.vtkMRMLTransformableNode) -> np.ndarray:
    """Return the 4x4 matrix from a node's own RAS mm to patient RAS mm.

    :raises Problem: if the node is under a non-linear transform.
    """
    transform = node.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    if not transform.IsTransformToWorldLinear():
        raise Problem(_("'{name}' is under the non-linear transform '{transform}'. Harden the transform or take "
                        "'{name}' out of it (module Transforms).").format(
                            name=node.GetName(), transform=transform.GetName()))
    matrix = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)


def node_from_image(image: Image, name: str,
                    class_name: str = "vtkMRMLScalarVolumeNode") -> slicer.vtkMRMLScalarVolumeNode:
    """Add a volume node with a copy of the image's voxels to the scene, at the position of the image.

    :param image: the image; booleans become 0 and 1.
    :param name: name of the node, which is made unique.
    :param class_name: ``vtkMRMLScalarVolumeNode`` or ``vtkMRMLLabelMapVolumeNode``.
    """
    voxels = image.array.astype(np.uint8) if image.array.dtype == bool else image.array
    node = slicer.mrmlScene.AddNewNodeByClass(class_name, slicer.mrmlScene.GenerateUniqueName(name))
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(image.affine))
    slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(voxels))
    node.CreateDefaultDisplayNodes()
    return node


def image_on_grid(path: str | Path, grid: Grid) -> Image:
    """Return the image in a file that a pipeline wrote, on the exact grid of its input.

    Files store the geometry only in single precision.

    :param path: file of the image.
    :param grid: grid of the input.
    :raises Problem: if the image lies elsewhere.
    """
    from NeuroOrbitLib.imaging.files import load_image  # not needed before the first run

    image = load_image(path)
    if not image.grid.same_as(grid, tolerance=0.01):
        raise Problem(_("The result does not lie on the scan. Nothing was added; please report this."))
    return Image(image.array, grid.affine)
