"""Connections by signature string: `connect("clicked(bool)", f)`, `connect("sig()", receiver, "slot()")`, disconnect.

Rules of PythonQtStdDecorators.cpp and PythonQtSignalReceiver.cpp: the signature must exist (else a message is printed
and False returned; the host also remembers it as a problem, for a test to fail on), plain functions and bound methods
get only as many arguments as they take, handlers are held by strong references, disconnecting compares by equality.
"""
from __future__ import annotations

import re
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import shiboken6
from PySide6 import QtCore

from slicerhost import errors, manifest
from slicerhost.pythonqt.qt_types import stands_for_cpp

_SIGNATURE = re.compile(r"^\s*[0-9]?\s*([A-Za-z_]\w*)\s*(?:\((.*)\))?\s*$", re.DOTALL)
_CONNECTIONS = "_pythonqt_connections"


class NoSuchSignal(ValueError):
    """The object has no signal of that name and these argument types."""


@dataclass(eq=False)
class Connection:
    """One handler of one signal: what was asked for (signal, handler) and what Qt calls (bound signal, adapter)."""

    signal: str
    handler: Callable
    adapter: Callable
    bound_signal: Any


def split_signature(signature: str | bytes) -> tuple[str, list[str] | None]:
    """Return name and normalised argument types of "name(type,type)"; None for the types when there is no "(...)"."""
    text = signature.decode() if isinstance(signature, bytes) else signature
    match = _SIGNATURE.match(text)
    if match is None:
        raise NoSuchSignal(f"'{text}' is not a signature")
    if match.group(2) is None:
        return match.group(1), None
    return match.group(1), manifest.normalised_arguments(match.group(2))


def connect(sender: QtCore.QObject, *arguments: Any) -> bool:
    """PythonQt's QObject.connect: (signal, callable), (signal, receiver, slot) or, first, another sender."""
    if isinstance(arguments[0], QtCore.QObject):
        return connect(*arguments)
    try:
        signal, handler, limit = _target(arguments)
        bound_signal, signal_name, count = _find(sender, signal)
    except NoSuchSignal as problem:
        return _refused("connect", problem)
    adapter = _adapter(handler, [count, limit, _positional_count(handler)])
    bound_signal.connect(adapter)
    _connections(sender).append(Connection(signal_name, handler, adapter, bound_signal))
    return True


def disconnect(sender: QtCore.QObject, *arguments: Any) -> bool:
    """PythonQt's QObject.disconnect: (signal), (signal, callable) or (signal, receiver, slot)."""
    if arguments and isinstance(arguments[0], QtCore.QObject):
        return disconnect(*arguments)
    name = split_signature(arguments[0])[0] if arguments else None
    handler = _target(arguments)[1] if len(arguments) > 1 else None
    matching = [connection for connection in _connections(sender)
                if name in (None, connection.signal) and (handler is None or connection.handler == handler)]
    for connection in matching[:None if handler is None else 1]:
        connection.bound_signal.disconnect(connection.adapter)
        _connections(sender).remove(connection)
    return bool(matching)


def _connections(sender: QtCore.QObject) -> list[Connection]:
    return sender.__dict__.setdefault(_CONNECTIONS, [])


def _target(arguments: tuple) -> tuple[str, Callable, int | None]:
    """Return signal, handler and the number of arguments that a receiver's slot takes (None: as many as come)."""
    signal, target = arguments[0], arguments[1]
    if len(arguments) > 2 and isinstance(target, QtCore.QObject):
        slot, types_of_slot = split_signature(arguments[2])
        member = getattr(target, slot, None)
        if member is None:
            raise NoSuchSignal(f"{type(target).__name__} has no slot {arguments[2]}")
        return signal, getattr(member, "emit", member), None if types_of_slot is None else len(types_of_slot)
    if hasattr(target, "emit"):  # a signal may be connected to a signal
        return signal, target.emit, None
    if not callable(target):
        raise TypeError(f"connect: {target!r} is not callable")
    return signal, target, None


