"""VTK's errors and warnings as problems of the run instead of text on the terminal."""
from __future__ import annotations

import os
import sys

import vtk

from slicerhost import errors

_output_window: vtk.vtkOutputWindow | None = None


def collect() -> None:
    """Route VTK's messages into `slicerhost.errors`; SLICERHOST_VERBOSE=1 also prints them."""
    global _output_window
    # vtkLogger and vtkOutputWindow would each print every message.
    vtk.vtkLogger.SetStderrVerbosity(vtk.vtkLogger.VERBOSITY_OFF)
    _output_window = vtk.vtkOutputWindow()
    _output_window.SetDisplayModeToNever()
    vtk.vtkOutputWindow.SetInstance(_output_window)
    for event, kind in (("ErrorEvent", "vtk error"), ("WarningEvent", "vtk warning")):
        _output_window.AddObserver(event, _collector(kind))


def _collector(kind: str):
    @vtk.calldata_type(vtk.VTK_STRING)
    def collector(_caller: object, _event: str, text: str = "") -> None:
        errors.report(kind, text)
        if os.environ.get("SLICERHOST_VERBOSE"):
            sys.stderr.write(f"[{kind}] {text}\n")

    return collector
