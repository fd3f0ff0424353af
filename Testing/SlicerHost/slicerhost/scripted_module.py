"""Scripted modules (qSlicerScriptedLoadableModule.cxx, qSlicerScriptedLoadableModuleWidget.cxx)."""
from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
from PySide6 import QtCore, QtGui, QtWidgets

from slicerhost import errors
from slicerhost.pythonqt.declare import Signal, parent_of, qt_property
from slicerhost.registry import register

_DEFAULT_DOCUMENTATION = ('<p>For more information see the <a href="https://slicer.readthedocs.io/en/latest/user_guide/'
                          'modules/{0}.html">online documentation</a>.</p>')


def load_source_as_module(name: str, file_path: str | Path) -> ModuleType:
    """Run a source file as the Python module of that name, as Slicer does (qSlicerScriptedUtils.cxx)."""
    spec = importlib.util.spec_from_file_location(name, str(file_path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


class PythonDelegate:
    """The Python object behind a C++ object: its methods are looked up once, its exceptions are printed, not raised.

    Follows qSlicerPythonCppAPI of qSlicerScriptedUtils.cxx.
    """

    def __init__(self, *method_names: str) -> None:
        self._method_names = method_names
        self._methods: dict[str, Any] = {}
        self.python_self: Any = None

    def instantiate(self, cls: type, cpp_object: QtCore.QObject) -> bool:
        """Create the Python object with the C++ object as its argument; return whether that worked."""
        try:
            instance = cls(cpp_object)
        except Exception as exception:  # whatever a module's constructor raises, the application goes on
            errors.report_exception(exception)
            return False
        self._methods = {name: getattr(instance, name) for name in self._method_names if hasattr(instance, name)}
        self.python_self = instance
        return True

    def has(self, name: str) -> bool:
        """Return whether the Python object implements the method."""
        return name in self._methods

    def call(self, name: str, *arguments: Any) -> Any:
        """Call the method if there is one; return its result, or None after an exception."""
        if name not in self._methods:
            return None
        try:
            return self._methods[name](*arguments)
        except Exception as exception:  # as above: PythonQt prints and goes on
            errors.report_exception(exception)
            return None


@register
class qSlicerScriptedLoadableModule(QtCore.QObject):
    """A module whose code is a Python file; `slicer.modules.<name in lower case>`."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._name, self._path, self._logic = "", "", None
        self._representation: QtWidgets.QWidget | None = None
        self._delegate = PythonDelegate("setup")

    title = qt_property(str, "_title", "")
    categories = qt_property("QStringList", "_categories", [])
    contributors = qt_property("QStringList", "_contributors", [])
    dependencies = qt_property("QStringList", "_dependencies", [])
    associatedNodeTypes = qt_property("QStringList", "_associated_node_types", [])
    helpText = qt_property(str, "_help_text", "")
    acknowledgementText = qt_property(str, "_acknowledgement_text", "")
    icon = qt_property("QIcon", "_icon", QtGui.QIcon())
    hidden = qt_property(bool, "_hidden", False)
    index = qt_property(int, "_index", -1)
    extensions = qt_property(object, "_extensions", None)
    widgetRepresentationCreationEnabled = qt_property(bool, "_creates_widget", True)
    name = QtCore.Property(str, lambda self: self._name)
    path = QtCore.Property(str, lambda self: self._path)
    isInstalled = QtCore.Property(bool, lambda self: False)
    isBuiltIn = QtCore.Property(bool, lambda self: False)
    defaultDocumentationLink = QtCore.Property(str, lambda self: _DEFAULT_DOCUMENTATION.format(self._name.lower()))

    def _set_python_source(self, file_path: str) -> bool:
        """Load the file and instantiate its module class; return whether that worked."""
        self._path = str(file_path)
        self._name = Path(file_path).name.split(".")[0]
        self.__dict__["_title"] = self._name
        module = self._load_source()
        cls = getattr(module, self._name, None)
        if cls is None:
            errors.report("exception", f"class {self._name} was not found in file {file_path}")
            return False
        if not self._delegate.instantiate(cls, self):
            return False
        setattr(slicer.modules, self._name + "Instance", self._delegate.python_self)
        if not hasattr(module, self._name + "Widget"):
            self.widgetRepresentationCreationEnabled = False
        return True

    def _load_source(self) -> ModuleType | None:
        loaded = sys.modules.get(self._name)
        if loaded is not None and hasattr(loaded, self._name):
            return loaded
        try:
            return load_source_as_module(self._name, self._path)
        except Exception as exception:  # a module that does not import must not end the application
            errors.report_exception(exception)
            return None

    def _initialise(self, application_logic: Any) -> None:
        """Set up the logic and let the Python object set itself up."""
        self._logic = slicer.vtkSlicerModuleLogic()
        self._logic.SetMRMLApplicationLogic(application_logic)
        self._logic.SetMRMLScene(slicer.mrmlScene)
        application_logic.SetModuleLogic(self._name, self._logic)
        from slicerhost.scripted_io import register_of_module  # it builds on this module

        register_of_module(self._name, slicer.app.ioManager())
        self._delegate.call("setup")

    def logic(self) -> Any:
        return self._logic

    def mrmlScene(self) -> Any:
        return slicer.mrmlScene

    def createNewWidgetRepresentation(self) -> QtWidgets.QWidget | None:
        """Return a new module panel; its setup() is called before it gets the scene."""
        if not self.widgetRepresentationCreationEnabled:
            return None
        widget = qSlicerScriptedLoadableModuleWidget()
        widget.setObjectName(self._name + "ModuleWidget")
        widget.__dict__["_module"] = self
        if not widget._set_python_source(self._path):
            return None
        widget._setup()
        widget.setMRMLScene(slicer.mrmlScene)
        return widget

    def widgetRepresentation(self) -> QtWidgets.QWidget | None:
        """Return the module panel; it is made on the first call."""
        if self._representation is None:
            self._representation = self.createNewWidgetRepresentation()
        return self._representation


@register
class qSlicerScriptedLoadableModuleWidget(QtWidgets.QWidget):
    """The panel of a scripted module; `self()` is the module's Python widget object."""

    mrmlSceneChanged = Signal(object)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(parent_of(arguments))
        self._module: qSlicerScriptedLoadableModule | None = None
        self._scene: Any = None
        self._entered = False
        self._path = ""
        self._delegate = PythonDelegate("setup", "enter", "exit", "setEditedNode", "nodeEditable")
        QtWidgets.QVBoxLayout(self)

    moduleName = QtCore.Property(str, lambda self: self._module.name if self._module is not None else "")
    isEntered = QtCore.Property(bool, lambda self: self._entered)

    def _set_python_source(self, file_path: str) -> bool:
        self._path = str(file_path)
        name = Path(file_path).name.split(".")[0]
        class_name = name if name.endswith("Widget") else name + "Widget"
        cls = getattr(sys.modules.get(name), class_name, None)
        if cls is None:
            errors.report("exception", f"class {class_name} was not found in {file_path}")
            return False
        if not self._delegate.instantiate(cls, self):
            return False
        setattr(slicer.modules, class_name, self._delegate.python_self)
        return True

    def _setup(self) -> None:
        self._delegate.call("setup")

    def self(self) -> Any:
        return self._delegate.python_self

    def module(self) -> qSlicerScriptedLoadableModule | None:
        return self._module

    def setMRMLScene(self, scene: Any) -> None:
        if scene is not self._scene:
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)

    def reload(self) -> None:
        """Instantiate the Python class again, from the present module, and set it up."""
        if Path(self._path).exists() and self._set_python_source(self._path):
            self._setup()

    def enter(self) -> None:
        self._entered = True
        self._delegate.call("enter")

    def exit(self) -> None:
        self._entered = False
        self._delegate.call("exit")

    def setEditedNode(self, node: Any, role: str = "", context: str = "") -> bool:
        return self._delegate.call("setEditedNode", node, role, context) is True

    def nodeEditable(self, node: Any) -> float:
        if not self._delegate.has("nodeEditable"):
            return 0.5
        result = self._delegate.call("nodeEditable", node)
        return result if isinstance(result, float) else 0.0
