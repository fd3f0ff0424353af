"""CTK's settings: pages whose widgets are tied to keys, and the dialog that holds them (ctkSettingsPanel.cpp...)."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property
from slicerhost.registry import register


@dataclass
class _Tied:
    """A property of a widget that is tied to a key, with its value at the start and when it was last applied."""

    widget: QtCore.QObject
    name: str
    default: Any
    previous: Any

    @property
    def value(self) -> Any:
        return self.widget.property(self.name)


@register
class ctkSettingsPanel(QtWidgets.QWidget):
    """A page of the application settings whose widgets are tied to keys of QSettings."""

    settingChanged = Signal(str, object)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._tied: dict[str, _Tied] = {}
        self._own_settings: QtCore.QSettings | None = None  # the dialog that the panel is added to gives its own

    def registerProperty(self, key: str, widget: QtCore.QObject, name: str, signal: str, *labels: Any) -> None:
        """Tie a widget's property to a settings key; the value that is stored is applied, or else the widget's kept."""
        tied = self._tied[key] = _Tied(widget, name, widget.property(name), widget.property(name))
        self._bring_together(key, tied)
        signature = signal[1:] if signal[:1] in "12" else signal
        widget.connect(signature, lambda *values: self._store(key, tied.value))

    def _bring_together(self, key: str, tied: _Tied) -> None:
        if self._own_settings is None:
            return
        if self._own_settings.contains(key):
            tied.previous = self._own_settings.value(key)
            tied.widget.setProperty(tied.name, _like(tied.default, tied.previous))
        else:
            self._store(key, tied.value)

    def applySettings(self) -> None:
        """Take the values as they are for those that resetSettings() goes back to."""
        for tied in self._tied.values():
            tied.previous = tied.value

    def resetSettings(self) -> None:
        """Go back to the values that were applied last."""
        for key, tied in self._tied.items():
            self._set(key, tied.previous)

    def restoreDefaultSettings(self) -> None:
        """Go back to the values that the widgets had when they were tied."""
        for key, tied in self._tied.items():
            self._set(key, tied.default)

    def reloadSettings(self) -> None:
        """Give the widgets the values of the settings."""
        for key, tied in self._tied.items():
            self._bring_together(key, tied)

    def _set(self, key: str, value: Any) -> None:
        self._tied[key].widget.setProperty(self._tied[key].name, value)
        self._store(key, value)

    def _store(self, key: str, value: Any) -> None:
        if self._own_settings is None:
            return
        before = self._own_settings.value(key)
        self._own_settings.setValue(key, value)
        if before != value:
            self.settingChanged.emit(key, value)

    def _set_settings(self, settings: QtCore.QSettings) -> None:
        self._own_settings = settings
        self.reloadSettings()

    settings = QtCore.Property(object, lambda self: self._own_settings, _set_settings)


def _like(example: Any, stored: Any) -> Any:
    """Return a value of a settings file, which holds text alone, as QVariant converts it to the type of a property."""
    if isinstance(example, bool):
        return stored not in (None, False, 0, "false", "0", "")
    return stored if example is None else type(example)(stored)


@register
class ctkSettingsDialog(QtWidgets.QDialog):
    """The settings of the application: a list of pages and the chosen one."""

    settingChanged = Signal(str, object)
    restartRequested = Signal()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._panels: list[ctkSettingsPanel] = []
        self._names, self._pages = QtWidgets.QListWidget(self), QtWidgets.QStackedWidget(self)
        self._names.currentRowChanged.connect(self._pages.setCurrentIndex)
        layout = QtWidgets.QHBoxLayout(self)
        layout.addWidget(self._names)
        layout.addWidget(self._pages)

    def addPanel(self, *arguments: Any) -> None:
        """Add a page: ``addPanel([label, [icon,]] panel[, parent])``; its title is the label."""
        panel = next(each for each in arguments if isinstance(each, QtWidgets.QWidget))
        for each in arguments:
            if isinstance(each, str):
                panel.setWindowTitle(each)
            elif isinstance(each, QtGui.QIcon):
                panel.setWindowIcon(each)
        self._panels.append(panel)
        self._names.addItem(panel.windowTitle)
        self._pages.addWidget(panel)
        panel.settingChanged.connect(self.settingChanged)
        panel.settings = self._settings()

    def _panel(self, label: str) -> ctkSettingsPanel | None:
        """Return the page with a title."""
        return next((each for each in self._panels if each.windowTitle == label), None)

    def setCurrentPanel(self, panel: ctkSettingsPanel | str) -> None:
        """Show a page, or the one with a title."""
        found = self._panel(panel) if isinstance(panel, str) else panel
        if found in self._panels:
            self._names.setCurrentRow(self._panels.index(found))

    def applySettings(self) -> None:
        self._of_all("applySettings")

    def resetSettings(self) -> None:
        self._of_all("resetSettings")

    def reloadSettings(self) -> None:
        self._of_all("reloadSettings")

    def restoreDefaultSettings(self) -> None:
        self._settings().clear()
        self._of_all("restoreDefaultSettings")

    def accept(self) -> None:
        self.applySettings()
        super().accept()

    def reject(self) -> None:
        self.resetSettings()
        super().accept()

    def _of_all(self, method: str) -> None:
        for panel in self._panels:
            getattr(panel, method)()

    def _settings(self) -> QtCore.QSettings:
        return self.__dict__.get("_own_settings") or QtCore.QSettings()

    def _set_settings(self, settings: QtCore.QSettings) -> None:
        self._own_settings = settings
        for panel in self._panels:
            panel.settings = settings

    settings = QtCore.Property(object, _settings, _set_settings)
    resetButton = qt_property(bool, "_reset_button", False)
    currentPanel = QtCore.Property(object, lambda self: self._pages.currentWidget(),
                                   lambda self, panel: self.setCurrentPanel(panel))
