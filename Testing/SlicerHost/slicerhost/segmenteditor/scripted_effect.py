"""Effects written in Python (qSlicerSegmentEditorScripted*Effect)."""
from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer
from PySide6 import QtCore, QtGui

from slicerhost import errors
from slicerhost.registry import register
from slicerhost.segmenteditor.effect import qSlicerSegmentEditorAbstractEffect
from slicerhost.segmenteditor.label_effect import qSlicerSegmentEditorAbstractLabelEffect
from slicerhost.segmenteditor.paint_effect import qSlicerSegmentEditorPaintEffect

_NOT_CALLED = object()  # the Python class lacks the method, or the method failed


class _ScriptedEffect:
    """Mixin: forwards the calls of the editor to a Python object.

    As in Slicer, an exception of that object is printed and the call goes on as if the method were absent.
    """

    def _initialise_scripted(self, name: str) -> None:
        self._name = name
        self._python_self: Any = None
        self._python_source = ""

    def _set_name(self, name: str) -> None:
        self._name = name

    def setPythonSource(self, path: str) -> bool:
        """Load the effect class of a file and create the Python object; return whether that worked."""
        path = str(path)
        if not path.endswith((".py", ".pyc")):
            return False
        module_name, class_name = self._names_of(Path(path))
        effect_class = getattr(sys.modules.get(module_name), class_name, None)
        if effect_class is None:
            effect_class = getattr(_load(module_name, path), class_name, None)
        if effect_class is None:
            errors.report("exception", f"Failed to load segment editor effect: class {class_name} not found in {path}")
            return False
        python_self = _guarded(effect_class, self)
        if python_self is _NOT_CALLED:
            return False
        self._python_self = python_self
        self._python_source = path
        setattr(slicer, module_name, self._python_self)
        return True

    @staticmethod
    def _names_of(path: Path) -> tuple[str, str]:
        class_name = path.stem if path.stem.endswith("Effect") else path.stem + "Effect"
        return path.parent.name, class_name

    def pythonSource(self) -> str:
        """Return the path of the effect's file."""
        return self._python_source

    def self(self) -> Any:
        """Return the Python object."""
        return self._python_self

    def _call(self, method_name: str, *arguments: Any) -> Any:
        method = getattr(self._python_self, method_name, None)
        return _guarded(method, *arguments) if callable(method) else _NOT_CALLED

    def icon(self) -> QtGui.QIcon:
        icon = self._call("icon")
        return icon if isinstance(icon, QtGui.QIcon) else super().icon()

    def helpText(self) -> str:
        text = self._call("helpText")
        return text if isinstance(text, str) else super().helpText()

    def clone(self) -> Any:
        clone = self._call("clone")
        if not isinstance(clone, qSlicerSegmentEditorAbstractEffect):
            QtCore.qCritical(f"{self._python_source}: clone: Invalid cloned effect object returned from python!")
            return None
        return clone

    def activate(self) -> None:
        super().activate()
        self._call("activate")

    def deactivate(self) -> None:
        super().deactivate()
        self._call("deactivate")

    def setupOptionsFrame(self) -> None:
        super().setupOptionsFrame()
        self._call("setupOptionsFrame")

    def createCursor(self, view_widget: Any) -> QtGui.QCursor:
        cursor = self._call("createCursor", view_widget)
        return cursor if isinstance(cursor, QtGui.QCursor) else super().createCursor(view_widget)

    _forwards_interaction = True

    def processInteractionEvents(self, interactor: Any, event: int, view_widget: Any) -> bool:
        if not self._forwards_interaction:
            return super().processInteractionEvents(interactor, event, view_widget)
        abort = self._call("processInteractionEvents", interactor, event, view_widget)
        if abort is _NOT_CALLED:
            return super().processInteractionEvents(interactor, event, view_widget)
        if not isinstance(abort, bool):
            QtCore.qWarning(f"{self._python_source}: processInteractionEvents is expected to return a boolean")
            return False
        return abort

    def processViewNodeEvents(self, view_node: Any, event: int, view_widget: Any) -> None:
        if (not self._forwards_interaction
                or self._call("processViewNodeEvents", view_node, event, view_widget) is _NOT_CALLED):
            super().processViewNodeEvents(view_node, event, view_widget)

    def interactionNodeModified(self, interaction_node: Any) -> None:
        if (not self._forwards_interaction
                or self._call("interactionNodeModified", interaction_node) is _NOT_CALLED):
            super().interactionNodeModified(interaction_node)

    def setMRMLDefaults(self) -> None:
        super().setMRMLDefaults()
        self._call("setMRMLDefaults")

    def referenceGeometryChanged(self) -> None:
        super().referenceGeometryChanged()
        self._call("referenceGeometryChanged")

    def sourceVolumeNodeChanged(self) -> None:
        super().sourceVolumeNodeChanged()
        self._call("sourceVolumeNodeChanged")

    def masterVolumeNodeChanged(self) -> None:
        super().masterVolumeNodeChanged()
        self._call("masterVolumeNodeChanged")

    def layoutChanged(self) -> None:
        super().layoutChanged()
        self._call("layoutChanged")

    def updateGUIFromMRML(self) -> None:
        if self.active():
            super().updateGUIFromMRML()
            self._call("updateGUIFromMRML")

    def updateMRMLFromGUI(self) -> None:
        super().updateMRMLFromGUI()
        self._call("updateMRMLFromGUI")

    def cleanup(self) -> None:
        super().cleanup()
        self._call("cleanup")


@register
class qSlicerSegmentEditorScriptedEffect(_ScriptedEffect, qSlicerSegmentEditorAbstractEffect):
    """A general effect written in Python."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._initialise_scripted("UnnamedScriptedEffect")


@register
class qSlicerSegmentEditorScriptedLabelEffect(_ScriptedEffect, qSlicerSegmentEditorAbstractLabelEffect):
    """An effect written in Python that draws labels."""

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._initialise_scripted("UnnamedScriptedLabelEffect")


@register
class qSlicerSegmentEditorScriptedPaintEffect(_ScriptedEffect, qSlicerSegmentEditorPaintEffect):
    """An effect written in Python that acts where a brush was; the brush itself handles the mouse."""

    _forwards_interaction = False

    def __init__(self, parent: QtCore.QObject | None = None) -> None:
        super().__init__(parent)
        self._initialise_scripted("UnnamedScriptedPaintEffect")

    @staticmethod
    def _names_of(path: Path) -> tuple[str, str]:
        """Unlike the other scripted effects, a paint effect is loaded under the name of its file."""
        return path.stem, path.stem if path.stem.endswith("Effect") else path.stem + "Effect"

    def paintApply(self, view_widget: Any) -> None:
        if self._call("paintApply", view_widget) is _NOT_CALLED:
            super().paintApply(view_widget)


def _load(module_name: str, path: str) -> Any:
    """Load a file as a module of that name, replacing a module that has it (qSlicerScriptedUtils)."""
    specification = importlib.util.spec_from_file_location(module_name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[module_name] = module
    _guarded(specification.loader.exec_module, module)
    return module


def _guarded(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call code of an effect: like PythonQt, print its exception and go on."""
    try:
        return function(*arguments)
    except Exception as error:
        errors.report_exception(error)
        return _NOT_CALLED
