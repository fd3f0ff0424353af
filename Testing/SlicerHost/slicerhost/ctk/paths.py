"""CTK's path selectors (ctkPathLineEdit.cpp, ctkDirectoryButton.cpp)."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property, text_of
from slicerhost.registry import register

_MAXIMUM_HISTORY = 5


def _endings(name_filter: str) -> list[str]:
    """Return the endings in "Volumes (*.nrrd *.nii.gz)" or "*.nrrd", as far as CTK looks: up to the next dot."""
    in_brackets = re.match(r"^.*\((.*)\)$", name_filter)
    return re.findall(r"\*\.(\w+)", in_brackets.group(1) if in_brackets else name_filter)


@register
class ctkPathLineEdit(QtWidgets.QWidget):
    """A line edit for a path with a history and a browse button."""

    currentPathChanged = Signal(str)
    validInputChanged = Signal(bool)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._valid = False  # until the first path
        self._combo_box = QtWidgets.QComboBox(self)
        self._combo_box.setEditable(True)
        self._combo_box.setInsertPolicy(QtWidgets.QComboBox.InsertPolicy.NoInsert)
        self._browse_button = QtWidgets.QToolButton(self)
        self._browse_button.setText("...")
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._combo_box, 1)
        layout.addWidget(self._browse_button)
        self.setFocusProxy(self._line_edit())
        self._browse_button.clicked.connect(lambda: self.browse())
        self._update_validator()
        self._line_edit().textChanged.connect(self._on_text_changed)

    def _line_edit(self) -> QtWidgets.QLineEdit:
        return self._combo_box.lineEdit()

    def _update_validator(self) -> None:
        """Accept any text but none, or one that ends like one of the name filters (nameFiltersToRegularExpression)."""
        endings = [rf".*\.{ending}?$" for name_filter in self.nameFilters for ending in _endings(name_filter)]
        pattern = f"({'|'.join(endings)})" if endings else ".+"
        self._line_edit().setValidator(QtGui.QRegularExpressionValidator(QtCore.QRegularExpression(pattern), self))

    def _on_text_changed(self, text: str) -> None:
        was_valid, self._valid = self._valid, self._line_edit().hasAcceptableInput()
        if self._valid:
            self.currentPathChanged.emit(self.currentPath)
        if self._valid != was_valid:
            self.validInputChanged.emit(self._valid)

    def _set_path(self, path: str) -> None:
        self._line_edit().setText(str(path))

    def setCurrentPath(self, path: str) -> None:
        self._set_path(path)

    def browse(self) -> None:
        """Open the dialog that fits the filters: save, open, or choose a directory."""
        filters = int(self.filters)
        dialog = QtWidgets.QFileDialog
        if not filters & self.Files:
            path = dialog.getExistingDirectory(self, "Select a directory...", self.currentPath)
        elif filters & self.Writable:
            path = dialog.getSaveFileName(self, "Select a file to save ", self.currentPath, ";;".join(self.nameFilters))
        else:
            path = dialog.getOpenFileName(self, "Open a file", self.currentPath, ";;".join(self.nameFilters))
        if path:
            self._set_path(path)

    def _settings_key(self) -> str:
        return "ctkPathLineEdit/" + (self.settingKey or self.objectName)

    def _history(self) -> list[str]:
        history = QtCore.QSettings().value(self._settings_key())
        return [history] if isinstance(history, str) else list(history or [])

    def retrieveHistory(self) -> None:
        """Fill the list with the remembered paths; the current path stays unless it is empty."""
        path = self.currentPath
        blocked = self.blockSignals(True)
        self._combo_box.clear()
        for remembered in self._history()[:_MAXIMUM_HISTORY]:
            self._combo_box.addItem(remembered)
        if path:
            self._set_path(path)
        self.blockSignals(blocked)
        if not path:
            self._combo_box.setCurrentIndex(0)

    def addCurrentPathToHistory(self) -> None:
        """Remember the current path as the latest one."""
        path = self.currentPath
        if not path:
            return
        history = [path, *(other for other in self._history() if other != path)]
        QtCore.QSettings().setValue(self._settings_key(), history)
        index = self._combo_box.findText(path)
        if index >= 0:
            self._combo_box.removeItem(index)
        while self._combo_box.count >= _MAXIMUM_HISTORY:
            self._combo_box.removeItem(self._combo_box.count - 1)
        self._combo_box.insertItem(0, path)
        self._combo_box.setCurrentIndex(0)

    def comboBox(self) -> QtWidgets.QComboBox:
        return self._combo_box

    currentPath = QtCore.Property(str, lambda self: self._line_edit().text, _set_path)
    filters = qt_property(int, "_filters", 0x001 | 0x002 | 0x004 | 0x010 | 0x040 | 0x2000 | 0x4000)
    nameFilters = qt_property("QStringList", "_name_filters", [], changed=lambda self, value: self._update_validator())
    label = qt_property(str, "_label", "")
    options = qt_property(int, "_options", 0)
    settingKey = qt_property(str, "_setting_key", "", changed=lambda self, value: self.retrieveHistory())
    showBrowseButton = qt_property(bool, "_show_browse_button", True,
                                   changed=lambda self, value: self._browse_button.setVisible(value))
    showHistoryButton = qt_property(bool, "_show_history_button", True)
    sizeAdjustPolicy = qt_property(int, "_size_adjust_policy", 2)
    minimumContentsLength = qt_property(int, "_minimum_contents_length", 0)


@register
class ctkDirectoryButton(QtWidgets.QWidget):
    """A button that shows a directory and opens a dialog to choose another."""

    directoryChanged = Signal(str)
    directorySelected = Signal(str)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._directory = text_of(arguments) or "."
        self._button = QtWidgets.QPushButton(self)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._button)
        self._button.clicked.connect(lambda: self.browse())
        self._show_directory()

    def _show_directory(self) -> None:
        absolute = str(Path(self._directory).absolute())
        self._button.setText(self.text or (absolute))

    def _set_directory(self, directory: str) -> None:
        absolute = str(Path(directory).absolute())
        changed = Path(self._directory).absolute() != Path(absolute)
        if changed:
            self._directory = absolute
            self._show_directory()
        self.directorySelected.emit(absolute)
        if changed:
            self.directoryChanged.emit(absolute)

    def browse(self) -> str:
        """Open the directory dialog; return the chosen directory or an empty string."""
        directory = QtWidgets.QFileDialog.getExistingDirectory(self, self.caption or self.toolTip, self._directory)
        if directory:
            self._set_directory(directory)
        return directory

    directory = QtCore.Property(str, lambda self: self._directory, _set_directory)
    text = qt_property(str, "_text", "", changed=lambda self, value: self._show_directory())
    caption = qt_property(str, "_caption", "")
    options = qt_property(int, "_options", 1)
    acceptMode = qt_property(int, "_accept_mode", 0)
    icon = QtCore.Property("QIcon", lambda self: self._button.icon, lambda self, value: self._button.setIcon(value))
