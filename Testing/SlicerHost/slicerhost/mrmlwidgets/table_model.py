"""A table node as a Qt item model: what qMRMLTableView shows and edits."""
from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

_CHARACTERS = (vtk.VTK_CHAR, vtk.VTK_UNSIGNED_CHAR, vtk.VTK_SIGNED_CHAR)


@register
class qMRMLTableModel(QtGui.QStandardItemModel, VtkObservation):
    """Cells of a vtkMRMLTableNode; editing a cell changes the node."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._updating = False
        self.itemChanged.connect(self._item_changed)

    def setMRMLTableNode(self, node: Any) -> None:
        """Show a table node, or nothing."""
        if node is self._node:
            return
        self._stop_observing()
        self._node = node
        if node is not None:
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._node_modified)
        self.updateModelFromMRML()

    def mrmlTableNode(self) -> Any:
        """Return the table node, or None."""
        return self._node

    def updateModelFromMRML(self) -> None:
        """Read the whole table."""
        self._updating = True
        try:
            table = self._node.GetTable() if self._node is not None else None
            if table is None or table.GetNumberOfColumns() == 0:
                self.clear()
            else:
                self._fill(table)
        finally:
            self._updating = False

    def mrmlTableRowIndex(self, index: QtCore.QModelIndex) -> int:
        """Return the row of the node's table; -1 is the row of column names."""
        return index.row() + self._first_row()

    def mrmlTableColumnIndex(self, index: QtCore.QModelIndex) -> int:
        """Return the column of the node's table."""
        return index.column() + self._first_column()

    def _first_row(self) -> int:
        return 0 if self._node.GetUseColumnTitleAsColumnHeader() else -1

    def _first_column(self) -> int:
        return 1 if self._node.GetUseFirstColumnAsRowHeader() else 0

    def _fill(self, table: Any) -> None:
        first_row, first_column = self._first_row(), self._first_column()
        self.setRowCount(table.GetNumberOfRows() - first_row)
        self.setColumnCount(table.GetNumberOfColumns() - first_column)
        for column in range(first_column, table.GetNumberOfColumns()):
            self.setHorizontalHeaderItem(column - first_column, QtGui.QStandardItem(self._column_header(table, column)))
            for row in range(first_row, table.GetNumberOfRows()):
                self.setItem(row - first_row, column - first_column, self._cell(table, row, column))
        for row in range(first_row, table.GetNumberOfRows()):
            self.setVerticalHeaderItem(row - first_row, QtGui.QStandardItem(self._row_header(table, row)))

    def _column_header(self, table: Any, column: int) -> str:
        if not self._node.GetUseColumnTitleAsColumnHeader():
            return _spreadsheet_name(column - self._first_column())
        name = table.GetColumnName(column) or ""
        title = self._node.GetColumnTitle(name) or name
        unit = self._node.GetColumnUnitLabel(name)
        return f"{title} [{unit}]" if unit else title

    def _row_header(self, table: Any, row: int) -> str:
        if not self._first_column():
            return str(row - self._first_row() + 1)
        return table.GetValue(row, 0).ToString() if row >= 0 else table.GetColumnName(0)

    def _cell(self, table: Any, row: int, column: int) -> QtGui.QStandardItem:
        item = QtGui.QStandardItem()
        array = table.GetColumn(column)
        if row < 0:
            item.setText(table.GetColumnName(column) or "")
            font = item.font()
            font.setBold(True)
            item.setFont(font)
        elif array.IsA("vtkBitArray"):
            item.setCheckable(not self._node.GetLocked())
            item.setCheckState(_check_state(table.GetValue(row, column).ToInt()))
        elif array.GetDataType() in _CHARACTERS:
            item.setText(str(table.GetValue(row, column).ToInt()))
        else:
            item.setText(table.GetValue(row, column).ToString())
        item.setEditable(not self._node.GetLocked() and not (row >= 0 and array.IsA("vtkBitArray")))
        return item

    def _item_changed(self, item: QtGui.QStandardItem) -> None:
        if self._updating or self._node is None:
            return
        row = self.mrmlTableRowIndex(item.index())
        column = self.mrmlTableColumnIndex(item.index())
        table = self._node.GetTable()
        if row < 0:
            table.GetColumn(column).SetName(item.text())
        elif table.GetColumn(column).IsA("vtkBitArray"):
            table.SetValue(row, column, vtk.vtkVariant(int(item.checkState() == QtCore.Qt.CheckState.Checked)))
        else:
            table.SetValue(row, column, vtk.vtkVariant(item.text()))
        table.GetColumn(column).Modified()
        table.Modified()
        self.updateModelFromMRML()

    def _node_modified(self, *_event: Any) -> None:
        self.updateModelFromMRML()


@register
class qMRMLTableView(QtWidgets.QTableView, VtkObservation):
    """Shows a table node: the one of a table view node or one set directly."""

    mrmlSceneChanged = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._view_node: Any = None
        self._table_model = qMRMLTableModel(self)
        self._sort_model = QtCore.QSortFilterProxyModel(self)
        self._sort_model.setSourceModel(self._table_model)
        self.setModel(self._sort_model)
        self.horizontalHeader().setStretchLastSection(False)

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Set the scene."""
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)

    def mrmlTableViewNode(self) -> Any:
        """Return the table view node, or None."""
        return self._view_node

    def setMRMLTableViewNode(self, node: Any) -> None:
        """Follow the table that a table view node shows."""
        if node is self._view_node:
            return
        self._stop_observing()
        self._view_node = node
        if node is not None:
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._view_node_modified)
        self._view_node_modified()

    def mrmlTableNode(self) -> Any:
        """Return the table node, or None."""
        return self._table_model.mrmlTableNode()

    def setMRMLTableNode(self, node: Any) -> None:
        """Show a table node."""
        self._table_model.setMRMLTableNode(node)
        self.resizeColumnsToContents()

    def tableModel(self) -> qMRMLTableModel:
        """Return the model of the table node."""
        return self._table_model

    def sortFilterProxyModel(self) -> QtCore.QSortFilterProxyModel:
        """Return the sorting model in front of it."""
        return self._sort_model

    def insertRow(self) -> None:
        """Append an empty row to the table."""
        self.mrmlTableNode().AddEmptyRow()

    def insertColumn(self) -> None:
        """Append a text column to the table."""
        self.mrmlTableNode().AddColumn()

    def deleteRow(self) -> None:
        """Delete the selected rows of the table."""
        rows = {self._table_model.mrmlTableRowIndex(index) for index in self._selected_indexes()}
        for row in sorted(rows, reverse=True):
            self.mrmlTableNode().RemoveRow(row)

    def deleteColumn(self) -> None:
        """Delete the selected columns of the table."""
        columns = {self._table_model.mrmlTableColumnIndex(index) for index in self._selected_indexes()}
        for column in sorted(columns, reverse=True):
            self.mrmlTableNode().RemoveColumn(column)

    def _selected_indexes(self) -> list[QtCore.QModelIndex]:
        return [self._sort_model.mapToSource(index) for index in self.selectionModel().selectedIndexes()]

    def _view_node_modified(self, *_event: Any) -> None:
        self.setMRMLTableNode(self._view_node.GetTableNode() if self._view_node is not None else None)


def _spreadsheet_name(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(ord("A") + remainder) + letters
    return letters


def _check_state(value: int) -> QtCore.Qt.CheckState:
    return QtCore.Qt.CheckState.Checked if value else QtCore.Qt.CheckState.Unchecked
