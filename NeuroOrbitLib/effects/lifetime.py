"""What an effect has to give back when the user leaves it: observers, timers, actors in views."""

from __future__ import annotations

from collections.abc import Callable

import qt
import vtk


class Lifetime:
    """Keeps what lasts as long as an effect is active; :meth:`end` gives all of it back, in any state of the scene."""

    def __init__(self) -> None:
        self._observed: list[tuple[vtk.vtkObject, int]] = []
        self._timers: list[qt.QTimer] = []
        self._endings: list[Callable[[], object]] = []

    def __len__(self) -> int:
        return len(self._observed) + len(self._timers) + len(self._endings)

    def observe(self, subject: vtk.vtkObject | None, event: int | str, callback: Callable[..., object]) -> None:
        """Call ``callback(subject, event)`` at an event of a VTK object or node, if there is one."""
        if subject is not None:
            self._observed.append((subject, subject.AddObserver(event, callback)))

    def stop_observing(self) -> None:
        """Remove all observers."""
        for subject, tag in self._observed:
            subject.RemoveObserver(tag)
        self._observed = []

    def timer(self, milliseconds: int, callback: Callable[[], object], single_shot: bool = False) -> qt.QTimer:
        """A timer, not started yet, that calls ``callback()``."""
        timer = qt.QTimer()
        timer.setInterval(milliseconds)
        timer.setSingleShot(single_shot)
        timer.connect("timeout()", callback)
        self._timers.append(timer)
        return timer

    def at_end(self, ending: Callable[[], object]) -> None:
        """Call ``ending()`` when the lifetime ends, the last one first."""
        self._endings.append(ending)

    def end(self) -> None:
        """Give everything back."""
        for timer in self._timers:
            timer.stop()
            timer.disconnect("timeout()")
            timer.deleteLater()
        self.stop_observing()
        endings = self._endings[::-1]
        self._timers, self._endings = [], []
        for ending in endings:
            ending()
