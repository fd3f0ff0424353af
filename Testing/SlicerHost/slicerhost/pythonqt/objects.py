"""Methods that PythonQt adds to every QObject (PythonQtStdDecorators.cpp) and to timers and event loops."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6 import QtCore, QtWidgets

from slicerhost.pythonqt import signals
from slicerhost.pythonqt.qt_types import stands_for_cpp

_cpp_find_children = QtCore.QObject.findChildren
_cpp_inherits = QtCore.QObject.inherits
_cpp_single_shot = QtCore.QTimer.singleShot


def install() -> None:
    """Patch QObject, QTimer and the classes with exec()."""
    QtCore.QObject.className = _class_name
    QtCore.QObject.delete = _delete
    QtCore.QObject.inherits = _inherits
    QtCore.QObject.findChildren = _find_children
    QtCore.QObject.findChild = _find_child
    QtCore.QTimer.singleShot = staticmethod(_single_shot)
    for cls in (QtWidgets.QDialog, QtWidgets.QMessageBox, QtWidgets.QMenu, QtWidgets.QApplication, QtCore.QEventLoop):
        _integer_result(cls, "exec")
        _integer_result(cls, "exec_")


def _delete(self: QtCore.QObject) -> None:
    """Destroy the C++ object at once."""
    shiboken6.delete(self)


def _class_name(self: QtCore.QObject) -> str:
    return type(self).__name__


def _inherits(self: QtCore.QObject, name: str) -> bool:
    return any(cls.__name__ == name for cls in type(self).__mro__) or _cpp_inherits(self, name)


def _find_children(self: QtCore.QObject, kind: type | str | None = None, name: Any = None) -> list[QtCore.QObject]:
    """Return all descendants of a class (or class name) whose object name equals or matches name."""
    if isinstance(kind, str):
        found = [child for child in _cpp_find_children(self, QtCore.QObject) if _inherits(child, kind)]
    else:
        found = _cpp_find_children(self, QtCore.QObject if kind is None else kind)
    if isinstance(name, QtCore.QRegularExpression):
        return [child for child in found if name.match(child.objectName).hasMatch()]
    return [child for child in found if name is None or child.objectName == name]


def _find_child(self: QtCore.QObject, kind: type | str | None = None, name: Any = None) -> QtCore.QObject | None:
    """Return the first such descendant; direct children come before grandchildren."""
    found = _find_children(self, kind, name)
    direct = [child for child in found if child.parent() is self]
    return (direct or found or [None])[0]


_pending_single_shots: dict[Callable, Callable] = {}


def fire_early(owner: QtCore.QObject) -> bool:
    """Make the pending single-shot calls of an object's methods now; return whether there were any."""
    due = [fire for fire, callback in _pending_single_shots.items() if getattr(callback, "__self__", None) is owner]
    for fire in due:
        fire()
    return bool(due)


def _single_shot(milliseconds: float, *arguments: Any) -> None:
    """QTimer.singleShot(ms, callable) and (ms, receiver, "slot()"); the callable is kept until it has run."""
    callback, receiver = arguments[-1], None
    if isinstance(callback, (str, bytes)):
        receiver = arguments[-2]
        callback = getattr(receiver, signals.split_signature(callback)[0])

    def fire() -> None:
        is_pending = _pending_single_shots.pop(fire, None) is not None
        if is_pending and (receiver is None or shiboken6.isValid(receiver)):  # Qt drops the call with its receiver
            callback()

    _pending_single_shots[fire] = callback
    _cpp_single_shot(int(milliseconds), fire)


def _integer_result(cls: type, name: str) -> None:
    method = cls.__dict__.get(name)
    if method is None or isinstance(method, staticmethod) or not stands_for_cpp(cls):
        return

    def execute(self: Any, *arguments: Any) -> Any:
        result = method(self, *arguments)
        return int(result) if isinstance(result, int) else result

    setattr(cls, name, execute)
