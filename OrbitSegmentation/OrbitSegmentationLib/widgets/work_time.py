"""Measures how long the annotator works on each case and structure, and logs it."""

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
    """Counts scrolling, zooming and drawing as work on the current structure; pauses do not count.

    :param tell: function that is called with a message if the log cannot be written.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        VTKObservationMixin.__init__(self)
        self._tell = tell
        self._opened: OpenCase | None = None
        self.clock = WorkClock(time.monotonic)

    def begin(self, opened: OpenCase, value: int) -> None:
        """Begin work on a structure, and log the work on the one before."""
        self.end()
        self._opened = opened
        self.clock.start(opened.case.name, value)
        for node in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
            self.addObserver(node, vtk.vtkCommand.ModifiedEvent, self.on_action)

    def end(self) -> None:
        """End the work and log it."""
        self.removeObservers()
        stretch = self.clock.stop()
        if stretch is None:
            return
        try:
            log_stretch(self._opened.folder, self._opened.annotator, stretch)
        except Problem as problem:
            self._tell(str(problem))

    def on_action(self, caller: object = None, event: object = None) -> None:
        """Note an action of the annotator."""
        self.clock.action()
