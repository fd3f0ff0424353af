"""The simple markups widget for markups nodes."""
from __future__ import annotations

from typing import Any

import slicer
from slicer.parameterNodeWrapper import getNodeTypes, isNodeOrUnionOfNodes, parameterNodeGuiConnector
from slicer.parameterNodeWrapper.guiConnectors.base import SignalConnector


@parameterNodeGuiConnector
class qSlicerSimpleMarkupsWidgetToNodeConnector(SignalConnector):
    signalName = "markupsNodeChanged"

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (slicer.qSlicerSimpleMarkupsWidget,)

    @classmethod
    def fitsType(cls, datatype: Any) -> bool:
        return isNodeOrUnionOfNodes(datatype)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        widget.markupsSelectorComboBox().nodeTypes = getNodeTypes(datatype)

    def read(self) -> Any:
        return self._widget.currentNode()

    def write(self, value: Any) -> None:
        self._widget.setCurrentNode(value)