def _refused(action: str, problem: NoSuchSignal) -> bool:
    message = f"PythonQt: QObject::{action}(): {problem}"
    print(message, file=sys.stderr)
    errors.report("pythonqt", message)
    return False


def _positional_count(handler: Callable) -> int | None:
    """Return how many arguments PythonQt passes at most; only plain functions and bound methods are counted."""
    function = handler.__func__ if isinstance(handler, types.MethodType) else handler
    if not isinstance(function, types.FunctionType) or function.__code__.co_flags & 0x04:  # CO_VARARGS
        return None
    return function.__code__.co_argcount - (function is not handler)


def _adapter(handler: Callable, limits: list[int | None]) -> Callable:
    limit = min((value for value in limits if value is not None), default=None)

    def call(*arguments: Any) -> Any:
        return handler(*arguments[:limit])

    return call


def _find(sender: QtCore.QObject, signature: str | bytes) -> tuple[Any, str, int | None]:
    """Return the bound signal of the right overload, its name and its number of arguments."""
    name, wanted = split_signature(signature)
    bound = getattr(sender, name, None)
    if not hasattr(bound, "emit"):
        raise NoSuchSignal(f"signal '{signature}' does not exist on {type(sender).__name__}")
    if wanted is None:  # QMetaObject::indexOfSignal knows signatures only
        raise NoSuchSignal(f"signal '{signature}' does not exist on {type(sender).__name__}; a signature has (...)")
    if not _is_declared_in_cpp(sender, name):
        raise NoSuchSignal(f"signal '{signature}' is declared in Python: it reaches handlers of "
                           f"{name}.connect(...) only")
    overloads = _overloads(sender, name)
    chosen = _choose(sender, name, wanted, overloads)
    if chosen is None:
        known = ", ".join(f"{name}({','.join(overload)})" for overload in overloads)
        raise NoSuchSignal(f"signal '{signature}' does not exist on {type(sender).__name__}; there is {known}")
    return _bind(bound, chosen) if len(overloads) > 1 else bound, name, len(wanted)


def _is_declared_in_cpp(sender: QtCore.QObject, name: str) -> bool:
    return all(stands_for_cpp(cls) for cls in type(sender).__mro__ if name in cls.__dict__)


def _overloads(sender: QtCore.QObject, name: str) -> list[list[str]]:
    meta_object = _meta_object(sender)
    methods = (meta_object.method(index) for index in range(meta_object.methodCount()))
    return [[bytes(kind).decode() for kind in method.parameterTypes()] for method in methods
            if method.methodType() == QtCore.QMetaMethod.MethodType.Signal and bytes(method.name()).decode() == name]


def _meta_object(sender: QtCore.QObject) -> QtCore.QMetaObject:
    """Return the meta-object, never what Python remembers of another object that lay at its address before.

    Qt deletes the item of a layout with its widget without a word to Python; a meta-object may be put in its place.
    """
    found = sender.metaObject()
    if not isinstance(found, QtCore.QMetaObject):
        shiboken6.invalidate(found)
        found = sender.metaObject()
    return found


def _choose(sender: QtCore.QObject, name: str, wanted: list[str], overloads: list[list[str]]) -> list[str] | None:
    if wanted in overloads:
        return wanted
    declared = manifest.signal_arguments(type(sender), name)
    if declared and wanted not in declared:
        return None
    # A signal of an emulated class carries Python objects where C++ has pointers and values.
    fitting = (overload for overload in overloads if len(overload) == len(wanted) and all(
        kind == asked or kind in ("PyObject", "QVariant", "QVariantList", "QVariantMap")
        for kind, asked in zip(overload, wanted, strict=True)))
    return next(fitting, None)


def _bind(bound: Any, overload: list[str]) -> Any:
    return bound[overload[0] if len(overload) == 1 else tuple(overload)]
