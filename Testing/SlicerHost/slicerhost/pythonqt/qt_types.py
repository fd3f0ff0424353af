"""The PySide6 modules and classes that stand for Slicer's `qt` module."""
from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

import shiboken6
from PySide6 import QtCore

# Order matters for `qt.<name>`: the first module that has the name wins.
MODULE_NAMES = ("QtCore", "QtGui", "QtWidgets", "QtUiTools", "QtNetwork", "QtSvg", "QtSvgWidgets", "QtXml", "QtSql",
                "QtPrintSupport")


@cache
def qt_modules() -> tuple[ModuleType, ...]:
    """Return the installed PySide6 modules that make up `qt`."""
    return tuple(module for name in MODULE_NAMES if (module := _import_if_installed(name)) is not None)


def _import_if_installed(name: str) -> ModuleType | None:
    try:
        return importlib.import_module("PySide6." + name)
    except ImportError:  # a system library of an optional module is absent
        return None


@cache
def qt_classes() -> frozenset[type]:
    """Return all classes of `qt` at module level, values (QColor) as well as objects (QWidget)."""
    members = (getattr(module, name) for module in qt_modules() for name in dir(module) if not name.startswith("_"))
    return frozenset(member for member in members if isinstance(member, type))


def qobject_classes() -> list[type]:
    """Return all QObject classes of PySide6, base classes first."""
    classes = {cls for cls in qt_classes() if issubclass(cls, QtCore.QObject)}
    return sorted(classes, key=lambda cls: (len(cls.__mro__), cls.__module__, cls.__name__))


def stands_for_cpp(cls: type) -> bool:
    """Return whether the class is a C++ class for Python code, as opposed to a Python class derived from one."""
    module = cls.__module__  # not a text for metaclasses that extensions written in C make
    return (isinstance(module, str) and module.startswith("PySide6")) or "_emulates_cpp" in cls.__dict__


def is_alive(instance: QtCore.QObject) -> bool:
    """Return whether the C++ object behind a Python object still exists."""
    return shiboken6.isValid(instance)
