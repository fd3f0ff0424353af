"""Attribute access on C++ objects: dynamic properties, children, enum values; unknown attributes cannot be created.

Follows PythonQtInstanceWrapper.cpp: reading looks for members, dynamic properties, and children by object name;
writing refuses names that do not exist, except on classes derived in Python.
"""
from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6 import QtCore

from slicerhost import manifest
from slicerhost.pythonqt import signals
from slicerhost.pythonqt.qt_types import is_alive, qobject_classes, stands_for_cpp

_QtProperty = QtCore.Property  # the class, before `qt.Property` may be replaced
_strict = True


@contextmanager
def leniently() -> Iterator[None]:
    """While it lasts, new attributes may be created on C++ objects (PySide6's .ui loader does so)."""
    global _strict
    before, _strict = _strict, False
    try:
        yield
    finally:
        _strict = before


def install() -> None:
    """Patch attribute access of all PySide6 QObject classes."""
    object_getattribute = QtCore.QObject.__dict__["__getattribute__"]
    for cls in qobject_classes():
        # Every Shiboken class has its own slots for attribute access; each must be replaced.
        if "__setattr__" in cls.__dict__:
            cls.__setattr__ = _set_attribute
        if "__getattribute__" in cls.__dict__:
            cls.__getattribute__ = _getattribute(cls.__dict__["__getattribute__"], object_getattribute)
    QtCore.QObject.__getattr__ = _missing_attribute
    QtCore.QObject.connect = staticmethod(signals.connect)  # qt.QObject.connect(sender, signal, ...)
    QtCore.QObject.disconnect = staticmethod(signals.disconnect)


# CPython forbids a Python function to call the C slot it replaces; the generic function of the interpreter is allowed.
_generic_set_attribute = ctypes.pythonapi.PyObject_GenericSetAttr
_generic_set_attribute.argtypes = [ctypes.py_object] * 3
_generic_set_attribute.restype = ctypes.c_int


def _set_attribute(self: QtCore.QObject, name: str, value: Any) -> None:
    if name.startswith("_"):  # private state of the host's own classes
        _generic_set_attribute(self, name, value)
        return
    cls = type(self)
    member = _class_member(cls, name)
    if isinstance(member, _QtProperty):
        _set_qt_property(self, name, member, value)
    elif isinstance(value, QtCore.SignalInstance) or not (_strict and stands_for_cpp(cls)):
        # PySide6 stores bound signals lazily on the instance.
        _generic_set_attribute(self, name, value)
    elif member is not None:
        if not hasattr(type(member), "__set__"):
            raise AttributeError(f"Slot or signal '{name}' can not be overwritten on {cls.__name__} object")
        _generic_set_attribute(self, name, value)
    elif name in self.__dict__:
        _generic_set_attribute(self, name, value)
    elif name in _dynamic_property_names(self):
        QtCore.QObject.setProperty(self, name, value)
    else:
        manifest.raise_gap(cls, name)
        raise AttributeError(f"'{name}' does not exist on {cls.__name__} and creating new attributes on C++ objects "
                             f"is not allowed")


def _class_member(cls: type, name: str) -> Any:
    """Return what a class or its bases define under the name, unbound; None if nothing."""
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


def _set_qt_property(instance: QtCore.QObject, name: str, member: Any, value: Any) -> None:
    if member.fset is None:
        raise AttributeError(f"Property '{name}' of {type(instance).__name__} object is not writable")
    member.fset(instance, value)


def _dynamic_property_names(instance: QtCore.QObject) -> list[str]:
    return [bytes(name).decode() for name in instance.dynamicPropertyNames()]


def _getattribute(original: Callable, object_getattribute: Callable) -> Callable:
    """`connect` and `disconnect` are hard-wired in Shiboken's attribute access and must be intercepted there."""

    def getattribute(self: QtCore.QObject, name: str) -> Any:
        if name == "connect":
            return _interceptor(self, object_getattribute(self, name), signals.connect)
        if name == "disconnect":
            return _interceptor(self, object_getattribute(self, name), signals.disconnect)
        return original(self, name)

    return getattribute


def _interceptor(instance: QtCore.QObject, original: Callable, replacement: Callable) -> Callable:
    def call(*arguments: Any) -> Any:
        if _is_internal_call(arguments):
            return original(*arguments)
        return replacement(instance, *arguments)

    return call


def _is_internal_call(arguments: tuple) -> bool:
    """PySide6's own signal.connect(f) calls source.connect(source, "2signal(...)", f)."""
    return (len(arguments) > 1 and isinstance(arguments[0], QtCore.QObject)
            and isinstance(arguments[1], (str, bytes)) and arguments[1][:1] in ("2", b"2"))


def _missing_attribute(self: QtCore.QObject, name: str) -> Any:
    """Called when the normal look-up fails."""
    if not name.startswith("__") and is_alive(self):
        value = QtCore.QObject.property(self, name)
        if value is not None:
            return value
        if name[0].isupper() and hasattr(type(self), name):  # an enum value through an instance: process.Running
            return getattr(type(self), name)
        child = _child(self, name)
        if child is not None:
            return child
        manifest.raise_gap(type(self), name)
    raise AttributeError(f"{type(self).__name__} has no attribute named '{name}'")


def _child(instance: QtCore.QObject, name: str) -> QtCore.QObject | None:
    if name.startswith("_"):
        return None
    return next((child for child in QtCore.QObject.children(instance) if child.objectName == name), None)
