"""The voxels that an effect may change: the reference geometry of the segmentation, as it is displayed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.imaging.slices import VoxelMask
from NeuroOrbitLib.mrml.volumes import world_from_local
from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class Reference:
    """The reference geometry of the edited segmentation.

    :param grid: grid of the voxels, with indices from 0 and an affine to world RAS mm, parent transforms included.
    :param start: index (I, J, K) of the first voxel in Slicer's extent.
    :param local_affine: 4x4 matrix from Slicer's (I, J, K, 1) to the RAS mm of the segmentation node.
    """

    grid: Grid
    start: tuple[int, int, int]
    local_affine: np.ndarray

    def labelmap(self, voxels: VoxelMask) -> slicer.vtkOrientedImageData:
        """Return a label map of voxels, no larger than their box, so that the segment editor writes it quickly."""
        low = np.array(voxels.box.start[::-1]) + self.start
        high = low + np.array(voxels.box.shape[::-1]) - 1
        image = slicer.vtkOrientedImageData()
        image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(self.local_affine))
        image.SetExtent([int(number) for number in np.stack([low, high], axis=1).ravel()])
        image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
        vtk_to_numpy(image.GetPointData().GetScalars())[:] = voxels.mask.ravel()
        return image


def reference_of(scripted_effect: object) -> Reference | None:
    """Return the reference geometry of an effect (its ``scriptedEffect``); ``None`` while nothing is edited.

    :raises Problem: if the segmentation is under a non-linear transform, or is flat.
    """
    node = scripted_effect.parameterSetNode()
    segmentation = node.GetSegmentationNode() if node is not None else None
    image = scripted_effect.referenceGeometryImage() if segmentation is not None else None
    if image is None:
        return None
    extent = np.array(image.GetExtent()).reshape(3, 2)
    shape = (extent[:, 1] - extent[:, 0] + 1)[::-1]
    if shape.min() < 1:
        return None
    matrix = vtk.vtkMatrix4x4()
    image.GetImageToWorldMatrix(matrix)
    local = slicer.util.arrayFromVTKMatrix(matrix)
    affine = world_from_local(segmentation) @ local
    affine[:3, 3] += affine[:3, :3] @ extent[:, 0]
    if abs(np.linalg.det(affine[:3, :3])) < 1e-9:
        raise Problem(_("The segmentation has an impossible geometry (zero voxel size). "
                        "Choose another source volume."))
    return Reference(Grid(tuple(shape), affine), tuple(int(first) for first in extent[:, 0]), local)
