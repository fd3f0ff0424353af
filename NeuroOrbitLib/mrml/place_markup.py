"""The markup that shows the place of the chosen measure and lets the user move it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import slicer
import vtk
from slicer.util import VTKObservationMixin

from NeuroOrbitLib.measurements.edits import can_be_edited
from NeuroOrbitLib.measurements.rows import Place, Row
from NeuroOrbitLib.mrml.provenance import PREFIX

#: Attribute of the markup; a scene has at most one.
MARKUP_ATTRIBUTE = f"{PREFIX}.Place"
_LINE, _ANGLE, _CURVE, _OUTLINE, _POINTS, _PLANE = (
    f"vtkMRMLMarkups{name}Node" for name in ("Line", "Angle", "Curve", "ClosedCurve", "Fiducial", "Plane"))
#: Number of points by which the user moves a curve, and smallest number that the user may leave of them.
_HANDLES, _FEWEST = 12, 3
_PLANE_MM, _COLOR = 40.0, (1.0, 0.75, 0.1)


class PlaceMarkup(VTKObservationMixin):
    """Shows the place of one measure at a time.

    :param moved: function called after the user has moved a point, or removed one of a curve, with all points (RAS mm,
        shape (N, 3)) and whether a new movement begins.
    """

    def __init__(self, moved: Callable[[np.ndarray, bool], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._moved = moved
        self._node: slicer.vtkMRMLMarkupsNode | None = None
        self._is_setting, self._is_moving = False, False

    @property
    def node(self) -> slicer.vtkMRMLMarkupsNode | None:
        """The markup; ``None`` if nothing is shown."""
        return self._node

    def show(self, row: Row) -> None:
        """Show the place of a measure instead of the previous one; a measure without a place shows none."""
        place = row.measured.place
        if place is None:
            self.clear()
            return
        name = _class_of(row, place)
        if self._node is None or self._node.GetClassName() != name:
            self.clear()
            self._add(name)
        self._is_setting, self._is_moving = True, False
        _fill(self._node, place)
        self._node.SetName(row.name)
        self._node.SetLocked(not can_be_edited(row))
        self._node.GetDisplayNode().SetPropertiesLabelVisibility(can_be_edited(row) and place.kind != "polyline")
        self._is_setting = False

    def clear(self) -> None:
        """Remove the markup."""
        self.removeObservers()
        node, self._node = self._node, None
        if node is not None and slicer.mrmlScene.IsNodePresent(node):
            slicer.mrmlScene.RemoveNode(node)

    def _add(self, name: str) -> None:
        node = slicer.mrmlScene.CreateNodeByClass(name)
        node.UnRegister(None)
        node.SetHideFromEditors(True)  # it must not crowd the lists of the application
        node.SetSaveWithScene(False)  # the table holds the place
        node.SetAttribute(MARKUP_ATTRIBUTE, "1")
        slicer.mrmlScene.AddNode(node)
        node.CreateDefaultDisplayNodes()
        display = node.GetDisplayNode()
        display.SetSaveWithScene(False)
        display.SetPointLabelsVisibility(False)
        display.SetColor(*_COLOR)
        display.SetSelectedColor(*_COLOR)
        display.SetGlyphScale(1.5)
        self._node = node
        for event in (node.PointModifiedEvent, node.PointRemovedEvent):
            self.addObserver(node, event, self._on_moved)
        self.addObserver(node, node.PointEndInteractionEvent, self._on_end)

    def _on_moved(self, caller: object, event: object) -> None:
        if self._is_setting or self._node is None:
            return
        if self._node.IsA(_CURVE) and self._node.GetNumberOfControlPoints() < _FEWEST:
            return
        begins, self._is_moving = not self._is_moving, True
        self._moved(points_of(self._node), begins)

    def _on_end(self, caller: object, event: object) -> None:
        self._is_moving = False


def points_of(node: slicer.vtkMRMLMarkupsNode) -> np.ndarray:
    """Return the points of a markup in RAS mm, shape (N, 3); for a curve also those between the control points."""
    if node.IsA(_CURVE):
        points = node.GetCurvePointsWorld()
        return np.array([points.GetPoint(index) for index in range(points.GetNumberOfPoints())])
    return np.array([node.GetNthControlPointPositionWorld(index) for index in range(node.GetNumberOfControlPoints())])


def _class_of(row: Row, place: Place) -> str:
    if place.kind == "polyline":
        return _OUTLINE if row.unit == "mm²" else _CURVE
    return {"line": _LINE, "angle": _ANGLE, "points": _POINTS, "plane": _PLANE}[place.kind]


def _fill(node: slicer.vtkMRMLMarkupsNode, place: Place) -> None:
    if place.kind == "plane":
        node.SetPlaneType(node.PlaneTypePointNormal)
        node.SetOriginWorld(*place.points[0])
        node.SetNormalWorld(*place.points[1])
        node.SetSizeMode(node.SizeModeAbsolute)
        node.SetSize(_PLANE_MM, _PLANE_MM)
        return
    node.SetFixedNumberOfControlPoints(False)
    points = vtk.vtkPoints()
    for point in _handles(place, node.IsA(_OUTLINE)):
        points.InsertNextPoint(*point)
    node.SetControlPointPositionsWorld(points)
    node.SetFixedNumberOfControlPoints(not node.IsA(_CURVE))  # a line of one point would be 0 mm long


def _handles(place: Place, closed: bool) -> np.ndarray:
    """Return the points that the user can drag: all of a line, a few of a curve."""
    if place.kind != "polyline" or len(place.points) <= _HANDLES:
        return place.points
    places = np.linspace(0, len(place.points) - 1, _HANDLES + closed)
    return place.points[np.round(places).astype(int)[:_HANDLES]]
