"""Names that VTK gives to the keys of the keyboard ("Return", "Control_L", "a"), for Qt key events."""
from __future__ import annotations

from PySide6 import QtCore, QtGui

_SPECIAL = {
    QtCore.Qt.Key.Key_Backspace: "BackSpace",
    QtCore.Qt.Key.Key_Tab: "Tab",
    QtCore.Qt.Key.Key_Return: "Return",
    QtCore.Qt.Key.Key_Enter: "Return",
    QtCore.Qt.Key.Key_Shift: "Shift_L",
    QtCore.Qt.Key.Key_Control: "Control_L",
    QtCore.Qt.Key.Key_Alt: "Alt_L",
    QtCore.Qt.Key.Key_Escape: "Escape",
    QtCore.Qt.Key.Key_Space: "space",
    QtCore.Qt.Key.Key_PageUp: "Prior",
    QtCore.Qt.Key.Key_PageDown: "Next",
    QtCore.Qt.Key.Key_End: "End",
    QtCore.Qt.Key.Key_Home: "Home",
    QtCore.Qt.Key.Key_Left: "Left",
    QtCore.Qt.Key.Key_Up: "Up",
    QtCore.Qt.Key.Key_Right: "Right",
    QtCore.Qt.Key.Key_Down: "Down",
    QtCore.Qt.Key.Key_Insert: "Insert",
    QtCore.Qt.Key.Key_Delete: "Delete",
    QtCore.Qt.Key.Key_Plus: "plus",
    QtCore.Qt.Key.Key_Minus: "minus",
    QtCore.Qt.Key.Key_Comma: "comma",
    QtCore.Qt.Key.Key_Period: "period",
    QtCore.Qt.Key.Key_Slash: "slash",
    QtCore.Qt.Key.Key_Asterisk: "asterisk",
}


def key_symbol(event: QtGui.QKeyEvent) -> str:
    """Return VTK's key symbol of a Qt key event."""
    key = QtCore.Qt.Key(event.key())
    if key in _SPECIAL:
        return _SPECIAL[key]
    name = key.name.removeprefix("Key_")
    if len(name) > 1:  # F1, F2...
        return name
    shifted = bool(event.modifiers() & QtCore.Qt.KeyboardModifier.ShiftModifier)
    return name if shifted else name.lower()


def key_code(event: QtGui.QKeyEvent) -> str:
    """Return the typed character of a Qt key event, or the null character."""
    return (event.text() or "\0")[0]
