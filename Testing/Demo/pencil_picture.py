"""Draws docs/pictures/smart_pencil.png: ``python -m Testing.Demo.pencil_picture``.

A synthetic patient's right orbit; two muscles are drawn by mouse, whole regions at a time, as an annotator does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy import label_color, label_value
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.problem import Problem
from Testing.Demo.cases import Case, phantom_cases
from Testing.Demo.run import REPOSITORY, say, start_application

PICTURE = REPOSITORY / "docs" / "pictures" / "smart_pencil.png"
FIELD_OF_VIEW_MM = 56.0
VIEW_SIZE = 900
REGIONS = 2000
DRAWN = ("medial_rectus", "lateral_rectus")
HOVERED = "optic_nerve"
#: A region is taken if so much of it belongs to the structure.
SHARE = 0.6
PATIENCE_SECONDS = 120.0


def main() -> int:
    """Exit status 0 when the picture was drawn."""
    say("Making the synthetic patient")
    (case,) = phantom_cases(REPOSITORY / "out" / "demo" / "scans", ("ct-fast",))
    session = start_application()
    session.run(lambda: draw(session, case))
    say(f"Drew {PICTURE.relative_to(REPOSITORY)}")
    return 0


def draw(session: Any, case: Case) -> None:
    """Segment two muscles of one slice and take the picture."""
    import slicer

    volume = slicer.util.loadVolume(str(case.scan))
    volume.GetDisplayNode().AutoWindowLevelOff()
    volume.GetDisplayNode().SetWindowLevel(250, 20)
    truth = load_image(case.reference.labels)
    editor = make_editor(volume)
    view = show_slice(session, center_of(truth, "medial_rectus"), volume)
    for name in DRAWN:
        editor.setCurrentSegmentID(name)
        for point in points_of(editor, view, truth, name):
            click(view, point)
    editor.setCurrentSegmentID(HOVERED)
    nerve = points_of(editor, view, truth, HOVERED)
    click(view, nerve[len(nerve) // 2], only_hover=True)
    wait_for_regions(editor, view)
    take_picture(editor, view)
    editor.setActiveEffect(None)


def make_editor(volume: Any) -> Any:
    """A Segment Editor with the pencil active and the muscles as empty segments."""
    import slicer

    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Right orbit")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    for name in (*DRAWN, HOVERED):
        color = label_color(label_value(name, "right"))
        segmentation.GetSegmentation().AddEmptySegment(name, f"Right {name.replace('_', ' ')}", color)
    editor = slicer.qMRMLSegmentEditorWidget()
    editor.setMRMLScene(slicer.mrmlScene)
    editor.setMRMLSegmentEditorNode(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentEditorNode"))
    editor.setSegmentationNode(segmentation)
    editor.setSourceVolumeNode(volume)
    editor.setActiveEffectByName("SmartPencil")
    editor.activeEffect().setParameter("Regions", REGIONS)
    return editor


def show_slice(session: Any, center: np.ndarray, volume: Any) -> Any:
    """One large axial view, zoomed to an orbit; returns the slice widget."""
    import slicer

    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView)
    session.main_window.resize(VIEW_SIZE + 460, VIEW_SIZE + 120)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    session.process_events()
    view = slicer.app.layoutManager().sliceWidget("Red")
    node = view.mrmlSliceNode()
    width, height, depth = node.GetFieldOfView()
    node.SetFieldOfView(FIELD_OF_VIEW_MM, FIELD_OF_VIEW_MM * height / width, depth)
    node.JumpSliceByCentering(*(center + np.array([10.0, 0.0, 0.0])))
    session.process_events()
    return view


def center_of(truth: Image, name: str) -> np.ndarray:
    """RAS mm of the middle of a right structure."""
    return truth.grid.ras_from_ijk(np.argwhere(truth.array == label_value(name, "right")).mean(axis=0)[::-1])


def points_of(editor: Any, view: Any, truth: Image, name: str) -> list[np.ndarray]:
    """Where an annotator clicks: a point (RAS mm) in each region that mostly belongs to the structure."""
    click(view, center_of(truth, "medial_rectus"), only_hover=True)
    regions = wait_for_regions(editor, view)
    grid, labels = regions.place, regions.division.labels
    rows, columns = np.indices(labels.shape)
    places = (grid.affine[:3, :2] @ np.stack([columns.ravel(), rows.ravel()]) + grid.affine[:3, 3:]).T
    index = np.floor(truth.grid.ijk_from_ras(places) + 0.5).astype(int)[:, ::-1]
    inside = ((index >= 0) & (index < truth.array.shape)).all(axis=1)
    belongs = np.zeros(labels.size, dtype=bool)
    belongs[inside] = truth.array[tuple(index[inside].T)] == label_value(name, "right")
    share = np.bincount(labels.ravel(), belongs) / np.bincount(labels.ravel())
    return [places[np.flatnonzero(belongs & (labels.ravel() == region))[0]]
            for region in np.flatnonzero(share >= SHARE)]


def wait_for_regions(editor: Any, view: Any) -> Any:
    """The regions under the mouse, when they are there.

    :raises Problem: when they take too long.
    """
    import slicer

    effect, end = editor.activeEffect().self(), time.monotonic() + PATIENCE_SECONDS
    while not effect.overlay(view, "hover").visible:
        if time.monotonic() > end:
            raise Problem("The regions of the slice did not come.")
        slicer.app.processEvents()
    return effect.shown.regions


def click(view: Any, ras: Sequence[float], only_hover: bool = False) -> None:
    """Move the mouse to a point of a slice view and click there."""
    import slicer

    interactor = view.sliceView().interactor()
    x, y, _ = view.sliceView().convertRASToXYZ(list(ras))
    interactor.SetEventInformation(round(x), round(y), 0, 0)
    events = ("MouseMoveEvent",) if only_hover else ("MouseMoveEvent", "LeftButtonPressEvent", "LeftButtonReleaseEvent")
    for event in events:
        interactor.InvokeEvent(event)
    slicer.app.processEvents()


def take_picture(editor: Any, view: Any, picture: Path = PICTURE) -> None:
    """The options beside the slice, as one file."""
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


if __name__ == "__main__":
    sys.exit(main())
