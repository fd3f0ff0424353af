"""A slice view without a display: slice logic, displayable managers and the blended slice image. No Qt in here."""
from __future__ import annotations

from typing import Any

import slicer
import vtk

from slicerhost.views.offscreen_view import OffscreenView

# vtkMRMLThreeDSliceEdgeDisplayableManager is absent: the slicer-core wheel cannot instantiate it.
DISPLAYABLE_MANAGERS = [
    "vtkMRMLVolumeGlyphSliceDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLOrientationMarkerDisplayableManager",
    "vtkMRMLRulerDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLTransformsDisplayableManager2D",
    "vtkMRMLLinearTransformsDisplayableManager",
    "vtkMRMLColorLegendDisplayableManager",
]


class OffscreenSliceView(OffscreenView):
    """What qMRMLSliceView and its slice logic draw.

    The slice image lies in the background of the first renderer, as CTK's light box does it for a 1x1 grid.
    """

    def __init__(self, application_logic: Any) -> None:
        super().__init__()
        self._image_connection: Any = None
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        self.overlay_annotation = vtk.vtkCornerAnnotation()
        self.overlay_renderer = self._add_overlay()
        self.image_actor, self._image_mapper = self._add_image()
        self.interactor.SetInteractorStyle(vtk.vtkInteractorStyleUser())
        self.add_displayable_managers(
            slicer.vtkMRMLSliceViewDisplayableManagerFactory, application_logic, DISPLAYABLE_MANAGERS)
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(application_logic)
        self.logic.SetDisplayableManagerGroup(self.display_group)
        self.logic.AddObserver(vtk.vtkCommand.ModifiedEvent, self._logic_modified)
        self.logic.AddObserver(slicer.vtkMRMLSliceLogic.CompositeModifiedEvent, self._logic_modified)
        self.style = slicer.vtkMRMLSliceViewInteractorStyle()
        self.style.SetSliceLogic(self.logic)
        self.style.SetDisplayableManagers(self.display_group)
        self.style.SetInteractor(self.interactor)

    def set_slice_node(self, node: Any) -> None:
        """Show the slice node (vtkMRMLSliceNode) of the scene that the logic has."""
        self.logic.SetSliceNode(node)
        self.display_group.SetMRMLDisplayableNode(node)
        self._logic_modified()

    def resize(self, width: int, height: int) -> None:
        super().resize(width, height)
        if self.logic.GetSliceNode() is not None:
            self.logic.ResizeSliceNode(width, height)

    def _add_overlay(self) -> vtk.vtkRenderer:
        overlay = vtk.vtkRenderer()
        overlay.GetActiveCamera().ParallelProjectionOn()
        overlay.SetLayer(1)
        overlay.AddViewProp(self.overlay_annotation)
        self.render_window.SetNumberOfLayers(2)
        self.render_window.AddRenderer(overlay)
        self.render_window.SetAlphaBitPlanes(1)
        return overlay

    def _add_image(self) -> tuple[vtk.vtkActor2D, vtk.vtkImageMapper]:
        mapper = vtk.vtkImageMapper()
        mapper.SetColorWindow(255)  # the slice logic delivers display colours: show them unchanged
        mapper.SetColorLevel(127.5)
        actor = vtk.vtkActor2D()
        actor.SetMapper(mapper)
        actor.GetProperty().SetDisplayLocationToBackground()
        actor.SetVisibility(False)
        self.renderer.AddViewProp(actor)
        return actor, mapper

    def _logic_modified(self, *_event: Any) -> None:
        connection = self.logic.GetImageDataConnection()
        if connection is not self._image_connection:
            self._image_connection = connection
            self._image_mapper.SetInputConnection(connection)
            self.image_actor.SetVisibility(connection is not None)
        self.request_render()
