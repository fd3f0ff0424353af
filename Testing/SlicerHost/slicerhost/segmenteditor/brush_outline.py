"""The circle that follows the mouse while a brush effect is active."""
from __future__ import annotations

import vtk


class BrushOutline:
    """A circle in one slice view, in pixels."""

    def __init__(self, renderer: vtk.vtkRenderer) -> None:
        self._renderer = renderer
        self._circle = vtk.vtkRegularPolygonSource()
        self._circle.SetNumberOfSides(48)
        self._circle.GeneratePolygonOff()
        mapper = vtk.vtkPolyDataMapper2D()
        mapper.SetInputConnection(self._circle.GetOutputPort())
        self.actor = vtk.vtkActor2D()
        self.actor.SetMapper(mapper)
        self.actor.GetProperty().SetColor(0.7, 0.7, 0.0)
        self.actor.SetVisibility(False)
        renderer.AddViewProp(self.actor)

    def show(self, x: int, y: int, radius: float) -> None:
        """Draw the circle around a pixel."""
        self._circle.SetRadius(radius)
        self.actor.SetPosition(x, y)
        self.actor.SetVisibility(True)

    def hide(self) -> None:
        """Draw nothing."""
        self.actor.SetVisibility(False)

    def remove(self) -> None:
        """Take the circle out of the view."""
        self._renderer.RemoveViewProp(self.actor)
