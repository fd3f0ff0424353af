"""Seeing where the model is unsure of its outlines, in the panel."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.doubt_maps import (
    DOUBT_REFERENCE,
    FULL,
    SHOWN_FROM,
    add_doubt_map,
    doubt_near,
    doubt_of,
    legend,
    show_doubt,
    slice_color,
)
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.mrml.segmentations import add_segmentation, show_in_3d
from NeuroOrbitLib.mrml.shown import hide_others
from NeuroOrbitLib.mrml.volumes import node_from_image
from Testing.panels import is_idle, press


def run_to_end(panel, until):
    press(panel.ui.applyButton)
    until(lambda: is_idle(panel))


def second_patient(make_scan):
    return node_from_image(make_scan(affine=np.diag([2.0, 2.0, 2.0, 1.0]) + np.array(
        [[0, 0, 0, -47.0], [0, 0, 0, -23.0], [0, 0, 0, -9.0], [0, 0, 0, 0]])), "Second")


def foregrounds():
    return {node.GetForegroundVolumeID() for node in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")}


def doubt_surfaces():
    return [node for node in slicer.util.getNodesByClass("vtkMRMLModelNode") if "doubt" in node.GetName()]


@pytest.fixture
def result(panel, until):
    """A result, its surfaces shown in 3-D."""
    panel.ui.show3DCheckBox.checked = True
    run_to_end(panel, until)
    return panel.ui.resultSelector.currentNode()


def test_doubt_is_shown_on_demand_and_goes_without_a_trace(panel, result, scan):
    doubt, box = doubt_of(result), panel.resultsView.doubt_box
    assert not box.isHidden() and not box.checked and foregrounds() == {None}
    before = slicer.mrmlScene.GetNumberOfNodes()
    press(box)
    assert box.checked and foregrounds() == {doubt.GetID()}
    assert doubt.GetDisplayNode().GetLowerThreshold() == SHOWN_FROM, "sure places do not cover the scan"
    (surface,) = doubt_surfaces()
    scalars = slicer.util.arrayFromModelPointData(surface, surface.GetDisplayNode().GetActiveScalarName())
    x = slicer.util.arrayFromModelPoints(surface)[:, 0]
    assert scalars[x > 24].mean() > 15 and scalars[x < 0].max() == 0, "the right eye alone is doubtful"
    assert not result.GetDisplayNode().GetVisibility3D()
    press(box)
    assert foregrounds() == {None} and doubt_surfaces() == [] and result.GetDisplayNode().GetVisibility3D()
    assert slicer.mrmlScene.GetNumberOfNodes() == before


def test_without_3d_the_slices_show_it_alone(panel, until):
    panel.ui.show3DCheckBox.checked = False
    run_to_end(panel, until)
    press(panel.resultsView.doubt_box)
    assert len(foregrounds()) == 1 and None not in foregrounds() and doubt_surfaces() == []


def test_doubt_about_one_patient_is_not_shown_on_another(panel, until, result, scan, make_scan):
    press(panel.resultsView.doubt_box)
    other = second_patient(make_scan)
    panel.ui.inputSelector.setCurrentNode(other)
    assert foregrounds() == {None} and panel.resultsView.doubt_box.isHidden() and doubt_surfaces() == []
    run_to_end(panel, until)
    assert not panel.resultsView.doubt_box.checked and foregrounds() == {None}
    panel.ui.inputSelector.setCurrentNode(scan)
    assert not panel.resultsView.doubt_box.checked, "it is asked for anew"
    slicer.app.processEvents()
    press(panel.resultsView.doubt_box)
    assert foregrounds() == {doubt_of(result).GetID()}


def test_doubt_belongs_to_the_chosen_one_of_two_results(panel, until, result):
    press(panel.resultsView.doubt_box)
    run_to_end(panel, until)
    newer = panel.ui.resultSelector.currentNode()
    assert newer is not result and foregrounds() == {None} and not panel.resultsView.doubt_box.checked
    assert doubt_surfaces() == [] and newer.GetDisplayNode().GetVisibility3D()


def test_a_map_of_doubt_is_no_scan_and_is_kept_with_the_scene(panel, until, result, tmp_path, scan):
    doubt = doubt_of(result)
    assert panel.ui.inputSelector.currentNode() is scan
    assert "doubt" not in [panel.ui.inputSelector.nodeFromIndex(index).GetName()
                           for index in range(panel.ui.inputSelector.nodeCount())]
    name, values = doubt.GetName(), slicer.util.arrayFromVolume(doubt).copy()
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    until(lambda: panel.ui.resultSelector.currentNode() is not None)
    again = doubt_of(panel.ui.resultSelector.currentNode())
    assert again.GetName() == name and np.array_equal(slicer.util.arrayFromVolume(again), values)
    press(panel.resultsView.doubt_box)
    assert foregrounds() == {again.GetID()}


def test_a_broad_doubtful_rim_colours_a_surface_more_than_a_narrow_one():
    maps = []
    for width in (1, 4):
        percent = np.zeros((20, 20, 20), np.uint8)
        percent[:, :, 10 - width : 10 + width] = 50
        maps.append(doubt_near(Image(percent, np.eye(4)), np.array([[9.5, 10.0, 10.0], [9.5, 10.0, 60.0]])))
    assert 15 < maps[0][0] < 30 < maps[1][0] <= 50 and maps[0][1] == maps[1][1] == 0


def test_slices_show_outlines_alone_meanwhile_and_the_panel_says_what_the_colours_mean(panel, result):
    view, display = panel.resultsView, result.GetDisplayNode()
    assert view.doubt_legend.isHidden()
    press(view.doubt_box)
    assert not display.GetVisibility2DFill() and display.GetVisibility2DOutline()
    assert not view.doubt_legend.isHidden() and view.doubt_legend.text == legend()
    assert all(f"{percent:.0f} %" in legend() for percent in (SHOWN_FROM, FULL))
    press(view.doubt_box)
    assert display.GetVisibility2DFill() and view.doubt_legend.isHidden()


def test_a_fill_that_the_user_took_off_stays_off(panel, result):
    result.GetDisplayNode().SetVisibility2DFill(False)
    press(panel.resultsView.doubt_box)
    press(panel.resultsView.doubt_box)
    assert not result.GetDisplayNode().GetVisibility2DFill()


def test_colours_of_the_legend_are_those_of_the_slices(result):
    colors = slicer.mrmlScene.GetNodeByID(doubt_of(result).GetDisplayNode().GetColorNodeID()).GetLookupTable()
    ends = (colors.GetTableValue(0), colors.GetTableValue(colors.GetNumberOfTableValues() - 1))
    expected = ["#" + "".join(f"{round(255 * part):02x}" for part in color[:3]) for color in ends]
    assert [slice_color(SHOWN_FROM), slice_color(FULL)] == expected
    assert slice_color(100.0) == slice_color(FULL)


def test_a_scene_that_was_saved_with_doubt_shows_it_again_and_lets_go_of_it(panel, until, result, tmp_path):
    press(panel.resultsView.doubt_box)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    until(lambda: panel.ui.resultSelector.currentNode() is not None)
    box, again = panel.resultsView.doubt_box, panel.ui.resultSelector.currentNode()
    (surface,) = doubt_surfaces()
    assert box.checked and surface.GetDisplayNode().GetVisibility() and surface.GetPolyData().GetNumberOfPoints()
    press(box)
    assert doubt_surfaces() == [] and again.GetDisplayNode().GetVisibility3D()
    assert again.GetDisplayNode().GetVisibility2DFill()


def test_surfaces_in_colours_of_doubt_are_hidden_with_their_scan(panel, result, scan, make_scan):
    press(panel.resultsView.doubt_box)
    (surface,) = doubt_surfaces()
    hide_others(scan)
    assert surface.GetDisplayNode().GetVisibility()
    hide_others(second_patient(make_scan))
    assert not surface.GetDisplayNode().GetVisibility()


def test_a_result_has_its_own_look_again_when_another_module_has_taken_its_doubt_off(panel, result, scan):
    press(panel.resultsView.doubt_box)
    panel.exit()
    slicer.util.setSliceViewerLayers(background=scan, foreground=None)
    panel.enter()
    display = result.GetDisplayNode()
    assert not panel.resultsView.doubt_box.checked and panel.resultsView.doubt_legend.isHidden()
    assert doubt_surfaces() == [] and display.GetVisibility3D() and display.GetVisibility2DFill()


def test_doubt_stays_as_it_is_while_another_module_is_open(panel, result):
    press(panel.resultsView.doubt_box)
    for step in (panel.exit, panel.enter):
        step()
        display = result.GetDisplayNode()
        assert foregrounds() == {doubt_of(result).GetID()} and len(doubt_surfaces()) == 1
        assert not display.GetVisibility3D() and not display.GetVisibility2DFill()
    assert panel.resultsView.doubt_box.checked and not panel.resultsView.doubt_legend.isHidden()


def labels_and_doubt() -> tuple[Image, Image]:
    """An eyeball within fat, and doubt about the one's border alone."""
    labels, percent = np.zeros((2, 40, 40, 40), np.uint8)
    labels[4:36, 4:36, 4:36] = 21
    labels[15:25, 15:25, 15:25] = 1
    percent[13:27, 13:27, 13:27] = 50
    return Image(labels, np.eye(4)), Image(percent, np.eye(4))


