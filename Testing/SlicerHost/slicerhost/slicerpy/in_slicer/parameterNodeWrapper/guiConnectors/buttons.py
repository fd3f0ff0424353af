"""Check boxes and buttons for truth values."""
from __future__ import annotations

import logging
from typing import Any

import ctk
import qt

from .base import SignalConnector, parameterNodeGuiConnector

__all__ = ["QCheckBoxToBoolConnector", "QCheckablePushButtonToBoolConnector", "ctkCheckablePushButtonToBoolConnector"]


def _makeCheckable(button: Any) -> None:
    if not button.checkable:
        logging.warning(f"The button {button} is connected to a bool parameter and is made checkable for it")
        button.checkable = True


@parameterNodeGuiConnector
class QCheckBoxToBoolConnector(SignalConnector):
    signalName = "stateChanged"
    propertyName = "checked"
    dataTypes = (bool,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return qt.QCheckBox, ctk.ctkCheckBox


@parameterNodeGuiConnector
class QCheckablePushButtonToBoolConnector(SignalConnector):
    signalName = "toggled"
    propertyName = "checked"
    dataTypes = (bool,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (qt.QPushButton,)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        _makeCheckable(widget)


@parameterNodeGuiConnector
class ctkCheckablePushButtonToBoolConnector(SignalConnector):
    """A button with a check box; the check box may decide whether the button can be toggled at all."""

    signalName = "toggled"
    propertyName = "checked"
    dataTypes = (bool,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (ctk.ctkCheckablePushButton,)

    def __init__(self, widget: Any, datatype: Any) -> None:
        super().__init__(widget, datatype)
        if not widget.checkBoxControlsButtonToggleState:
            _makeCheckable(widget)

    def write(self, value: bool) -> None:
        if not self._widget.checkBoxControlsButtonToggleState:
            self._widget.checked = value
            return
        self._widget.checkable = bool(value)
        if value:
            self._widget.checked = True
