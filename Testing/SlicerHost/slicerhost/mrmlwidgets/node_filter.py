"""Which nodes of the scene a node selector offers (qMRMLSortFilterProxyModel in Slicer)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore

from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register


def _invalidate(model: qMRMLSortFilterProxyModel, _value: Any) -> None:
    model.invalidateFilter()


@register
class qMRMLSortFilterProxyModel(QtCore.QObject):
    """The filter of a node selector.

    Of the proxy model it has what modules use: the node filter and its properties; `_filter_changed` tells the owner.
    """

    _filter_changed = Signal()

    nodeTypes = qt_property("QStringList", "_node_types", [], changed=_invalidate)
    showHidden = qt_property(bool, "_show_hidden", False, changed=_invalidate)
    showHiddenForTypes = qt_property("QStringList", "_show_hidden_for_types", [], changed=_invalidate)
    showChildNodeTypes = qt_property(bool, "_show_child_node_types", True, changed=_invalidate)
    hideChildNodeTypes = qt_property("QStringList", "_hide_child_node_types", [], changed=_invalidate)
    hiddenNodeIDs = qt_property("QStringList", "_hidden_node_ids", [], changed=_invalidate)
    visibleNodeIDs = qt_property("QStringList", "_visible_node_ids", [], changed=_invalidate)
    hideNodesUnaffiliatedWithNodeID = qt_property(str, "_affiliated_id", "", changed=_invalidate)
    showAll = qt_property(bool, "_show_all", False, changed=_invalidate)
    hideAll = qt_property(bool, "_hide_all", False, changed=_invalidate)

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._attributes: dict[str, tuple[str, str | None]] = {}
        self._expression = QtCore.QRegularExpression()

    def invalidateFilter(self) -> None:
        """Filter all nodes again."""
        self._filter_changed.emit()

    def addAttribute(self, node_type: str, name: str, value: Any = None) -> None:
        """Offer nodes of the type only when they have the attribute; with the value, unless it is None.

        There is one attribute per type: a second call replaces the first.
        """
        self._attributes[node_type] = (name, None if value is None else variant_text(value))
        self.invalidateFilter()

    def removeAttribute(self, node_type: str, name: str) -> None:
        """Undo `addAttribute`."""
        if self._attributes.get(node_type, ("", None))[0] == name:
            del self._attributes[node_type]
            self.invalidateFilter()

    def attributeFilter(self, node_type: str, name: str) -> str | None:
        """Return the attribute value that nodes of the type must have, or None."""
        filtered, value = self._attributes.get(node_type, ("", None))
        return value if filtered == name else None

    def setFilterRegularExpression(self, expression: Any) -> None:
        """Offer only nodes whose name matches."""
        is_text = isinstance(expression, str)
        self._expression = QtCore.QRegularExpression(expression) if is_text else expression
        self.invalidateFilter()

    def _accepts(self, node: Any) -> bool:
        """Return whether a node is offered."""
        identifier = node.GetID()
        if self.showAll or not identifier:
            return True
        if self.hideAll or identifier in self.hiddenNodeIDs:
            return False
        if identifier in self.visibleNodeIDs:
            return True
        return (self._accepts_hidden_state(node) and self._accepts_affiliation(node) and self._accepts_type(node)
                and self._expression.match(node.GetName() or "").hasMatch())

    def _accepts_hidden_state(self, node: Any) -> bool:
        return (self.showHidden or not node.GetHideFromEditors()
                or any(node.IsA(node_type) for node_type in self.showHiddenForTypes))

    def _accepts_affiliation(self, node: Any) -> bool:
        if not self.hideNodesUnaffiliatedWithNodeID:
            return True
        reference = node.GetScene().GetNodeByID(self.hideNodesUnaffiliatedWithNodeID)
        return reference is not None and (_refers_to(reference, node) or _refers_to(node, reference))

    def _accepts_type(self, node: Any) -> bool:
        if not self.nodeTypes:
            return True
        for node_type in self.nodeTypes:
            if not node.IsA(node_type) or (not self.showChildNodeTypes and node.GetClassName() != node_type):
                continue
            if self.showChildNodeTypes and any(node.IsA(hidden) for hidden in self.hideChildNodeTypes):
                return False
            return self._accepts_attribute(node, node_type)
        return False

    def _follows(self, node: Any) -> bool:
        """Return whether any change of the node filters it anew: only where its type is filtered by an attribute."""
        return any(node.IsA(node_type) for node_type in self._attributes)

    def _accepts_attribute(self, node: Any, node_type: str) -> bool:
        if node_type not in self._attributes:
            return True
        name, required = self._attributes[node_type]
        value = node.GetAttribute(name)
        return value is not None and (required is None or value == required)


def variant_text(value: Any) -> str:
    """Return what QVariant(value).toString() gives."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _refers_to(node: Any, other: Any) -> bool:
    references = node.GetScene().GetReferencedNodes(node) if node.GetScene() is not None else None
    return references is not None and bool(references.IsItemPresent(other))
