"""Layouts that are added to others leave no Python objects for their items.

PySide6 makes one for every item of a layout that is added, and keeps it after Qt has deleted the item with its widget.
Whatever Qt creates at that place next, a rectangle or a menu, then comes back as that item.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import shiboken6
from PySide6 import QtWidgets

_ADDING = ((QtWidgets.QBoxLayout, "addLayout"), (QtWidgets.QBoxLayout, "insertLayout"),
           (QtWidgets.QGridLayout, "addLayout"), (QtWidgets.QFormLayout, "addRow"),
           (QtWidgets.QFormLayout, "insertRow"), (QtWidgets.QFormLayout, "setLayout"),
           (QtWidgets.QWidget, "setLayout"))


def install() -> None:
    """Patch the methods that take a layout."""
    for owner, name in _ADDING:
        setattr(owner, name, _forgetting(getattr(owner, name)))


def forget_items() -> None:
    """Let go of the Python objects of all items, wherever they come from; :class:`QUiLoader` leaves many."""
    for each in shiboken6.getAllValidWrappers():
        if type(each) is QtWidgets.QWidgetItem:
            shiboken6.invalidate(each)


def _forgetting(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def add(self: Any, *arguments: Any, **keywords: Any) -> Any:
        result = method(self, *arguments, **keywords)
        for each in arguments:
            if isinstance(each, QtWidgets.QLayout):
                _forget_items(each)
        return result

    return add


def _forget_items(layout: QtWidgets.QLayout) -> None:
    for place in range(layout.count()):
        item = layout.itemAt(place)
        if isinstance(item, QtWidgets.QLayout):
            _forget_items(item)
        elif type(item) is QtWidgets.QWidgetItem:
            shiboken6.invalidate(item)
