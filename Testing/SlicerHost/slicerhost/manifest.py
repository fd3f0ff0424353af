"""What Slicer offers to Python, class by class (api_manifest.json), and what the host does with that knowledge.

The manifest keeps the host honest in both directions: what exists in Slicer but is not emulated raises HostGap instead
of looking like a typing error, and `host_only_members` lists what the host would offer although Slicer does not.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from slicerhost.errors import HostGap

MANIFEST_FILE = Path(__file__).with_name("api_manifest.json")
INTERNALS_FILE = Path(__file__).with_name("host_internals.json")


@cache
def _classes() -> dict[str, dict[str, Any]]:
    return json.loads(MANIFEST_FILE.read_text()) if MANIFEST_FILE.exists() else {}


def knows(name: str) -> bool:
    """Return whether Slicer or CTK has a Qt class of that name."""
    return name in _classes()


def class_names() -> list[str]:
    """Return the names of all classes of the manifest."""
    return list(_classes())


def _lineage(name: str) -> Iterator[dict[str, Any]]:
    while name in _classes():
        yield _classes()[name]
        name = _classes()[name]["base"]


def ancestors(name: str) -> list[str]:
    """Return the base classes of a class up to the first one of Qt, nearest first."""
    return [entry["base"] for entry in _lineage(name)]


def qt_base(name: str) -> str:
    """Return the first base class that belongs to Qt itself ("QWidget")."""
    *_, last = _lineage(name)
    return last["base"]


@cache
def properties(name: str) -> dict[str, bool]:
    """Return the properties that Slicer and CTK declare for the class and its bases; True: writable."""
    declared = list(_lineage(name))[::-1]  # base classes first: a class may make a property of its base writable
    return {key: writable for entry in declared for key, writable in entry["properties"].items()}


@cache
def methods(name: str) -> frozenset[str]:
    """Return slots, invokable methods and decorators of the class and its bases."""
    return frozenset(method for entry in _lineage(name) for method in entry["methods"])


@cache
def signals(name: str) -> frozenset[str]:
    """Return the normalised signatures of the signals of the class and its bases."""
    return frozenset(signal for entry in _lineage(name) for signal in entry["signals"])


@cache
def enum_values(name: str) -> dict[str, int]:
    """Return the enumeration constants of the class and its bases."""
    return {key: value for entry in _lineage(name) for values in entry["enums"].values()
            for key, value in values.items() if value is not None}


def enums(name: str) -> dict[str, dict[str, int | None]]:
    """Return the enumerations that the class itself declares, by name."""
    return _classes()[name]["enums"] if name in _classes() else {}


def normalised_arguments(arguments: str) -> list[str]:
    """Return the argument types of a signature as Qt normalises them ("const QString &, int" -> QString, int)."""
    parts = re.split(r",(?![^<]*>)", arguments)
    return [_normalised_type(part) for part in parts if part.strip()]


def _normalised_type(kind: str) -> str:
    kind = " ".join(kind.split())
    is_pointer = "*" in kind
    if not is_pointer:
        kind = re.sub(r"^const\s+|\s*&$|\s+const\s*&?$", "", kind)
        kind = re.sub(r"^const\s+|\s*&$", "", kind)
    else:
        kind = re.sub(r"^const\s+", "", kind)
    return re.sub(r"\s*([*<>,&])\s*", r"\1", kind)


def signal_arguments(cls: type, signal: str) -> list[list[str]]:
    """Return the argument types of every overload that Slicer declares for a signal of an emulated class."""
    known = next((base.__name__ for base in cls.__mro__ if knows(base.__name__)), None)
    if known is None:
        return []
    found = (signature.split("(", 1) for signature in signals(known))
    return [normalised_arguments(arguments[:-1]) for name, arguments in found if name == signal]


def _known_name(cls: type) -> str | None:
    return next((base.__name__ for base in cls.__mro__ if "_emulates_cpp" in base.__dict__ and knows(base.__name__)),
                None)


def raise_gap(cls: type, member: str) -> None:
    """Raise HostGap if Slicer's class of that name has the member."""
    name = _known_name(cls)
    if name is None:
        return
    in_signals = any(signature.startswith(member + "(") for signature in signals(name))
    if member in properties(name) or member in methods(name) or in_signals or member in enum_values(name):
        raise HostGap(f"{name}.{member} exists in Slicer but is not emulated by SlicerHost")


@cache
def _internals() -> dict[str, list[str]]:
    return json.loads(INTERNALS_FILE.read_text())


def host_internals(name: str) -> set[str]:
    """Return the members of an emulated class that only the host's own parts use (host_internals.json)."""
    return set(_internals().get(name, ()))


def host_only_members(cls: type) -> set[str]:
    """Return public members of an emulated class that Slicer's class does not offer to Python."""
    own_classes = [base for base in cls.__mro__ if base.__module__.startswith("slicerhost")]
    offered = {name for base in own_classes for name in vars(base) if not name.startswith("_")}
    name = cls.__name__
    signal_names = {signature.split("(")[0] for signature in signals(name)}
    enum_names = {enum for entry in _lineage(name) for enum in entry["enums"]}
    qt_classes = [base for base in cls.__mro__ if base.__module__.startswith(("PySide6", "Shiboken"))]
    of_qt = {member for base in qt_classes for member in dir(base)}
    return offered - set(properties(name)) - methods(name) - signal_names - set(enum_values(name)) - enum_names - of_qt
