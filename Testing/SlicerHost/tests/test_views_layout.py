"""The layout manager.

Justification: qMRMLLayoutManager.cxx, qMRMLLayoutViewFactory.cxx of Slicer; ctkLayoutManager.cpp.
"""
from __future__ import annotations

import numpy as np
import pytest
import qt
import slicer

LAYOUTS = slicer.vtkMRMLLayoutNode


@pytest.fixture
def manager(slicer_session):
    return slicer.app.layoutManager()


def visible_slice_views(manager):
    return {name for name in manager.sliceViewNames() if manager.sliceWidget(name).isVisible()}


def test_three_slice_views_and_one_threed_view_exist_from_the_start(manager):
    # vtkMRMLLayoutLogic::CreateMissingViews
    assert {"Red", "Green", "Yellow"} <= set(manager.sliceViewNames())
    assert manager.threeDViewCount >= 1
    assert manager.sliceWidget("Red").mrmlSliceNode().GetOrientation() == "Axial"


@pytest.mark.parametrize("layout, shown", [
    (LAYOUTS.SlicerLayoutFourUpView, {"Red", "Green", "Yellow"}),
    (LAYOUTS.SlicerLayoutOneUpRedSliceView, {"Red"}),
    (LAYOUTS.SlicerLayoutOneUp3DView, set()),
    (LAYOUTS.SlicerLayoutConventionalWidescreenView, {"Red", "Green", "Yellow"}),
])
def test_layout_shows_its_views(slicer_session, manager, layout, shown):
    # qMRMLLayoutManager::setLayout, ctkLayoutManager::setupLayout
    manager.setLayout(layout)
    slicer_session.process_events()
    assert visible_slice_views(manager) == shown


def test_layout_change_is_announced_with_its_number(manager):
    # qMRMLLayoutManagerPrivate::updateLayoutInternal emits layoutChanged(int)
    announced = []
    manager.connect("layoutChanged(int)", announced.append)
    manager.setLayout(LAYOUTS.SlicerLayoutFourUpView)
    manager.disconnect("layoutChanged(int)", announced.append)
    assert announced[-1] == manager.layout == int(LAYOUTS.SlicerLayoutFourUpView)


def test_unknown_layout_falls_back_to_the_conventional_one(manager):
    # qMRMLLayoutManager::setLayout: IsLayoutDescription
    manager.setLayout(LAYOUTS.SlicerLayoutFourUpView)
    manager.setLayout(987654)
    assert manager.layout == int(LAYOUTS.SlicerLayoutConventionalView)


def test_views_stay_when_the_layout_hides_them(manager):
    # qMRMLLayoutManager.h: all slice widget names are returned, even those of hidden widgets
    manager.setLayout(LAYOUTS.SlicerLayoutOneUpRedSliceView)
    assert "Yellow" in manager.sliceViewNames()
    assert not manager.sliceWidget("Yellow").mrmlSliceNode().IsMappedInLayout()


def test_custom_layout_from_xml(slicer_session, manager):
    # the documented way to add a layout: vtkMRMLLayoutNode::AddLayoutDescription and setLayout
    description = """
      <layout type="horizontal" split="true">
        <item splitSize="300"><view class="vtkMRMLSliceNode" singletontag="Custom">
          <property name="orientation" action="default">Coronal</property>
          <property name="viewlabel" action="default">O</property>
          <property name="viewcolor" action="default">#00FF00</property></view></item>
        <item splitSize="100"><layout type="vertical">
          <item><view class="vtkMRMLSliceNode" singletontag="Red"/></item>
          <item><view class="vtkMRMLViewNode" singletontag="1"/></item></layout></item>
      </layout>"""
    manager.layoutLogic().GetLayoutNode().AddLayoutDescription(5001, description)
    manager.setLayout(5001)
    slicer_session.process_events()
    custom = manager.sliceWidget("Custom")
    assert visible_slice_views(manager) == {"Custom", "Red"}
    assert (custom.sliceOrientation, custom.sliceViewLabel) == ("Coronal", "O")
    assert custom.width > manager.sliceWidget("Red").width


def test_tabs_take_the_names_of_their_views(slicer_session, manager):
    # ctkLayoutManager::addChildItemToLayout: tab text
    manager.setLayout(LAYOUTS.SlicerLayoutTabbedSliceView)
    slicer_session.process_events()
    tabs = manager.viewport().findChildren(qt.QTabWidget)[0]
    assert {"Red", "Yellow", "Green"} <= {tabs.tabText(index) for index in range(tabs.count)}


def test_maximized_view_has_the_viewport_for_itself(slicer_session, manager):
    # qMRMLLayoutManager::addMaximizedViewNode, removeMaximizedViewNode
    manager.setLayout(LAYOUTS.SlicerLayoutFourUpView)
    node = manager.sliceWidget("Green").mrmlSliceNode()
    manager.addMaximizedViewNode(node)
    slicer_session.process_events()
    assert visible_slice_views(manager) == {"Green"}
    manager.removeMaximizedViewNode(node)
    slicer_session.process_events()
    assert visible_slice_views(manager) == {"Red", "Green", "Yellow"}


