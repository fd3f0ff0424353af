"""The subject hierarchy's tree and combo box for nodes."""
from __future__ import annotations

from typing import Any

import slicer
from slicer.parameterNodeWrapper import getNodeTypes, isNodeOrUnionOfNodes, parameterNodeGuiConnector
from slicer.parameterNodeWrapper.guiConnectors.base import SignalConnector


class _SubjectHierarchyConnector(SignalConnector):
    """Shows the items of nodes of the parameter's types."""

    @classmethod
    def fitsType(cls, datatype: Any) -> bool:
        return isNodeOrUnionOfNodes(datatype)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        widget.nodeTypes = getNodeTypes(datatype)

    def read(self) -> Any:
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        if value is None:
            self._widget.clearSelection()
        else:
            self._widget.setCurrentNode(value)


@parameterNodeGuiConnector
class qMRMLSubjectHierarchyTreeViewToNodeConnector(_SubjectHierarchyConnector):
    signalName = "currentItemsChanged"

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (slicer.qMRMLSubjectHierarchyTreeView,)


@parameterNodeGuiConnector
class qMRMLSubjectHierarchyComboBoxToNodeConnector(_SubjectHierarchyConnector):
    signalName = "currentItemChanged"

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (slicer.qMRMLSubjectHierarchyComboBox,)
