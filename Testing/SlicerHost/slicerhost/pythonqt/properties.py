"""Qt properties as Python attributes, as PythonQt shows them; setters stay callable.

PythonQt (PythonQtInstanceWrapper.cpp, getattro and setattro) reads a property through its attribute, so `w.text` is a
string and `w.text()` fails; assigning converts the value to the property's type without strictness
(PythonQtConv::PyObjToQVariant) and complains when the property is not writable.
"""
from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from typing import Any

from PySide6 import QtCore

from slicerhost.pythonqt import conversion
from slicerhost.pythonqt.declare import capitalised
from slicerhost.pythonqt.qt_types import qobject_classes

# Properties of the application object are static functions in Python; they are left as they are.
_UNPATCHED_CLASSES = {"QCoreApplication", "QGuiApplication", "QApplication"}
# Properties of Qt 6 alone: in Slicer's stable releases (Qt 5) these are methods.
_METHODS_IN_QT5 = {("QLayout", "contentsMargins")}


def install() -> None:
    """Turn the Qt properties of all PySide6 classes into Python attributes."""
    for cls in qobject_classes():
        if cls.__name__ not in _UNPATCHED_CLASSES:
            _install_properties(cls)
    _install_object_name()


def _install_properties(cls: type) -> None:
    meta_object = cls.staticMetaObject
    for index in range(meta_object.propertyCount()):
        meta_property = meta_object.property(index)
        name = meta_property.name()
        own = index >= meta_object.propertyOffset()
        if name == "objectName" or (cls.__name__, name) in _METHODS_IN_QT5 or not (own or name in cls.__dict__):
            continue
        existing = cls.__dict__.get(name)
        if isinstance(existing, (property, staticmethod, QtCore.Signal)):
            continue
        setattr(cls, name, _attribute(cls, meta_property, existing))


def _attribute(cls: type, meta_property: QtCore.QMetaProperty, existing: Callable | None) -> property:
    name, type_name, writable = meta_property.name(), meta_property.typeName(), meta_property.isWritable()
    getter = existing or _method(cls, (name, "is" + capitalised(name), "has" + capitalised(name)))
    setter = _method(cls, ("set" + capitalised(name),))

    def read(self: Any) -> Any:
        return self.property(name) if getter is None else getter(self)

    def write(self: Any, value: Any) -> None:
        if not writable:
            raise AttributeError(f"Property '{name}' of {type(self).__name__} object is not writable")
        try:
            converted = conversion.to_type(value, type_name)
        except TypeError as problem:
            raise AttributeError(f"Property '{name}' of type '{type_name}' does not accept an object of type "
                                 f"{type(value).__name__} ({value!r})") from problem
        _assign(self, name, converted, setter)

    return property(read, write)


def _method(cls: type, names: tuple[str, ...]) -> Callable | None:
    for name in names:
        member = inspect.getattr_static(cls, name, None)
        if callable(member) and not isinstance(member, (property, staticmethod, QtCore.Signal)):
            return member
    return None


def _assign(instance: QtCore.QObject, name: str, value: Any, setter: Callable | None) -> None:
    if setter is not None:
        try:
            setter(instance, value)
            return
        except TypeError:  # e.g. an int for an enum: the meta-object converts it
            pass
    if isinstance(value, enum.Enum):
        value = value.value
    if not QtCore.QObject.setProperty(instance, name, value):
        raise AttributeError(f"Property '{name}' of {type(instance).__name__} does not accept an object of type "
                             f"{type(value).__name__} ({value!r})")


def _install_object_name() -> None:
    """`objectName` as a property, and `name` as PythonQt's name of the same."""
    read, write = QtCore.QObject.objectName, QtCore.QObject.setObjectName
    attribute = property(lambda self: read(self), lambda self, value: write(self, str(value)))
    QtCore.QObject.objectName = attribute
    QtCore.QObject.name = attribute
