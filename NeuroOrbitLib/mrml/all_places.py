"""All places at which a segmentation was measured, shown as one model node."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import slicer
import vtk

from NeuroOrbitLib.measurements.rows import Place, Row
from NeuroOrbitLib.mrml.belongings import give, own
from NeuroOrbitLib.mrml.provenance import MODULE_ATTRIBUTE, PREFIX
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of

PLACES_REFERENCE = f"{PREFIX}.places"
_COLOR, _WIDTH = (1.0, 0.75, 0.1), 3.0
#: Kinds of places that are drawn: lines. A plane or a point would not be recognisable among forty others.
_DRAWN = ("line", "polyline", "angle")


def show_all_places(segmentation: slicer.vtkMRMLSegmentationNode, rows: Iterable[Row],
                    shown: bool) -> slicer.vtkMRMLModelNode | None:
    """Show or hide all places of the measures of a segmentation.

    :param rows: the measures.
    :param shown: whether to show the places.
    :return: the one model that shows them; ``None`` if they were never shown.
    """
    model = own(segmentation, PLACES_REFERENCE)
    if model is None:
        if not shown:
            return None
        model = _add_model(segmentation)
    if shown:
        model.SetAndObservePolyData(_lines(row.measured.place for row in rows if row.measured.place))
    model.GetDisplayNode().SetVisibility(shown)
    return model


def are_shown(segmentation: slicer.vtkMRMLSegmentationNode | None) -> bool:
    """Return whether the places of a segmentation's measures are shown."""
    model = own(segmentation, PLACES_REFERENCE)
    return model is not None and bool(model.GetDisplayNode().GetVisibility())


def _add_model(segmentation: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLModelNode:
    model = slicer.mrmlScene.CreateNodeByClass("vtkMRMLModelNode")
    model.UnRegister(None)
    model.SetName(f"{segmentation.GetName()} places")
    model.SetHideFromEditors(True)
    model.SetSaveWithScene(False)
    slicer.mrmlScene.AddNode(model)
    model.CreateDefaultDisplayNodes()
    display = model.GetDisplayNode()
    display.SetSaveWithScene(False)
    display.SetColor(*_COLOR)
    display.SetLineWidth(_WIDTH)
    display.SetVisibility2D(True)
    display.SetSliceDisplayModeToProjection()  # a line that leaves the slice is still visible
    model.SetAttribute(MODULE_ATTRIBUTE, segmentation.GetAttribute(MODULE_ATTRIBUTE) or PREFIX)
    model.SetNodeReferenceID(SCAN_REFERENCE, scan_of(segmentation).GetID())  # hidden with the scan
    give(segmentation, PLACES_REFERENCE, model)
    return model


def _lines(places: Iterable[Place]) -> vtk.vtkPolyData:
    points, cells = vtk.vtkPoints(), vtk.vtkCellArray()
    for place in places:
        if place.kind in _DRAWN:
            cells.InsertNextCell(len(place.points))
            for point in np.asarray(place.points, dtype=float):
                cells.InsertCellPoint(points.InsertNextPoint(*point))
    lines = vtk.vtkPolyData()
    lines.SetPoints(points)
    lines.SetLines(cells)
    return lines
