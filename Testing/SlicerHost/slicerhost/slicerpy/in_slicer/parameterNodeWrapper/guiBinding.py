"""Methods of wrapper objects that keep widgets and parameters equal."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import qt
import slicer
import vtk

from .guiConnectors import GuiConnector, createGuiConnector
from .guiConnectors.packs import packMemberWidgets
from .util import splitPossiblyDottedName

__all__: list[str] = []

SlicerParameterNamePropertyName = "SlicerParameterName"


def initialize(wrapper: Any) -> None:
    """Set up a wrapper object that is not connected to anything."""
    wrapper._parameterGUIs = {}
    wrapper._guiVtkObserverTags = {}
    wrapper._nextParameterGUIsTag = 0
    wrapper._updatingGUIFromParameterNode = False


def _updateGui(wrapper: Any) -> None:
    """Show the parameters' values in all connected widgets."""
    if wrapper._updatingGUIFromParameterNode:
        return
    wrapper._updatingGUIFromParameterNode = True
    try:
        with slicer.util.NodeModify(wrapper):
            for connectors in wrapper._parameterGUIs.values():
                for name, connector in connectors.items():
                    connector.write(wrapper.getValue(name))
    finally:
        wrapper._updatingGUIFromParameterNode = False


class _GuiUpdate:
    """Observer of the node (an object for the reason given in parameterStore)."""

    __slots__ = ("wrapper",)

    def __init__(self, wrapper: Any) -> None:
        self.wrapper = wrapper

    def __call__(self, caller: Any, event: str) -> None:
        if hasattr(self, "wrapper"):
            _updateGui(self.wrapper)


def _guiToParameter(wrapper: Any, name: str, connector: GuiConnector) -> Callable[[], None]:
    def take_over_value() -> None:
        with slicer.util.NodeModify(wrapper):
            if not wrapper._updatingGUIFromParameterNode:
                wrapper.setValue(name, connector.read())

    return take_over_value


def connectParametersToGui(self: Any, mapping: Mapping[str, Any]) -> int:
    """Connect parameters, by their possibly dotted names, to widgets or GuiConnectors.

    The widgets show the parameters' values from now on, and changing a widget changes its parameter.

    :return: tag for ``disconnectGui``
    """
    types = {name: self.dataType(name) for name in mapping}
    connectors = {name: target if isinstance(target, GuiConnector) else createGuiConnector(target, types[name])
                  for name, target in mapping.items()}
    tag = self._nextParameterGUIsTag
    self._nextParameterGUIsTag += 1
    self._parameterGUIs[tag] = connectors
    for name, connector in connectors.items():
        connector.write(self.getValue(name))
        connector.onChanged(_guiToParameter(self, name, connector))
    self._guiVtkObserverTags[tag] = self.AddObserver(vtk.vtkCommand.ModifiedEvent, _GuiUpdate(self))
    return tag


def connectGui(self: Any, gui: Any) -> int:
    """Connect all widgets that have the dynamic property SlicerParameterName.

    :param gui: a widget whose descendants are looked at, or an object that has widgets as attributes
        (as ``slicer.util.childWidgetVariables`` makes one)
    :return: tag for ``disconnectGui``
    """
    # An isinstance check would leave out wrapped C++ widgets, whose Python classes do not derive from qt.QWidget.
    isWidget = getattr(gui, "isWidgetType", lambda: False)()
    widgets = gui.findChildren(qt.QWidget) if isWidget else vars(gui).values()
    named = ((widget.property(SlicerParameterNamePropertyName), widget) for widget in widgets)
    return connectParametersToGui(self, {name: widget for name, widget in named if name})


def disconnectGui(self: Any, guiTag: int) -> None:
    """Undo the connection with this tag; an unknown tag is ignored."""
    for connector in self._parameterGUIs.pop(guiTag, {}).values():
        connector.onChanged(None)
    observerTag = self._guiVtkObserverTags.pop(guiTag, None)
    if observerTag is not None:
        self.RemoveObserver(observerTag)


def findChildWidgetForParameter(widget: Any, parameter: str) -> Any:
    """Return the descendant that shows the parameter with this possibly dotted name, or None."""
    for child in widget.findChildren(qt.QWidget):
        if child.property(SlicerParameterNamePropertyName) == parameter:
            return child
    top, rest = splitPossiblyDottedName(parameter)
    if rest is None:
        return None
    packWidget = findChildWidgetForParameter(widget, top)
    return packMemberWidgets(packWidget).get(rest) if packWidget else None
