"""What classifiers put into the scene: boxes, heat, charts; and what they ask of it."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
import slicer
from DICOMLib import DICOMUtils

from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml import views
from NeuroOrbitLib.mrml.charts import Axes, Curve, add_chart
from NeuroOrbitLib.mrml.classifier_results import heat_columns
from NeuroOrbitLib.mrml.crop_boxes import add_crop_box, displacement
from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.heat_maps import add_heat_map, hottest_place, set_heat_threshold
from NeuroOrbitLib.mrml.segment_masks import label_image
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.volumes import image_on_grid, node_from_image
from NeuroOrbitLib.problem import Problem
from Testing.dicom_series import write_image

OBLIQUE = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
MIRRORED = OBLIQUE * np.array([-1.0, 1.0, 1.0])


@pytest.mark.parametrize("rotation", [OBLIQUE, MIRRORED])
def test_box_lies_around_the_voxels_also_where_axes_are_mirrored(slicer_session, rotation):
    grid = grid_around(np.array([5.0, -7.0, 9.0]), (40.0, 20.0, 15.0), (0.5, 0.5, 3.0), rotation)
    box = add_crop_box("Box", grid)
    np.testing.assert_allclose(box.GetSize(), (40.0, 20.0, 15.0), atol=1e-6)
    np.testing.assert_allclose(displacement(box, grid), 0, atol=1e-6)
    bounds = np.zeros(6)
    box.GetRASBounds(bounds)
    corners = np.array(np.meshgrid(*[(-0.5, n - 0.5) for n in grid.shape[::-1]])).reshape(3, -1).T
    points = grid.ras_from_ijk(corners)
    np.testing.assert_allclose(bounds.reshape(3, 2).T, [points.min(axis=0), points.max(axis=0)], atol=1e-3)
    box.SetCenterWorld([6.0, -7.0, 12.0])
    np.testing.assert_allclose(displacement(box, grid), [1.0, 0.0, 3.0], atol=1e-6)


def test_heat_is_shown_above_the_threshold_and_never_where_it_is_cold(slicer_session):
    array = np.zeros((3, 4, 5), np.float32)
    array[:, 2, 3], array[0, 0, 0] = 0.4, -1.0
    node = add_heat_map(Image(array, np.diag([2.0, 2.0, 2.0, 1.0])), "Heat")
    set_heat_threshold(node, 50)
    assert node.GetDisplayNode().GetLowerThreshold() == pytest.approx(0.2)
    set_heat_threshold(node, 0)
    assert 0 < node.GetDisplayNode().GetLowerThreshold() < 0.01
    np.testing.assert_allclose(hottest_place(node), [6.0, 4.0, 2.0], err_msg="the middle one of three")


def test_chart_holds_curves_of_different_length(slicer_session):
    chart, *_others = add_chart("Chart", Axes("Title", "x", "y"), [Curve("a", (0, 1), (0, 1), line="dash"),
                                                                  Curve("b", (0, 0.5, 1), (0.1, 0.2, 0.3))])
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    table = chart.GetNthPlotSeriesNode(1).GetTableNode()
    np.testing.assert_allclose(slicer.util.arrayFromTableColumn(table, "y"), [0.1, 0.2, 0.3])
    assert chart.GetXAxisRange() == (0.0, 1.0)


def test_dicom_fields_need_the_database(slicer_session, tmp_path):
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    assert dicom_fields(volume, {"0018|0081": "EchoTime"}) == {}
    folder = write_image(Image(np.ones((3, 4, 5), np.int16), np.eye(4)), tmp_path / "mr")
    first, *others = sorted(folder.iterdir())
    data = pydicom.dcmread(first)
    data.EchoTime = " 80 "
    data.save_as(first)
    volume.SetAttribute("DICOM.instanceUIDs", f"{data.SOPInstanceUID} {pydicom.dcmread(others[0]).SOPInstanceUID}")
    assert dicom_fields(volume, {"0018|0081": "EchoTime"}) == {}
    DICOMUtils.importDicom(str(folder))
    assert dicom_fields(volume, {"0018|0081": "EchoTime", "0018|0082": "InversionTime"}) == {"EchoTime": "80"}


def test_label_image_lies_where_the_volume_lies(slicer_session):
    affine = np.diag([-1.0, 2.0, 3.0, 1.0])
    labels = np.zeros((4, 5, 6), np.uint8)
    labels[1, 2, 3], labels[2, 3, 4] = 1, 12
    volume = node_from_image(Image(np.ones((4, 5, 6), np.int16), affine), "Scan")
    segmentation = add_segmentation(Image(labels, affine), volume, "Segmentation")
    found = label_image(segmentation, volume)
    np.testing.assert_array_equal(found.array, labels)
    np.testing.assert_allclose(found.affine, affine)
    moved = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    volume.SetAndObserveTransformNodeID(moved.GetID())
    with pytest.raises(Problem, match="different transforms"):
        label_image(segmentation, volume)


def test_result_that_lies_elsewhere_is_refused(slicer_session, tmp_path):
    from NeuroOrbitLib.imaging.files import save_image

    image = Image(np.ones((4, 5, 6), np.int16), np.diag([1.0, 1.0, 1.0, 1.0]))
    path = save_image(image, tmp_path / "image.nii")
    assert image_on_grid(path, image.grid).array.sum() == 120
    shifted = image.affine.copy()
    shifted[0, 3] = 1.0
    with pytest.raises(Problem, match="does not lie on the scan"):
        image_on_grid(path, Image(image.array, shifted).grid)


def test_only_views_along_a_direction_move(slicer_session):
    nodes = {node.GetName(): node for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")}
    views.offset_to([0, 0, 0])
    views.offset_to([10.0, 20.0, 30.0], along=[0, 0, -1])
    assert nodes["Red"].GetSliceOffset() == pytest.approx(30)
    assert nodes["Green"].GetSliceOffset() == pytest.approx(0)
    assert nodes["Yellow"].GetSliceOffset() == pytest.approx(0)


def test_tables_of_heat_name_the_structures_of_the_module_that_asks(slicer_session):
    titles = [column.title for column in heat_columns("Vessel", "logit", "Mean heat in the vessel.")]
    assert titles[0] == "Vessel" and not any("uscle" in title for title in titles)
