"""Resources that an effect must release when the user leaves it: observers, timers, actors in views."""

from __future__ import annotations

from collections.abc import Callable

import qt
import vtk


class Lifetime:
    """Keeps the resources of an active effect; :meth:`end` releases all of them, whatever the state of the scene."""

    def __init__(self) -> None:
        self._observed: list[tuple[vtk.vtkObject, int]] = []
        self._timers: list[qt.QTimer] = []
        self._endings: list[Callable[[], object]] = []

    def __len__(self) -> int:
        return len(self._observed) + len(self._timers) + len(self._endings)

    def observe(self, subject: vtk.vtkObject | None, event: int | str, callback: Callable[..., object]) -> None:
        """Call ``callback(subject, event)`` at each event of a VTK object or node; do nothing if it is ``None``."""
        if subject is not None:
            self._observed.append((subject, subject.AddObserver(event, callback)))

    def stop_observing(self) -> None:
        """Remove all observers."""
        for subject, tag in self._observed:
            subject.RemoveObserver(tag)
        self._observed = []

    def timer(self, milliseconds: int, callback: Callable[[], object], single_shot: bool = False) -> qt.QTimer:
        """Return a timer, not started yet, that calls ``callback()`` after each interval.

        :param milliseconds: interval.
        :param callback: function to call.
        :param single_shot: whether the timer stops after the first interval.
        """
        timer = qt.QTimer()
        timer.setInterval(milliseconds)
        timer.setSingleShot(single_shot)
        timer.connect("timeout()", callback)
        self._timers.append(timer)
        return timer

    def at_end(self, ending: Callable[[], object]) -> None:
        """Call ``ending()`` when the lifetime ends; the function added last is called first."""
        self._endings.append(ending)

    def end(self) -> None:
        """Release everything."""
        for timer in self._timers:
            timer.stop()
            timer.disconnect("timeout()")
            timer.deleteLater()
        self.stop_observing()
        endings = self._endings[::-1]
        self._timers, self._endings = [], []
        for ending in endings:
            ending()