def test_views_survive_closing_the_scene(slicer_session, manager):
    # qMRMLLayoutManagerPrivate::onSceneClosedEvent
    manager.setLayout(LAYOUTS.SlicerLayoutFourUpView)
    widget = manager.sliceWidget("Red")
    slicer.mrmlScene.Clear(0)
    slicer_session.process_events()
    assert manager.sliceWidget("Red") is widget
    assert widget.isVisible()


def test_view_widget_of_a_node(manager):
    # qMRMLLayoutManager::viewWidget
    red = manager.sliceWidget("Red")
    assert manager.viewWidget(red.mrmlSliceNode()) is red
    assert manager.viewWidget(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLViewNode")) is manager.threeDWidget(0)


def test_application_logic_has_the_logics_of_the_views(manager):
    # qSlicerApplication::setLayoutManager
    logic = slicer.app.applicationLogic()
    assert logic.GetSliceLogic(manager.sliceWidget("Red").mrmlSliceNode()) is manager.sliceWidget("Red").sliceLogic()
    assert manager.mrmlSliceLogics().GetNumberOfItems() == len(manager.sliceViewNames())


def test_pause_holds_all_views(slicer_session, manager):
    # qMRMLLayoutManager::setRenderPaused counts
    view = manager.sliceWidget("Red").sliceView()
    frames = []
    tag = view.renderWindow().AddObserver("EndEvent", lambda *_event: frames.append(1))
    manager.pauseRender()
    manager.pauseRender()
    manager.resumeRender()
    view.scheduleRender()
    slicer_session.process_events()
    paused_frames = len(frames)
    manager.resumeRender()
    slicer_session.process_events()
    view.renderWindow().RemoveObserver(tag)
    assert paused_frames == 0
    assert frames


def test_table_layout_shows_the_active_table(slicer_session, manager):
    # vtkSlicerApplicationLogic::PropagateTableSelection, qMRMLTableView
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Volumes")
    slicer.util.updateTableFromArray(table, np.array([[1.5, 2.5], [3.5, 4.5]]), ["right", "left"])
    table.SetUseColumnTitleAsColumnHeader(True)
    manager.setLayout(LAYOUTS.SlicerLayoutFourUpTableView)
    logic = slicer.app.applicationLogic()
    logic.GetSelectionNode().SetActiveTableID(table.GetID())
    logic.PropagateTableSelection()
    slicer_session.process_events()
    view = manager.tableWidget(0).tableView()
    header = [view.model().headerData(column, qt.Qt.Horizontal) for column in range(2)]
    assert view.mrmlTableNode() is table
    assert header == ["right", "left"]
    assert view.model().index(1, 0).data() == "3.5"


def test_plot_layout_draws_the_chart(slicer_session, manager):
    # qMRMLPlotView::updatePlotFromPlotSeriesNode
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    slicer.util.updateTableFromArray(table, np.arange(20.0).reshape(10, 2) ** 2, ["x", "y"])
    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "squares")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("x")
    series.SetYColumnName("y")
    series.SetPlotType(series.PlotTypeScatter)
    chart = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode")
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetTitle("Squares")
    slicer.modules.plots.logic().ShowChartInLayout(chart)
    slicer_session.process_events()
    view = manager.plotWidget(0).plotView()
    assert view.chart().GetNumberOfPlots() == 1
    assert view.chart().GetTitle() == "Squares"
    assert view.chart().GetPlot(0).GetLabel() == "squares"


def test_modules_find_the_layout_menu_in_the_tool_bar(slicer_session, manager):
    # qSlicerMainWindowPrivate::init (ViewToolBar, LayoutMenu), onLayoutActionTriggered, onLayoutChanged; the way in
    # which Slicer's script repository adds a layout to the menu
    bar = slicer.util.mainWindow().findChild("QToolBar", "ViewToolBar")
    button = bar.widgetForAction(bar.actions()[0])
    assert button.defaultAction().text == "Conventional"
    slicer.util.findChild(slicer.util.mainWindow(), "LayoutMenu")
    four_up = next(action for action in button.menu().actions() if action.text == "Four-Up")
    four_up.trigger()
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    assert button.defaultAction() is four_up
    manager.layoutLogic().GetLayoutNode().AddLayoutDescription(
        501, '<layout type="vertical"><item><view class="vtkMRMLSliceNode" singletontag="Red"/></item></layout>')
    action = button.menu().addAction("Orbit only")
    action.setData(501)
    try:
        action.trigger()
        assert manager.layout == 501
    finally:
        button.menu().removeAction(action)
