"""Qt enumerations as integers, as PythonQt hands them out.

PythonQt's enum values are int subclasses; PySide6's are Python enums. Here they compare, hash and convert like ints.
"""
from __future__ import annotations

import enum
from typing import Any

from slicerhost.pythonqt.qt_types import qt_classes, qt_modules


def install() -> None:
    """Give every non-integer enumeration of PySide6 the manners of an integer."""
    for enumeration in _enumerations():
        if not issubclass(enumeration, int):
            _make_integer_like(enumeration)


def _enumerations() -> set[type]:
    found: set[type] = set()
    for owner in (*qt_modules(), *qt_classes()):
        found |= {member for member in vars(owner).values()
                  if isinstance(member, type) and issubclass(member, enum.Enum)}
    return found | {cls for cls in qt_classes() if issubclass(cls, enum.Enum)}


def _make_integer_like(enumeration: type) -> None:
    enumeration.__eq__ = _equal
    enumeration.__ne__ = _not_equal
    enumeration.__hash__ = lambda self: hash(self.value)
    enumeration.__int__ = lambda self: int(self.value)
    enumeration.__index__ = lambda self: int(self.value)
    enumeration.__str__ = lambda self: str(int(self.value))  # an int subclass without a text of its own
    enumeration.__format__ = lambda self, specification: format(int(self.value), specification)
    enumeration.__lt__ = lambda self, other: int(self) < int(other)
    enumeration.__gt__ = lambda self, other: int(self) > int(other)
    enumeration.__le__ = lambda self, other: int(self) <= int(other)
    enumeration.__ge__ = lambda self, other: int(self) >= int(other)
    for name in ("add", "sub", "or", "and"):
        _add_operator(enumeration, f"__{name}__")
        _add_operator(enumeration, f"__r{name}__")


def _add_operator(enumeration: type, operator: str) -> None:
    if operator in ("__or__", "__and__", "__ror__", "__rand__") and issubclass(enumeration, enum.Flag):
        return

    def operate(self: Any, other: Any) -> Any:
        return getattr(int(self), operator)(int(other))

    setattr(enumeration, operator, operate)


def _not_equal(self: enum.Enum, other: Any) -> Any:
    equal = _equal(self, other)
    return equal if equal is NotImplemented else not equal


def _equal(self: enum.Enum, other: Any) -> Any:
    if isinstance(other, enum.Enum):
        return self.value == other.value if type(self) is type(other) else self is other
    if isinstance(other, int):
        return self.value == other
    return NotImplemented
