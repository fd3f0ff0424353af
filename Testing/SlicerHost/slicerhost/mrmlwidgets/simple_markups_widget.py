"""A markups selector with placement buttons and a table of control points."""
from __future__ import annotations

from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets.markups_place_widget import qSlicerMarkupsPlaceWidget
from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.mrmlwidgets.widget import qSlicerWidget
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register

_NAME, _R, _A, _S = range(4)


@register
class qSlicerSimpleMarkupsWidget(qSlicerWidget):
    """Chooses, places and edits a point list."""

    markupsNodeChanged = Signal()
    markupsFiducialNodeChanged = Signal()
    currentMarkupsControlPointSelectionChanged = Signal(int)
    currentMarkupsFiducialSelectionChanged = Signal(int)
    activeMarkupsPlaceModeChanged = Signal(bool)
    activeMarkupsFiducialPlaceModeChanged = Signal(bool)
    updateFinished = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._updating = False
        self._followed_node: Any = None
        self._selector = qMRMLNodeComboBox(self)
        self._selector.setObjectName("MarkupsNodeComboBox")
        self._selector.nodeTypes = ["vtkMRMLMarkupsFiducialNode"]
        self._selector.noneEnabled = True
        self._selector.renameEnabled = True
        self._selector.currentNodeChanged.connect(self._node_chosen)
        self._place_widget = qSlicerMarkupsPlaceWidget(self)
        self._place_widget.setObjectName("MarkupsPlaceWidget")
        self._place_widget.activeMarkupsPlaceModeChanged.connect(self.activeMarkupsPlaceModeChanged)
        self._place_widget.activeMarkupsFiducialPlaceModeChanged.connect(self.activeMarkupsFiducialPlaceModeChanged)
        self._table = QtWidgets.QTableWidget(0, 4, self)
        self._table.setObjectName("MarkupsControlPointsTableWidget")
        self._table.setHorizontalHeaderLabels(["Label", "R", "A", "S"])
        self._table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.cellChanged.connect(self._cell_edited)
        self._table.cellClicked.connect(self._cell_clicked)
        top = QtWidgets.QHBoxLayout()
        top.addWidget(self._selector, 1)
        top.addWidget(self._place_widget)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self._table)

    enterPlaceModeOnNodeChange = qt_property(bool, "_enter_place_mode", True)
    jumpToSliceEnabled = qt_property(bool, "_jump_to_slice", False)
    viewGroup = qt_property(int, "_view_group", -1)
    positionStatusColumnVisible = qt_property(bool, "_status_column_visible", False)
    nodeSelectorVisible = qt_property(
        bool, "_selector_visible", True, changed=lambda self, shown: self._selector.setVisible(shown))
    optionsVisible = qt_property(
        bool, "_options_visible", True, changed=lambda self, shown: self._place_widget.setVisible(shown))
    nodeColor = QtCore.Property(QtGui.QColor, lambda self: self._place_widget.nodeColor,
                                lambda self, color: setattr(self._place_widget, "nodeColor", color))
    defaultNodeColor = QtCore.Property(QtGui.QColor, lambda self: self._place_widget.defaultNodeColor,
                                       lambda self, color: setattr(self._place_widget, "defaultNodeColor", color))

    def setMRMLScene(self, scene: Any) -> None:
        super().setMRMLScene(scene)
        self._selector.setMRMLScene(scene)
        self._place_widget.setMRMLScene(scene)

    def currentNode(self) -> Any:
        """Return the markups node, or None."""
        return self._selector.currentNode()

    def getCurrentNode(self) -> Any:
        """Return the markups node; the old name of `currentNode`."""
        return self.currentNode()

    def setCurrentNode(self, node: Any) -> None:
        """Select a markups node."""
        self._selector.setCurrentNode(node)

    def setNodeBaseName(self, name: str) -> None:
        """Name new markups nodes after `name`."""
        self._selector.baseName = name

    def interactionNode(self) -> Any:
        """Return the node with the mouse mode."""
        return self._place_widget.interactionNode()

    def setInteractionNode(self, node: Any) -> None:
        """Set the node with the mouse mode."""
        self._place_widget.setInteractionNode(node)

    def tableWidget(self) -> QtWidgets.QTableWidget:
        """Return the table of control points."""
        return self._table

    def markupsPlaceWidget(self) -> qSlicerMarkupsPlaceWidget:
        """Return the placement buttons."""
        return self._place_widget

    def markupsSelectorComboBox(self) -> qMRMLNodeComboBox:
        """Return the node selector."""
        return self._selector

    def activate(self) -> None:
        """Make the markups node the active one."""
        self._place_widget.currentNodeActive = True

    def placeActive(self, place: bool) -> None:
        """Start or end placement."""
        self._place_widget.setPlaceModeEnabled(place)

    def highlightNthControlPoint(self, index: int) -> None:
        """Select a row."""
        self._table.setCurrentCell(index, 0)

    def highlightNthFiducial(self, index: int) -> None:
        """The old name of `highlightNthControlPoint`."""
        self.highlightNthControlPoint(index)

    def _node_chosen(self, node: Any) -> None:
        if self._followed_node is not None:
            self._stop_observing(self._followed_node)
        self._followed_node = node
        if node is not None:
            markups = slicer.vtkMRMLMarkupsNode
            for event in (vtk.vtkCommand.ModifiedEvent, markups.PointModifiedEvent, markups.PointAddedEvent,
                          markups.PointRemovedEvent, markups.PointPositionDefinedEvent):
                self._observe(node, event, self._node_modified)
        self._place_widget.setCurrentNode(node)
        if node is not None and self.enterPlaceModeOnNodeChange and not node.GetNumberOfControlPoints():
            self._place_widget.setPlaceModeEnabled(True)
        self._update()
        self.markupsNodeChanged.emit()
        self.markupsFiducialNodeChanged.emit()

    def _node_modified(self, *_event: Any) -> None:
        self._update()

    def _update(self) -> None:
        node = self._followed_node
        self._updating = True
        self._table.setRowCount(node.GetNumberOfControlPoints() if node is not None else 0)
        for row in range(self._table.rowCount):
            position = [0.0, 0.0, 0.0]
            node.GetNthControlPointPositionWorld(row, position)
            texts = (node.GetNthControlPointLabel(row), *(f"{value:.3f}" for value in position))
            for column, text in enumerate(texts):
                self._table.setItem(row, column, QtWidgets.QTableWidgetItem(text))
        self._updating = False
        self.updateFinished.emit()

    def _cell_edited(self, row: int, column: int) -> None:
        if self._updating or self._followed_node is None:
            return
        if column == _NAME:
            self._followed_node.SetNthControlPointLabel(row, self._table.item(row, column).text())
            return
        position = [float(self._table.item(row, each).text()) for each in (_R, _A, _S)]
        self._followed_node.SetNthControlPointPositionWorld(row, position)

    def _cell_clicked(self, row: int, _column: int) -> None:
        if self.jumpToSliceEnabled:
            position = [0.0, 0.0, 0.0]
            self._followed_node.GetNthControlPointPositionWorld(row, position)
            slicer.vtkMRMLSliceNode.JumpAllSlices(self.mrmlScene(), *position, -1, self.viewGroup)
        self.currentMarkupsControlPointSelectionChanged.emit(row)
        self.currentMarkupsFiducialSelectionChanged.emit(row)
