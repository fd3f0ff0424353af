"""The views look at the result."""

import math

import numpy as np
import pytest
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.orbit_views import show_orbits
from NeuroOrbitLib.mrml.segmentations import add_segmentation
from NeuroOrbitLib.mrml.views import cut_through, frame_in_3d, jump_to
from NeuroOrbitLib.mrml.volumes import node_from_image


@pytest.fixture
def segmentation(slicer_session):
    """One eyeball of 20 mm in a corner of a scan of 200 mm."""
    labels = np.zeros((100, 100, 100), np.uint8)
    labels[80:90, 70:80, 5:15] = 1
    image = Image(labels, np.diag([2.0, 2.0, 2.0, 1.0]))
    return add_segmentation(image, node_from_image(image, "Scan"), "Result")


def camera():
    view = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLViewNode")
    return slicer.modules.cameras.logic().GetViewActiveCameraNode(view)


def test_the_result_fills_the_3d_view_seen_from_where_the_user_looked(segmentation):
    camera().SetPosition(0, 0, -700)
    camera().SetFocalPoint(0, 0, 0)
    camera().SetViewUp(0, 1, 0)
    frame_in_3d(segmentation)
    assert camera().GetFocalPoint() == pytest.approx((19, 149, 169))
    offset = np.array(camera().GetPosition()) - (19, 149, 169)
    assert offset[:2] == pytest.approx((0, 0)) and offset[2] < 0
    radius = math.sqrt(3) * 10
    assert math.degrees(2 * math.asin(radius / np.linalg.norm(offset))) == pytest.approx(camera().GetViewAngle())


def test_a_narrow_3d_view_shows_the_whole_result(segmentation):
    frame_in_3d(segmentation)
    wide = np.linalg.norm(np.array(camera().GetPosition()) - camera().GetFocalPoint())
    window = slicer.app.layoutManager().threeDWidget(0).threeDView().renderWindow()
    window.SetSize(300, 600)
    frame_in_3d(segmentation)
    narrow = np.linalg.norm(np.array(camera().GetPosition()) - camera().GetFocalPoint())
    radius, half = math.sqrt(3) * 10, math.radians(camera().GetViewAngle()) / 2
    assert math.tan(math.asin(radius / narrow)) == pytest.approx(math.tan(half) / 2) and narrow > 1.8 * wide


def test_an_empty_result_leaves_the_view_alone(slicer_session):
    before = camera().GetPosition()
    frame_in_3d(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode"))
    assert camera().GetPosition() == before


def test_a_place_beyond_the_edge_of_a_zoomed_view_comes_into_it(segmentation):
    for view in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
        view.JumpSliceByCentering(0.0, 0.0, 0.0)
        view.SetFieldOfView(40.0, 40.0, 1.0)
    cut_through((10.0, 10.0, 10.0))
    assert _middle("Red") == pytest.approx([0.0, 0.0, 10.0]), "it is seen without moving sideways"
    cut_through((30.0, 10.0, 5.0))
    assert _middle("Red") == pytest.approx([30.0, 10.0, 5.0])


def _middle(name: str) -> np.ndarray:
    """The middle of a slice view, RAS mm."""
    node = slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode()
    return slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())[:3, 3]


def test_orbits_are_found_by_the_names_of_another_programs_segments(segmentation):
    """The views are cut through nerves and bellies of the recti, whatever the identifiers of the segments."""
    show_orbits(segmentation)
    nodes = [slicer.app.layoutManager().sliceWidget(name).mrmlSliceNode() for name in ("Red", "Green", "Yellow")]
    wanted = [slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS()) for node in nodes]
    own = segmentation.GetSegmentation()
    for number, name in enumerate(list(own.GetSegmentIDs())):
        segment = own.GetSegment(name)
        own.AddSegment(segment, f"Segment_{number}")
        own.RemoveSegment(name)
    jump_to((0.0, 90.0, 70.0))
    show_orbits(segmentation)
    for node, matrix in zip(nodes, wanted, strict=True):
        np.testing.assert_allclose(slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS()), matrix, atol=0.5)


@pytest.mark.parametrize(("degrees", "is_moved"), [(15.0, True), (-30.0, True), (45.0, False)])
def test_views_along_the_slices_of_an_oblique_scan_are_moved_to_the_orbits_and_stay_turned(segmentation, degrees,
                                                                                          is_moved):
    """The application turns its views to the slices of every scan that is loaded; most MRIs of orbits are oblique."""
    show_orbits(segmentation)
    wanted = _middle("Red")
    node = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = np.array([[-1, 0, 0, 0], [0, cosine, -sine, 90.0], [0, sine, cosine, 70.0], [0, 0, 0, 1.0]])
    node.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(turned))
    node.UpdateMatrices()
    show_orbits(segmentation)
    found = slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())
    np.testing.assert_allclose(found[:3, :3], turned[:3, :3], atol=1e-6)
    np.testing.assert_allclose(found[:3, 3], wanted if is_moved else [0.0, 90.0, 70.0], atol=0.5)
