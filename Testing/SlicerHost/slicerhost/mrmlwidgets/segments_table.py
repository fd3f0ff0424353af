"""The table of segments (qMRMLSegmentsTableView)."""
from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets import segments_model as columns
from slicerhost.mrmlwidgets.segments_model import (
    SEGMENT_ID_ROLE,
    qMRMLSegmentsModel,
    qMRMLSortFilterSegmentsProxyModel,
)
from slicerhost.mrmlwidgets.widget import qMRMLWidget
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register


def _column_visibility(column: int, attribute: str, default: bool) -> QtCore.Property:
    return qt_property(bool, attribute, default,
                       changed=lambda self, shown: self._table.setColumnHidden(column, not shown))


@register
class qMRMLSegmentsTableView(qMRMLWidget):
    """Shows, selects, renames and hides the segments of a segmentation."""

    selectionChanged = Signal(QtCore.QItemSelection, QtCore.QItemSelection)
    segmentAboutToBeModified = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = qMRMLSegmentsModel(self)
        self._proxy = qMRMLSortFilterSegmentsProxyModel(self._model, self)
        self._filter_edit = QtWidgets.QLineEdit(self)
        self._filter_edit.setObjectName("FilterLineEdit")
        self._filter_edit.setPlaceholderText("Filter segments by name...")
        self._filter_edit.textChanged.connect(self.setTextFilter)
        self._filter_edit.hide()
        self._table = self._create_table()
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._filter_edit)
        layout.addWidget(self._table)
        self._table.selectionModel().selectionChanged.connect(self._selection_changed)
        self._model.modelReset.connect(self._table.clearSelection)

    def _create_table(self) -> QtWidgets.QTableView:
        table = QtWidgets.QTableView(self)
        table.setObjectName("SegmentsTable")
        table.setModel(self._proxy)
        table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(
            columns.NAME, QtWidgets.QHeaderView.ResizeMode.Stretch)
        for column in (columns.VISIBILITY, columns.COLOR):
            table.setColumnWidth(column, 28)
        for column in (columns.OPACITY, columns.STATUS, columns.LAYER):
            table.setColumnHidden(column, True)
        table.clicked.connect(self._cell_clicked)
        table.doubleClicked.connect(self._cell_double_clicked)
        return table

    selectionMode = qt_property(
        int, "_selection_mode", 3, changed=lambda self, mode: self._table.setSelectionMode(
            QtWidgets.QAbstractItemView.SelectionMode(int(mode))))
    headerVisible = qt_property(
        bool, "_header_visible", True, changed=lambda self, shown: self._table.horizontalHeader().setVisible(shown))
    visibilityColumnVisible = _column_visibility(columns.VISIBILITY, "_visibility_shown", True)
    colorColumnVisible = _column_visibility(columns.COLOR, "_color_shown", True)
    opacityColumnVisible = _column_visibility(columns.OPACITY, "_opacity_shown", False)
    statusColumnVisible = _column_visibility(columns.STATUS, "_status_shown", False)
    layerColumnVisible = _column_visibility(columns.LAYER, "_layer_shown", False)
    readOnly = qt_property(bool, "_read_only", False, changed=lambda self, on: self._table.setEditTriggers(
        QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers if on
        else QtWidgets.QAbstractItemView.EditTrigger.DoubleClicked))
    filterBarVisible = qt_property(
        bool, "_filter_visible", False, changed=lambda self, shown: self._filter_edit.setVisible(shown))
    jumpToSelectedSegmentEnabled = qt_property(bool, "_jump_enabled", False)
    useTerminologySelector = qt_property(bool, "_use_terminology", True)
    segmentCount = QtCore.Property(int, lambda self: self._proxy.rowCount())
    textFilter = QtCore.Property(str, lambda self: self._proxy.textFilter, lambda self, text: self.setTextFilter(text))

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self.mrmlScene():
            self.setSegmentationNode(None)
        super().setMRMLScene(scene)

    def segmentationNode(self) -> Any:
        """Return the segmentation node, or None."""
        return self._model.segmentationNode()

    def setSegmentationNode(self, node: Any) -> None:
        """Show the segments of a segmentation, or nothing."""
        if node is not None and not node.IsA("vtkMRMLSegmentationNode"):
            node = None
        self._model.setSegmentationNode(node)

    def tableWidget(self) -> QtWidgets.QTableView:
        """Return the table."""
        return self._table

    def model(self) -> qMRMLSegmentsModel:
        """Return the model of all segments."""
        return self._model

    def sortFilterProxyModel(self) -> qMRMLSortFilterSegmentsProxyModel:
        """Return the model of the shown segments."""
        return self._proxy

    def displayedSegmentIDs(self) -> list[str]:
        """Return the IDs of the shown segments."""
        return [self.segmentIDForRow(row) for row in range(self._proxy.rowCount())]

    def segmentIDForRow(self, row: int) -> str:
        """Return the segment ID of a table row."""
        return self._proxy.index(row, 0).data(SEGMENT_ID_ROLE) or ""

    def rowForSegmentID(self, identifier: str) -> int:
        """Return the table row of a segment, or -1."""
        return self._proxy.indexFromSegmentID(identifier).row()

    def selectedSegmentIDs(self) -> list[str]:
        """Return the IDs of the selected segments, top down."""
        rows = sorted(index.row() for index in self._table.selectionModel().selectedRows())
        return [self.segmentIDForRow(row) for row in rows]

    def setSelectedSegmentIDs(self, identifiers: list[str]) -> None:
        """Select these segments."""
        if list(identifiers) == list(self.selectedSegmentIDs()):
            return
        selection = QtCore.QItemSelection()
        for identifier in identifiers:
            index = self._proxy.indexFromSegmentID(identifier)
            if index.isValid():
                selection.select(index, index)
        flags = QtCore.QItemSelectionModel.SelectionFlag
        self._table.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)

    def clearSelection(self) -> None:
        """Select nothing."""
        self._table.clearSelection()

    def setHideSegments(self, identifiers: list[str]) -> None:
        """Do not list these segments."""
        self._proxy.setHideSegments(identifiers)

    def hideSegments(self) -> list[str]:
        """Return the IDs of the segments that are not listed."""
        return self._proxy.hideSegments

    def setTextFilter(self, text: str) -> None:
        """List only segments whose name contains the text."""
        self._proxy.textFilter = text

    def statusShown(self, status: int) -> bool:
        """Return whether segments of that status are listed."""
        return self._proxy.showStatus(status)

    def setStatusShown(self, status: int, shown: bool) -> None:
        """List segments of a status or not."""
        self._proxy.setShowStatus(status, shown)

    def setSelectedSegmentsStatus(self, status: int = -1) -> None:
        """Set the status of the selected segments; -1: the next one."""
        logic = slicer.vtkSlicerSegmentationsModuleLogic
        for identifier in self.selectedSegmentIDs():
            segment = self.segmentationNode().GetSegmentation().GetSegment(identifier)
            following = (int(logic.GetSegmentStatus(segment)) + 1) % 4
            logic.SetSegmentStatus(segment, following if status < 0 else status)

    def showOnlySelectedSegments(self) -> None:
        """Hide all other segments."""
        selected = self.selectedSegmentIDs()
        display = self.segmentationNode().GetDisplayNode()
        for identifier in self.displayedSegmentIDs():
            display.SetSegmentVisibility(identifier, identifier in selected)

    def toggleSelectedSegmentsVisibility(self) -> None:
        """Hide visible and show hidden selected segments."""
        for identifier in self.selectedSegmentIDs():
            self._toggle_visibility(identifier)

    def moveSelectedSegmentsUp(self) -> None:
        """Move the selected segments one row up."""
        self._move_selected(-1)

    def moveSelectedSegmentsDown(self) -> None:
        """Move the selected segments one row down."""
        self._move_selected(1)

    def clearSelectedSegments(self) -> None:
        """Delete the content of the selected segments."""
        for identifier in self.selectedSegmentIDs():
            self.segmentAboutToBeModified.emit(identifier)
            segment = self.segmentationNode().GetSegmentation().GetSegment(identifier)
            slicer.vtkSlicerSegmentationsModuleLogic.ClearSegment(self.segmentationNode(), identifier)
            slicer.vtkSlicerSegmentationsModuleLogic.SetSegmentStatus(segment, 0)

    def jumpSlices(self) -> None:
        """Show the centre of the first selected segment in all slice views."""
        selected = self.selectedSegmentIDs()
        center = self.segmentationNode().GetSegmentCenterRAS(selected[0]) if selected else None
        if center is not None:
            slicer.vtkMRMLSliceNode.JumpAllSlices(self.segmentationNode().GetScene(), *center)

    def _move_selected(self, step: int) -> None:
        segmentation = self.segmentationNode().GetSegmentation()
        selected = self.selectedSegmentIDs()
        for identifier in selected if step < 0 else selected[::-1]:
            index = segmentation.GetSegmentIndex(identifier) + step
            if 0 <= index < segmentation.GetNumberOfSegments():
                segmentation.SetSegmentIndex(identifier, index)
        self.setSelectedSegmentIDs(selected)

    def _toggle_visibility(self, identifier: str) -> None:
        display = self.segmentationNode().GetDisplayNode()
        display.SetSegmentVisibility(identifier, not display.GetSegmentVisibility(identifier))

    def _cell_clicked(self, index: QtCore.QModelIndex) -> None:
        if index.column() == columns.VISIBILITY:
            self._toggle_visibility(index.data(SEGMENT_ID_ROLE))

    def _cell_double_clicked(self, index: QtCore.QModelIndex) -> None:
        if index.column() != columns.COLOR or self.readOnly:
            return
        segment = self.segmentationNode().GetSegmentation().GetSegment(index.data(SEGMENT_ID_ROLE))
        color = QtWidgets.QColorDialog.getColor(QtGui.QColor.fromRgbF(*segment.GetColor()), self)
        if color.isValid():
            segment.SetColor(color.redF(), color.greenF(), color.blueF())

    def _selection_changed(self, selected: QtCore.QItemSelection, deselected: QtCore.QItemSelection) -> None:
        if self.mrmlScene() is not None and self.mrmlScene().IsBatchProcessing():
            return
        if self.jumpToSelectedSegmentEnabled:
            self.jumpSlices()
        self.selectionChanged.emit(selected, deselected)
