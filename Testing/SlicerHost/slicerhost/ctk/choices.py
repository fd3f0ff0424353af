"""CTK's combo boxes and search box (ctkComboBox.cpp, ctkCheckableComboBox.cpp, ctkSearchBox.cpp)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import Signal, parent_of, qt_property, text_of
from slicerhost.registry import register

_CHECKED, _UNCHECKED = QtCore.Qt.CheckState.Checked, QtCore.Qt.CheckState.Unchecked


@register
class ctkComboBox(QtWidgets.QComboBox):
    """A combo box with a default text and a choice of how the wheel scrolls it."""

    returnRelease = Signal()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))

    def _set_current_data(self, data: str) -> None:
        index = next((i for i in range(self.count) if str(self.itemData(i)) == data), None)
        if index is not None:
            self.setCurrentIndex(index)

    defaultText = qt_property(str, "_default_text", "")
    defaultIcon = qt_property("QIcon", "_default_icon", QtGui.QIcon())
    forceDefault = qt_property(bool, "_force_default", False)
    elideMode = qt_property(int, "_elide_mode", 3)
    scrollWheelEffect = qt_property(int, "_scroll_wheel_effect", 1)
    currentUserDataAsString = QtCore.Property(str, lambda self: str(self.currentData or ""), _set_current_data)


@register
class ctkCheckableComboBox(QtWidgets.QComboBox):
    """A combo box whose items have check boxes."""

    checkedIndexesChanged = Signal()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self.setModel(QtGui.QStandardItemModel(0, 1, self))
        self.model().rowsInserted.connect(self._make_checkable)
        self.model().dataChanged.connect(self._on_data_changed)

    def _make_checkable(self, parent: QtCore.QModelIndex, first: int, last: int) -> None:
        for row in range(first, last + 1):
            item = self.model().item(row)
            if item is not None:
                item.setCheckable(True)
                item.setCheckState(_UNCHECKED)

    def _on_data_changed(self, first: Any, last: Any, roles: Any = ()) -> None:
        if not roles or QtCore.Qt.ItemDataRole.CheckStateRole in roles:
            self.checkedIndexesChanged.emit()

    def checkedIndexes(self) -> list[QtCore.QModelIndex]:
        rows = range(self.model().rowCount())
        return [self.model().index(row, 0) for row in rows if self.model().item(row).checkState() == _CHECKED]

    def allChecked(self) -> bool:
        return len(self.checkedIndexes()) == self.model().rowCount()

    def noneChecked(self) -> bool:
        return not self.checkedIndexes()

    def checkState(self, index: QtCore.QModelIndex) -> int:
        return int(self.model().itemFromIndex(index).checkState())

    def setCheckState(self, index: QtCore.QModelIndex, state: int) -> None:
        self.model().itemFromIndex(index).setCheckState(state)


@register
class ctkSearchBox(QtWidgets.QLineEdit):
    """A line edit for a search text."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(text_of(arguments), parent_of(arguments))

    showSearchIcon = qt_property(bool, "_show_search_icon", False)
    searchIcon = qt_property("QIcon", "_search_icon", QtGui.QIcon())
    clearIcon = qt_property("QIcon", "_clear_icon", QtGui.QIcon())
