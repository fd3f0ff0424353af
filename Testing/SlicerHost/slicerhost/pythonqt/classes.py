"""Qt classes as PythonQt hands them out: no inheritance between them, no keyword arguments for constructors.

PythonQt.cpp (createNewPythonQtClassWrapper) derives the wrapper of every C++ class from PythonQtInstanceWrapper alone:
a QPushButton is no instance of QWidget for `isinstance`; `inherits("QWidget")` is the question that works. A class
derived in Python is an instance of the C++ class that it names as its base. PythonQtSlot.cpp passes keyword arguments
to no constructor, and PythonQtInstanceWrapper_init may be called twice.
"""
from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6 import QtCore

from slicerhost.pythonqt.qt_types import qobject_classes, stands_for_cpp

# Code that is written against PySide6 itself: the host (its copies of Slicer's Python packages aside), and Qt's tools.
_NATIVE = ("slicerhost.", "PySide6", "shiboken", "importlib", "_frozen_importlib")
_SLICER_CODE = "slicerhost.slicerpy."
# Classes with further constructors in ctkCorePythonQtDecorators.h and ctkWidgetsPythonQtDecorators.h.
_OTHER_CONSTRUCTORS = {"ctkBooleanMapper", "ctkTransferFunctionBarsItem", "ctkTransferFunctionGradientItem",
                       "ctkVTKPiecewiseFunction", "ctkVTKColorTransferFunction"}


def install() -> None:
    """Patch the metaclass of all PySide6 classes, and their constructors."""
    metaclass = type(QtCore.QObject)
    metaclass.__instancecheck__ = _is_instance
    metaclass.__subclasscheck__ = _is_subclass
    metaclass.__call__ = _create
    for cls in qobject_classes():
        if "__init__" in cls.__dict__:
            cls.__init__ = _repeatable(cls.__init__)


def _repeatable(construct: Callable[..., None]) -> Callable[..., None]:
    """PythonQtInstanceWrapper_init lets a derived class call the constructor of its base again; PySide6 refuses."""
    @functools.wraps(construct)
    def again(self: Any, *arguments: Any, **keywords: Any) -> None:
        if not shiboken6.isValid(self):
            construct(self, *arguments, **keywords)
        elif arguments and type.__instancecheck__(QtCore.QObject, arguments[-1]):
            self.setParent(arguments[-1])

    return again


def _caller_is_native() -> bool:
    name = sys._getframe(2).f_globals.get("__name__") or ""
    return name.startswith(_NATIVE) and not name.startswith(_SLICER_CODE)


def cpp_class(cls: type) -> type | None:
    """Return the C++ class that a class is, or that it names as its base in Python; None if there is none."""
    return next((base for base in cls.__mro__ if stands_for_cpp(base)), None)


def _is_instance(cls: type, instance: object) -> bool:
    if _caller_is_native() or not stands_for_cpp(cls):
        return type.__instancecheck__(cls, instance)
    return cpp_class(type(instance)) is cls


def _is_subclass(cls: type, subclass: type) -> bool:
    if _caller_is_native() or not stands_for_cpp(cls):
        return type.__subclasscheck__(cls, subclass)
    return cpp_class(subclass) is cls


def _takes_a_parent_only(cls: type) -> bool:
    """ctkWrapPythonQt.py wraps one constructor of a class of CTK or Slicer; decorators add others for few."""
    return "_emulates_cpp" in cls.__dict__ and cls.__name__ not in _OTHER_CONSTRUCTORS


def _is_a_parent_at_most(arguments: tuple) -> bool:
    return not arguments or (len(arguments) == 1 and (
        arguments[0] is None or type.__instancecheck__(QtCore.QObject, arguments[0])))


def _create(cls: type, *arguments: Any, **keywords: Any) -> Any:
    if stands_for_cpp(cls) and not _caller_is_native():
        if keywords:
            raise ValueError(f"Called {cls.__name__}() with keyword arguments, but called slot does not support "
                             f"kwargs.")
        if _takes_a_parent_only(cls) and not _is_a_parent_at_most(arguments):
            raise ValueError(f"Could not find matching overload for given arguments: {arguments!r}. The following "
                             f"slots are available: {cls.__name__}(parent)")
    return type.__call__(cls, *arguments, **keywords)
