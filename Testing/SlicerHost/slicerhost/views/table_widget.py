"""The table view of the layout."""
from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from slicerhost.mrmlwidgets.node_combo_box import qMRMLNodeComboBox
from slicerhost.mrmlwidgets.table_model import qMRMLTableView
from slicerhost.registry import register
from slicerhost.views.controller_bar import qMRMLViewControllerBar
from slicerhost.views.view_widget import qMRMLAbstractViewWidget


@register
class qMRMLTableViewControllerWidget(qMRMLViewControllerBar):
    """Chooses the table that the view shows."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._selector = qMRMLNodeComboBox(self._bar)
        self._selector.nodeTypes = ["vtkMRMLTableNode"]
        self._selector.noneEnabled = True
        self._selector.setObjectName("tableComboBox")
        self._selector.currentNodeChanged.connect(self._table_chosen)
        self._bar_layout.addWidget(self._selector, 1)
        self._table_view: Any = None

    def setMRMLScene(self, scene: Any) -> None:
        super().setMRMLScene(scene)
        self._selector.setMRMLScene(scene)

    def setTableView(self, view: Any) -> None:
        """Control that table view."""
        self._table_view = view

    def _update_from_view_node(self) -> None:
        super()._update_from_view_node()
        if self._view_node is not None:
            blocked = self._selector.blockSignals(True)
            self._selector.setCurrentNode(self._view_node.GetTableNode())
            self._selector.blockSignals(blocked)

    def _table_chosen(self, node: Any) -> None:
        if self._view_node is not None:
            self._view_node.SetTableNodeID(node.GetID() if node is not None else None)


@register
class qMRMLTableWidget(qMRMLAbstractViewWidget):
    """A table view with its controller bar."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._assemble(qMRMLTableViewControllerWidget(self), qMRMLTableView(self))
        self._controller.setTableView(self._view_area)

    def setMRMLScene(self, scene: Any) -> None:
        self._view_area.setMRMLScene(scene)
        self._controller.setMRMLScene(scene)
        super().setMRMLScene(scene)

    def setMRMLTableViewNode(self, node: Any) -> None:
        """Show the table of a table view node."""
        self._view_area.setMRMLTableViewNode(node)
        self._controller._set_view_node(node)

    def setMRMLAbstractViewNode(self, node: Any) -> None:
        """Show the table of a table view node."""
        self.setMRMLTableViewNode(node)

    def mrmlTableViewNode(self) -> Any:
        """Return the table view node."""
        return self._view_area.mrmlTableViewNode()

    def mrmlAbstractViewNode(self) -> Any:
        return self.mrmlTableViewNode()

    def tableView(self) -> Any:
        """Return the table."""
        return self._view_area

    def tableController(self) -> Any:
        """Return the controller bar."""
        return self._controller
