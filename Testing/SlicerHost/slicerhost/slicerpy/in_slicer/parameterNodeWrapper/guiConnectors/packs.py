"""Widgets whose descendants show the members of a parameter pack."""
from __future__ import annotations

from typing import Any

import qt

from ..parameterPack import isParameterPack, nestedParameterNames
from ..util import unannotatedType
from .base import GuiConnector, createGuiConnector, parameterNodeGuiConnector

__all__ = ["SlicerPackParameterNamePropertyName", "WidgetChildrenToParameterPackConnector"]

SlicerPackParameterNamePropertyName = "SlicerPackParameterName"


def _memberName(widget: Any) -> str | None:
    return widget.property(SlicerPackParameterNamePropertyName)


def _dottedName(widget: Any, root: Any) -> str:
    """Names of the widget and of its ancestors below ``root``, outermost first, joined by dots."""
    names = []
    while widget is not root:
        if _memberName(widget) is not None:
            names.insert(0, _memberName(widget))
        widget = widget.parent()
    return ".".join(names)


def packMemberWidgets(root: Any) -> dict[str, Any]:
    """Dotted member name -> widget, for the named descendants that have no named descendants themselves."""
    named = [child for child in root.findChildren(qt.QWidget) if _memberName(child) is not None]
    leaves = [widget for widget in named
              if not any(_memberName(child) is not None for child in widget.findChildren(qt.QWidget))]
    return {_dottedName(widget, root): widget for widget in leaves}


@parameterNodeGuiConnector
class WidgetChildrenToParameterPackConnector(GuiConnector):
    """Fits a widget that has a descendant for each member; further descendants do not matter."""

    @staticmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        return isParameterPack(datatype) and set(nestedParameterNames(datatype)) <= packMemberWidgets(widget).keys()

    @staticmethod
    def create(widget: Any, datatype: Any) -> GuiConnector | None:
        fits = WidgetChildrenToParameterPackConnector.canRepresent(widget, datatype)
        return WidgetChildrenToParameterPackConnector(widget, datatype) if fits else None

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__()
        self._widget = widget
        self._packClass = unannotatedType(datatype)
        widgets = packMemberWidgets(widget)
        self._connectors = {name: createGuiConnector(widgets[name], self._packClass.dataType(name))
                            for name in nestedParameterNames(self._packClass)}

    def _connect(self) -> None:
        for connector in self._connectors.values():
            connector.onChanged(self.changed)

    def _disconnect(self) -> None:
        for connector in self._connectors.values():
            connector.onChanged(None)

    def widget(self) -> Any:
        return self._widget

    def read(self) -> Any:
        pack = self._packClass()
        for name, connector in self._connectors.items():
            pack.setValue(name, connector.read())
        return pack

    def write(self, value: Any) -> None:
        for name, connector in self._connectors.items():
            connector.write(value.getValue(name))
