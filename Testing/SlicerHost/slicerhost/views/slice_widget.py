"""Slice views as modules see them: qMRMLSliceWidget and qMRMLSliceView."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from slicerhost.registry import register
from slicerhost.views.offscreen_slice_view import OffscreenSliceView
from slicerhost.views.render_widget import ctkVTKAbstractView
from slicerhost.views.slice_controller import qMRMLSliceControllerWidget
from slicerhost.views.view_widget import qMRMLAbstractViewWidget


@register
class qMRMLSliceView(ctkVTKAbstractView):
    """The image area of a slice view."""

    resized = QtCore.Signal(QtCore.QSize)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._set_view(OffscreenSliceView(slicer.app.applicationLogic()))

    def setMRMLScene(self, scene: Any) -> None:
        """Set the scene of the slice logic."""
        self._view.logic.SetMRMLScene(scene)

    def setMRMLSliceNode(self, node: Any) -> None:
        """Show a slice node."""
        self._view.set_slice_node(node)

    def mrmlSliceNode(self) -> Any:
        """Return the slice node."""
        return self._view.logic.GetSliceNode()

    def interactorObserver(self) -> Any:
        """Return the interactor style."""
        return self._view.style

    def sliceViewInteractorStyle(self) -> Any:
        """Return the interactor style."""
        return self._view.style

    def convertDeviceToXYZ(self, xy: Sequence[int]) -> list[float]:
        """Return the slice coordinates of a point of the interactor (pixels from the lower left)."""
        xyz = [0.0, 0.0, 0.0]
        self._crosshair_manager().ConvertDeviceToXYZ(int(xy[0]), int(xy[1]), xyz)
        return xyz

    def convertRASToXYZ(self, ras: Sequence[float]) -> list[float]:
        """Return the slice coordinates of a point in RAS."""
        xyz = [0.0, 0.0, 0.0]
        self._crosshair_manager().ConvertRASToXYZ(list(ras), xyz)
        return xyz

    def convertXYZToRAS(self, xyz: Sequence[float]) -> list[float]:
        """Return the RAS coordinates (mm) of a point in slice coordinates."""
        ras = [0.0, 0.0, 0.0]
        self._crosshair_manager().ConvertXYZToRAS(list(xyz), ras)
        return ras

    def _crosshair_manager(self) -> Any:
        return self.displayableManagerByClassName("vtkMRMLCrosshairDisplayableManager")


@register
class qMRMLSliceWidget(qMRMLAbstractViewWidget):
    """A slice view with its controller bar."""

    nodeAboutToBeEdited = QtCore.Signal(object)

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._assemble(qMRMLSliceControllerWidget(self), qMRMLSliceView(self))
        self._controller.setObjectName("SliceController")
        self._view_area.setObjectName("SliceView")
        self._controller.setSliceLogic(self.sliceLogic())

    def setMRMLScene(self, scene: Any) -> None:
        self._view_area.setMRMLScene(scene)
        self._controller.setMRMLScene(scene)
        super().setMRMLScene(scene)

    def setMRMLSliceNode(self, node: Any) -> None:
        """Show a slice node."""
        self._view_area.setMRMLSliceNode(node)
        self._controller._set_view_node(node)

    def setMRMLAbstractViewNode(self, node: Any) -> None:
        """Show a slice node."""
        self.setMRMLSliceNode(node)

    def setSliceLogics(self, logics: Any) -> None:
        """Set the logics of the layout's slice views."""
        self._controller.setSliceLogics(logics)

    def sliceController(self) -> Any:
        """Return the controller bar."""
        return self._controller

    def sliceView(self) -> Any:
        """Return the image area."""
        return self._view_area

    def sliceLogic(self) -> Any:
        """Return the vtkMRMLSliceLogic."""
        return self._view_area._view.logic

    def logic(self) -> Any:
        return self.sliceLogic()

    def mrmlSliceNode(self) -> Any:
        """Return the slice node."""
        return self.sliceLogic().GetSliceNode()

    def mrmlAbstractViewNode(self) -> Any:
        return self.mrmlSliceNode()

    def mrmlSliceCompositeNode(self) -> Any:
        """Return the composite node: which volumes are shown."""
        return self.sliceLogic().GetSliceCompositeNode()

    def imageDataConnection(self) -> Any:
        """Return the output port of the slice image."""
        return self.sliceLogic().GetImageDataConnection()

    def interactorStyle(self) -> Any:
        """Return the interactor style."""
        return self._view_area.interactorStyle()

    def overlayCornerAnnotation(self) -> Any:
        """Return the corner annotation in front of the slice."""
        return self._view_area._view.overlay_annotation

    def fitSliceToBackground(self) -> None:
        """Show the whole background volume."""
        self._controller.fitSliceToBackground()

    sliceOrientation = QtCore.Property(str, lambda self: self._controller.sliceOrientation,
                                       lambda self, name: self._controller.setSliceOrientation(name))
    sliceViewName = QtCore.Property(str, lambda self: self._controller.sliceViewName,
                                    lambda self, name: self._controller.setSliceViewName(name))
    sliceViewLabel = QtCore.Property(str, lambda self: self._get_label(), lambda self, label: self._set_label(label))
    sliceOffsetSliderOrientation = QtCore.Property(
        int, lambda self: int(QtCore.Qt.Orientation.Horizontal.value), lambda self, orientation: None)
