"""The source volume as in the slice views: one slice in any orientation, or a block of voxels around a point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from NeuroOrbitLib.effects.reference import Reference, reference_of
from NeuroOrbitLib.imaging.boxes import Box, crop_grid
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.imaging.slices import SliceGrid, slice_grid
from NeuroOrbitLib.mrml.volumes import world_from_local


@dataclass(frozen=True, eq=False)
class SliceImage:
    """The intensities of the visible part of a slice.

    :param array: intensities (rows, columns) of the volume's type; row 0 is at the bottom of the view.
    :param inside: mask (rows, columns) of the pixels in the source volume; others have the volume's lowest intensity.
    :param grid: position of the pixels, and the voxels that they stand for.
    """

    array: np.ndarray
    inside: np.ndarray
    grid: SliceGrid


@dataclass(frozen=True, eq=False)
class BlockImage:
    """The intensities of a block of voxels of the reference geometry.

    :param array: intensities (K, J, I).
    :param box: place of the block in the reference geometry.
    :param spacing: voxel size in mm along K, J, I.
    """

    array: np.ndarray
    box: Box
    spacing: tuple[float, float, float]


def world_from_view(slice_node: slicer.vtkMRMLSliceNode) -> np.ndarray:
    """Return the 4x4 matrix from the coordinates of a slice view (pixels of the screen) to RAS mm."""
    return slicer.util.arrayFromVTKMatrix(slice_node.GetXYToRAS())


def visible_grid(slice_node: slicer.vtkMRMLSliceNode, reference: Reference | None) -> SliceGrid | None:
    """Return the pixels of the visible part of the reference geometry in a slice view; ``None`` if there is none."""
    if reference is None:
        return None
    width, height = slice_node.GetDimensions()[:2]
    return slice_grid(world_from_view(slice_node), (width, height), reference.grid)


def whole_slice(slice_node: slicer.vtkMRMLSliceNode, reference: Grid) -> SliceGrid | None:
    """Return the pixels of a whole slice of the reference geometry, visible or not; ``None`` if there are none."""
    matrix = world_from_view(slice_node)
    width, height = slice_node.GetDimensions()[:2]
    reach = np.linalg.norm(np.array(reference.shape[::-1]) * reference.spacing)
    more = int(np.ceil(2 * reach / np.linalg.norm(matrix[:3, 0]))) + max(width, height)
    shifted = matrix.copy()
    shifted[:3, 3] -= matrix[:3, :2] @ np.array([more, more])
    return slice_grid(shifted, (width + 2 * more, height + 2 * more), reference)


def visible_image(scripted_effect: object, view_widget: object) -> SliceImage | None:
    """Return the visible part of the source volume in a slice view; ``None`` if there is none.

    :raises Problem: if the segmentation is under a non-linear transform, or is flat.
    """
    volume = source_volume(scripted_effect)
    grid = visible_grid(view_widget.mrmlSliceNode(), reference_of(scripted_effect))
    return None if volume is None or grid is None else sample_slice(volume, grid)


def source_volume(scripted_effect: object) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Return the source volume of an effect; ``None`` if there is none, or it has no voxels."""
    node = scripted_effect.parameterSetNode()
    volume = node.GetSourceVolumeNode() if node is not None else None
    image = volume.GetImageData() if volume is not None else None
    return volume if image is not None and image.GetNumberOfPoints() else None


def sample_slice(volume: slicer.vtkMRMLScalarVolumeNode, grid: SliceGrid) -> SliceImage:
    """Interpolate a volume linearly at the pixels of a slice, through its parent transform, which may be non-linear.

    Of a volume with several components, the first is used, as in the segment editor itself.
    """
    shape = (1, *grid.shape)
    reslice = _interpolated(volume, grid.affine, shape)
    reslice.GenerateStencilOutputOn()
    reslice.Update()
    stencil = vtk.vtkImageStencilToImage()
    stencil.SetInputConnection(reslice.GetOutputPort(1))
    stencil.SetOutputScalarTypeToUnsignedChar()
    stencil.Update()
    array, inside = (_voxels(output, shape)[0] for output in (reslice.GetOutput(), stencil.GetOutput()))
    return SliceImage(array, inside.astype(bool), grid)


def sample_labels(labelmap: slicer.vtkOrientedImageData, segmentation: slicer.vtkMRMLSegmentationNode,
                  grid: SliceGrid) -> np.ndarray:
    """Return the labels of a segmentation's label map at the pixels of a slice; 0 outside of it.

    :param labelmap: label map of a segment.
    :param segmentation: its segmentation node.
    :param grid: pixels of the slice.
    :return: labels (rows, columns).
    """
    return _sample_labels(labelmap, segmentation, grid.affine, (1, *grid.shape))[0]


def sample_box_labels(scripted_effect: object, labelmap: slicer.vtkOrientedImageData, box: Box) -> np.ndarray:
    """Return the labels (K, J, I) of a label map of the edited segmentation in a box of the reference geometry."""
    grid = crop_grid(reference_of(scripted_effect).grid, box)
    segmentation = scripted_effect.parameterSetNode().GetSegmentationNode()
    return _sample_labels(labelmap, segmentation, grid.affine, box.shape)


