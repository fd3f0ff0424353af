"""Volume nodes become images that lie where the user sees them, or a clear message."""

import numpy as np
import pytest
import slicer
import vtk

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.scans import suggest_scan
from NeuroOrbitLib.mrml.volumes import UnsuitableVolume, check_scan, image_from_node, node_from_image

AFFINE = np.array([[0.0, -0.7, 0.0, 12.0], [0.5, 0.0, 0.1, -30.0], [0.0, 0.0, 2.0, 5.0], [0.0, 0.0, 0.0, 1.0]])


def volume_node(array=None, affine=AFFINE, name="Scan"):
    array = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4) if array is None else array
    return node_from_image(Image(array, affine), name)


def transform_node(matrix):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "Shift")
    node.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    return node


def vector_node(components, dtype):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "Picture")
    slicer.util.updateVolumeFromArray(node, np.zeros((3, 4, 5, components), dtype))
    return node


def test_image_round_trip_keeps_voxels_type_and_place(slicer_session):
    image = image_from_node(volume_node())
    assert image.array.dtype == np.int16
    assert image.array[1, 2, 3] == 23
    np.testing.assert_allclose(image.affine, AFFINE)


def test_voxels_cannot_be_changed_by_accident(slicer_session):
    with pytest.raises(ValueError, match="read-only"):
        image_from_node(volume_node()).array[0, 0, 0] = 1


def test_linear_transforms_move_the_image_as_the_user_sees_it(slicer_session):
    turn, shift = np.eye(4), np.eye(4)
    turn[:2, :2] = [[0, -1], [1, 0]]
    shift[:3, 3] = [10, 20, 30]
    outer, inner = transform_node(turn), transform_node(shift)
    inner.SetAndObserveTransformNodeID(outer.GetID())
    node = volume_node()
    node.SetAndObserveTransformNodeID(inner.GetID())
    np.testing.assert_allclose(image_from_node(node).affine, turn @ shift @ AFFINE, atol=1e-9)


def test_non_linear_transform_is_refused_with_its_name(slicer_session):
    grid = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode", "Warp")
    grid.SetAndObserveTransformToParent(vtk.vtkThinPlateSplineTransform())
    node = volume_node()
    node.SetAndObserveTransformNodeID(grid.GetID())
    with pytest.raises(UnsuitableVolume, match=r"'Warp'.*Harden"):
        image_from_node(node)


@pytest.mark.parametrize(("make", "words"), [
    (lambda: None, "Select a scan first"),
    (lambda: node_from_image(Image(np.ones((2, 2, 2), bool), np.eye(4)), "Mask", "vtkMRMLLabelMapVolumeNode"),
     "'Mask' is a label map"),
    (lambda: vector_node(3, np.uint8), "'Picture' is a colour picture"),
    (lambda: vector_node(6, np.float32), "several values per voxel"),
    (lambda: slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty"), "'Empty' has no voxels"),
    (lambda: slicer.mrmlScene.AddNewNodeByClass("vtkMRMLDiffusionWeightedVolumeNode", "DWI"), "Extract one volume"),
])
def test_unsuitable_volumes_get_one_clear_message(slicer_session, make, words):
    with pytest.raises(UnsuitableVolume, match=words):
        check_scan(make())


def test_flat_geometry_is_refused(slicer_session):
    node = volume_node()
    node.SetSpacing(1, 1, 1)
    node.SetIJKToRASDirections(1, 0, 0, 1, 0, 0, 0, 0, 1)
    with pytest.raises(UnsuitableVolume, match="impossible geometry"):
        check_scan(node)


def test_booleans_become_zero_and_one(slicer_session):
    node = node_from_image(Image(np.array([[[True, False]]]), np.eye(4)), "Mask", "vtkMRMLLabelMapVolumeNode")
    assert slicer.util.arrayFromVolume(node).tolist() == [[[1, 0]]]


def test_label_maps_and_empty_volumes_are_not_suggested_as_scans(slicer_session):
    node_from_image(Image(np.ones((2, 2, 2), np.uint8), np.eye(4)), "Mask", "vtkMRMLLabelMapVolumeNode")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Empty")
    assert suggest_scan() is None
    scan = volume_node()
    assert suggest_scan() is scan


def test_the_volume_that_the_user_looks_at_is_suggested(slicer_session):
    volume_node(name="First")
    second = volume_node(name="Second")
    slicer.app.applicationLogic().GetSelectionNode().SetActiveVolumeID(second.GetID())
    assert suggest_scan() is second
