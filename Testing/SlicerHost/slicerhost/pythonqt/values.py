"""Static functions and value classes whose Python results differ between PythonQt and PySide6.

PythonQt returns what the C++ function returns: a file dialog gives the name alone, an input dialog gives the text and
reports acceptance through a BoolResult argument.
"""
from __future__ import annotations

import enum
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets


class BoolResult:
    """PythonQt.BoolResult: takes the place of a `bool*` argument; its truth value is the result."""

    def __init__(self, value: bool = False) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return self._value

    def __repr__(self) -> str:
        return f"BoolResult({self._value})"

    def set(self, value: bool) -> None:
        """Store the result of a call."""
        self._value = bool(value)


def install() -> None:
    """Patch dialogs, colours, settings, layouts and byte arrays."""
    for name in ("getOpenFileName", "getSaveFileName", "getOpenFileNames"):
        setattr(QtWidgets.QFileDialog, name, _first_of_result(getattr(QtWidgets.QFileDialog, name)))
    for name in ("getText", "getInt", "getDouble", "getItem", "getMultiLineText"):
        setattr(QtWidgets.QInputDialog, name, _with_bool_result(getattr(QtWidgets.QInputDialog, name)))
    QtGui.QColor.name = _color_name(QtGui.QColor.name)
    QtWidgets.QLayout.setMargin = _set_margin
    QtWidgets.QLayout.margin = property(lambda self: self.contentsMargins().left(), _set_margin)
    QtCore.QSettings.value = _settings_value(QtCore.QSettings.value)
    QtCore.QByteArray.data = _decoded_data
    QtCore.Qt.SIGNAL = staticmethod(lambda signature: "2" + signature)
    QtCore.Qt.SLOT = staticmethod(lambda signature: "1" + signature)


def _first_of_result(function: Any) -> staticmethod:
    def call(*arguments: Any) -> Any:
        return function(*arguments)[0]

    return staticmethod(call)


def _with_bool_result(function: Any) -> staticmethod:
    def call(*arguments: Any, **keywords: Any) -> Any:
        results = [argument for argument in arguments if isinstance(argument, BoolResult)]
        value, accepted = function(*(argument for argument in arguments if argument not in results), **keywords)
        for result in results:
            result.set(accepted)
        return value

    return staticmethod(call)


def _color_name(original: Any) -> Any:
    def name(self: QtGui.QColor, name_format: Any = QtGui.QColor.NameFormat.HexRgb) -> str:
        is_enum = isinstance(name_format, enum.Enum)
        return original(self, name_format if is_enum else QtGui.QColor.NameFormat(name_format))

    return name


def _set_margin(self: QtWidgets.QLayout, margin: int) -> None:
    """Qt 5's name, which modules for Slicer 5 still use."""
    self.setContentsMargins(margin, margin, margin, margin)


def _settings_value(original: Any) -> Any:
    """QSettings.value(key[, default]); PythonQt has no conversion argument and gives text of an .ini file as text."""

    def value(self: QtCore.QSettings, key: str, default: Any = None) -> Any:
        return original(self, key, default)

    return value


def _decoded_data(self: QtCore.QByteArray) -> str:
    """PythonQt returns `const char*` as text (PythonQtConv::ConvertQtValueToPythonInternal)."""
    return bytes(self).decode(errors="replace")
