"""Colour buttons for colours."""
from __future__ import annotations

import ctk
import qt

from .base import SignalConnector, parameterNodeGuiConnector

__all__ = ["ctkColorPickerButtonToQColorConnector"]


@parameterNodeGuiConnector
class ctkColorPickerButtonToQColorConnector(SignalConnector):
    signalName = "colorChanged"
    propertyName = "color"
    dataTypes = (qt.QColor,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (ctk.ctkColorPickerButton,)
