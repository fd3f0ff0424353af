"""The Segment Editor's keys: numbers choose effects, Z and Y undo and redo, Q and W go through the segments."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.qt_types import is_alive

_PREVIOUS_KEYS = ("Q", "/", ",", ">")
_NEXT_KEYS = ("W", "*", ".", "<")


def install(editor: Any, parent: QtWidgets.QWidget) -> list[QtGui.QShortcut]:
    """Create the shortcuts on a window and return them."""
    shortcuts: list[QtGui.QShortcut] = []

    def add(keys: Any, action: Callable[[], None]) -> None:
        shortcut = QtGui.QShortcut(QtGui.QKeySequence(keys), parent)
        shortcut.activated.connect(action)
        shortcuts.append(shortcut)

    for index in range(1, 11):
        add(str(index % 10), lambda index=index: editor._toggle_effect_at(index))
        add(f"Shift+{index % 10}", lambda index=index: editor._toggle_effect_at(index + 10))
    add(QtCore.Qt.Key.Key_Escape, lambda: editor.setActiveEffect(None))
    add(QtCore.Qt.Key.Key_Space, editor._toggle_last_effect)
    for keys in ("Z", QtGui.QKeySequence.StandardKey.Undo):
        add(keys, editor.undo)
    for keys in ("Y", QtGui.QKeySequence.StandardKey.Redo):
        add(keys, editor.redo)
    for keys in _PREVIOUS_KEYS:
        add(keys, editor.selectPreviousSegment)
    for keys in _NEXT_KEYS:
        add(keys, editor.selectNextSegment)
    add("I", editor.toggleSourceVolumeIntensityMaskEnabled)
    return shortcuts


def uninstall(shortcuts: list[QtGui.QShortcut]) -> None:
    """Delete the shortcuts."""
    for shortcut in shortcuts:
        if is_alive(shortcut):  # a closed window has deleted its shortcuts
            shortcut.setParent(None)
            shortcut.deleteLater()
    shortcuts.clear()
