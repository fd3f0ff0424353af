"""Lists that C++ returns arrive as tuples (PythonQtConversion.cpp: QStringListToPyObject, QVariantListToPyObject,
ConvertQListOfPointerTypeToPythonList)."""
from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from slicerhost.pythonqt.qt_types import qt_classes

_METHODS = {
    "QObject": ("children", "findChildren", "property"), "QWidget": ("actions",), "QActionGroup": ("actions",),
    "QSplitter": ("sizes",), "QButtonGroup": ("buttons",), "QFileDialog": ("selectedFiles", "nameFilters", "history"),
    "QListWidget": ("selectedItems", "findItems"), "QTableWidget": ("selectedItems", "findItems", "selectedRanges"),
    "QTreeWidget": ("selectedItems", "findItems"), "QStandardItemModel": ("findItems",),
    "QItemSelectionModel": ("selectedRows", "selectedColumns", "selectedIndexes"), "QItemSelection": ("indexes",),
    "QDir": ("entryList", "entryInfoList"), "QMimeData": ("urls", "formats"), "QAction": ("data", "shortcuts"),
    "QSettings": ("value", "allKeys", "childKeys", "childGroups"), "QComboBox": ("itemData",),
    "QListWidgetItem": ("data",), "QTableWidgetItem": ("data",), "QTreeWidgetItem": ("data",),
    "QStandardItem": ("data",), "QModelIndex": ("data",), "QTabBar": ("tabData",),
}


def install() -> None:
    """Wrap the methods that return lists, and the property `currentData`."""
    for cls in qt_classes():
        for name in _METHODS.get(cls.__name__, ()):
            if name in cls.__dict__:
                setattr(cls, name, _tuple_result(cls.__dict__[name]))
        current_data = cls.__dict__.get("currentData")
        if isinstance(current_data, property):
            cls.currentData = property(_tuple_result(current_data.fget))


def as_tuple(value: Any) -> Any:
    """Return a list as a tuple, with the lists inside it; anything else as it is."""
    return tuple(as_tuple(item) for item in value) if isinstance(value, list) else value


def _tuple_result(method: Callable) -> Callable:
    @functools.wraps(method, assigned=("__name__",))
    def call(*arguments: Any, **keywords: Any) -> Any:
        return as_tuple(method(*arguments, **keywords))

    return call
