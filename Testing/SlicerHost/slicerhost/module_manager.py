"""Registering and loading modules (qSlicerModuleManager.cxx, qSlicerModuleFactoryManager.cxx)."""
from __future__ import annotations

import importlib
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore

from slicerhost.core_module import qSlicerLoadableModule
from slicerhost.pythonqt.declare import Signal, qt_property
from slicerhost.registry import register
from slicerhost.scripted_module import qSlicerScriptedLoadableModule

_NO_MODULES = {"Testing", "Resources", "build", ".git"}  # folders


@register
class qSlicerModuleFactoryManager(QtCore.QObject):
    """Finds module files and loads modules in the order of their dependencies."""

    moduleRegistered = Signal(str)
    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)
    moduleUnloaded = Signal(str)
    modulesLoaded = Signal("QStringList")
    modulesRegistered = Signal("QStringList")

    def __init__(self, application_logic: Any, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._application_logic = application_logic
        self._registered: dict[str, Path] = {}
        self._loaded: dict[str, Any] = {}
        self._load_seconds: dict[str, float] = {}

    searchPaths = qt_property("QStringList", "_search_paths", [])
    modulesToIgnore = qt_property("QStringList", "_modules_to_ignore", [])

    def registerModule(self, file: Any) -> None:
        """Make a module file known (QFileInfo or path)."""
        path = Path(file.absoluteFilePath() if isinstance(file, QtCore.QFileInfo) else str(file)).absolute()
        if is_scripted_module(path):
            if str(path.parent) not in sys.path:
                sys.path.append(str(path.parent))  # ctkFactoryScriptedItem::load: before any module is instantiated
            self._registered[path.stem] = path
            self.moduleRegistered.emit(path.stem)

    def registeredModuleNames(self) -> list[str]:
        return [*self._registered, *(name for name in self._loaded if name not in self._registered)]

    def isRegistered(self, name: str) -> bool:
        return name in self._registered or name in self._loaded

    def instantiatedModuleNames(self) -> list[str]:
        return list(self._loaded)

    def isInstantiated(self, name: str) -> bool:
        return name in self._loaded

    def moduleInstance(self, name: str) -> Any:
        return self._loaded.get(name)

    def loadedModuleNames(self) -> list[str]:
        return list(self._loaded)

    def isLoaded(self, name: str) -> bool:
        return name in self._loaded

    def loadedModule(self, name: str) -> Any:
        return self._loaded.get(name)

    def loadModules(self, names: Sequence[str] | None = None) -> bool:
        """Load the named modules (all registered ones when none are named); dependencies come first."""
        wanted = [name for name in (self._registered if names is None else names) if name not in self._loaded]
        instances = {name: self._instantiate(name) for name in wanted if name in self._registered}
        created = {name: module for name, module in instances.items() if module is not None}
        for name in _in_dependency_order(created):
            self._load(name, created[name])
        self.modulesLoaded.emit(list(created))
        return len(created) == len(wanted)

    def _instantiate(self, name: str) -> qSlicerScriptedLoadableModule | None:
        started = time.perf_counter()
        path = self._registered[name]
        _adopt_subject_hierarchy_plugins(path.parent)
        module = qSlicerScriptedLoadableModule()
        succeeded = module._set_python_source(str(path))
        self._load_seconds[name] = time.perf_counter() - started
        return module if succeeded else None

    def _load(self, name: str, module: qSlicerScriptedLoadableModule) -> None:
        started = time.perf_counter()
        module._initialise(self._application_logic)
        self._load_seconds[name] += time.perf_counter() - started
        self._publish(name, module)

    def _publish(self, name: str, module: Any) -> None:
        """Make the module available as slicer.modules.<name in lower case> (qSlicerLoadableModule.cxx)."""
        self._loaded[name] = module
        setattr(slicer.modules, name.lower(), module)
        setattr(slicer.moduleNames, name, name)
        self.moduleLoaded.emit(name)

    def _add_core_module(self, name: str, logic: Any, widget_class: type | None = None) -> None:
        self._publish(name, qSlicerLoadableModule(name, logic, widget_class))

    def unloadModules(self) -> None:
        """Announce the end of every module; their widgets clean up on it."""
        for name in list(self._loaded):
            self.moduleAboutToBeUnloaded.emit(name)
            del self._loaded[name]
            self.moduleUnloaded.emit(name)


@register
class qSlicerModuleManager(QtCore.QObject):
    """`slicer.app.moduleManager()`."""

    moduleLoaded = Signal(str)
    moduleAboutToBeUnloaded = Signal(str)

    def __init__(self, application_logic: Any, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._factory_manager = qSlicerModuleFactoryManager(application_logic, self)
        self._factory_manager.moduleLoaded.connect(self.moduleLoaded)
        self._factory_manager.moduleAboutToBeUnloaded.connect(self.moduleAboutToBeUnloaded)

    def factoryManager(self) -> qSlicerModuleFactoryManager:
        return self._factory_manager

    def module(self, name: str) -> Any:
        return self._factory_manager.loadedModule(name)

    def modulesNames(self) -> list[str]:
        return self._factory_manager.loadedModuleNames()


def is_scripted_module(path: Path) -> bool:
    """Return whether a file has a class of its name that is derived from ScriptedLoadableModule.

    Slicer takes every Python file of its module folders; extensions' source trees also hold libraries and tests.
    """
    if path.suffix != ".py" or not path.is_file():
        return False
    source = path.read_text(errors="ignore")
    declaration = rf"^class\s+{re.escape(path.stem)}\s*\(.*ScriptedLoadableModule\b"
    return re.search(declaration, source, flags=re.MULTILINE) is not None


def find_scripted_modules(folders: Iterable[str | Path]) -> list[Path]:
    """Return the scripted modules that are the given files or lie in the folders and up to two levels below them."""
    found: list[Path] = []
    for folder in (Path(folder).absolute() for folder in folders):
        candidates = [folder] if folder.is_file() else [
            path for depth in ("*.py", "*/*.py", "*/*/*.py") for path in sorted(folder.glob(depth))
            if not _NO_MODULES.intersection(path.relative_to(folder).parts)]
        found += [path for path in candidates if path not in found and is_scripted_module(path)]
    return found


def _adopt_subject_hierarchy_plugins(module_folder: Path) -> None:
    """Make a module's subject hierarchy plugins part of the package SubjectHierarchyPlugins.

    Slicer's build copies them into the package's folder, and the package star-imports all files that lie there
    (SubjectHierarchyPlugins/__init__.py); here they are still in the source tree.
    """
    folder = module_folder / "SubjectHierarchyPlugins"
    if not folder.is_dir():
        return
    package = importlib.import_module("SubjectHierarchyPlugins")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    for file in sorted(folder.glob("*Plugin.py")):
        plugins = importlib.import_module(file.stem)
        vars(package).update({name: value for name, value in vars(plugins).items() if not name.startswith("_")})


def _in_dependency_order(modules: dict[str, Any]) -> list[str]:
    ordered: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name not in modules or name in ordered or name in above:
            return
        for dependency in modules[name].dependencies:
            visit(dependency, (*above, name))
        ordered.append(name)

    for name in modules:
        visit(name, ())
    return ordered
