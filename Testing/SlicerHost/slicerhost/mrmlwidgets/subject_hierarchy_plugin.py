"""Subject hierarchy plugins written in Python: loaded and kept, their menu actions are not shown."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore

from slicerhost import errors
from slicerhost.registry import register
from slicerhost.scripted_module import load_source_as_module


@register
class qSlicerSubjectHierarchyScriptedPlugin(QtCore.QObject):
    """Creates the Python object of a plugin file, as scripted modules do when they register one."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._name = "Scripted"
        self._python_self: Any = None
        self._python_source = ""

    name = QtCore.Property(str, lambda self: self._name, lambda self, name: self.__dict__.__setitem__("_name", name))

    def setPythonSource(self, path: str) -> bool:
        """Create the plugin that a file defines; return whether that worked.

        The class is named as its file; in the file of a module it is named `<module>SubjectHierarchyPlugin`.
        """
        name = Path(path).stem
        class_name = name if name.endswith("SubjectHierarchyPlugin") else name + "SubjectHierarchyPlugin"
        module = sys.modules.get(name)
        if not hasattr(module, class_name):
            module = load_source_as_module(name, path)
        if not hasattr(module, class_name):
            errors.report("exception", f"class {class_name} was not found in {path}")
            return False
        self._python_self = getattr(module, class_name)(self)
        self._python_source = path
        setattr(slicer, class_name, self._python_self)
        return True

    def pythonSource(self) -> str:
        """Return the path of the plugin's file."""
        return self._python_source

    def self(self) -> Any:
        """Return the Python object."""
        return self._python_self


@register
class qSlicerSubjectHierarchyPluginHandler(QtCore.QObject):
    """Knows the subject hierarchy plugins."""

    _singleton: qSlicerSubjectHierarchyPluginHandler | None = None

    def __init__(self) -> None:
        super().__init__()
        self._plugins: list[Any] = []

    @classmethod
    def instance(cls) -> qSlicerSubjectHierarchyPluginHandler:
        """Return the handler."""
        if cls._singleton is None:
            cls._singleton = cls()
        return cls._singleton

    def registerPlugin(self, plugin: Any) -> bool:
        """Add a plugin; refuse a second one of the same name."""
        if any(plugin.name == present.name for present in self._plugins):
            return False
        self._plugins.append(plugin)
        return True

    def mrmlScene(self) -> Any:
        """Return the scene."""
        return slicer.mrmlScene

    def subjectHierarchyNode(self) -> Any:
        """Return the hierarchy node of the scene."""
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)

    def pluginByName(self, name: str) -> Any:
        """Return a plugin, or None."""
        return next((plugin for plugin in self._plugins if plugin.name == name), None)

