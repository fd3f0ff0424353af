"""Line edits, text edits and labels for texts."""
from __future__ import annotations

import qt

from .base import SignalConnector, parameterNodeGuiConnector

__all__ = ["QLabelToStrConnector", "QLineEditToStrConnector", "QTextEditPlainTextToStrConnector"]


@parameterNodeGuiConnector
class QLineEditToStrConnector(SignalConnector):
    signalName = "textChanged"
    propertyName = "text"
    dataTypes = (str,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (qt.QLineEdit,)

    def write(self, value: str) -> None:
        # Setting the text moves the cursor to its end, which must not happen to a user who is typing.
        if value != self.read():
            super().write(value)


@parameterNodeGuiConnector
class QLabelToStrConnector(SignalConnector):
    """A label shows the text; it has no signal and cannot be edited."""

    propertyName = "text"
    dataTypes = (str,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (qt.QLabel,)

    def _connect(self) -> None:
        pass

    def _disconnect(self) -> None:
        pass


@parameterNodeGuiConnector
class QTextEditPlainTextToStrConnector(SignalConnector):
    signalName = "textChanged"
    dataTypes = (str,)

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (qt.QTextEdit,)

    def read(self) -> str:
        return self._widget.toPlainText()

    def write(self, value: str) -> None:
        self._widget.setPlainText(value)
