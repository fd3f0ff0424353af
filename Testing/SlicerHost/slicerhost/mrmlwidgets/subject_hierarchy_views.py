"""The tree and the combo box of subject hierarchy items."""
from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtWidgets

from slicerhost.mrmlwidgets.subject_hierarchy_model import ITEM_ROLE, attribute_value, qMRMLSubjectHierarchyModel
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register


def _filter_property(name: str) -> QtCore.Property:
    def write(self: Any, value: Any) -> None:
        setattr(self._items, name, list(value) if isinstance(getattr(self._items, name), list) else value)
        self._rebuild()

    def read(self: Any) -> Any:
        value = getattr(self._items, name)
        return tuple(value) if isinstance(value, list) else value  # PythonQtConv::QStringListToPyObject

    return QtCore.Property("QStringList" if name != "_name_filter" else str, read, write)


@register
class qMRMLSortFilterSubjectHierarchyProxyModel(QtCore.QIdentityProxyModel):
    """The filters of a hierarchy view, which are those of the view itself: its model holds only what they accept."""

    def __init__(self, view: Any) -> None:
        super().__init__(view)
        self._items, self._rebuild = view._items, view._rebuild
        self.setSourceModel(view._items)

    nodeTypes = _filter_property("_node_types")
    hideChildNodeTypes = _filter_property("_hidden_child_types")
    nameFilter = _filter_property("_name_filter")
    levelFilter = _filter_property("_level_filter")

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return self._items._scene

    def subjectHierarchyNode(self) -> Any:
        """Return the vtkMRMLSubjectHierarchyNode."""
        return self._items._hierarchy_node()

    def acceptedItemCount(self, root_item: int) -> int:
        """Return how many items below an item are shown."""
        hierarchy, below = self._items._hierarchy_node(), vtk.vtkIdList()
        hierarchy.GetItemChildren(root_item, below, True)
        items = {below.GetId(index) for index in range(below.GetNumberOfIds())}
        return sum(item in items for item in self._items._shown_items())

    def indexFromSubjectHierarchyItem(self, item: int, column: int = 0) -> QtCore.QModelIndex:
        """Return the index of an item; invalid when it is filtered out."""
        return self.mapFromSource(self._items._index_of(item))

    def subjectHierarchyItemFromIndex(self, index: QtCore.QModelIndex) -> int:
        """Return the item at an index, 0 for none."""
        return index.data(ITEM_ROLE) or 0