@pytest.fixture
def moved(slicer_session):
    """(segmentation, its doubt) on a scan under a linear transform."""
    labels, percent = labels_and_doubt()
    scan = node_from_image(labels.with_array(labels.array.astype(np.int16)), "CT")
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[:3, 3] = 100.0, -50.0, 30.0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    scan.SetAndObserveTransformNodeID(transform.GetID())
    segmentation = add_segmentation(Image(labels.array, matrix), scan, "orbit")
    doubt = add_doubt_map(Image(percent.array, matrix), "doubt", segmentation)
    segmentation.SetNodeReferenceID(DOUBT_REFERENCE, doubt.GetID())
    segmentation.SetNodeReferenceID(SCAN_REFERENCE, scan.GetID())
    show_in_3d(segmentation)
    show_doubt(segmentation, True)
    return segmentation, doubt


def test_doubt_follows_a_scan_that_is_moved(moved):
    segmentation, doubt = moved
    transform = segmentation.GetParentTransformNode()
    bounds = np.zeros(6)
    doubt.GetRASBounds(bounds)
    assert np.allclose(bounds[::2], [99.5, -50.5, 29.5])
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(np.eye(4)))
    doubt.GetRASBounds(bounds)
    assert np.allclose(bounds[::2], -0.5), "with the scan"
    (surface,) = doubt_surfaces()
    assert surface.GetParentTransformNode() is transform


def test_the_surface_of_the_fat_is_left_out_and_the_others_have_their_doubt_wherever_they_lie(moved):
    (surface,) = doubt_surfaces()
    points = slicer.util.arrayFromModelPoints(surface)
    scalars = slicer.util.arrayFromModelPointData(surface, surface.GetDisplayNode().GetActiveScalarName())
    assert points.min() > 13 and points.max() < 26, "the eyeball alone"
    assert scalars.min() > 15


def test_doubt_is_not_offered_when_the_scan_has_left_the_scene(panel, result, scan):
    slicer.mrmlScene.RemoveNode(scan)
    panel.resultsView.set_result(result)
    assert panel.resultsView.doubt_box.isHidden()
