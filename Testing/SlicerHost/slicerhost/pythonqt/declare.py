"""Declaring emulated C++ classes: Qt properties that the .ui loader and Python both see, setters as methods."""
from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType
from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost import manifest

Signal = QtCore.Signal


def qt_property(
    value_type: type | str,
    attribute: str,
    default: Any = None,
    changed: Callable[[Any, Any], None] | None = None,
    notify: str | None = None,
) -> QtCore.Property:
    """Return a stored Qt property.

    value_type: Python or C++ type of the property; numbers and truth values are converted to it as PythonQt does.
    attribute: name of the instance attribute that stores the value; default: value before the first assignment.
    changed: called as changed(self, value) after every assignment; notify: signal emitted when the value differs.
    """

    def read(self: Any) -> Any:
        value = self.__dict__.get(attribute, default)
        # PythonQtConv::QStringListToPyObject makes a tuple.
        return tuple(value) if value_type == "QStringList" and value is not None else value

    def write(self: Any, value: Any) -> None:
        previous = read(self)
        if value_type in (float, int, bool, str) and value is not None and not isinstance(value, value_type):
            value = value_type(value)
        self.__dict__[attribute] = value
        if changed is not None:
            changed(self, value)
        if notify is not None and previous != value:
            getattr(self, notify).emit(value)

    return QtCore.Property(value_type, read, write)


def capitalised(name: str) -> str:
    """Return the name with its first letter in upper case ("value" -> "Value")."""
    return name[0].upper() + name[1:]


def emulated(cls: type) -> type:
    """Class decorator: the class stands for a C++ class.

    Its attributes are strict, and of its properties' setters those become methods that are slots in Slicer. Enumeration
    constants come from the manifest unless the class defines them. Lists that C++ returns arrive as tuples
    (PythonQtConv::QStringListToPyObject, ConvertQListOfPointerTypeToPythonList).
    """
    name = cls.__name__
    for member_name, member in list(vars(cls).items()):
        setter = "set" + capitalised(member_name)
        is_writable = isinstance(member, QtCore.Property) and member.fset is not None
        if is_writable and setter in manifest.methods(name) and setter not in cls.__dict__:
            setattr(cls, setter, _setter_method(setter, member.fset))
    for method_name, method in list(vars(cls).items()):
        if method_name in manifest.methods(name) and _returns_list(method):
            setattr(cls, method_name, _tuple_result(method))
    for constant, value in manifest.enum_values(name).items():
        if not hasattr(cls, constant):
            setattr(cls, constant, value)
    cls._emulates_cpp = True
    return cls


def _returns_list(method: Any) -> bool:
    return isinstance(method, FunctionType) and str(method.__annotations__.get("return", "")).startswith("list[")


def _tuple_result(method: Callable[..., list]) -> Callable[..., tuple]:
    @functools.wraps(method)
    def call(*arguments: Any, **keywords: Any) -> tuple:
        return tuple(method(*arguments, **keywords))

    return call


def parent_of(arguments: tuple) -> Any:
    """Return the parent widget among the arguments of a C++ constructor (text, icon and parent in any order)."""
    return next((argument for argument in arguments if isinstance(argument, QtWidgets.QWidget)), None)


def text_of(arguments: tuple) -> str:
    """Return the text among the arguments of a C++ constructor."""
    return next((argument for argument in arguments if isinstance(argument, str)), "")


def _setter_method(name: str, write: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def setter(self: Any, value: Any) -> None:
        write(self, value)

    setter.__name__ = name
    return setter
