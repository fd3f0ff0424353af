"""Common parts of the pictures of the Segment Editor's effects: patient, editor, slice, mouse, file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_color, label_value
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.Demo.cases import DemonstrationCase, phantom_cases
from Testing.Demo.run import REPOSITORY, say, start_application
from Testing.Demo.small_files import make_small

FIELD_OF_VIEW_MM = 56.0
VIEW_SIZE = 900


def draw_picture(name: str, draw: Callable[[Any, Any, Image, Path], None]) -> None:
    """Draw docs/pictures/``name`` of a synthetic patient's CT in the application, and end with status 0.

    :param draw: function that is called with the session, the volume node, the true labels and the file to write.
    """
    picture = REPOSITORY / "docs" / "pictures" / name
    say("Making the synthetic patient")
    (case,) = phantom_cases(REPOSITORY / "out" / "demo" / "scans", ("ct-fast",))
    session = start_application()
    session.run(lambda: draw(session, load_volume(case), load_image(case.reference.labels), picture))
    make_small(picture)
    say(f"Drew {picture.relative_to(REPOSITORY)}")
    sys.exit(0)


def load_volume(case: DemonstrationCase) -> Any:
    """Load the case's scan into the scene, with the window in which the product shows CT, and return its node."""
    import slicer

    from NeuroOrbitLib.mrml.windows import set_useful_window

    volume = slicer.util.loadVolume(str(case.scan))
    set_useful_window(volume)
    return volume


def make_editor(volume: Any, structures: Sequence[str]) -> Any:
    """Return a Segment Editor with right structures as empty segments and no effect active."""
    import slicer

    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Right orbit")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in structures:
        color = label_color(label_value(name, "right"))
        segmentation.GetSegmentation().AddEmptySegment(name, f"Right {name.replace('_', ' ')}", color)
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(slicer.mrmlScene)
    editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    editor.setSegmentationNode(segmentation)
    editor.setSourceVolumeNode(volume)
    return editor


def show_slice(session: Any, center: np.ndarray, volume: Any, name: str = "Red") -> Any:
    """Show one large view, zoomed to an orbit; return the slice widget.

    :param name: "Red" for axial, "Green" for coronal.
    """
    import slicer

    layout = getattr(slicer.vtkMRMLLayoutNode, f"SlicerLayoutOneUp{name}SliceView")
    slicer.app.layoutManager().setLayout(layout)
    session.main_window.resize(VIEW_SIZE + 460, VIEW_SIZE + 120)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    session.process_events()
    view = slicer.app.layoutManager().sliceWidget(name)
    node = view.mrmlSliceNode()
    width, height, depth = node.GetFieldOfView()
    node.SetFieldOfView(FIELD_OF_VIEW_MM, FIELD_OF_VIEW_MM * height / width, depth)
    node.JumpSliceByCentering(*(center + np.array([10.0, 0.0, 0.0])))
    session.process_events()
    return view


def center_of(truth: Image, name: str) -> np.ndarray:
    """Return the centre (R, A, S; mm) of a right structure."""
    return truth.grid.ras_from_ijk(np.argwhere(truth.array == label_value(name, "right")).mean(axis=0)[::-1])


def click(view: Any, ras: Sequence[float], only_hover: bool = False) -> None:
    """Move the mouse to a point of a slice view and click there."""
    _mouse(view, ras, "MouseMoveEvent")
    if not only_hover:
        drag(view, [ras])


def drag(view: Any, points: Sequence[Sequence[float]]) -> None:
    """Draw with the left button through points (RAS mm) of a slice view."""
    _mouse(view, points[0], "MouseMoveEvent", "LeftButtonPressEvent")
    for point in points[1:]:
        _mouse(view, point, "MouseMoveEvent")
    _mouse(view, points[-1], "LeftButtonReleaseEvent")


def _mouse(view: Any, ras: Sequence[float], *events: str) -> None:
    import slicer

    interactor = view.sliceView().interactor()
    x, y, _ = view.sliceView().convertRASToXYZ(list(ras))
    interactor.SetEventInformation(round(x), round(y), 0, 0)
    for event in events:
        interactor.InvokeEvent(event)
    slicer.app.processEvents()


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Run the application until a condition holds.

    :raises Problem: if it does not in time; the message names ``what``.
    """
    import slicer

    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Problem(f"{what} did not come.")
        slicer.app.processEvents()


def take_picture(editor: Any, view: Any, picture: Path) -> None:
    """Write the options beside the slice to one file; then leave the effect."""
    import qt
    import slicer

    area = view.sliceView().grab()
    editor.resize(editor.minimumSizeHint.width(), area.height())
    editor.show()
    slicer.app.processEvents()
    panel = editor.grab()
    pixels = qt.QPixmap(panel.width() + area.width(), area.height())
    painter = qt.QPainter(pixels)
    painter.drawPixmap(0, 0, panel)
    painter.drawPixmap(panel.width(), 0, area)
    painter.end()
    editor.hide()
    pixels.save(str(picture))
    editor.setActiveEffect(None)
