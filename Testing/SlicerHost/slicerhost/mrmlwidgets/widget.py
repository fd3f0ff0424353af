"""The base classes of widgets with a scene."""
from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from slicerhost.ctk.collapsible import ctkCollapsibleButton
from slicerhost.pythonqt.declare import Signal
from slicerhost.registry import register
from slicerhost.vtk_observation import VtkObservation


class SceneWidget(VtkObservation):
    """Mixin: a widget with `setMRMLScene`, `mrmlScene` and the signal `mrmlSceneChanged` (declared by the class)."""

    def mrmlScene(self) -> Any:
        """Return the scene, or None."""
        return self.__dict__.get("_scene")

    def setMRMLScene(self, scene: Any) -> None:
        """Set the scene and announce it."""
        if scene is self.mrmlScene():
            return
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)


@register
class qMRMLWidget(QtWidgets.QWidget, SceneWidget):
    """A widget with a scene."""

    mrmlSceneChanged = Signal(object)


@register
class qSlicerWidget(QtWidgets.QWidget, SceneWidget):
    """A widget with a scene, of the application layer."""

    mrmlSceneChanged = Signal(object)


@register
class qMRMLCollapsibleButton(ctkCollapsibleButton, SceneWidget):
    """A collapsible section with a scene."""

    mrmlSceneChanged = Signal(object)
