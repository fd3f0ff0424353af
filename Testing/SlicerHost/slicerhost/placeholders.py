"""Stand-ins for classes that Slicer has and the host does not emulate.

A placeholder lets a .ui file or a module's setup() go on: it is a widget of the right Qt base class with the right
signals and enumerations, its properties store what they are given, and calling one of its methods raises HostGap with
the full name.
"""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from slicerhost import errors, manifest, registry
from slicerhost.pythonqt.declare import qt_property

_USABLE_BASES = {"QPushButton", "QToolButton", "QCheckBox", "QComboBox", "QDialog", "QGroupBox", "QLineEdit", "QLabel",
                 "QTreeView", "QTableView", "QListView", "QFrame", "QTextEdit", "QTextBrowser"}
_created: dict[str, type] = {}


def placeholder(name: str) -> type | None:
    """Return the placeholder of a class of the manifest, or None if Slicer has no such class."""
    if not manifest.knows(name):
        return None
    if name not in _created:
        _created[name] = _create(name)
    return _created[name]


def used() -> list[str]:
    """Return the names of the placeholders made so far: what a run needed and the host lacks."""
    return sorted(_created)


def _create(name: str) -> type:
    base = _base_class(name)
    members: dict[str, Any] = {"__init__": _constructor(base), "__module__": __name__, "_is_placeholder": True,
                               **manifest.enum_values(name)}
    for signature in sorted(manifest.signals(name)):
        signal, arguments = signature[:-1].split("(", 1)
        if not hasattr(base, signal):
            members[signal] = QtCore.Signal(*[object] * len(manifest.normalised_arguments(arguments)))
    for key in manifest.properties(name):
        if not hasattr(base, key):
            members[key] = qt_property("QVariant", "_property_" + key)
    for method in ("setMRMLScene", "mrmlScene"):
        if method in manifest.methods(name) and not hasattr(base, method):
            members[method] = _scene_method(method)
    return registry.emulated(type(name, (base,), members))


def _base_class(name: str) -> type:
    """Return the nearest base class that the host has: an emulated one, or one of Qt."""
    for ancestor in manifest.ancestors(name):
        if registry.find(ancestor) is not None:
            return registry.find(ancestor)
    if manifest.qt_base(name) == "QObject" or not manifest.qt_base(name).startswith("Q"):
        return QtCore.QObject
    qt_base = {"QAbstractButton": "QPushButton"}.get(manifest.qt_base(name), manifest.qt_base(name))
    return getattr(QtWidgets, qt_base) if qt_base in _USABLE_BASES else QtWidgets.QWidget


def _constructor(base: type) -> Any:
    parent_class = QtWidgets.QWidget if issubclass(base, QtWidgets.QWidget) else QtCore.QObject

    def construct(self: Any, *arguments: Any) -> None:
        base.__init__(self, *[argument for argument in arguments if isinstance(argument, parent_class)][:1])
        errors.note_placeholder(type(self).__name__)

    return construct


def _scene_method(name: str) -> Any:
    def set_scene(self: Any, scene: Any) -> None:
        self.__dict__["_scene"] = scene

    def scene(self: Any) -> Any:
        return self.__dict__.get("_scene")

    return set_scene if name == "setMRMLScene" else scene
