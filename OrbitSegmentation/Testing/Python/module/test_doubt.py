"""Seeing where the model is unsure of its outlines, in the panel."""

from __future__ import annotations

import numpy as np
import pytest
import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.mrml.doubt_maps import SHOWN_FROM, doubt_near
from NeuroOrbitLib.mrml.segmentation_results import doubt_of
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
