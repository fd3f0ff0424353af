"""Background search for the eyes of a case without labels, so that its slices can be moved to the orbits."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from NeuroOrbitLib.mrml.orbit_views import show_eyes
from NeuroOrbitLib.mrml.run import Insert, VolumeRun
from NeuroOrbitLib.problem import Problem

_POLL_MILLISECONDS = 100
FindEyes = Callable[[slicer.vtkMRMLScalarVolumeNode, Insert], VolumeRun | None]


class EyesFinder:
    """Moves the slice views to the eyes of a scan, unless the annotator has moved a slice in the meantime.

    :param parent: owner of the timer.
    :param find_eyes: function that starts a run, or returns ``None`` if that is not possible.
    """

    def __init__(self, parent: qt.QWidget, find_eyes: FindEyes) -> None:
        self._find_eyes = find_eyes
        self._run: VolumeRun | None = None
        self._before: list[float] = []
        self._timer = qt.QTimer(parent)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.connect("timeout()", self._poll)

    def is_looking(self) -> bool:
        """Return whether a search is under way."""
        return self._run is not None

    def look_in(self, volume: slicer.vtkMRMLScalarVolumeNode) -> None:
        """Start to look for the eyes of a scan; if they are not found, the views stay as they are."""
        self.stop()
        self._before = _places()
        try:
            self._run = self._find_eyes(volume, lambda _run, answer: answer)
        except Problem:
            return  # opening the case has reported what is wrong with it; other computations take precedence
        if self._run is not None:
            self._timer.start()

    def stop(self) -> None:
        """Cancel the search."""
        self._timer.stop()
        run, self._run = self._run, None
        if run is not None:
            run.cancel()

    def _poll(self) -> None:
        self._run.poll()
        if not self._run.finished:
            return
        answer = self._run.results or {}
        self.stop()
        if answer.get("eyes") and _places() == self._before:
            show_eyes(answer["eyes"])


def _places() -> list[float]:
    """Return the positions of the slices, without their field of view, which changes with the window's layout."""
    return [round(node.GetSliceOffset(), 3) for node in slicer.util.getNodesByClass("vtkMRMLSliceNode")]
