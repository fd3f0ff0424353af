"""The node selector (qMRMLNodeComboBox).

The selection rules are those of the QComboBox inside, as in Slicer: rows are inserted and removed one by one while
nodes come and go, and the combo box decides what is current. Hence a node that is added later is selected only when
the list was completely empty before, that is without a "None" row and without action rows.
"""
from __future__ import annotations

from typing import Any

import vtk
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.ctk.choices import ctkComboBox
from slicerhost.mrmlwidgets.node_filter import qMRMLSortFilterProxyModel, variant_text
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation

_NODE_ROLE = QtCore.Qt.ItemDataRole.UserRole + 1  # node ID
_ACTION_ROLE = QtCore.Qt.ItemDataRole.UserRole + 4  # "CREATE/Volume", "DELETE/Volume"...
_SEPARATOR = "SEPARATOR"


def _filtered(name: str, value_type: type | str) -> QtCore.Property:
    """Return a property that is one of the selector's filter."""
    return QtCore.Property(value_type, lambda self: getattr(self._filter, name),
                           lambda self, value: setattr(self._filter, name, value))


def _update_actions(selector: qMRMLNodeComboBox, _value: Any = None) -> None:
    selector._update_action_rows()


@register
class qMRMLNodeComboBox(QtWidgets.QWidget, VtkObservation):
    """Offers the nodes of some classes, and lets the user create, rename, edit and delete them."""

    currentNodeChanged = Signal((object,), (bool,))
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAddedByUserAction = Signal(object)
    nodeAboutToBeRemoved = Signal(object)
    nodeAboutToBeEdited = Signal(object)
    currentNodeRenamed = Signal(str)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._requested_id = ""
        self._switching_scene = False
        self._base_names: dict[str, str] = {}
        self._new_node_attributes: dict[str, str] = {}
        self._type_labels: dict[str, str] = {}
        self._menu_actions: list[QtGui.QAction] = []
        self._filter = qMRMLSortFilterProxyModel(self)
        self._filter._filter_changed.connect(self._refilter)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Fixed)
        self._combo = self._create_combo_box()
        self._rows = QtGui.QStandardItemModel(self)
        self._combo.setModel(self._rows)
        self._combo.currentIndexChanged.connect(self._current_row_changed)
        self._combo.activated.connect(self._row_activated)
        self._combo.view().clicked.connect(self._row_clicked)
        layout.addWidget(self._combo)
        self.setFocusProxy(self._combo)
        self.setEnabled(False)

    def _create_combo_box(self) -> QtWidgets.QComboBox:
        return ctkComboBox(self)

    # Properties

    nodeTypes = QtCore.Property("QStringList", lambda self: self._filter.nodeTypes,
                                lambda self, types: self._set_node_types(types))
    showHidden = _filtered("showHidden", bool)
    showChildNodeTypes = _filtered("showChildNodeTypes", bool)
    hideChildNodeTypes = _filtered("hideChildNodeTypes", "QStringList")
    noneEnabled = qt_property(bool, "_none_enabled", False, changed=lambda self, on: self._update_none_row())
    noneDisplay = qt_property(str, "_none_display", "None", changed=lambda self, text: self._update_none_row())
    addEnabled = qt_property(bool, "_add_enabled", True, changed=_update_actions)
    removeEnabled = qt_property(bool, "_remove_enabled", True, changed=_update_actions)
    editEnabled = qt_property(bool, "_edit_enabled", False, changed=_update_actions)
    renameEnabled = qt_property(bool, "_rename_enabled", False, changed=_update_actions)
    selectNodeUponCreation = qt_property(bool, "_select_upon_creation", True)
    interactionNodeSingletonTag = qt_property(str, "_interaction_tag", "")
    currentNodeID = QtCore.Property(str, lambda self: self._current_id(),
                                    lambda self, identifier: self._select_id(identifier))
    currentNodeId = QtCore.Property(str, lambda self: self._current_id(),
                                    lambda self, identifier: self._select_id(identifier))
    sizeAdjustPolicy = QtCore.Property(int, lambda self: int(self._combo.sizeAdjustPolicy),
                                       lambda self, policy: self._combo.setSizeAdjustPolicy(
                                           QtWidgets.QComboBox.SizeAdjustPolicy(int(policy))))

    def _get_base_name(self) -> str:
        return self._base_names.get(self.nodeTypes[0], "") if self.nodeTypes else ""

    def _set_base_name(self, name: str) -> None:
        for node_type in self.nodeTypes:  # only the types set so far, as in Slicer
            self._base_names[node_type] = name

    baseName = QtCore.Property(str, _get_base_name, _set_base_name)

    def _set_node_types(self, types: list[str]) -> None:
        self._filter.nodeTypes = [each for each in types if each]
        self._update_action_rows()

    # Scene

    def mrmlScene(self) -> Any:
        """Return the scene, or None."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Offer the nodes of a scene; select what was asked for before, else the first row.

        What is current is announced once, also if it is nothing: the scene's own row was current before.
        """
        if scene is self._scene:
            return
        previous_id, had_nodes = self._current_id(), self.nodeCount() > 0
        self._stop_observing()
        self._scene = scene
        self._switching_scene = True
        blocked = self._combo.blockSignals(True)
        self._rows.clear()
        self._update_none_row()
        self._fill()
        self._update_action_rows()
        self._combo.setCurrentIndex(-1)
        self._combo.blockSignals(blocked)
        self._switching_scene = False
        if scene is not None:
            self._observe(scene, scene.NodeAddedEvent, self._node_added, call_data_type=vtk.VTK_OBJECT)
            self._observe(scene, scene.NodeAboutToBeRemovedEvent, self._node_about_to_be_removed,
                          call_data_type=vtk.VTK_OBJECT)
            self._observe(scene, scene.EndCloseEvent, self._scene_closed)
        first = self.nodeFromIndex(0)
        first_id = first.GetID() if first is not None and not self.noneEnabled else ""
        self._show_id(previous_id if had_nodes else self._requested_id or first_id)
        if scene is not None and self._combo.currentIndex < 0:
            self._current_row_changed()
        self._requested_id = ""
        self.setEnabled(scene is not None)

    # Selection

    def currentNode(self) -> Any:
        """Return the selected node, or None."""
        return self._node_of_row(self._combo.currentIndex)

    def setCurrentNode(self, node: Any) -> None:
        """Select a node (or the node of an ID), or none; before the scene is set, remember it."""
        self._select_id(node if isinstance(node, str) else (node.GetID() or "") if node is not None else "")

    def setCurrentNodeIndex(self, index: int) -> None:
        """Select the node at an index of the offered nodes."""
        index = -1 if index >= self.nodeCount() else index
        self._combo.setCurrentIndex(index + self._offset())

    def nodeCount(self) -> int:
        """Return how many nodes are offered."""
        return len(self._node_rows())

    def nodeFromIndex(self, index: int) -> Any:
        """Return an offered node, or None."""
        return self._node_of_row(index + self._offset())

    def _select_id(self, identifier: str) -> None:
        if self._scene is None:
            self._requested_id = identifier
        self._show_id(identifier or "")

    def _show_id(self, identifier: str) -> None:
        row = next((row for row in self._node_rows() if self._id_of_row(row) == identifier), None)
        if row is None:
            self._combo.setCurrentIndex(0 if self.noneEnabled else -1)
        elif row != self._combo.currentIndex:
            self._combo.setCurrentIndex(row)
            self._combo.activated.emit(row)  # Slicer selects by sending the popup an Enter key

    def _current_id(self) -> str:
        return self._id_of_row(self._combo.currentIndex)

    def _current_row_changed(self, *_row: Any) -> None:
        if self._switching_scene:
            return
        row = self._combo.currentIndex
        node = self._node_of_row(row)
        if node is None and row != (0 if self.noneEnabled else -1):  # an action row became current
            if self.nodeCount():
                self.setCurrentNode(self.nodeFromIndex(self.nodeCount() - 1))
            return
        self.currentNodeChanged[object].emit(node)
        self.currentNodeChanged[bool].emit(node is not None)
        self.currentNodeIDChanged.emit(node.GetID() if node is not None else "")

    def _row_activated(self, row: int) -> None:
        node = self._node_of_row(row)
        if node is not None or (self.noneEnabled and row == 0):
            self.nodeActivated.emit(node)

    # Creating and deleting

    def addNode(self, node_type: str | None = None) -> Any:
        """Create a node of one of the selector's types (the first by default) and return it, or None."""
        if node_type is None:
            if not self.nodeTypes:
                return None
            node_type = self.nodeTypes[0]
        if node_type not in self.nodeTypes or self._scene is None:
            QtCore.qWarning(f"qMRMLNodeComboBox::addNode() attempted with node type {node_type}")
            return None
        node = self._create_node(node_type)
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def _create_node(self, node_type: str) -> Any:
        node = self._scene.CreateNodeByClass(node_type)
        node.UnRegister(None)
        base_name = self._base_names.get(node_type, "")
        if not base_name and not node.GetName():
            base_name = node.GetDefaultNodeNamePrefix()
        if base_name:
            node.SetName(self._scene.GetUniqueNameByString(base_name))
        for name, value in self._new_node_attributes.items():
            node.SetAttribute(name, value)
        return self._scene.AddNode(node)

    def removeCurrentNode(self) -> None:
        """Remove the selected node from the scene."""
        self._scene.RemoveNode(self.currentNode())

    def editCurrentNode(self) -> None:
        """Ask the application to open the module that edits the selected node."""
        node = self.currentNode()
        self.nodeAboutToBeEdited.emit(node)
        if self.interactionNodeSingletonTag:
            interaction = self._scene.GetSingletonNode(self.interactionNodeSingletonTag, "vtkMRMLInteractionNode")
            interaction.EditNode(node)

    def renameCurrentNode(self) -> None:
        """Ask the user for a new name of the selected node."""
        node = self.currentNode()
        if node is None:
            return
        name = self._ask_name(f"Rename {self.nodeTypeLabel(node.GetClassName())}", node.GetName())
        if name:
            node.SetName(name)
            self.currentNodeRenamed.emit(name)

    def _ask_name(self, title: str, name: str) -> str:
        answer = QtWidgets.QInputDialog.getText(self, title, "New name:", QtWidgets.QLineEdit.EchoMode.Normal, name)
        text, accepted = answer if isinstance(answer, tuple) else (answer, bool(answer))
        return text if accepted else ""

    # Filter and labels

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        """Offer only nodes with this attribute (and value), and give it to new nodes."""
        self._new_node_attributes[name] = "" if value is None else variant_text(value)
        self._filter.addAttribute(node_type, name, value)

    def removeAttribute(self, node_type: str, name: str) -> None:
        """Undo `addAttribute`."""
        self._new_node_attributes.pop(name, None)
        self._filter.removeAttribute(node_type, name)

    def sortFilterProxyModel(self) -> qMRMLSortFilterProxyModel:
        """Return the filter."""
        return self._filter

    def setNodeTypeLabel(self, label: str, node_type: str) -> None:
        """Call nodes of a type by this name in the menu."""
        self._type_labels[node_type] = label
        self._update_action_rows()

    def nodeTypeLabel(self, node_type: str) -> str:
        """Return what nodes of a type are called in the menu."""
        if self._type_labels.get(node_type):
            return self._type_labels[node_type]
        label = self._scene.GetTypeDisplayNameByClassName(node_type) if self._scene is not None and node_type else ""
        return label or "node"

    def addMenuAction(self, action: QtGui.QAction) -> None:
        """Add an action below the nodes, unless one of that text is there."""
        if all(action.text != present.text for present in self._menu_actions):
            self._menu_actions.append(action)
            self._update_action_rows()

    # Rows

    def _offset(self) -> int:
        return 1 if self.noneEnabled else 0

    def _node_rows(self) -> list[int]:
        return [row for row in range(self._rows.rowCount()) if self._id_of_row(row)]

    def _id_of_row(self, row: int) -> str:
        item = self._rows.item(row) if row >= 0 else None
        return (item.data(_NODE_ROLE) or "") if item is not None else ""

    def _node_of_row(self, row: int) -> Any:
        identifier = self._id_of_row(row)
        return self._scene.GetNodeByID(identifier) if identifier and self._scene is not None else None

    def _scene_nodes(self) -> list[Any]:
        if self._scene is None:
            return []
        return [self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes())]

    def _fill(self) -> None:
        for node in self._scene_nodes():
            self._watch(node)
            if self._filter._accepts(node):
                self._insert(node)

    def _insert(self, node: Any) -> None:
        item = QtGui.QStandardItem(node.GetName() or "")
        item.setData(node.GetID(), _NODE_ROLE)
        order = {each.GetID(): index for index, each in enumerate(self._scene_nodes())}
        position = order.get(node.GetID(), len(order))
        earlier = [row for row in self._node_rows() if order.get(self._id_of_row(row), -1) < position]
        self._rows.insertRow(earlier[-1] + 1 if earlier else self._offset(), item)

    def _watch(self, node: Any) -> None:
        if not self.nodeTypes or any(node.IsA(node_type) for node_type in self.nodeTypes):
            self._stop_observing(node)
            self._observe(node, vtk.vtkCommand.ModifiedEvent, self._node_modified)

    def _node_added(self, _scene: Any, _event: str, node: Any) -> None:
        self._watch(node)
        if self._filter._accepts(node):
            self._insert(node)
            self.nodeAdded.emit(node)

    def _node_about_to_be_removed(self, _scene: Any, _event: str, node: Any) -> None:
        self._stop_observing(node)
        if not self._scene.IsClosing():  # then the list is filled anew once the scene is closed
            self._remove(node)

    def _scene_closed(self, *_event: Any) -> None:
        had_node = self._current_id() != ""
        blocked = self._combo.blockSignals(True)
        for row in reversed(self._node_rows()):
            if self._node_of_row(row) is None:
                self._rows.removeRow(row)
        if self.currentNode() is None:
            self._combo.setCurrentIndex(0 if self.noneEnabled else -1)
        self._combo.blockSignals(blocked)
        if had_node and self.currentNode() is None:
            self._current_row_changed()

    def _remove(self, node: Any) -> None:
        self._remove_rows([row for row in self._node_rows() if self._id_of_row(row) == node.GetID()])

    def _remove_rows(self, rows: list[int]) -> None:
        """Remove rows as QSortFilterProxyModel does: neighbours together, the last ones first."""
        while rows:
            first = last = rows.pop()
            while rows and rows[-1] == first - 1:
                first = rows.pop()
            for row in range(first, last + 1):
                self.nodeAboutToBeRemoved.emit(self._node_of_row(row))
            self._rows.removeRows(first, last - first + 1)
            if self.currentNode() is None:
                self.setCurrentNode(None)

    def _node_modified(self, node: Any, _event: str) -> None:
        """Follow a node as the scene model does: a change that is not shown does not filter it anew.

        Only a filter by attribute listens to the node itself (filterAcceptsNode); without one, HideFromEditors takes
        effect with the next change of the name or of the filter.
        """
        row = next((row for row in self._node_rows() if self._id_of_row(row) == node.GetID()), None)
        is_renamed = row is not None and self._rows.item(row).text() != (node.GetName() or "")
        if not is_renamed and not self._filter._follows(node):
            return
        accepted = self._filter._accepts(node)
        if accepted and row is None and self._scene.IsNodePresent(node):
            self._insert(node)
            self.nodeAdded.emit(node)
        elif not accepted and row is not None:
            self._remove(node)
        elif is_renamed:
            self._rows.item(row).setText(node.GetName() or "")
            if row == self._combo.currentIndex:
                self._current_row_changed()

    def _refilter(self) -> None:
        """Offer what the filter accepts now: rows go before others come."""
        nodes = self._scene_nodes()
        for node in nodes:
            self._watch(node)
        accepted = {node.GetID(): node for node in nodes if self._filter._accepts(node)}
        self._remove_rows([row for row in self._node_rows() if self._id_of_row(row) not in accepted])
        offered = {self._id_of_row(row) for row in self._node_rows()}
        for identifier, node in accepted.items():
            if identifier not in offered:
                self._insert(node)

    def _update_none_row(self) -> None:
        first = self._rows.item(0)
        has_none_row = first is not None and first.data(_ACTION_ROLE) == "NONE"
        if has_none_row and not (self.noneEnabled and self._scene is not None):
            self._rows.removeRow(0)
        elif self.noneEnabled and self._scene is not None and not has_none_row:
            item = QtGui.QStandardItem(self.noneDisplay)
            item.setData("NONE", _ACTION_ROLE)
            self._rows.insertRow(0, item)
        elif has_none_row:
            first.setText(self.noneDisplay)

    # Actions below the nodes

    def _action_texts(self) -> list[tuple[str, str]]:
        """Return text and command of every action row."""
        label = self.nodeTypeLabel(self.nodeTypes[0] if len(self.nodeTypes) == 1 else "")
        actions = []
        if self.renameEnabled:
            actions.append((f"Rename current {label}", f"RENAME/{label}"))
        if self.editEnabled:
            actions.append((f"Edit current {label}", f"EDIT/{label}"))
        for type_label in map(self.nodeTypeLabel, self.nodeTypes) if self.addEnabled else ():
            actions.append((f"Create new {type_label}", f"CREATE/{type_label}"))
            if self.renameEnabled:
                actions.append((f"Create new {type_label} as...", f"CREATE_AS/{type_label}"))
        if self.removeEnabled:
            actions.append((f"Delete current {label}", f"DELETE/{label}"))
        return actions + [(action.text, f"USER/{action.text}") for action in self._menu_actions]

    def _update_action_rows(self) -> None:
        current = self._combo.currentIndex
        for row in reversed(range(self._rows.rowCount())):
            if self._rows.item(row).data(_ACTION_ROLE) not in (None, "NONE"):
                self._rows.removeRow(row)
        actions = self._action_texts() if self._scene is not None else []
        if actions:
            self._append_action("", _SEPARATOR)
        for text, command in actions:
            self._append_action(text, command)
        self._combo.setCurrentIndex(current)

    def _append_action(self, text: str, command: str) -> None:
        item = QtGui.QStandardItem(text)
        item.setData(command, _ACTION_ROLE)
        if command == _SEPARATOR:
            item.setData("separator", QtCore.Qt.ItemDataRole.AccessibleDescriptionRole)
            item.setFlags(QtCore.Qt.ItemFlag.NoItemFlags)
        else:
            item.setFlags(QtCore.Qt.ItemFlag.ItemIsEnabled)
        self._rows.appendRow(item)

    def _row_clicked(self, index: QtCore.QModelIndex) -> None:
        command, _, label = (index.data(_ACTION_ROLE) or "").partition("/")
        if command in ("", "NONE", _SEPARATOR):
            return
        self._combo.hidePopup()
        if command in ("CREATE", "CREATE_AS"):
            self._create_from_menu(label, ask_name=command == "CREATE_AS")
        elif command == "USER":
            next(action for action in self._menu_actions if action.text == label).trigger()
        else:
            {"DELETE": self.removeCurrentNode, "EDIT": self.editCurrentNode,
             "RENAME": self.renameCurrentNode}[command]()

    def _create_from_menu(self, label: str, ask_name: bool) -> None:
        node_type = next(each for each in self.nodeTypes if self.nodeTypeLabel(each) == label)
        name = self._ask_name(f"Create new {label}", "") if ask_name else ""
        if ask_name and not name:
            return
        node = self.addNode(node_type)
        if name:
            node.SetName(name)
        self.setCurrentNode(node)
        self.nodeAddedByUserAction.emit(node)
