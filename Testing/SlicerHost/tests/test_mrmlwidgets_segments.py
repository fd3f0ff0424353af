"""The widgets of segmentations.

Justification: qMRMLSegmentsTableView.cxx, qMRMLSegmentsModel.cxx, qMRMLSegmentSelectorWidget.cxx and
qMRMLSegmentationShow3DButton.cxx of Slicer.
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer


@pytest.fixture
def segmentation(slicer_session):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Orbit")
    node.CreateDefaultDisplayNodes()
    for name in ("globe", "nerve", "muscle"):
        node.GetSegmentation().AddEmptySegment(name, name)
    return node


@pytest.fixture
def table(segmentation):
    view = slicer.qMRMLSegmentsTableView()
    view.setMRMLScene(slicer.mrmlScene)
    view.setSegmentationNode(segmentation)
    return view


def test_table_lists_the_segments_and_follows_them(table, segmentation):
    # qMRMLSegmentsModel::onEvent
    assert table.displayedSegmentIDs() == ("globe", "nerve", "muscle")
    segmentation.GetSegmentation().AddEmptySegment("lens", "lens")
    segmentation.GetSegmentation().RemoveSegment("nerve")
    assert table.displayedSegmentIDs() == ("globe", "muscle", "lens")
    assert table.segmentCount == 3


def test_selection_is_announced_once(table):
    # setSelectedSegmentIDs returns when nothing changes
    changes = []
    table.selectionChanged.connect(lambda *_selection: changes.append(table.selectedSegmentIDs()))
    table.setSelectedSegmentIDs(["nerve"])
    table.setSelectedSegmentIDs(["nerve"])
    assert changes == [("nerve",)]


def test_selection_survives_a_change_of_a_segment(table, segmentation):
    # modelAboutToBeReset, modelReset
    table.setSelectedSegmentIDs(["muscle"])
    segmentation.GetSegmentation().GetSegment("globe").SetName("eyeball")
    assert table.selectedSegmentIDs() == ("muscle",)


def test_editing_the_name_renames_the_segment(table, segmentation):
    # qMRMLSegmentsModel::onItemChanged
    name_column = 3
    proxy = table.sortFilterProxyModel()
    proxy.setData(proxy.index(0, name_column), "eyeball")
    assert segmentation.GetSegmentation().GetSegment("globe").GetName() == "eyeball"


def test_text_filter_hides_segments(table):
    # qMRMLSortFilterSegmentsProxyModel::filterAcceptsRow
    table.setTextFilter("NER")
    assert table.displayedSegmentIDs() == ("nerve",)
    table.setTextFilter("")
    table.setHideSegments(["nerve"])
    assert table.displayedSegmentIDs() == ("globe", "muscle")


def test_click_on_the_eye_hides_the_segment(table, segmentation):
    # setupVisibilityButton, setSegmentVisibility
    table.tableWidget().clicked.emit(table.sortFilterProxyModel().index(1, 0))
    assert not segmentation.GetDisplayNode().GetSegmentVisibility("nerve")
    assert segmentation.GetDisplayNode().GetSegmentVisibility("globe")


def test_segments_move_up_and_down(table):
    # moveSelectedSegmentsUp
    table.setSelectedSegmentIDs(["muscle"])
    table.moveSelectedSegmentsUp()
    assert table.displayedSegmentIDs() == ("globe", "muscle", "nerve")
    assert table.selectedSegmentIDs() == ("muscle",)


def test_selector_chooses_a_segment(segmentation):
    # qMRMLSegmentSelectorWidget::onSegmentSelectionChanged
    selector = slicer.qMRMLSegmentSelectorWidget()
    selector.setMRMLScene(slicer.mrmlScene)
    selector.setCurrentNode(segmentation)
    chosen = []
    selector.connect("currentSegmentChanged(QString)", chosen.append)
    selector.setCurrentSegmentID("nerve")
    assert (selector.currentNode(), selector.currentSegmentID()) == (segmentation, "nerve")
    assert chosen == ["nerve"]


def test_show_3d_button_creates_and_removes_the_surface(segmentation):
    # qMRMLSegmentationShow3DButton::onToggled
    volume = slicer.util.addVolumeFromArray(np.zeros((12, 12, 12)))
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    mask = np.zeros((12, 12, 12), dtype=np.uint8)
    mask[3:9, 3:9, 3:9] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, "globe", volume)
    button = slicer.qMRMLSegmentationShow3DButton()
    button.setSegmentationNode(segmentation)
    surface = slicer.vtkSegmentationConverter.GetSegmentationClosedSurfaceRepresentationName()
    button.click()
    assert segmentation.GetSegmentation().ContainsRepresentation(surface)
    assert button.checked
    button.click()
    assert not segmentation.GetSegmentation().ContainsRepresentation(surface)


def test_menu_of_the_show_3d_button_sets_how_surfaces_are_made(segmentation):
    # qMRMLSegmentationShow3DButtonPrivate::init, onSurfaceSmoothingFactorChanged, onEnableSurfaceSmoothingToggled:
    # modules find the slider below the button; a negative factor means that smoothing is off
    button = slicer.qMRMLSegmentationShow3DButton()
    button.setSegmentationNode(segmentation)
    rule = slicer.vtkBinaryLabelmapToClosedSurfaceConversionRule
    def parameter(name):
        return segmentation.GetSegmentation().GetConversionParameter(getattr(rule, f"Get{name}ParameterName")())

    slider = button.findChild("ctkSliderWidget")
    assert (slider.value, slider.minimum, slider.maximum) == (0.5, 0, 1)
    slider.setValue(0.25)
    assert float(parameter("SmoothingFactor")) == 0.25
    actions = {action.text: action for action in button.findChildren(qt.QAction)}
    actions["Surface smoothing"].setChecked(False)
    assert float(parameter("SmoothingFactor")) == -0.25 and not slider.enabled
    assert not actions["Use Surface Nets Smoothing (faster)"].enabled
    actions["Surface smoothing"].setChecked(True)
    actions["Use Surface Nets (fast)"].setChecked(True)
    assert parameter("ConversionMethod") == "surface nets"
    actions["Use Surface Nets Smoothing (faster)"].setChecked(True)
    assert parameter("SurfaceNetInternalSmoothing") == "1"


def test_show_3d_button_is_disabled_without_segments(slicer_session):
    # updateWidgetFromMRML
    button = slicer.qMRMLSegmentationShow3DButton()
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    button.setSegmentationNode(node)
    assert not button.enabled
    node.GetSegmentation().AddEmptySegment("globe")
    assert button.enabled


def test_name_of_the_selected_row_is_shown(table):
    # the table is a QTableView over the filtered model
    index = table.sortFilterProxyModel().indexFromSegmentID("nerve")
    assert table.tableWidget().model().index(index.row(), 3).data(qt.Qt.DisplayRole) == "nerve"
