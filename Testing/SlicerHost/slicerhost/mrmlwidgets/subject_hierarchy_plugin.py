"""Subject hierarchy plugins written in Python: loaded and kept, their menu actions are not shown."""
from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

from PySide6 import QtCore

from slicerhost.registry import register


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
        """Load the class that is named as its file."""
        name = Path(path).stem
        module = sys.modules.get(name) or _load(name, path)
        self._python_self = getattr(module, name)(self)
        self._python_source = path
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

    def pluginByName(self, name: str) -> Any:
        """Return a plugin, or None."""
        return next((plugin for plugin in self._plugins if plugin.name == name), None)


def _load(name: str, path: str) -> Any:
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module
