"""Node selectors for MRML nodes."""
from __future__ import annotations

from typing import Any

import slicer

from ..util import getNodeTypes, isNodeOrUnionOfNodes
from .base import SignalConnector, parameterNodeGuiConnector

__all__ = ["qMRMLNodeComboBoxToNodeConnector"]


@parameterNodeGuiConnector
class qMRMLNodeComboBoxToNodeConnector(SignalConnector):
    """The selector is made to offer the node types of the parameter, whatever it offered before."""

    signalName = "currentNodeChanged"

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (slicer.qMRMLNodeComboBox,)

    @classmethod
    def fitsType(cls, datatype: Any) -> bool:
        return isNodeOrUnionOfNodes(datatype)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        widget.nodeTypes = getNodeTypes(datatype)

    def read(self) -> Any:
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        self._widget.setCurrentNode(value)
