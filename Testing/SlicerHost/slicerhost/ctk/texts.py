"""CTK's text browser, message box and helpers (ctkFittedTextBrowser.cpp, ctkMessageBox.cpp...)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property
from slicerhost.registry import register


@register
class ctkFittedTextBrowser(QtWidgets.QTextBrowser):
    """A text browser as high as its text; what follows the teaser is shown on demand."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self.document.contentsChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QtCore.QSize:
        height = self.document.size.height() + 2 * self.frameWidth
        return QtCore.QSize(self.width, int(height))

    def setCollapsibleText(self, text: str) -> None:
        """Show a text whose lines after the first belong to the collapsible part."""
        self._collapsible_text = text
        self.setText(text)

    collapsed = qt_property(bool, "_collapsed", True)
    collapsibleText = QtCore.Property(str, lambda self: self.__dict__.get("_collapsible_text", ""),
                                      lambda self, text: self.setCollapsibleText(text))
    showDetailsText = qt_property(str, "_show_details_text", "Show details...")
    hideDetailsText = qt_property(str, "_hide_details_text", "Hide details.")


@register
class ctkMessageBox(QtWidgets.QMessageBox):
    """A message box that may be told not to come again; the answer is kept in the settings."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._check_box = QtWidgets.QCheckBox("Don't show this message again", self)
        self._check_box.setVisible(False)

    def exec_(self) -> int:
        return self.exec()

    def exec(self) -> int:
        """Run the dialog, or return the remembered answer."""
        key = self.dontShowAgainSettingsKey
        remembered = QtCore.QSettings().value(key) if key else None
        if remembered not in (None, "0", 0, "false", False) and self.dontShowAgain:
            return int(remembered)
        result = super().exec()
        if key and self._check_box.isChecked():
            QtCore.QSettings().setValue(key, int(result))
        return int(result)

    def _set_visible(self, visible: bool) -> None:
        self.setCheckBox(self._check_box if visible else None)
        self._check_box.setVisible(visible)

    dontShowAgainVisible = qt_property(bool, "_dont_show_again_visible", False, changed=_set_visible)
    dontShowAgain = QtCore.Property(bool, lambda self: self._check_box.isChecked(),
                                    lambda self, value: self._check_box.setChecked(value))
    dontShowAgainSettingsKey = qt_property(str, "_settings_key", "", changed=lambda self, key: self._on_key(key))

    def _on_key(self, key: str) -> None:
        self._check_box.setChecked(QtCore.QSettings().contains(key))
        self._set_visible(True)


@register
class ctkBooleanMapper(QtCore.QObject):
    """A boolean property of an object, its complement, and what stands for true and false, with their signals."""

    valueChanged = Signal(bool)
    complementChanged = Signal(bool)
    valueAsIntChanged = Signal(int)
    valueAsStringChanged = Signal(str)

    def __init__(self, target: QtCore.QObject, name: str, signal: str) -> None:
        super().__init__(target)
        self._target, self._name, self._true, self._false = target, name, True, False
        if signal:
            target.connect(signal[1:] if signal[:1] in "12" else signal, self._announce)

    def toggle(self) -> None:
        """Change the value."""
        self.value = not self.value

    def _announce(self, *_value: Any) -> None:
        self.valueChanged.emit(self.value)
        self.complementChanged.emit(self.complement)
        self.valueAsIntChanged.emit(self.valueAsInt)
        self.valueAsStringChanged.emit(self.valueAsString)

    def _is_true(self) -> bool:
        return bool(self._target.property(self._name))

    def _set(self, value: bool) -> None:
        self._target.setProperty(self._name, bool(value))

    def _shown(self) -> Any:
        return self._true if self._is_true() else self._false

    propertyName = QtCore.Property(str, lambda self: self._name)
    value = QtCore.Property(bool, _is_true, _set)
    complement = QtCore.Property(bool, lambda self: not self._is_true(), lambda self, value: self._set(not value))
    valueAsInt = QtCore.Property(int, lambda self: int(self._shown()),
                                 lambda self, value: self._set(value == self._true))
    valueAsString = QtCore.Property(str, lambda self: _text_of(self._shown()),
                                    lambda self, text: self._set(text == _text_of(self._true)))
    trueValue = qt_property(object, "_true", changed=lambda self, _value: self._announce())
    falseValue = qt_property(object, "_false", changed=lambda self, _value: self._announce())


def _text_of(value: Any) -> str:
    """Return a value as QVariant writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@register
class ctkFlowLayout(QtWidgets.QHBoxLayout):
    """A layout that fills lines; here all its items stay in one line."""

    preferredExpandingDirections = qt_property(int, "_preferred_directions", 1)
    alignItems = qt_property(bool, "_align_items", True)
    horizontalSpacing = qt_property(int, "_horizontal_spacing", 6)
    verticalSpacing = qt_property(int, "_vertical_spacing", 6)


class ctkWidgetsUtils:
    """Static functions of ctkWidgetsUtils.h."""

    @staticmethod
    def grabWidget(widget: QtWidgets.QWidget, *rectangle: Any) -> QtGui.QImage:
        """Return the picture of a widget and its children."""
        return widget.grab(*rectangle).toImage()
