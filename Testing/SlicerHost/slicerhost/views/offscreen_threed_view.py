"""A 3D view without a display: view logic and displayable managers. No Qt in here."""
from __future__ import annotations

from typing import Any

import slicer
import vtk

from slicerhost.views.offscreen_view import OffscreenView

DISPLAYABLE_MANAGERS = [
    "vtkMRMLCameraDisplayableManager",
    "vtkMRMLViewDisplayableManager",
    "vtkMRMLModelDisplayableManager",
    "vtkMRMLThreeDReformatDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager3D",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager3D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager3D",
    "vtkMRMLLinearTransformsDisplayableManager",
    "vtkMRMLColorLegendDisplayableManager",
    "vtkMRMLVolumeRenderingDisplayableManager",
]


class OffscreenThreeDView(OffscreenView):
    """What qMRMLThreeDView and its view logic draw."""

    def __init__(self, application_logic: Any) -> None:
        super().__init__()
        self.renderer.SetUseDepthPeeling(True)
        self.renderer.SetUseDepthPeelingForVolumes(True)
        self.add_displayable_managers(
            slicer.vtkMRMLThreeDViewDisplayableManagerFactory, application_logic, DISPLAYABLE_MANAGERS)
        self.logic = slicer.vtkMRMLViewLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        self.logic.SetDisplayableManagerGroup(self.display_group)
        self.interactor.SetInteractorStyle(vtk.vtkInteractorStyle3D())
        self.style = slicer.vtkMRMLThreeDViewInteractorStyle()
        self.style.SetDisplayableManagers(self.display_group)
        self.style.SetInteractor(self.interactor)

    def set_view_node(self, node: Any) -> None:
        """Show the view node (vtkMRMLViewNode) of the scene that the logic has."""
        self.logic.AddViewNode(node.GetLayoutName())  # finds the existing node by its layout name
        self.display_group.SetMRMLDisplayableNode(node)

    def camera_node(self) -> Any:
        """Return the camera node of this view, or None."""
        manager = self.display_group.GetDisplayableManagerByClassName("vtkMRMLCameraDisplayableManager")
        return manager.GetCameraNode() if manager is not None else None

    def visible_bounds(self) -> list[float]:
        """Return the bounds (RAS, mm) of what is visible, without the view's own box and axis labels."""
        node = self.display_group.GetMRMLDisplayableNode()
        shown = node.GetBoxVisible(), node.GetAxisLabelsVisible()
        node.SetBoxVisible(0)
        node.SetAxisLabelsVisible(0)
        bounds = [0.0] * 6
        self.renderer.ComputeVisiblePropBounds(bounds)
        node.SetBoxVisible(shown[0])
        node.SetAxisLabelsVisible(shown[1])
        return bounds

    def reset_focal_point(self) -> None:
        """Look at the centre of what is visible, keeping the direction of view."""
        bounds = self.visible_bounds()
        if bounds[0] <= bounds[1]:
            camera = self.renderer.GetActiveCamera()
            camera.SetFocalPoint(*[(bounds[2 * axis] + bounds[2 * axis + 1]) / 2 for axis in range(3)])
            camera.ComputeViewPlaneNormal()
            camera.OrthogonalizeViewUp()
        node = self.display_group.GetMRMLDisplayableNode()
        node.InvokeEvent(slicer.vtkMRMLViewNode.ResetFocalPointRequestedEvent)
        self.renderer.ResetCameraClippingRange()
        self.request_render()
