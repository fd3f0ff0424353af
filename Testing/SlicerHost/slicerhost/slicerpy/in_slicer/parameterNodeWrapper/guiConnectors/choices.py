"""Combo boxes for values with a Choice, and for enumerations. The connector fills the combo box."""
from __future__ import annotations

import enum
from typing import Any

import ctk
import qt

from ..util import unannotatedType
from ..validators import Choice
from .base import SignalConnector, parameterNodeGuiConnector

__all__ = ["QComboBoxToEnumConnector", "QComboBoxToStringableConnector"]


class _ComboBoxConnector(SignalConnector):
    signalName = "currentIndexChanged"
    _values: list[Any]

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return qt.QComboBox, ctk.ctkComboBox

    def _fill(self, labels: list[str]) -> None:
        self._widget.clear()
        for label in labels:
            self._widget.addItem(label)

    def read(self) -> Any:
        return self._values[self._widget.currentIndex]

    def write(self, value: Any) -> None:
        if value not in self._values:
            raise ValueError(f"{value!r} is none of the choices {self._values}")
        self._widget.currentIndex = self._values.index(value)


@parameterNodeGuiConnector
class QComboBoxToStringableConnector(_ComboBoxConnector):
    dataTypes = (int, float, str, bool)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        choice = self.annotation(Choice)
        if choice is None:
            raise RuntimeError(f"A combo box needs to know the values of {datatype}: annotate the type with Choice")
        self._values = list(choice.choices)
        self._fill([str(value) for value in self._values])


@parameterNodeGuiConnector
class QComboBoxToEnumConnector(_ComboBoxConnector):
    """The items are what the members' method ``label()`` returns, or else their names."""

    @classmethod
    def fitsType(cls, datatype: Any) -> bool:
        return issubclass(unannotatedType(datatype), enum.Enum)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        self._values = list(self._type)
        label = getattr(self._type, "label", lambda member: member.name)
        selected = self.read()
        self._fill([label(member) for member in self._values])
        self.write(selected)
