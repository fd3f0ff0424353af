"""Notices when the annotator does something, and logs the time per case and structure."""

from __future__ import annotations

import time
from collections.abc import Callable

import slicer
import vtk
from slicer.util import VTKObservationMixin

from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.annotation.time_log import WorkClock, log_stretch
from OrbitSegmentationLib.mrml.open_case import OpenCase


class WorkTime(VTKObservationMixin):
    """Scrolling, zooming and drawing count as work on the structure that is picked; pauses do not.

    :param tell: told what went wrong with the log.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._tell = tell
        self._opened: OpenCase | None = None
        self.clock = WorkClock(time.monotonic)

    def begin(self, opened: OpenCase, value: int) -> None:
        """Work on a structure begins; what was worked on before is logged."""
        self.end()
        self._opened = opened
        self.clock.start(opened.case.name, value)
        for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self.on_action)

    def end(self) -> None:
        """Work stops; it is logged."""
        self.removeObservers()
        stretch = self.clock.stop()
        if stretch is None:
            return
        try:
            log_stretch(self._opened.folder, self._opened.annotator, stretch)
        except Problem as problem:
            self._tell(str(problem))

    def on_action(self, caller: object = None, event: object = None) -> None:
        """The annotator did something."""
        self.clock.action()