def _sample_labels(labelmap: slicer.vtkOrientedImageData, segmentation: slicer.vtkMRMLSegmentationNode,
                   affine: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    if labelmap.IsEmpty():
        return np.zeros(shape, dtype=np.uint8)
    matrix = vtk.vtkMatrix4x4()
    labelmap.GetImageToWorldMatrix(matrix)
    world_from_label = world_from_local(segmentation) @ slicer.util.arrayFromVTKMatrix(matrix)
    reslice = _reslice(_in_index_space(labelmap), shape, _linear(np.linalg.inv(world_from_label) @ affine))
    reslice.SetInterpolationModeToNearestNeighbor()
    reslice.Update()
    return _voxels(reslice.GetOutput(), shape)


def block_image(scripted_effect: object, box: Box) -> BlockImage | None:
    """Return the part of the source volume in a box of the reference geometry; ``None`` if there is none.

    The volume is interpolated as by :func:`sample_slice`, not taken from the segment editor's copy of it, which does
    not follow every change of its voxels and transforms.
    """
    volume, reference = source_volume(scripted_effect), reference_of(scripted_effect)
    inside = box.inside(reference.grid.shape) if reference is not None else None
    if volume is None or inside is None:
        return None
    reslice = _interpolated(volume, crop_grid(reference.grid, inside).affine, inside.shape)
    reslice.Update()
    return BlockImage(_voxels(reslice.GetOutput(), inside.shape), inside, reference.grid.spacing[::-1])


def box_near(grid: Grid, ras: np.ndarray, size_mm: float) -> Box | None:
    """Return a cube of voxels that contains a point well inside; ``None`` if the point is outside of the grid.

    The cubes are half their size apart, so that a small movement of the point does not change the cube.

    :param grid: grid of the voxels.
    :param ras: point (3,), RAS mm.
    :param size_mm: approximate length of the cube's edges.
    """
    half = np.maximum(np.round(size_mm / 2 / np.array(grid.spacing)), 1)
    voxel = np.floor(grid.ijk_from_ras(ras) + 0.5)
    if (voxel < 0).any() or (voxel >= np.array(grid.shape[::-1])).any():
        return None
    center = np.round(voxel / half) * half
    return Box(tuple((center - half)[::-1]), tuple((center + half + 1)[::-1])).inside(grid.shape)


def _interpolated(volume: slicer.vtkMRMLScalarVolumeNode, affine: np.ndarray,
                  shape: tuple[int, int, int]) -> vtk.vtkImageReslice:
    """Return a filter that interpolates a volume at the voxels of a grid: lowest intensity outside of the volume.

    :param volume: volume, which may be under a transform.
    :param affine: 4x4 matrix from the voxels' indices (I, J, K, 1) to RAS mm.
    :param shape: shape (K, J, I) of the grid.
    """
    image = volume.GetImageData()
    reslice = _reslice(_in_index_space(image), shape, _ijk_from_index(volume, affine))
    reslice.SetInterpolationModeToLinear()
    reslice.SetBackgroundLevel(image.GetScalarRange()[0])  # kept by the image itself, computed anew by each copy of it
    return reslice


def _ijk_from_index(volume: slicer.vtkMRMLScalarVolumeNode, affine: np.ndarray) -> vtk.vtkAbstractTransform:
    local_from_ijk = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(local_from_ijk)
    ijk_from_local = np.linalg.inv(slicer.util.arrayFromVTKMatrix(local_from_ijk))
    parent = volume.GetParentTransformNode()
    if parent is None or parent.IsTransformToWorldLinear():
        return _linear(ijk_from_local @ np.linalg.inv(world_from_local(volume)) @ affine)
    warp = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(None, parent, warp)
    warp.PostMultiply()
    warp.Concatenate(_linear(ijk_from_local))
    warp.PreMultiply()
    warp.Concatenate(_linear(affine))
    return warp


def _linear(matrix: np.ndarray) -> vtk.vtkTransform:
    transform = vtk.vtkTransform()
    transform.SetMatrix(slicer.util.vtkMatrixFromArray(matrix))
    return transform


def _in_index_space(image: vtk.vtkImageData) -> vtk.vtkImageData:
    """Return the same voxels with indices as coordinates."""
    plain = vtk.vtkImageData()
    plain.ShallowCopy(image)
    plain.SetOrigin(0.0, 0.0, 0.0)
    plain.SetSpacing(1.0, 1.0, 1.0)
    return plain


def _reslice(image: vtk.vtkImageData, shape: tuple[int, int, int],
             transform: vtk.vtkAbstractTransform) -> vtk.vtkImageReslice:
    """Return a filter that samples an image at the transformed indices (I, J, K) of an array of ``shape`` (K, J, I)."""
    reslice = vtk.vtkImageReslice()
    reslice.SetInputData(image)
    reslice.SetResliceTransform(transform)
    reslice.SetOutputExtent(0, shape[2] - 1, 0, shape[1] - 1, 0, shape[0] - 1)
    reslice.SetOutputOrigin(0.0, 0.0, 0.0)
    reslice.SetOutputSpacing(1.0, 1.0, 1.0)
    return reslice


def _voxels(image: vtk.vtkImageData, shape: tuple[int, int, int]) -> np.ndarray:
    values = vtk_to_numpy(image.GetPointData().GetScalars())
    return (values if values.ndim == 1 else values[:, 0]).reshape(shape).copy()
