"""The source volume as the slice views show it: one slice in any orientation, or a block of voxels around a point."""

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

    :param array: shape (rows, columns), of the volume's type; row 0 is at the bottom of the view.
    :param inside: which pixels lie in the source volume; the others have the volume's lowest intensity.
    :param grid: where the pixels lie, and which voxels they stand for.
    """

    array: np.ndarray
    inside: np.ndarray
    grid: SliceGrid


@dataclass(frozen=True, eq=False)
class BlockImage:
    """The intensities of a block of voxels of the reference geometry.

    :param array: shape (K, J, I).
    :param box: the block.
    :param spacing: size of a voxel in mm (K, J, I).
    """

    array: np.ndarray
    box: Box
    spacing: tuple[float, float, float]


def world_from_view(slice_node: slicer.vtkMRMLSliceNode) -> np.ndarray:
    """4x4 matrix from the coordinates of a slice view (pixels of the screen) to RAS mm."""
    return slicer.util.arrayFromVTKMatrix(slice_node.GetXYToRAS())


def visible_grid(slice_node: slicer.vtkMRMLSliceNode, reference: Reference | None) -> SliceGrid | None:
    """The pixels of the part of the reference geometry that a slice view shows; ``None`` if it shows nothing."""
    if reference is None:
        return None
    width, height = slice_node.GetDimensions()[:2]
    return slice_grid(world_from_view(slice_node), (width, height), reference.grid)


def whole_slice(slice_node: slicer.vtkMRMLSliceNode, reference: Grid) -> SliceGrid | None:
    """The pixels of a slice as far as the reference geometry reaches."""
    matrix = world_from_view(slice_node)
    width, height = slice_node.GetDimensions()[:2]
    reach = np.linalg.norm(np.array(reference.shape[::-1]) * reference.spacing)
    more = int(np.ceil(2 * reach / np.linalg.norm(matrix[:3, 0]))) + max(width, height)
    shifted = matrix.copy()
    shifted[:3, 3] -= matrix[:3, :2] @ np.array([more, more])
    return slice_grid(shifted, (width + 2 * more, height + 2 * more), reference)


def visible_image(scripted_effect: object, view_widget: object) -> SliceImage | None:
    """What a slice view shows of the source volume; ``None`` where it shows nothing of it.

    :raises Problem: if the segmentation lies under a non-linear transform.
    """
    volume = source_volume(scripted_effect)
    grid = visible_grid(view_widget.mrmlSliceNode(), reference_of(scripted_effect))
    return None if volume is None or grid is None else sample_slice(volume, grid)


def source_volume(scripted_effect: object) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The source volume of an effect, if it has voxels."""
    node = scripted_effect.parameterSetNode()
    volume = node.GetSourceVolumeNode() if node is not None else None
    image = volume.GetImageData() if volume is not None else None
    return volume if image is not None and image.GetNumberOfPoints() else None


def sample_slice(volume: slicer.vtkMRMLScalarVolumeNode, grid: SliceGrid) -> SliceImage:
    """Interpolate a volume linearly in the pixels of a slice, through the volume's parent transform, also a warp.

    Of a volume with several components the first counts, as in the segment editor itself.
    """
    image = _in_index_space(volume.GetImageData())
    lowest = image.GetScalarRange()[0]
    shape = (1, *grid.shape)
    reslice = _reslice(image, shape, _ijk_from_pixel(volume, grid))
    reslice.SetInterpolationModeToLinear()
    reslice.SetBackgroundLevel(lowest)
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
    """The labels of a segmentation's label map under the pixels of a slice; 0 outside of it.

    :return: array of shape (rows, columns).
    """
    return _sample_labels(labelmap, segmentation, grid.affine, (1, *grid.shape))[0]


def sample_box_labels(scripted_effect: object, labelmap: slicer.vtkOrientedImageData, box: Box) -> np.ndarray:
    """The labels of a label map of the edited segmentation in a box of the reference geometry; shape (K, J, I)."""
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
    """The part of the source volume in a box of the reference geometry; ``None`` without a source volume."""
    image = scripted_effect.sourceVolumeImageData()
    reference = reference_of(scripted_effect)
    inside = box.inside(reference.grid.shape) if reference is not None else None
    if image is None or inside is None:
        return None
    offset = np.array(reference.start) - np.array(image.GetExtent()[::2])  # the aligned volume may start elsewhere
    voxels = vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions()[::-1])
    part = voxels[inside.moved(tuple(int(number) for number in offset[::-1])).slices]
    return BlockImage(part.copy(), inside, reference.grid.spacing[::-1])


def box_near(grid: Grid, ras: np.ndarray, size_mm: float) -> Box | None:
    """A cube of voxels with edges of about ``size_mm`` that holds a point in RAS mm well inside; ``None`` beside them.

    Cubes lie half their size apart, so that a small move of the point leaves the cube as it is.
    """
    half = np.maximum(np.round(size_mm / 2 / np.array(grid.spacing)), 1)
    voxel = np.floor(grid.ijk_from_ras(ras) + 0.5)
    if (voxel < 0).any() or (voxel >= np.array(grid.shape[::-1])).any():
        return None
    center = np.round(voxel / half) * half
    return Box(tuple((center - half)[::-1]), tuple((center + half + 1)[::-1])).inside(grid.shape)


def _ijk_from_pixel(volume: slicer.vtkMRMLScalarVolumeNode, grid: SliceGrid) -> vtk.vtkAbstractTransform:
    local_from_ijk = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(local_from_ijk)
    ijk_from_local = np.linalg.inv(slicer.util.arrayFromVTKMatrix(local_from_ijk))
    parent = volume.GetParentTransformNode()
    if parent is None or parent.IsTransformToWorldLinear():
        return _linear(ijk_from_local @ np.linalg.inv(world_from_local(volume)) @ grid.affine)
    warp = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(None, parent, warp)
    warp.PostMultiply()
    warp.Concatenate(_linear(ijk_from_local))
    warp.PreMultiply()
    warp.Concatenate(_linear(grid.affine))
    return warp


def _linear(matrix: np.ndarray) -> vtk.vtkTransform:
    transform = vtk.vtkTransform()
    transform.SetMatrix(slicer.util.vtkMatrixFromArray(matrix))
    return transform


def _in_index_space(image: vtk.vtkImageData) -> vtk.vtkImageData:
    """The same voxels, with indices as coordinates."""
    plain = vtk.vtkImageData()
    plain.ShallowCopy(image)
    plain.SetOrigin(0.0, 0.0, 0.0)
    plain.SetSpacing(1.0, 1.0, 1.0)
    return plain


def _reslice(image: vtk.vtkImageData, shape: tuple[int, int, int],
             transform: vtk.vtkAbstractTransform) -> vtk.vtkImageReslice:
    """Sample an image at whole numbers (I, J, K) of an array of ``shape`` (K, J, I)."""
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
