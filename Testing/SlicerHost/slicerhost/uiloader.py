"""QUiLoader for .ui files with CTK and qMRML classes.

Qt's loader creates the widgets; classes of the registry are made here, their emulated properties are set from Python
(Qt would not know their enumerations), and connections are made with PythonQt's rules, because signals with
`vtkMRMLScene*` arguments do not exist as Qt types in PySide6.
"""
from __future__ import annotations

import logging
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

from slicerhost import placeholders, registry
from slicerhost.pythonqt import attributes, layouts
from slicerhost.pythonqt.qt_types import qt_modules

_CPP_PREFIXES = ("ctk", "qMRML", "qSlicer")


class QUiLoader(QtUiTools.QUiLoader):
    """Stands for QUiLoader (qSlicerWidget uses it through slicer.util.loadUI)."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._base_classes: dict[str, str] = {}

    def createWidget(self, class_name: str, parent: Any = None, name: str = "") -> QtWidgets.QWidget | None:
        if not class_name.startswith(_CPP_PREFIXES):
            return super().createWidget(class_name, parent, name)
        widget = self._class_of(class_name)(parent)
        widget.setObjectName(name)
        if class_name == "ctkMenuButton":
            _add_designer_menu(widget)
        return widget

    def _class_of(self, class_name: str) -> type:
        cls = _emulated_class(class_name)
        if cls is None:  # not in Slicer or CTK: the class that it extends, as Qt's loader would do
            logging.warning("QUiLoader: unknown class %s", class_name)
            cls = getattr(QtWidgets, self._base_classes.get(class_name, ""), QtWidgets.QWidget)
        return cls

    def load(self, source: Any, parent: QtWidgets.QWidget | None = None) -> QtWidgets.QWidget | None:
        """Return the widget of a .ui file given by path, QFile or other device; None if it cannot be read."""
        root = ElementTree.fromstring(_content(source))
        self._base_classes = {custom.findtext("class", ""): custom.findtext("extends", "")
                              for custom in root.iter("customwidget")}
        connections = _take_connections(root)
        properties = _take_emulated_properties(root)
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(root))
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        with attributes.leniently():  # PySide6's loader makes child widgets attributes of the top-level widget
            widget = super().load(buffer, parent)
        layouts.forget_items()
        if widget is None:
            return None
        objects = _named_objects(widget)
        _remove_child_attributes(widget, objects)
        for name, values in properties:
            if name in objects:
                _set_properties(objects[name], values)
        for connection in connections:
            _connect(objects, *connection)
        return widget


def _add_designer_menu(button: QtWidgets.QPushButton) -> None:
    """Give the button the menu of ctkMenuButtonPlugin::createWidget; modules clear it before they fill it."""
    menu = QtWidgets.QMenu(button)
    for text in ("foo", "bar", "barbarbarbarbarbarbarbarbarbar"):
        menu.addAction(text)
    button.setMenu(menu)


def _emulated_class(class_name: str) -> type | None:
    if not class_name.startswith(_CPP_PREFIXES):
        return None
    return registry.find(class_name) or placeholders.placeholder(class_name)


def _content(source: Any) -> bytes:
    if isinstance(source, (str, Path)):
        return Path(source).read_bytes()
    if not source.isOpen():
        source.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
    return bytes(source.readAll())


def _take_connections(root: ElementTree.Element) -> list[tuple[str, str, str, str]]:
    """Remove the connections from the XML and return (sender, signal, receiver, slot) of each."""
    connections = [tuple(connection.findtext(key, "") for key in ("sender", "signal", "receiver", "slot"))
                   for connection in root.iter("connection")]
    for element in root.findall("connections"):
        root.remove(element)
    return connections


def _take_emulated_properties(root: ElementTree.Element) -> list[tuple[str, list[tuple[str, Any]]]]:
    """Remove the properties that Python classes emulate from the XML; return (object name, [(property, value)])."""
    taken = []
    for widget in root.iter("widget"):
        cls = _emulated_class(widget.get("class", ""))
        if cls is None:
            continue
        values = []
        for element in widget.findall("property"):
            member = getattr(cls, element.get("name", ""), None)
            if isinstance(member, QtCore.Property) and element.get("stdset") != "0":
                values.append((element.get("name", ""), _value(element[0])))
                widget.remove(element)
        taken.append((widget.get("name", ""), values))
    return taken


def _value(element: ElementTree.Element) -> Any:
    """Return the Python value of a property element of a .ui file."""
    text = element.text or ""
    if element.tag == "bool":
        return text.strip() == "true"
    if element.tag in ("number", "longlong"):
        return int(text)
    if element.tag in ("double", "float"):
        return float(text)
    if element.tag in ("enum", "set"):
        return _enum_value(text)
    if element.tag == "stringlist":
        return [item.text or "" for item in element.findall("string")]
    if element.tag == "color":
        return QtGui.QColor(*(int(element.findtext(channel, "0")) for channel in ("red", "green", "blue")))
    if element.tag == "iconset":
        return QtGui.QIcon(element.findtext("normaloff", text.strip()))
    if element.tag == "size":
        return QtCore.QSize(int(element.findtext("width", "0")), int(element.findtext("height", "0")))
    return text


def _enum_value(text: str) -> int:
    value = 0
    for part in text.split("|"):
        value |= _enum_constant(part.strip())
    return value


def _enum_constant(name: str) -> int:
    """Return the value of "Qt::Horizontal" or "ctkPathLineEdit::Dirs"; 0 for an empty set."""
    scope, _, constant = name.rpartition("::")
    for owner in (_owner(scope.split("::")[0]), *qt_modules()):
        if owner is not None and hasattr(owner, constant):
            return int(getattr(owner, constant))
    if constant:
        logging.warning("QUiLoader: unknown enumeration value %s", name)
    return 0


def _owner(class_name: str) -> Any:
    found = registry.find(class_name) or placeholders.placeholder(class_name) if class_name else None
    return found or next((getattr(module, class_name) for module in qt_modules() if hasattr(module, class_name)), None)


def _named_objects(widget: QtWidgets.QWidget) -> dict[str, QtCore.QObject]:
    objects: dict[str, QtCore.QObject] = {}
    for candidate in (widget, *widget.findChildren(QtCore.QObject)):
        if candidate.objectName:
            objects.setdefault(candidate.objectName, candidate)
    return objects


def _remove_child_attributes(widget: QtWidgets.QWidget, objects: dict[str, QtCore.QObject]) -> None:
    for holder in (widget, *objects.values()):
        for name in objects:
            holder.__dict__.pop(name, None)


def _set_properties(target: QtCore.QObject, values: list[tuple[str, Any]]) -> None:
    for name, value in values:
        setattr(target, name, value)


def _connect(objects: dict[str, QtCore.QObject], sender: str, signal: str, receiver: str, slot: str) -> None:
    if sender in objects and receiver in objects:
        objects[sender].connect(signal, objects[receiver], slot)
