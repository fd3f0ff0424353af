"""The classes of Slicer's base logic."""

from slicer_core.vtkSlicerBaseLogic import *  # noqa: F403
