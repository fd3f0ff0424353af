"""Screenshots of a result: the window as the user sees it, the orbits in each plane, the surfaces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import slicer

from NeuroOrbitLib.anatomy.view_plans import plan_view
from NeuroOrbitLib.mrml.orbit_views import place_of
from NeuroOrbitLib.mrml.views import fill_slice
from Testing.Demo.outcome import Picture

#: Size (pixels) of the main window for its own picture, and for pictures of single views.
WINDOW_SIZE, VIEW_WINDOW_SIZE = (1600, 1000), (1300, 800)
_SLICES = {
    "Red": ("axial", "Axial, through the optic nerves"),
    "Green": ("coronal", "Coronal, behind the eyeballs"),
    "Yellow": ("sagittal", "Sagittal, through the {side} eyeball and optic nerve"),
}
_LAYOUTS = {"Red": "SlicerLayoutOneUpRedSliceView", "Green": "SlicerLayoutOneUpGreenSliceView",
            "Yellow": "SlicerLayoutOneUpYellowSliceView"}


def take(session: Any, volume: slicer.vtkMRMLScalarVolumeNode,
         segmentation: slicer.vtkMRMLSegmentationNode, stem: Path) -> list[Picture]:
    """Take all pictures of a result, the first one of the window as the module left it; the layout is restored.

    :param stem: path of the files without ending, e.g. ``pictures/phantom-ct`` gives ``phantom-ct-axial.png``.
    """
    layout = slicer.app.layoutManager()
    before = layout.layout
    taken = [Picture("The window after Apply", session.grab(_file(stem, "window")))]
    slicer.util.setSliceViewerLayers(background=volume, foreground=None, label=None)
    segmentation.GetDisplayNode().SetVisibility2DFill(False)
    segmentation.GetDisplayNode().SetSliceIntersectionThickness(3)
    session.main_window.resize(*VIEW_WINDOW_SIZE)
    for view, (plane, title) in _SLICES.items():
        layout.setLayout(getattr(slicer.vtkMRMLLayoutNode, _LAYOUTS[view]))
        session.process_events()
        side = show_plane(view, segmentation)
        taken.append(Picture(title.format(side=side), _grab_slice(session, view, _file(stem, plane))))
    taken.append(Picture("Surfaces, from the front and above", _surfaces(session, _file(stem, "surfaces"))))
    layout.setLayout(before)
    session.main_window.resize(*WINDOW_SIZE)
    segmentation.GetDisplayNode().SetVisibility2DFill(True)
    session.process_events()
    return taken


def _file(stem: Path, name: str) -> Path:
    return stem.with_name(f"{stem.name}-{name}.png")


def _grab_slice(session: Any, view: str, path: Path) -> Path:
    """Return the picture of a slice view with axes to the patient's right, front and head, and a ruler."""
    widget, shown = slicer.app.layoutManager().sliceWidget(view), slicer.vtkMRMLAbstractViewNode
    node = widget.mrmlSliceNode()
    node.SetOrientationMarkerType(shown.OrientationMarkerTypeAxes)
    node.SetRulerType(shown.RulerTypeThin)
    session.grab(path, widget.sliceView())
    node.SetOrientationMarkerType(shown.OrientationMarkerTypeNone)
    node.SetRulerType(shown.RulerTypeNone)
    return path


def _surfaces(session: Any, path: Path) -> Path:
    """Return the picture of the 3D view, without its box, so that it shows only the segments."""
    layout = slicer.app.layoutManager()
    layout.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUp3DView)
    session.process_events()
    view = layout.threeDWidget(0).threeDView()
    show_surfaces(view)
    session.grab(path, view)
    view.mrmlViewNode().SetBoxVisible(True)
    view.mrmlViewNode().SetAxisLabelsVisible(True)
    return path


def show_surfaces(view: Any) -> None:
    """Turn the 3D view to the segments from the front and above, without the box around the scene."""
    view.mrmlViewNode().SetBoxVisible(False)
    view.mrmlViewNode().SetAxisLabelsVisible(False)
    view.resetCamera()
    camera = view.cameraNode().GetCamera()
    renderer = view.renderWindow().GetRenderers().GetFirstRenderer()
    camera.Elevation(35.0)
    camera.OrthogonalizeViewUp()
    renderer.ResetCamera()
    camera.Zoom(1.3)
    renderer.ResetCameraClippingRange()
    view.scheduleRender()


def show_plane(view: str, segmentation: slicer.vtkMRMLSegmentationNode) -> str:
    """Let a slice view cut through the orbits where their anatomy is shown best, and zoom to them.

    :param view: "Red" (axial), "Green" (coronal) or "Yellow" (sagittal).
    :return: the side that a sagittal view shows.
    """
    names = segmentation.GetSegmentation().GetSegmentIDs()
    plan = plan_view(view, {name: place_of(segmentation, name) for name in names})
    fill_slice(slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode(), plan.center, plan.width, plan.height)
    return plan.side