class _HierarchyView:
    """Mixin: what the tree and the combo box have in common."""

    def _initialise_items(self) -> None:
        self._items = qMRMLSubjectHierarchyModel(self)
        self._filters = qMRMLSortFilterSubjectHierarchyProxyModel(self)
        self._selected_item = 0
        self.setModel(self._items)
        self._items.modelReset.connect(self._restore_selection)

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return self._items._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Show the hierarchy of a scene."""
        self._items._set_scene(scene)

    def subjectHierarchyNode(self) -> Any:
        """Return the vtkMRMLSubjectHierarchyNode."""
        return self._items._hierarchy_node()

    def rootItem(self) -> int:
        """Return the item below which items are shown."""
        return self._items._root_item()

    def setRootItem(self, item: int) -> None:
        """Show only what is below an item."""
        self._items._set_root(item)

    def currentNode(self) -> Any:
        """Return the data node of the selected item, or None."""
        hierarchy = self._items._hierarchy_node()
        return hierarchy.GetItemDataNode(self.currentItem()) if hierarchy is not None and self.currentItem() else None

    def setCurrentNode(self, node: Any) -> None:
        """Select the item of a node."""
        self.setCurrentItem(self._items._hierarchy_node().GetItemByDataNode(node) if node is not None else 0)

    def model(self) -> Any:
        """Return the model."""
        return self._items

    def sortFilterProxyModel(self) -> qMRMLSortFilterSubjectHierarchyProxyModel:
        """Return the filters."""
        return self._filters

    def setAttributeFilter(self, name: str, value: Any = None) -> None:
        """Show only items whose node has an attribute (and value)."""
        self._items._node_attributes = [(name, attribute_value(value), True, "")]
        self._rebuild()

    def removeAttributeFilter(self) -> None:
        """Undo `setAttributeFilter`."""
        self._items._node_attributes = []
        self._rebuild()

    def addItemAttributeFilter(self, name: str, value: Any = "", include: bool = True) -> None:
        """Show only items with (or without) an attribute."""
        self._items._item_attributes.append((name, attribute_value(value), bool(include)))
        self._rebuild()

    def addNodeAttributeFilter(self, name: str, value: Any = "", include: bool = True, class_name: str = "") -> None:
        """Show only items whose node has (or lacks) an attribute."""
        self._items._node_attributes.append((name, attribute_value(value), bool(include), class_name))
        self._rebuild()

    def _rebuild(self) -> None:
        self._items._rebuild()
        self._restore_selection()


@register
class qMRMLSubjectHierarchyTreeView(QtWidgets.QTreeView, _HierarchyView):
    """Shows the subject hierarchy."""

    currentItemChanged = Signal(object)
    currentNodeChanged = Signal(object)
    currentItemsChanged = Signal(object)
    currentItemModified = Signal(object)
    nodeAddedByUser = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._initialise_items()
        self.setHeaderHidden(True)
        self.selectionModel().selectionChanged.connect(self._selection_changed)

    nodeTypes = _filter_property("_node_types")
    hideChildNodeTypes = _filter_property("_hidden_child_types")
    nameFilter = _filter_property("_name_filter")
    levelFilter = _filter_property("_level_filter")
    multiSelection = qt_property(
        bool, "_multi_selection", False, changed=lambda self, several: self.setSelectionMode(
            QtWidgets.QAbstractItemView.SelectionMode.ExtendedSelection if several
            else QtWidgets.QAbstractItemView.SelectionMode.SingleSelection))
    contextMenuEnabled = qt_property(bool, "_context_menu", True)
    editMenuActionVisible = qt_property(bool, "_edit_action", True)
    selectRoleSubMenuVisible = qt_property(bool, "_role_menu", True)
    addNodeMenuActionVisible = qt_property(bool, "_add_action", True)
    showRootItem = qt_property(bool, "_show_root", False)
    highlightReferencedItems = qt_property(bool, "_highlight", True)
    visibilityColumnVisible = qt_property(bool, "_visibility_column", True)
    idColumnVisible = qt_property(bool, "_id_column", False)
    colorColumnVisible = qt_property(bool, "_color_column", True)
    transformColumnVisible = qt_property(bool, "_transform_column", True)
    descriptionColumnVisible = qt_property(bool, "_description_column", False)
    pluginAllowList = qt_property("QStringList", "_allow_list", [])
    pluginBlockList = qt_property("QStringList", "_block_list", [])
    noneEnabled = qt_property(bool, "_none_enabled", False)

    def currentItem(self) -> int:
        """Return the selected item, 0 for none."""
        return self._selected_item

    def setCurrentItem(self, item: int) -> None:
        """Select an item."""
        index = self._items._index_of(item)
        flags = QtCore.QItemSelectionModel.SelectionFlag
        if index.isValid():
            self.selectionModel().select(index, flags.ClearAndSelect | flags.Rows)
        else:
            self.selectionModel().clearSelection()

    def clearSelection(self) -> None:
        """Select nothing."""
        self.selectionModel().clearSelection()

    def currentItems(self, items: vtk.vtkIdList) -> None:
        """Put the selected items into the list."""
        items.Reset()
        for index in self.selectionModel().selectedRows():
            items.InsertNextId(index.data(ITEM_ROLE))

    def setCurrentItems(self, items: vtk.vtkIdList) -> None:
        """Select several items."""
        flags = QtCore.QItemSelectionModel.SelectionFlag
        self.selectionModel().clearSelection()
        for position in range(items.GetNumberOfIds()):
            self.selectionModel().select(self._items._index_of(items.GetId(position)), flags.Select | flags.Rows)

    def displayedItemCount(self) -> int:
        """Return the number of shown items."""
        return len(self._items._shown_items())

    def expandItem(self, item: int) -> None:
        """Show the children of an item."""
        self.expand(self._items._index_of(item))

    def deleteSelectedItems(self) -> None:
        """Delete the selected items and their nodes."""
        for item in [index.data(ITEM_ROLE) for index in self.selectionModel().selectedRows()]:
            self._items._hierarchy_node().RemoveItem(item, True, True)

    def _selection_changed(self, *_selection: Any) -> None:
        rows = self.selectionModel().selectedRows()
        self._selected_item = rows[0].data(ITEM_ROLE) if rows else 0
        self.currentItemChanged.emit(self._selected_item)
        self.currentNodeChanged.emit(self.currentNode())
        self.currentItemsChanged.emit([index.data(ITEM_ROLE) for index in rows])

    def _restore_selection(self) -> None:
        self.expandAll()
        if self._selected_item:
            self.setCurrentItem(self._selected_item)


@register
class qMRMLSubjectHierarchyComboBox(QtWidgets.QComboBox, _HierarchyView):
    """Chooses an item of the subject hierarchy."""

    currentItemChanged = Signal(object)
    currentItemModified = Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        tree = QtWidgets.QTreeView(self)
        tree.setHeaderHidden(True)
        self.setView(tree)
        self._initialise_items()
        self.currentIndexChanged.connect(self._index_changed)

    nodeTypes = _filter_property("_node_types")
    hideChildNodeTypes = _filter_property("_hidden_child_types")
    levelFilter = _filter_property("_level_filter")
    noneEnabled = qt_property(bool, "_none_enabled", False, changed=lambda self, on: self._none_changed())
    noneDisplay = qt_property(str, "_none_display", "None", changed=lambda self, text: self._none_changed())
    showRootItem = qt_property(bool, "_show_root", False)
    maximumNumberOfShownItems = qt_property(int, "_maximum_shown", 20)
    showCurrentItemParents = qt_property(bool, "_show_parents", True)
    highlightReferencedItems = qt_property(bool, "_highlight", True)

    def currentItem(self) -> int:
        """Return the selected item, 0 for none."""
        return self._selected_item

    def setCurrentItem(self, item: int) -> None:
        """Select an item."""
        index = self._items._index_of(item)
        blocked = self.blockSignals(True)
        self.setRootModelIndex(index.parent())
        self.setCurrentIndex(index.row() if index.isValid() else -1)
        self.setRootModelIndex(QtCore.QModelIndex())
        self.blockSignals(blocked)
        self._select(item if index.isValid() else 0)

    def clearSelection(self) -> None:
        """Select nothing."""
        self.setCurrentItem(0)

    def setNodeTypes(self, types: list[str]) -> None:
        """Offer only items of these node classes."""
        self.nodeTypes = types

    def _none_changed(self) -> None:
        self._items._none_text = self.noneDisplay if self.noneEnabled else None
        self._rebuild()

    def _index_changed(self, *_row: Any) -> None:
        self._select(self.view().currentIndex().data(ITEM_ROLE) or 0)

    def _select(self, item: int) -> None:
        if item != self._selected_item:
            self._selected_item = item
            self.currentItemChanged.emit(item)

    def _restore_selection(self) -> None:
        if self._selected_item and not self._items._index_of(self._selected_item).isValid():
            self._select(0)
