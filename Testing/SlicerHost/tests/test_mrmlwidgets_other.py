"""The other widgets that know MRML.

Justification is given test by test (Libs/MRML/Widgets and the module widgets of Slicer).
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer


def add(node_class, name="node"):
    return slicer.mrmlScene.AddNewNodeByClass(node_class, name)


def test_widget_announces_its_scene(slicer_session):
    # qMRMLWidget::setMRMLScene
    widget = slicer.qMRMLWidget()
    scenes = []
    widget.connect("mrmlSceneChanged(vtkMRMLScene*)", scenes.append)
    widget.setMRMLScene(slicer.mrmlScene)
    widget.setMRMLScene(slicer.mrmlScene)
    assert scenes == [slicer.mrmlScene]
    assert widget.mrmlScene() is slicer.mrmlScene


def test_slider_takes_the_unit_of_its_quantity(slicer_session):
    # qMRMLSliderWidget::updateWidgetFromUnitNode
    slider = slicer.qMRMLSliderWidget()
    slider.setMRMLScene(slicer.mrmlScene)
    slider.quantity = "length"
    unit = slicer.app.applicationLogic().GetSelectionNode().GetUnitNode("length")
    expected = (unit.GetSuffix() or "") if unit is not None else ""
    assert slider.suffix == expected


def test_spin_box_without_scene_is_disabled(slicer_session):
    # qMRMLSpinBox::setMRMLScene: setEnabled(scene != nullptr)
    box = slicer.qMRMLSpinBox()
    box.setMRMLScene(slicer.mrmlScene)
    box.setMRMLScene(None)
    assert not box.enabled


def test_range_widget_keeps_values_in_order(slicer_session):
    # ctkRangeWidget
    widget = slicer.qMRMLRangeWidget()
    widget.minimum, widget.maximum = -1000, 3000
    widget.setValues(200, -100)
    assert (widget.minimumValue, widget.maximumValue) == (-100, 200)


def test_editing_a_table_cell_changes_the_node(slicer_session):
    # qMRMLTableModel::updateMRMLFromModel
    table = add("vtkMRMLTableNode")
    slicer.util.updateTableFromArray(table, np.array([[1.0], [2.0]]), ["volume"])
    view = slicer.qMRMLTableView()
    view.setMRMLTableNode(table)
    model = view.model()
    assert model.index(0, 0).data() == "volume"  # the first row has the column names unless they are the header
    model.setData(model.index(2, 0), "7.5")
    assert table.GetTable().GetValue(1, 0).ToDouble() == 7.5


def test_locked_table_cannot_be_edited(slicer_session):
    # qMRMLTableModel: item flags
    table = add("vtkMRMLTableNode")
    slicer.util.updateTableFromArray(table, np.array([[1.0]]), ["volume"])
    table.SetLocked(True)
    view = slicer.qMRMLTableView()
    view.setMRMLTableNode(table)
    assert not int(view.model().flags(view.model().index(1, 0))) & int(qt.Qt.ItemIsEditable)


def test_checked_nodes(slicer_session):
    # qMRMLCheckableNodeComboBox::checkedNodes, checkedNodesChanged
    box = slicer.qMRMLCheckableNodeComboBox()
    box.nodeTypes = ["vtkMRMLModelNode"]
    box.setMRMLScene(slicer.mrmlScene)
    first, second = add("vtkMRMLModelNode", "a"), add("vtkMRMLModelNode", "b")
    changes = []
    box.connect("checkedNodesChanged()", lambda: changes.append(1))
    box.setCheckState(second, qt.Qt.Checked)
    assert second in box.checkedNodes() and first not in box.checkedNodes()
    assert changes


def test_threshold_widget_drives_the_display_node(slicer_session):
    # qMRMLVolumeThresholdWidget::setAutoThreshold, setThreshold
    volume = slicer.util.addVolumeFromArray(np.arange(1000.0).reshape(10, 10, 10))
    widget = slicer.qMRMLVolumeThresholdWidget()
    widget.setMRMLVolumeNode(volume)
    widget.setAutoThreshold(widget.Manual)
    widget.setThreshold(100, 500)
    display = volume.GetDisplayNode()
    assert display.GetApplyThreshold()
    assert (display.GetLowerThreshold(), display.GetUpperThreshold()) == (100, 500)


def test_window_level_widget_drives_the_display_node(slicer_session):
    # qMRMLWindowLevelWidget::setWindowLevel, setMinMaxRangeValue
    volume = slicer.util.addVolumeFromArray(np.arange(1000.0).reshape(10, 10, 10))
    widget = slicer.qMRMLWindowLevelWidget()
    widget.setMRMLVolumeNode(volume)
    widget.setMinMaxRangeValue(100, 300)
    display = volume.GetDisplayNode()
    assert (display.GetWindow(), display.GetLevel(), display.GetAutoWindowLevel()) == (200, 200, 0)
    display.SetWindowLevel(50, 500)
    assert (widget.window, widget.level) == (50, 500)


@pytest.fixture
def place_widget(slicer_session):
    widget = slicer.qSlicerMarkupsPlaceWidget()
    widget.setMRMLScene(slicer.mrmlScene)
    node = add("vtkMRMLMarkupsFiducialNode", "points")
    node.CreateDefaultDisplayNodes()
    widget.setCurrentNode(node)
    yield widget
    widget.placeModeEnabled = False


def test_place_mode_of_the_current_markups_node(place_widget):
    # qSlicerMarkupsPlaceWidget::setPlaceModeEnabled, activeMarkupsPlaceModeChanged
    changes = []
    place_widget.connect("activeMarkupsPlaceModeChanged(bool)", changes.append)
    place_widget.placeModeEnabled = True
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    assert place_widget.placeModeEnabled
    assert place_widget.placeButton().checked
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    assert changes == [True, False]


def test_delete_button_removes_the_last_point(place_widget):
    # qSlicerMarkupsPlaceWidget::modifyLastPoint
    node = place_widget.currentNode()
    for position in ([1, 2, 3], [4, 5, 6]):
        node.AddControlPoint(position)
    place_widget.deleteButton().click()
    assert node.GetNumberOfControlPoints() == 1
    place_widget.deleteButton().click()
    assert not place_widget.deleteButton().enabled


def test_simple_markups_widget_lists_and_edits_points(slicer_session):
    # qSlicerSimpleMarkupsWidget::updateWidget, onMarkupsControlPointEdited
    widget = slicer.qSlicerSimpleMarkupsWidget()
    widget.enterPlaceModeOnNodeChange = False
    widget.setMRMLScene(slicer.mrmlScene)
    node = add("vtkMRMLMarkupsFiducialNode", "points")
    node.AddControlPoint([10, 20, 30])
    widget.setCurrentNode(node)
    table = widget.tableWidget()
    assert [table.item(0, column).text() for column in (1, 2, 3)] == ["10.000", "20.000", "30.000"]
    table.item(0, 2).setText("25")
    assert node.GetNthControlPointPosition(0) == (10, 25, 30)


def test_tree_shows_the_subject_hierarchy(slicer_session):
    # qMRMLSubjectHierarchyTreeView, qMRMLSortFilterSubjectHierarchyProxyModel::nodeTypes
    tree = slicer.qMRMLSubjectHierarchyTreeView()
    tree.setMRMLScene(slicer.mrmlScene)
    model, volume = add("vtkMRMLModelNode", "surface"), add("vtkMRMLScalarVolumeNode", "CT")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), "run")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(model), folder)
    assert tree.displayedItemCount() == 3
    tree.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    assert tree.nodeTypes == ("vtkMRMLScalarVolumeNode",)  # PythonQtConv::QStringListToPyObject
    assert tree.displayedItemCount() == 1
    items = []
    tree.connect("currentItemChanged(vtkIdType)", items.append)
    tree.setCurrentNode(volume)
    assert tree.currentNode() is volume
    assert items == [hierarchy.GetItemByDataNode(volume)]


def test_filters_of_a_hierarchy_tree_are_those_of_its_proxy_model(slicer_session):
    # qMRMLSubjectHierarchyTreeView::setNodeTypes, sortFilterProxyModel; MergeMarkups.py uses it in this way
    tree = slicer.qMRMLSubjectHierarchyTreeView()
    tree.setMRMLScene(slicer.mrmlScene)
    tree.setColumnHidden(tree.model().transformColumn, True)
    add("vtkMRMLModelNode", "surface")
    item = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene).GetItemByDataNode(
        add("vtkMRMLScalarVolumeNode", "CT"))
    filters = tree.sortFilterProxyModel()
    filters.setNodeTypes(["vtkMRMLScalarVolumeNode"])
    assert tree.displayedItemCount() == 1 == filters.acceptedItemCount(tree.rootItem())
    assert tree.nodeTypes == filters.nodeTypes == ("vtkMRMLScalarVolumeNode",)
    assert filters.subjectHierarchyItemFromIndex(filters.indexFromSubjectHierarchyItem(item)) == item


def test_hierarchy_combo_box_selects_an_item(slicer_session):
    # qMRMLSubjectHierarchyComboBox::setCurrentItem
    box = slicer.qMRMLSubjectHierarchyComboBox()
    box.setMRMLScene(slicer.mrmlScene)
    volume = add("vtkMRMLScalarVolumeNode", "CT")
    item = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene).GetItemByDataNode(volume)
    box.setCurrentItem(item)
    assert box.currentItem() == item
    box.clearSelection()
    assert box.currentItem() == 0


def test_color_table_selector_offers_the_built_in_tables(slicer_session):
    # qMRMLColorTableComboBox: colour nodes are hidden from editors
    box = slicer.qMRMLColorTableComboBox()
    box.setMRMLScene(slicer.mrmlScene)
    box.setCurrentNodeID("vtkMRMLColorTableNodeGrey")
    assert box.currentNode().GetName() == "Grey"
