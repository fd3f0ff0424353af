"""Use of the page for annotation in SlicerHost as by an annotator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import slicer

from NeuroOrbitLib import anatomy
from Testing.panels import press

RIGHT_EYE, LEFT_EYE = anatomy.label_value("eyeball", "right"), anatomy.label_value("eyeball", "left")
MUSCLE = anatomy.label_value("medial_rectus", "right")


def out(folder: Path) -> Path:
    """Return the folder for the annotations of the scans of a folder."""
    return folder / "annotations"


def type_into(line_edit: Any, text: str) -> None:
    """Type a text and move to the next field."""
    line_edit.text = text
    line_edit.editingFinished.emit()


def open_selected(page: Any, row: int = 0) -> None:
    """Open the case in a row of the list."""
    page.ui.casesTable.setCurrentCell(row, 0)
    press(page.ui.openButton)


def click_structure(page: Any, value: int) -> None:
    """Pick a structure in the list."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    item = page.ui.structuresTable.item(*page.structures.cell(value))
    page.ui.structuresTable.scrollToItem(item)
    place = page.ui.structuresTable.visualItemRect(item).center()
    QTest.mouseClick(page.ui.structuresTable.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page._node.label == value


def paint_at(page: Any, ras: tuple[float, float, float], diameter_mm: float = 10.0) -> None:
    """Paint with Slicer's own brush in the red slice view, as a mouse does."""
    editor = page.editor.widget
    editor.setActiveEffectByName("Paint")
    effect = editor.activeEffect()
    effect.setCommonParameter("BrushSphere", 1)
    effect.setCommonParameter("BrushAbsoluteDiameter", diameter_mm)
    layouts = slicer.app.layoutManager()
    layouts.setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalView)
    slice_widget = layouts.sliceWidget("Red")
    slice_node = slice_widget.mrmlSliceNode()
    # Show an axial slice through the point, 200 mm wide, whatever the view showed before.
    slice_node.SetOrientation("Axial")
    slice_node.SetFieldOfView(200.0, 200.0 * slice_node.GetFieldOfView()[1] / slice_node.GetFieldOfView()[0], 1.0)
    slice_node.JumpSliceByCentering(*ras)
    slicer.app.processEvents()
    to_xy = np.linalg.inv(slicer.util.arrayFromVTKMatrix(slice_node.GetXYToRAS()))
    x, y = (to_xy @ [*ras, 1.0])[:2]
    interactor = slice_widget.sliceView().interactor()
    interactor.SetEventInformation(round(x), round(y))
    interactor.InvokeEvent("LeftButtonPressEvent")
    interactor.InvokeEvent("LeftButtonReleaseEvent")
    slicer.app.processEvents()


def prelabel(page: Any, until: Callable[[Callable[[], bool]], None]) -> None:
    """Let the model label first, and wait for it."""
    press(page.ui.prelabelButton)
    until(lambda: page.prelabel.run_control.state.value == "idle")


def background() -> slicer.vtkMRMLVolumeNode | None:
    """Return the volume in the background of the axial view."""
    name = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode().GetBackgroundVolumeID()
    return slicer.mrmlScene.GetNodeByID(name)
