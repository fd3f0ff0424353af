"""A node selector with a check box per node."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.pythonqt.declare import Signal
from slicerhost.registry import register


@register
class qMRMLCheckableNodeComboBox(qMRMLNodeComboBox):
    """Lets the user check several nodes."""

    checkedNodesChanged = Signal()

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self.addEnabled = False
        self.removeEnabled = False
        self._rows.dataChanged.connect(self._data_changed)

    def _insert(self, node: Any) -> None:
        super()._insert(node)
        item = self._item_of(node)
        item.setCheckable(True)
        item.setCheckState(QtCore.Qt.CheckState.Unchecked)

    def _item_of(self, node: Any) -> QtGui.QStandardItem:
        return next(self._rows.item(row) for row in self._node_rows() if self._id_of_row(row) == node.GetID())

    def _nodes_by_check_state(self, checked: bool) -> list[Any]:
        state = QtCore.Qt.CheckState.Checked
        return [self._node_of_row(row) for row in self._node_rows()
                if (self._rows.item(row).checkState() == state) == checked]

    def checkedNodes(self) -> list[Any]:
        """Return the checked nodes."""
        return self._nodes_by_check_state(True)

    def uncheckedNodes(self) -> list[Any]:
        """Return the other nodes."""
        return self._nodes_by_check_state(False)

    def allChecked(self) -> bool:
        """Return whether all nodes are checked."""
        return not self._nodes_by_check_state(False)

    def noneChecked(self) -> bool:
        """Return whether no node is checked."""
        return not self._nodes_by_check_state(True)

    def checkState(self, node: Any) -> QtCore.Qt.CheckState:
        """Return whether a node is checked."""
        return self._item_of(node).checkState()

    def setCheckState(self, node: Any, state: int) -> None:
        """Check a node or not."""
        self._item_of(node).setCheckState(QtCore.Qt.CheckState(int(state)))

    def setUserCheckable(self, node: Any, checkable: bool) -> None:
        """Let the user change the check box of a node or not."""
        self._item_of(node).setCheckable(bool(checkable))

    def _data_changed(self, _first: Any, _last: Any, roles: Any = ()) -> None:
        if not roles or QtCore.Qt.ItemDataRole.CheckStateRole in roles:
            self.checkedNodesChanged.emit()
