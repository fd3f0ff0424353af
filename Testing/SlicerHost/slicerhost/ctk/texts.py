"""CTK's text browser, message box, settings panels and helpers (ctkFittedTextBrowser.cpp, ctkMessageBox.cpp...)."""
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
class ctkSettingsPanel(QtWidgets.QWidget):
    """A page of the application settings whose widgets are tied to keys of QSettings."""

    settingChanged = Signal(str, object)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._tied: list[tuple[str, QtCore.QObject, str]] = []

    def registerProperty(self, key: str, widget: QtCore.QObject, name: str, signal: str, *labels: Any) -> None:
        """Tie a widget's property to a settings key; the stored value, if any, is applied at once."""
        stored = self._settings().value(key)
        if stored is not None:
            widget.setProperty(name, stored)
        self._tied.append((key, widget, name))
        signature = signal[1:] if signal[:1] in "12" else signal
        widget.connect(signature, lambda *values: self._store(key, widget, name))

    def _store(self, key: str, widget: QtCore.QObject, name: str) -> None:
        value = widget.property(name)
        self._settings().setValue(key, value)
        self.settingChanged.emit(key, value)

    def _settings(self) -> QtCore.QSettings:
        return self.__dict__.get("_own_settings") or QtCore.QSettings()

    settings = QtCore.Property(object, _settings, lambda self, value: setattr(self, "_own_settings", value))


@register
class ctkBooleanMapper(QtCore.QObject):
    """Emits a signal for true and another for false of a boolean property."""

    valueChanged = Signal(bool)
    complementChanged = Signal(bool)

    def __init__(self, target: QtCore.QObject, name: str, signal: str) -> None:
        super().__init__(target)
        self._target, self._name = target, name
        target.connect(signal[1:] if signal[:1] in "12" else signal, self._announce)

    def _announce(self) -> None:
        value = bool(self._target.property(self._name))
        self.valueChanged.emit(value)
        self.complementChanged.emit(not value)


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
