"""Slicer's C++ modules as far as scripted modules use them: name, logic, and an empty panel."""
from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost.pythonqt.declare import emulated


@emulated
class qSlicerLoadableModule(QtCore.QObject):
    """A C++ module: `slicer.modules.volumes.logic()`."""

    def __init__(self, name: str, logic: Any, widget_class: type | None = None) -> None:
        super().__init__()
        self._name, self._logic, self._widget_class = name, logic, widget_class
        self._representation: QtWidgets.QWidget | None = None

    name = QtCore.Property(str, lambda self: self._name)
    title = QtCore.Property(str, lambda self: self._name)
    path = QtCore.Property(str, lambda self: f"{slicer.app.slicerHome}/lib/qSlicer{self._name}Module.so")
    categories = QtCore.Property("QStringList", lambda self: [""])
    dependencies = QtCore.Property("QStringList", lambda self: [])
    associatedNodeTypes = QtCore.Property("QStringList", lambda self: [])
    helpText = QtCore.Property(str, lambda self: "")
    acknowledgementText = QtCore.Property(str, lambda self: "")
    contributors = QtCore.Property("QStringList", lambda self: [])
    hidden = QtCore.Property(bool, lambda self: False)
    isBuiltIn = QtCore.Property(bool, lambda self: True)
    isInstalled = QtCore.Property(bool, lambda self: False)
    icon = QtCore.Property("QIcon", lambda self: QtGui.QIcon())

    def logic(self) -> Any:
        return self._logic

    def mrmlScene(self) -> Any:
        return slicer.mrmlScene

    def createNewWidgetRepresentation(self) -> QtWidgets.QWidget:
        if self._widget_class is not None:
            return self._widget_class(self)
        return CoreModuleWidget(self)

    def widgetRepresentation(self) -> QtWidgets.QWidget:
        if self._representation is None:
            self._representation = self.createNewWidgetRepresentation()
        return self._representation


class CoreModuleWidget(QtWidgets.QWidget):
    """The empty panel of a C++ module."""

    def __init__(self, module: qSlicerLoadableModule) -> None:
        super().__init__()
        self._module, self._entered, self.edited_node = module, False, None
        self.setObjectName(module.name + "ModuleWidget")
        QtWidgets.QVBoxLayout(self)

    moduleName = property(lambda self: self._module.name)
    isEntered = property(lambda self: self._entered)

    def module(self) -> qSlicerLoadableModule:
        return self._module

    def enter(self) -> None:
        self._entered = True

    def exit(self) -> None:
        self._entered = False

    def setEditedNode(self, node: Any, role: str = "", context: str = "") -> bool:
        """Remember the node that the panel was opened for."""
        self.edited_node = node
        return True

    def nodeEditable(self, node: Any) -> float:
        return 0.5
