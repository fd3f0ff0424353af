"""The subject hierarchy as a Qt item model, with the filters of its views."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui

from slicerhost.mrmlwidgets.node_filter import variant_text
from slicerhost.pythonqt.declare import qt_property
from slicerhost.pythonqt.qt_types import is_alive
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

ITEM_ROLE = QtCore.Qt.ItemDataRole.UserRole + 1
_HIERARCHY_EVENTS = ("SubjectHierarchyItemAddedEvent", "SubjectHierarchyItemRemovedEvent",
                     "SubjectHierarchyItemModifiedEvent", "SubjectHierarchyItemReparentedEvent")


@register
class qMRMLSubjectHierarchyModel(QtGui.QStandardItemModel, VtkObservation):
    """One row per item below a root item."""

    # Only names are shown; code that hides the other columns finds them where they are in Slicer.
    nameColumn = qt_property(int, "_name_column", 0)
    descriptionColumn = qt_property(int, "_description_column", 1)
    visibilityColumn = qt_property(int, "_visibility_column", 2)
    colorColumn = qt_property(int, "_color_column", 3)
    transformColumn = qt_property(int, "_transform_column", 4)
    idColumn = qt_property(int, "_id_column", 5)

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._is_outdated = False
        self._hierarchy: Any = None
        self._root = 0
        self._node_types: list[str] = []
        self._hidden_child_types: list[str] = []
        self._name_filter = ""
        self._level_filter: list[str] = []
        self._item_attributes: list[tuple[str, str, bool]] = []
        self._node_attributes: list[tuple[str, str, bool, str]] = []
        self._none_text: str | None = None

    def _set_scene(self, scene: Any) -> None:
        """Show the hierarchy of a scene."""
        self._stop_observing()
        self._scene, self._hierarchy = scene, None
        if scene is not None:
            self._observe(scene, scene.EndBatchProcessEvent, self._modified)
            self._observe(scene, scene.StartCloseEvent, self._forget_hierarchy)
            self._observe(scene, scene.EndCloseEvent, self._modified)
        self._rebuild()

    def _follow_hierarchy(self) -> None:
        """Follow the scene's hierarchy node, which is another one after the scene was closed."""
        # Not by class: after a close the scene's hierarchy node may not be among its nodes.
        node = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene) if self._scene else None
        if node is self._hierarchy:
            return
        if self._hierarchy is not None:
            self._stop_observing(self._hierarchy)
        self._hierarchy = node
        for name in _HIERARCHY_EVENTS if node is not None else ():
            self._observe(node, getattr(slicer.vtkMRMLSubjectHierarchyNode, name), self._modified)

    def _forget_hierarchy(self, *_event: Any) -> None:
        """Let go of the hierarchy node: kept alive, its items would be mistaken for those of nodes added later."""
        if self._hierarchy is not None:
            self._stop_observing(self._hierarchy)
        self._hierarchy = None

    def _let_go(self) -> None:
        super()._let_go()
        self.__dict__["_hierarchy"] = None

    def _hierarchy_node(self) -> Any:
        """Return the vtkMRMLSubjectHierarchyNode, or None."""
        return self._hierarchy

    def _root_item(self) -> int:
        """Return the item below which items are shown."""
        return self._root or (self._hierarchy.GetSceneItemID() if self._hierarchy is not None else 0)

    def _set_root(self, item: int) -> None:
        """Show only what is below an item."""
        self._root = item
        self._rebuild()

    def _rebuild(self) -> None:
        """Read the whole hierarchy."""
        self._is_outdated = False
        self._follow_hierarchy()
        self.clear()
        if self._none_text is not None:
            self.appendRow(_row(self._none_text, 0))
        if self._hierarchy is not None:
            self._append_children(self.invisibleRootItem(), self._root_item())

    def _index_of(self, item: int) -> QtCore.QModelIndex:
        """Return the index of a hierarchy item; invalid when it is not shown."""
        self._rebuild_if_outdated()
        index = self._shown_index(item)
        if item and not index.isValid():  # a hierarchy node made after the scene was closed is not followed yet
            self._rebuild()
            index = self._shown_index(item)
        return index

    def _shown_index(self, item: int) -> QtCore.QModelIndex:
        found = (row.index() for row in _all_items(self.invisibleRootItem()) if row.data(ITEM_ROLE) == item)
        return next(found, QtCore.QModelIndex())

    def _shown_items(self) -> list[int]:
        """Return the shown hierarchy items, top down."""
        self._rebuild_if_outdated()
        return [row.data(ITEM_ROLE) for row in _all_items(self.invisibleRootItem()) if row.data(ITEM_ROLE)]

    def _append_children(self, parent: QtGui.QStandardItem, parent_item: int) -> None:
        children = vtk.vtkIdList()
        self._hierarchy.GetItemChildren(parent_item, children, False)
        for index in range(children.GetNumberOfIds()):
            item = children.GetId(index)
            row = _row(self._hierarchy.GetItemName(item), item)
            self._append_children(row, item)
            if row.hasChildren() or self._accepts(item):
                parent.appendRow(row)

    def _accepts(self, item: int) -> bool:
        node = self._hierarchy.GetItemDataNode(item)
        if node is not None and node.GetHideFromEditors():
            return False
        if self._node_types and (node is None or not any(node.IsA(each) for each in self._node_types)):
            return False
        if node is not None and any(node.IsA(each) for each in self._hidden_child_types):
            return False
        if self._level_filter and self._hierarchy.GetItemLevel(item) not in self._level_filter:
            return False
        if self._name_filter.lower() not in self._hierarchy.GetItemName(item).lower():
            return False
        return self._accepts_attributes(item, node)

    def _accepts_attributes(self, item: int, node: Any) -> bool:
        for name, value, include in self._item_attributes:
            if _matches(self._hierarchy.GetItemAttribute(item, name) or None, value) != include:
                return False
        for name, value, include, class_name in self._node_attributes:
            concerned = node is not None and (not class_name or node.IsA(class_name))
            if (concerned and _matches(node.GetAttribute(name), value)) != include:
                return False
        return True

    def _modified(self, *_event: Any) -> None:
        # Not at once: the hierarchy is inconsistent while it tells of a new item.
        if not self._is_outdated:
            self._is_outdated = True
            QtCore.QTimer.singleShot(0, self._rebuild_if_outdated)

    def _rebuild_if_outdated(self) -> None:
        if (self._is_outdated and is_alive(self) and self._scene is not None
                and not self._scene.IsBatchProcessing() and not self._scene.IsClosing()):
            self._rebuild()


def attribute_value(value: Any) -> str:
    """Return an attribute filter's value as text; an empty one accepts every value."""
    return "" if value is None else variant_text(value)


def _matches(present: str | None, wanted: str) -> bool:
    return present is not None and (not wanted or present == wanted)


def _row(text: str, item: int) -> QtGui.QStandardItem:
    row = QtGui.QStandardItem(text)
    row.setData(item, ITEM_ROLE)
    row.setEditable(False)
    return row


def _all_items(parent: QtGui.QStandardItem) -> Iterator[QtGui.QStandardItem]:
    for index in range(parent.rowCount()):
        child = parent.child(index)
        yield child
        yield from _all_items(child)
