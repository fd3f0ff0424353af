"""A VTK render window without a display, driven by MRML displayable managers. No Qt in here."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy


class OffscreenView:
    """Render window, interactor and first renderer; subclasses add displayable managers.

    on_render_requested: called when a displayable manager asks for a new frame;
    on_rendered: called after every frame, whoever started it.
    """

    def __init__(self) -> None:
        self.on_render_requested: Callable[[], None] | None = None
        self.on_rendered: Callable[[], None] | None = None
        self.display_group: Any = None
        self.render_window = vtk.vtkRenderWindow()
        self.render_window.SetMultiSamples(0)
        self.render_window.ShowWindowOff()
        self.render_window.SetOffScreenRendering(1)
        self.render_window.SetUseOffScreenBuffers(True)
        self.interactor = vtk.vtkGenericRenderWindowInteractor()
        self.interactor.SetRenderWindow(self.render_window)
        self.renderer = vtk.vtkRenderer()
        self.render_window.AddRenderer(self.renderer)
        self.corner_annotation = _corner_annotation()
        self.renderer.AddViewProp(self.corner_annotation)
        self.render_window.AddObserver(vtk.vtkCommand.EndEvent, self._rendered)

    def add_displayable_managers(self, factory_class: Any, application_logic: Any, names: Sequence[str]) -> None:
        """Instantiate the named displayable managers of Slicer for this view's renderer."""
        factory = factory_class.GetInstance()
        factory.SetMRMLApplicationLogic(application_logic)
        for name in names:
            if not factory.IsDisplayableManagerRegistered(name):
                factory.RegisterDisplayableManager(name)
        self.display_group = factory.InstantiateDisplayableManagers(self.renderer)
        if self.display_group.GetReferenceCount() > 1:  # the factory hands over its reference; Python holds its own
            self.display_group.UnRegister(None)
        self.display_group.AddObserver(vtk.vtkCommand.UpdateEvent, self.request_render)

    def request_render(self, *_event: Any) -> None:
        """Ask the owner for a new frame."""
        if self.on_render_requested is not None:
            self.on_render_requested()

    def render(self) -> None:
        """Draw a frame now."""
        self.render_window.Render()

    def pixels(self) -> np.ndarray:
        """Return the last frame: uint8, shape (height, width, 3), top row first."""
        width, height = self.render_window.GetSize()
        values = vtk.vtkUnsignedCharArray()
        self.render_window.GetPixelData(0, 0, width - 1, height - 1, 0, values, 0)
        return np.ascontiguousarray(vtk_to_numpy(values).reshape(height, width, 3)[::-1])

    def resize(self, width: int, height: int) -> None:
        """Set the size of the frame in pixels."""
        self.render_window.SetSize(width, height)
        self.interactor.UpdateSize(width, height)
        self.interactor.ConfigureEvent()

    def close(self) -> None:
        """Free the view's graphics memory.

        The interactor style and the displayable managers stay attached: taking them off a view crashes VTK.
        """
        self.on_render_requested = self.on_rendered = None
        self.renderer.RemoveAllViewProps()
        self.render_window.Finalize()

    def _rendered(self, *_event: Any) -> None:
        if self.on_rendered is not None:
            self.on_rendered()


def _corner_annotation() -> vtk.vtkCornerAnnotation:
    annotation = vtk.vtkCornerAnnotation()
    annotation.SetMaximumLineHeight(0.07)
    annotation.GetTextProperty().ShadowOn()
    return annotation
