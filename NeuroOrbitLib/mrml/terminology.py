"""Registration of the orbit's terminology in the application, by which segments are edited and exported with codes."""

from __future__ import annotations

import slicer
import vtk

from NeuroOrbitLib.anatomy.terminology import CONTEXT_NAME
from NeuroOrbitLib.resources import resource_path

_FILE = "SegmentationCategoryTypeModifier-Orbit.term.json"


def load_orbit_terminology() -> None:
    """Load the terminology into the module Terminologies, unless it is loaded already."""
    logic = slicer.modules.terminologies.logic()
    loaded = vtk.vtkStringArray()
    logic.GetLoadedTerminologyNames(loaded)
    if CONTEXT_NAME not in {loaded.GetValue(index) for index in range(loaded.GetNumberOfValues())}:
        logic.LoadTerminologyFromFile(str(resource_path("Terminology", _FILE)))
