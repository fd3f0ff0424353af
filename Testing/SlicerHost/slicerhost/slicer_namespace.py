"""Makes the `slicer` package of the slicer-core wheel look like the one inside the application."""
from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import slicer
import slicer_core

from slicerhost import placeholders, registry

# Qt modules of Slicer's C++ libraries that code imports by name
_PYTHONQT_KITS = ("qSlicerSegmentationsEditorEffectsPythonQt", "qSlicerSegmentationsModuleWidgetsPythonQt",
                  "qMRMLWidgetsPythonQt", "qSlicerBaseQTGUIPythonQt", "qSlicerBaseQTAppPythonQt",
                  "qSlicerBaseQTCorePythonQt", "qSlicerMarkupsModuleWidgetsPythonQt",
                  "qSlicerSubjectHierarchyModuleWidgetsPythonQt")
_NAMES_OF_THE_WHEEL = ("me", "module", "item_name", "import_module", "iter_modules", "extend_path")


class EmulatedNamespace(ModuleType):
    """A module that finds the emulated classes, and placeholders of those that Slicer has, by name."""

    def __getattr__(self, name: str) -> Any:
        return find_class(self.__name__, name)


def find_class(module_name: str, name: str) -> type:
    """Return the emulated class or placeholder of that name, or raise AttributeError."""
    if name.startswith(("qMRML", "qSlicer", "ctk")):
        cls = registry.find(name) or placeholders.placeholder(name)
        if cls is not None:
            return cls
    raise AttributeError(f"module '{module_name}' has no attribute '{name}'")


def install(application: Any) -> None:
    """Publish app, mrmlScene, modules, moduleNames and the qMRML classes in `slicer`, and the DICOM database, which
    the DICOM module does there.
    """
    import slicer.util

    _remove_utility_names()
    slicer.app, slicer.mrmlScene = application, application.mrmlScene()
    slicer.dicomDatabase = application.dicomDatabase()
    slicer.dicomDatabaseDirectorySettingsKey = f"DatabaseDirectoryTest_{slicer.dicomDatabase.schemaVersion()}"
    for name in ("modules", "moduleNames"):
        namespace = ModuleType("slicer." + name)
        setattr(slicer, name, namespace)
        sys.modules[namespace.__name__] = namespace
    slicer.__getattr__ = lambda name: find_class("slicer", name)
    for name in _PYTHONQT_KITS:
        sys.modules.setdefault(name, EmulatedNamespace(name))
    _alias_vtk_kits()


def _remove_utility_names() -> None:
    """The wheel star-imports slicer.util into `slicer`; in the application slicer.arrayFromVolume does not exist."""
    for name, value in list(vars(slicer).items()):
        is_utility = vars(slicer.util).get(name) is value and name not in ("app", "slicer")
        if (is_utility and not name.startswith("__")) or name in _NAMES_OF_THE_WHEEL:
            delattr(slicer, name)


def _alias_vtk_kits() -> None:
    """The VTK classes of a C++ library are importable from `<library>` and `<library>Python` in the application."""
    prefix = slicer_core.__name__ + "."
    for name, module in list(sys.modules.items()):
        if name.startswith(prefix) and name.count(".") == 1:
            kit = name.removeprefix(prefix).removesuffix("Python")
            sys.modules.setdefault(kit, module)
            sys.modules.setdefault(kit + "Python", module)
