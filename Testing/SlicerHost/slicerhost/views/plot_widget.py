"""The plot view of the layout."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets
from vtk.util.numpy_support import vtk_to_numpy

from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.registry import register
from slicerhost.views.controller_bar import qMRMLViewControllerBar
from slicerhost.views.offscreen_plot_view import OffscreenPlotView
from slicerhost.views.view_widget import qMRMLAbstractViewWidget
from slicerhost.vtk_observation import VtkObservation


@register
class qMRMLPlotView(QtWidgets.QWidget, VtkObservation):
    """Draws the chart of a plot view node."""

    mrmlSceneChanged = QtCore.Signal(object)
    dataSelected = QtCore.Signal(object, object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = OffscreenPlotView()
        self._scene: Any = None
        self._view_node: Any = None
        self._chart_node: Any = None
        self._series_nodes: list[Any] = []

    def setMRMLScene(self, scene: Any) -> None:
        """Set the scene."""
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)

    def setMRMLPlotViewNode(self, node: Any) -> None:
        """Show the chart of a plot view node."""
        if node is self._view_node:
            return
        self._stop_observing()
        self._view_node = node
        if node is not None:
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._view_node_modified)
            self._observe(node, slicer.vtkMRMLPlotViewNode.PlotChartNodeChangedEvent, self._view_node_modified)
        self._view_node_modified()

    def chart(self) -> Any:
        """Return the vtkChartXY."""
        return self._plot.chart

    def scene(self) -> Any:
        """Return the vtkContextScene."""
        return self._plot.context_view.GetScene()

    def renderWindow(self) -> Any:
        """Return the vtkRenderWindow."""
        return self._plot.render_window

    def fitToContent(self) -> None:
        """Show all points."""
        self._plot.chart.RecalculateBounds()
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        width, height = max(1, self.width), max(1, self.height)
        self._plot.render_window.SetSize(width, height)
        self._plot.render_window.Render()
        values = vtk.vtkUnsignedCharArray()
        self._plot.render_window.GetPixelData(0, 0, width - 1, height - 1, 0, values, 0)
        pixels = vtk_to_numpy(values).reshape(height, width, 3)[::-1].copy()
        image = QtGui.QImage(pixels.data, width, height, 3 * width, QtGui.QImage.Format.Format_RGB888)
        painter = QtGui.QPainter(self)
        painter.drawImage(0, 0, image)
        painter.end()

    def _view_node_modified(self, *_event: Any) -> None:
        chart_node = self._view_node.GetPlotChartNode() if self._view_node is not None else None
        if chart_node is not self._chart_node:
            if self._chart_node is not None:
                self._stop_observing(self._chart_node)
            self._chart_node = chart_node
            if chart_node is not None:
                self._observe(chart_node, vtk.vtkCommand.ModifiedEvent, self._chart_modified)
        self._chart_modified()

    def _chart_modified(self, *_event: Any) -> None:
        self._plot.show(self._chart_node)
        self.update()


@register
class qMRMLPlotViewControllerWidget(qMRMLViewControllerBar):
    """Chooses the chart that the view shows."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._fit_button = self._tool_button("fitToWindowToolButton", "fit")
        self._selector = qMRMLNodeComboBox(self._bar)
        self._selector.nodeTypes = ["vtkMRMLPlotChartNode"]
        self._selector.noneEnabled = True
        self._selector.setObjectName("plotChartComboBox")
        self._selector.currentNodeChanged.connect(self._chart_chosen)
        self._bar_layout.addWidget(self._selector, 1)

    def setMRMLScene(self, scene: Any) -> None:
        super().setMRMLScene(scene)
        self._selector.setMRMLScene(scene)

    def setPlotView(self, view: qMRMLPlotView) -> None:
        """Control that plot view."""
        self._fit_button.clicked.connect(view.fitToContent)

    def _update_from_view_node(self) -> None:
        super()._update_from_view_node()
        if self._view_node is not None:
            blocked = self._selector.blockSignals(True)
            self._selector.setCurrentNode(self._view_node.GetPlotChartNode())
            self._selector.blockSignals(blocked)

    def _chart_chosen(self, node: Any) -> None:
        if self._view_node is not None:
            self._view_node.SetPlotChartNodeID(node.GetID() if node is not None else None)


@register
class qMRMLPlotWidget(qMRMLAbstractViewWidget):
    """A plot view with its controller bar."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._assemble(qMRMLPlotViewControllerWidget(self), qMRMLPlotView(self))
        self._controller.setPlotView(self._view_area)

    def setMRMLScene(self, scene: Any) -> None:
        self._view_area.setMRMLScene(scene)
        self._controller.setMRMLScene(scene)
        super().setMRMLScene(scene)

    def setMRMLPlotViewNode(self, node: Any) -> None:
        """Show the chart of a plot view node."""
        self._view_area.setMRMLPlotViewNode(node)
        self._controller._set_view_node(node)

    def setMRMLAbstractViewNode(self, node: Any) -> None:
        """Show the chart of a plot view node."""
        self.setMRMLPlotViewNode(node)

    def mrmlPlotViewNode(self) -> Any:
        """Return the plot view node."""
        return self._view_area._view_node

    def mrmlAbstractViewNode(self) -> Any:
        return self.mrmlPlotViewNode()

    def plotView(self) -> Any:
        """Return the plot."""
        return self._view_area

    def plotController(self) -> Any:
        """Return the controller bar."""
        return self._controller
