"""The interface of connectors, their registry, and the connector for a widget with one signal."""
from __future__ import annotations

import abc
import dataclasses
import types
import typing
from collections.abc import Callable
from typing import Any

from ..util import findFirstAnnotation, splitAnnotations, unannotatedType

__all__ = ["Decimals", "GuiConnector", "SingleStep", "createGuiConnector", "parameterNodeGuiConnector"]


@dataclasses.dataclass
class Decimals:
    """Annotation: number of decimals that spin boxes and sliders show."""

    value: int


@dataclasses.dataclass
class SingleStep:
    """Annotation: step of spin boxes and sliders."""

    value: float | int


class GuiConnector(abc.ABC):
    """Adapts one widget to one type of parameter."""

    def __init__(self) -> None:
        super().__init__()
        self._callback: Callable[[], None] | None = None

    @staticmethod
    @abc.abstractmethod
    def canRepresent(widget: Any, datatype: Any) -> bool:
        """Return whether this class can show values of the possibly annotated type in the widget."""
        raise NotImplementedError

    @staticmethod
    @abc.abstractmethod
    def create(widget: Any, datatype: Any) -> GuiConnector | None:
        """Return a connector for the widget and the possibly annotated type, or None if it does not fit."""
        raise NotImplementedError

    def onChanged(self, callback: Callable[[], None] | None) -> None:
        """Have ``callback`` called for every change of the widget; None stops that."""
        self._callback = callback
        if callback is None:
            self._disconnect()
        else:
            self._connect()

    def changed(self) -> None:
        """Handle the widget's signals."""
        if self._callback:
            self._callback()

    @abc.abstractmethod
    def _connect(self) -> None:
        """Connect the widget's signals to ``changed``."""
        raise NotImplementedError

    @abc.abstractmethod
    def _disconnect(self) -> None:
        """Disconnect the widget's signals from ``changed``."""
        raise NotImplementedError

    @abc.abstractmethod
    def widget(self) -> Any:
        """Return the adapted widget."""
        raise NotImplementedError

    @abc.abstractmethod
    def read(self) -> Any:
        """Return the widget's value, in the type of the parameter."""
        raise NotImplementedError

    @abc.abstractmethod
    def write(self, value: Any) -> None:
        """Show a value of the parameter in the widget."""
        raise NotImplementedError


_registry: list[type[GuiConnector]] = []


def parameterNodeGuiConnector(classtype: type[GuiConnector] | None = None) -> Callable[..., Any]:
    """Class decorator that makes a connector known; usable with and without parentheses."""
    if classtype is None:
        return parameterNodeGuiConnector
    if not issubclass(classtype, GuiConnector):
        raise TypeError(f"{classtype} is not a GuiConnector")
    _registry.append(classtype)
    return classtype


def createGuiConnector(widget: Any, datatype: Any) -> GuiConnector:
    """Return the first registered connector that fits; RuntimeError if there is none."""
    if isinstance(datatype, types.UnionType):
        datatype = typing.Union[typing.get_args(datatype)]  # noqa: UP007 - the form that connectors are asked with
    for connectorClass in _registry:
        if connectorClass.canRepresent(widget, datatype):
            return connectorClass.create(widget, datatype)
    raise RuntimeError(f"No GUI connector fits the widget {type(widget)} and the type {datatype}; registered are: "
                       + ", ".join(connectorClass.__name__ for connectorClass in _registry))


class SignalConnector(GuiConnector):
    """Connector for the widget classes ``widgetTypes()``, one signal and (most often) one property of the widget.

    Classes are compared exactly: a subclass of a widget class is another widget and needs a connector of its own.
    """

    signalName: str
    propertyName: str
    dataTypes: tuple[Any, ...] = ()

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__()
        self._widget = widget
        self._type, self._annotations = splitAnnotations(datatype)

    @staticmethod
    @abc.abstractmethod
    def widgetTypes() -> tuple[type, ...]:
        raise NotImplementedError

    @classmethod
    def fitsType(cls, datatype: Any) -> bool:
        return unannotatedType(datatype) in cls.dataTypes

    @classmethod
    def canRepresent(cls, widget: Any, datatype: Any) -> bool:
        return type(widget) in cls.widgetTypes() and cls.fitsType(datatype)

    @classmethod
    def create(cls, widget: Any, datatype: Any) -> GuiConnector | None:
        return cls(widget, datatype) if cls.canRepresent(widget, datatype) else None

    def annotation(self, annotationType: type) -> Any:
        return findFirstAnnotation(self._annotations, annotationType)

    def _connect(self) -> None:
        getattr(self._widget, self.signalName).connect(self.changed)

    def _disconnect(self) -> None:
        getattr(self._widget, self.signalName).disconnect(self.changed)

    def widget(self) -> Any:
        return self._widget

    def read(self) -> Any:
        return getattr(self._widget, self.propertyName)

    def write(self, value: Any) -> None:
        setattr(self._widget, self.propertyName, value)
