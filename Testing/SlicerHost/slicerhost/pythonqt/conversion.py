"""PythonQt's lenient conversions of arguments (PythonQtConversion.cpp: PyObjGetInt, PyObjGetBool, PyObjGetString).

PythonQt tries the exact types first and then converts: floats are floored to int, anything has a truth value, anything
is made a string by str(), integers stand for enum values. PySide6 raises TypeError instead; methods wrapped here retry
with converted arguments.
"""
from __future__ import annotations

import enum
import functools
import inspect
import math
import operator
from collections.abc import Callable, Iterable, Iterator, KeysView, Mapping, Set, ValuesView
from types import FunctionType
from typing import Any

from PySide6 import QtCore
from shibokensupport.signature import get_signature

from slicerhost.pythonqt.qt_types import qt_classes

_LENIENT_PREFIXES = ("set", "add", "insert", "resize", "move", "remove", "toggle", "select", "hide", "show", "item",
                     "find", "append", "open", "scaled", "isColumn", "isRow", "column", "row", "start", "grab")
# Virtual functions that C++ calls back: wrapping them would only slow painting and event delivery down.
_NEVER_WRAPPED = {"showEvent", "hideEvent", "moveEvent", "resizeEvent", "startTimer", "setupUi"}
_VALUE_CLASSES = {"QColor", "QSize", "QPoint", "QRect", "QSizePolicy", "QFont", "QSpacerItem", "QPen"}


def to_type(value: Any, type_name: str) -> Any:
    """Return the value converted to a Qt property of that C++ type, or as it is if no rule applies."""
    if isinstance(value, enum.Enum) and type_name in ("int", "uint"):
        return int(value.value)
    if type_name == "bool":
        return bool(value)
    if type_name in ("int", "uint", "qlonglong"):
        return to_integer(value)
    if type_name in ("double", "float"):
        return to_real(value)
    if type_name == "QString" and not isinstance(value, str):
        return str(value)
    return value


def to_integer(value: Any) -> int:
    """Return what PyObjGetInt makes of the value; raise TypeError for text, None and other numbers than float."""
    return math.floor(value) if type(value) is float else operator.index(value)


def to_real(value: Any) -> float:
    """Return what PyObjGetDouble makes of the value; raise TypeError for text and None."""
    if isinstance(value, (str, bytes, bytearray)):
        raise TypeError(f"{value!r} is not a number")
    return float(value)


def install() -> None:
    """Make the methods of PySide6's classes that take plain values accept what PythonQt accepts."""
    for cls in qt_classes():
        for name, member in list(vars(cls).items()):
            if _is_lenient(cls, name) and _is_plain_method(member):
                setattr(cls, name, _lenient(member))


def _is_lenient(cls: type, name: str) -> bool:
    if name == "__init__":
        return cls.__name__ in _VALUE_CLASSES
    return name.startswith(_LENIENT_PREFIXES) and name not in _NEVER_WRAPPED


def _is_plain_method(member: Any) -> bool:
    return callable(member) and not isinstance(member, (type, staticmethod, classmethod, QtCore.Signal, FunctionType))


def _lenient(method: Callable) -> Callable:
    @functools.wraps(method, assigned=("__name__",))
    def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        arguments = _as_pythonqt_reads(method, arguments)
        try:
            return method(self, *arguments, **keywords)
        except TypeError as error:
            # Only a mismatch of the arguments is worth a second try; a TypeError of a callback has its own traceback.
            if error.__traceback__ is not None and error.__traceback__.tb_next is not None:
                raise
            converted = _converted(method, arguments)
            if converted is None:
                raise
            return method(self, *converted, **keywords)

    return call


def _as_pythonqt_reads(method: Callable, arguments: tuple) -> tuple:
    """Return the arguments with those changed that PySide6 takes in another sense than PythonQt.

    PythonQt floors a negative fraction where PySide6 truncates it, makes the text "None" of None, and takes no
    iterator for a list.
    """
    if all(not _is_read_differently(argument) for argument in arguments):
        return arguments
    accepted = [[p.annotation for p in signature.parameters.values() if p.name != "self"]
                for signature in _overloads(method)]
    return tuple(_read_at(argument, [each[position] for each in accepted if position < len(each)])
                 for position, argument in enumerate(arguments))


def _is_read_differently(argument: Any) -> bool:
    if argument is None:
        return True
    if type(argument) is float:
        return math.isfinite(argument) and argument < 0 and not argument.is_integer()
    return _is_unordered(type(argument))


@functools.lru_cache(maxsize=1024)
def _is_unordered(kind: type) -> bool:
    """Return whether the class is iterable, but no sequence; the abstract classes are slow to ask."""
    return issubclass(kind, (Iterator, Set, Mapping, KeysView, ValuesView))


def _read_at(argument: Any, annotations: list[Any]) -> Any:
    if not _is_read_differently(argument) or not annotations:
        return argument
    if argument is None:
        return "None" if all(annotation is str for annotation in annotations) else None
    if type(argument) is float:
        return math.floor(argument) if all(annotation is int for annotation in annotations) else argument
    if all(str(annotation).startswith(("collections.abc.Sequence", "typing.Sequence")) for annotation in annotations):
        raise ValueError(f"Could not find matching overload for given arguments: {argument!r} is no sequence")
    return argument


def _converted(method: Callable, arguments: tuple) -> tuple | None:
    """Return the arguments converted for the first overload that can take them, or None."""
    for signature in _overloads(method):
        parameters = [p for p in signature.parameters.values() if p.name != "self"]
        required = sum(p.default is inspect.Parameter.empty for p in parameters)
        if required <= len(arguments) <= len(parameters):
            try:
                return tuple(_to_annotation(a, p.annotation) for a, p in zip(arguments, parameters, strict=False))
            except (TypeError, ValueError):
                continue
    return None


def _overloads(method: Callable) -> Iterable[inspect.Signature]:
    signatures = get_signature(method)
    if signatures is None:
        return ()
    return signatures if isinstance(signatures, (list, tuple)) else (signatures,)


def _to_annotation(value: Any, annotation: Any) -> Any:
    """Return the value converted to the annotated type; raise TypeError if PythonQt could not convert it either."""
    if not isinstance(annotation, type):
        return value
    if issubclass(annotation, enum.Enum):
        return value if isinstance(value, annotation) else annotation(int(value))
    if isinstance(value, annotation):
        return value
    if annotation is bool:
        return bool(value)
    if annotation is int:
        return to_integer(value)
    if annotation is float:
        return to_real(value)
    if annotation is str:
        return str(value)
    if issubclass(annotation, QtCore.QObject):
        raise TypeError(f"{value!r} is not a {annotation.__name__}")
    return value
