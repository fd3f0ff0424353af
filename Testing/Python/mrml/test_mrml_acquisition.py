"""Tilted and unevenly spaced series, as Slicer's DICOM reader loads them, are analysed where they were taken."""

import numpy as np
import pytest
import slicer
import vtk

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import (
    UnsuitableVolume,
    check_scan,
    grid_of_node,
    image_from_node,
    interpolation_notices,
    labels_on_grid,
    node_from_image,
)

AFFINE = np.array([[-1.0, 0, 0, 10], [0, -1.0, 0, 20], [0, 0, 2.0, 5], [0, 0, 0, 1]])
SHAPE = (8, 6, 5)


def volume_with_shifts(shifts, bend=0.0):
    """A volume whose slices are moved by ``shifts`` (K, 3; RAS mm) by a grid transform made as Slicer's reader does.

    :param bend: mm by which one corner of each slice is moved in addition.
    """
    count, rows, columns = len(shifts), *SHAPE[1:]
    node = node_from_image(Image(np.arange(count * rows * columns, dtype=np.int16).reshape(count, rows, columns),
                                 AFFINE), "CT")
    grid = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLGridTransformNode", "CT acquisition transform")
    image = vtk.vtkImageData()
    image.SetOrigin(*node.GetOrigin())
    image.SetDimensions(2, 2, count)
    image.SetSpacing(columns, rows, 2.0)
    image.AllocateScalars(vtk.VTK_DOUBLE, 3)
    directions = vtk.vtkMatrix4x4()
    node.GetIJKToRASDirectionMatrix(directions)
    transform = slicer.vtkOrientedGridTransform()
    transform.SetGridDirectionMatrix(directions)
    transform.SetDisplacementGridData(image)
    grid.SetAndObserveTransformToParent(transform)
    displacements = slicer.util.arrayFromGridTransform(grid)
    displacements[:] = np.asarray(shifts, dtype=float)[:, None, None, :]
    displacements[:, 1, 1, 0] += bend
    slicer.util.arrayFromGridTransformModified(grid)
    node.SetAndObserveTransformNodeID(grid.GetID())
    return node


def tilted(count=8):
    return np.arange(count)[:, None] * [0, 0.4, 0.0]


def test_a_tilted_series_keeps_its_voxels_and_lies_oblique(slicer_session):
    node = volume_with_shifts(tilted())
    check_scan(node)
    image = image_from_node(node)
    np.testing.assert_array_equal(image.array, slicer.util.arrayFromVolume(node))
    expected = AFFINE.copy()
    expected[:3, 2] += [0, 0.4, 0]
    np.testing.assert_allclose(image.affine, expected, atol=1e-6)
    assert interpolation_notices(node) == []


def test_a_series_with_a_missing_slice_is_interpolated_with_a_notice(slicer_session):
    shifts = np.zeros((7, 3))
    shifts[4:, 2] = 2.0
    node = volume_with_shifts(shifts)
    own = slicer.util.arrayFromVolume(node)
    image = image_from_node(node)
    assert image.grid.same_as(grid_of_node(node)) and image.array.shape == (8, 6, 5)
    np.testing.assert_array_equal(np.delete(image.array, 4, axis=0), own)
    np.testing.assert_array_equal(image.array[4], (own[3] + own[4]) / 2)
    np.testing.assert_allclose(image.affine, AFFINE, atol=1e-6)
    assert interpolation_notices(node) == ["Slice 5 of 8 is missing; it was interpolated from its neighbours."]


def test_results_lie_under_the_transform_on_the_volumes_own_slices(slicer_session):
    shifts = np.zeros((7, 3))
    shifts[4:, 2] = 2.0
    node = volume_with_shifts(shifts)
    labels = np.zeros((8, 6, 5), np.uint8)
    labels[2:6, 1:4, 1:3] = 1
    segmentation = add_segmentation(Image(labels, grid_of_node(node).affine), node, "Orbits")
    assert segmentation.GetTransformNodeID() == node.GetTransformNodeID()
    segment = segmentation.GetSegmentation().GetNthSegmentID(0)
    drawn = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment, node)
    np.testing.assert_array_equal(drawn != 0, np.delete(labels, 4, axis=0) != 0)
    again = labels_on_grid(node, drawn)
    assert np.array_equal(np.delete(again, 4, axis=0), np.delete(labels, 4, axis=0)) and again[4].any()


def test_a_tilted_series_gives_its_segmentation_to_the_same_voxels(slicer_session):
    node = volume_with_shifts(tilted())
    labels = np.zeros(SHAPE, np.uint8)
    labels[2:6, 1:4, 1:3] = 1
    segmentation = add_segmentation(Image(labels, grid_of_node(node).affine), node, "Orbits")
    segment = segmentation.GetSegmentation().GetNthSegmentID(0)
    np.testing.assert_array_equal(slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, segment, node), labels)


def test_a_transform_that_bends_slices_is_still_refused(slicer_session):
    with pytest.raises(UnsuitableVolume, match=r"'CT acquisition transform'.*Harden"):
        check_scan(volume_with_shifts(tilted(), bend=1.0))


def test_a_gap_that_is_too_large_is_refused(slicer_session):
    shifts = np.zeros((7, 3))
    shifts[4:, 2] = 12.0
    with pytest.raises(UnsuitableVolume, match=r"'CT'.*gap of 14\.0 mm"):
        check_scan(volume_with_shifts(shifts))


def test_a_transform_that_moves_what_lies_between_the_corners_is_refused(slicer_session):
    node = node_from_image(Image(np.zeros(SHAPE, np.int16), AFFINE), "CT")
    grid = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLGridTransformNode", "Warp")
    image = vtk.vtkImageData()
    image.SetDimensions(3, 3, SHAPE[0])
    image.AllocateScalars(vtk.VTK_DOUBLE, 3)
    transform = slicer.vtkOrientedGridTransform()
    transform.SetDisplacementGridData(image)
    grid.SetAndObserveTransformToParent(transform)
    slicer.util.arrayFromGridTransform(grid)[:] = 0
    slicer.util.arrayFromGridTransform(grid)[:, 1, 1, 0] = 3.0
    node.SetAndObserveTransformNodeID(grid.GetID())
    with pytest.raises(UnsuitableVolume, match="'Warp'"):
        check_scan(node)


def test_a_linear_transform_above_moves_the_series_as_a_whole(slicer_session):
    node = volume_with_shifts(tilted())
    before = image_from_node(node).affine
    shift = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Shift")
    shift.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(np.array(
        [[1, 0, 0, 10], [0, 1, 0, 20], [0, 0, 1, 30], [0, 0, 0, 1.0]])))
    node.GetParentTransformNode().SetAndObserveTransformNodeID(shift.GetID())
    np.testing.assert_allclose(image_from_node(node).affine[:3, 3], before[:3, 3] + [10, 20, 30], atol=1e-6)
