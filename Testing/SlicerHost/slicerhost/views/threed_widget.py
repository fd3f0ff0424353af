"""3D views as modules see them: qMRMLThreeDWidget and qMRMLThreeDView."""
from __future__ import annotations

from typing import Any

import slicer
from PySide6 import QtWidgets

from slicerhost.pythonqt.declare import qt_property
from slicerhost.registry import register
from slicerhost.views.offscreen_threed_view import OffscreenThreeDView
from slicerhost.views.render_widget import ctkVTKAbstractView
from slicerhost.views.threed_controller import qMRMLThreeDViewControllerWidget
from slicerhost.views.view_widget import qMRMLAbstractViewWidget

# Looking from an axis of ctkAxesWidget (Right = 1, Left, Superior, Inferior, Anterior, Posterior): position, view up.
_AXES = [((1, 0, 0), (0, 0, 1)), ((-1, 0, 0), (0, 0, 1)), ((0, 0, 1), (0, 1, 0)),
         ((0, 0, -1), (0, 1, 0)), ((0, 1, 0), (0, 0, 1)), ((0, -1, 0), (0, 0, 1))]


@register
class ctkVTKRenderView(ctkVTKAbstractView):
    """A 3D view whose camera can be moved in steps."""

    PitchUp, PitchDown, RollLeft, RollRight, YawLeft, YawRight = range(6)

    zoomFactor = qt_property(float, "_zoom_factor", 0.05)
    pitchRollYawIncrement = qt_property(float, "_increment", 5.0)
    pitchDirection = qt_property(int, "_pitch_direction", PitchUp)
    rollDirection = qt_property(int, "_roll_direction", RollRight)
    yawDirection = qt_property(int, "_yaw_direction", YawLeft)
    spinEnabled = qt_property(bool, "_spin_enabled", False)
    rockEnabled = qt_property(bool, "_rock_enabled", False)
    orientationWidgetVisible = qt_property(bool, "_orientation_visible", True)

    def pitch(self) -> None:
        """Turn the camera around its horizontal axis."""
        self._move("Elevation", self.pitchDirection == self.PitchDown)

    def roll(self) -> None:
        """Turn the camera around the direction of view."""
        self._move("Roll", self.rollDirection == self.RollLeft)

    def yaw(self) -> None:
        """Turn the camera around the scene's vertical axis."""
        self._move("Azimuth", self.yawDirection == self.YawLeft)

    def zoomIn(self) -> None:
        """Move the camera closer by the zoom factor."""
        self._zoom(1 + self.zoomFactor)

    def zoomOut(self) -> None:
        """Move the camera away by the zoom factor."""
        self._zoom(1 - self.zoomFactor)

    def setFocalPoint(self, x: float, y: float, z: float) -> None:
        """Look at a point (RAS, mm)."""
        self._camera().SetFocalPoint(x, y, z)
        self.scheduleRender()

    def lookFromAxis(self, axis: int, _field_of_view: float = 10.0) -> None:
        """Look at the focal point from a patient axis (ctkAxesWidget.Right...)."""
        direction, view_up = _AXES[int(axis) - 1]
        camera = self._camera()
        distance = camera.GetDistance()
        focal_point = camera.GetFocalPoint()
        camera.SetPosition(*[focal_point[i] + distance * direction[i] for i in range(3)])
        camera.SetViewUp(*view_up)
        self._view.renderer.ResetCameraClippingRange()
        self.scheduleRender()

    def resetCamera(self) -> None:
        """Show everything."""
        self._view.renderer.ResetCamera()
        self.scheduleRender()

    def _camera(self) -> Any:
        return self._view.renderer.GetActiveCamera()

    def _move(self, motion: str, positive: bool) -> None:
        camera = self._camera()
        getattr(camera, motion)(self.pitchRollYawIncrement if positive else -self.pitchRollYawIncrement)
        camera.OrthogonalizeViewUp()
        self._view.renderer.ResetCameraClippingRange()
        self.scheduleRender()

    def _zoom(self, factor: float) -> None:
        camera = self._camera()
        if camera.GetParallelProjection():
            camera.SetParallelScale(camera.GetParallelScale() / factor)
        else:
            camera.Dolly(factor)
        self._view.renderer.ResetCameraClippingRange()
        self.scheduleRender()


@register
class qMRMLThreeDView(ctkVTKRenderView):
    """The image area of a 3D view."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._set_view(OffscreenThreeDView(slicer.app.applicationLogic()))
        self._node: Any = None

    def setMRMLScene(self, scene: Any) -> None:
        """Set the scene of the view logic."""
        self._view.logic.SetMRMLScene(scene)

    def setMRMLViewNode(self, node: Any) -> None:
        """Show a view node."""
        self._node = node
        self._view.set_view_node(node)

    def mrmlViewNode(self) -> Any:
        """Return the view node."""
        return self._node

    def interactorObserver(self) -> Any:
        """Return the interactor style."""
        return self._view.style

    def cameraNode(self) -> Any:
        """Return the camera node."""
        return self._view.camera_node()

    def rotateToViewAxis(self, axis: int | str) -> None:
        """Turn the camera to an axis: 0 to 5 for -R, +R, -A, +A, -S, +S, or the axis label of the view node."""
        if isinstance(axis, str):
            axis = [self._node.GetAxisLabel(index) for index in range(6)].index(axis)
        directions = slicer.vtkMRMLCameraNode
        self.cameraNode().RotateTo([directions.Left, directions.Right, directions.Posterior, directions.Anterior,
                                    directions.Inferior, directions.Superior][int(axis)])

    def resetFocalPoint(self) -> None:
        """Look at the centre of what is visible."""
        self._view.reset_focal_point()

    def resetCamera(self, reset_rotation: bool = True, reset_translation: bool = True,
                    reset_distance: bool = True) -> None:
        """Reset direction, position and distance of the camera."""
        if reset_rotation:
            self.rotateToViewAxis(3)
        if reset_translation:
            self._view.reset_focal_point()
        if reset_distance:
            self._view.renderer.ResetCamera()
        self.scheduleRender()


@register
class qMRMLThreeDWidget(qMRMLAbstractViewWidget):
    """A 3D view with its controller bar."""

    def __init__(self, parent: QtWidgets.QWidget | None = None) -> None:
        super().__init__(parent)
        self._assemble(qMRMLThreeDViewControllerWidget(self), qMRMLThreeDView(self))
        self._controller.setThreeDView(self._view_area)

    def setMRMLScene(self, scene: Any) -> None:
        self._view_area.setMRMLScene(scene)
        self._controller.setMRMLScene(scene)
        super().setMRMLScene(scene)

    def setMRMLViewNode(self, node: Any) -> None:
        """Show a view node."""
        self._view_area.setMRMLViewNode(node)
        self._controller._set_view_node(node)

    def setMRMLAbstractViewNode(self, node: Any) -> None:
        """Show a view node."""
        self.setMRMLViewNode(node)

    def threeDController(self) -> Any:
        """Return the controller bar."""
        return self._controller

    def threeDView(self) -> Any:
        """Return the image area."""
        return self._view_area

    def mrmlViewNode(self) -> Any:
        """Return the view node."""
        return self._view_area.mrmlViewNode()

    def mrmlAbstractViewNode(self) -> Any:
        return self.mrmlViewNode()

    def viewLogic(self) -> Any:
        """Return the vtkMRMLViewLogic."""
        return self._view_area._view.logic

    def logic(self) -> Any:
        return self.viewLogic()

    def getDisplayableManagers(self, managers: Any) -> None:
        """Add all displayable managers to the given vtkCollection."""
        self._view_area.getDisplayableManagers(managers)
