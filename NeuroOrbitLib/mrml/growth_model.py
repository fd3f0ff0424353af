"""The growth of muscles between two dates as a model of their surfaces, coloured by how far these moved."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util import numpy_support

from NeuroOrbitLib.measurements.follow_up_job import PARTS

SCALARS = "Growth (mm)"
#: Built-in colour table of the application: blue where a muscle shrank, red where it grew.
COLORS = "vtkMRMLColorTableNodeFileDivergingBlueRed.txt"
#: Colours are full at this distance (mm).
RANGE_MM = 2.0


def add_growth_model(name: str, surfaces: Mapping[str, np.ndarray]) -> slicer.vtkMRMLModelNode:
    """Add a hidden model of the muscles' surfaces to the scene.

    :param name: name of the model.
    :param surfaces: arrays by "NUMBER_PART" for each muscle, with
        :data:`~NeuroOrbitLib.measurements.follow_up_job.PARTS`: points in RAS mm, triangles, and the distance in mm
            that each point moved outwards.
    """
    model = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", slicer.mrmlScene.GenerateUniqueName(name))
    model.SetAndObservePolyData(_poly_data(surfaces))
    model.SetDescription(_("How far the muscles' surfaces lie outside of where they were on the first date, in mm."))
    model.CreateDefaultDisplayNodes()
    display = model.GetDisplayNode()
    display.SetActiveScalarName(SCALARS)
    display.SetAndObserveColorNodeID(COLORS)
    display.SetScalarRangeFlag(display.UseManualScalarRange)
    display.SetScalarRange(-RANGE_MM, RANGE_MM)
    display.SetScalarVisibility(True)
    display.SetVisibility2D(False)
    display.SetVisibility(False)
    return model


def _poly_data(surfaces: Mapping[str, np.ndarray]) -> vtk.vtkPolyData:
    append = vtk.vtkAppendPolyData()
    for number in sorted({int(name.split("_")[0]) for name in surfaces}):
        append.AddInputData(_surface(*(surfaces[f"{number}_{part}"] for part in PARTS)))
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(append.GetOutputPort())
    normals.SplittingOff()
    normals.ConsistencyOff()
    normals.Update()
    return normals.GetOutput()


def _surface(points: np.ndarray, triangles: np.ndarray, moved: np.ndarray) -> vtk.vtkPolyData:
    surface, place, cells = vtk.vtkPolyData(), vtk.vtkPoints(), vtk.vtkCellArray()
    place.SetData(numpy_support.numpy_to_vtk(points.astype(np.float32), deep=True))
    cells.SetData(3, numpy_support.numpy_to_vtk(triangles.astype(np.int32).reshape(-1), deep=True,
                                                array_type=vtk.VTK_TYPE_INT32))
    surface.SetPoints(place)
    surface.SetPolys(cells)
    scalars = numpy_support.numpy_to_vtk(moved.astype(np.float32), deep=True)
    scalars.SetName(SCALARS)
    surface.GetPointData().SetScalars(scalars)
    return surface
