"""Observers on VTK objects that never outlive the Qt object that set them up."""
from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import shiboken6


class _Relay:
    """What VTK calls: passes the event on, or ends the observation when its Qt object or callback is gone.

    Not a nested function: the garbage collector may empty an observer before it destroys the VTK object, whose last
    events still come here. An emptied object lacks its attributes, which can be seen; an emptied function crashes.
    """

    __slots__ = ("CallDataType", "owner", "tag", "target")

    def __init__(self, owner: Any, callback: Callable[..., Any], call_data_type: Any) -> None:
        self.owner = weakref.ref(owner)
        self.target = weakref.WeakMethod(callback) if hasattr(callback, "__self__") else (lambda: callback)
        if call_data_type is not None:
            self.CallDataType = call_data_type

    def __call__(self, caller: Any, event_name: str, *call_data: Any) -> None:
        if not hasattr(self, "owner") or not hasattr(self, "target"):
            return
        function, qt_object = self.target(), self.owner()
        if qt_object is not None and not shiboken6.isValid(qt_object):
            qt_object._let_go()
            return
        if function is None or qt_object is None:
            caller.RemoveObserver(self.tag)
            return
        function(caller, event_name, *call_data)


class VtkObservation:
    """Mixin of emulated C++ classes: what Qt's `qvtkConnect` is in Slicer.

    A VTK observer that calls into a deleted widget would raise; here it removes itself instead.
    """

    def _observe(self, subject: Any, event: int | str, callback: Callable[..., Any], *,
                 call_data_type: Any = None, priority: float = 0.0) -> int:
        """Call `callback(caller, event[, call_data])` on the event of the VTK object; return the observer's tag."""
        relay = _Relay(self, callback, call_data_type)
        relay.tag = subject.AddObserver(event, relay, priority)
        self.__dict__.setdefault("_vtk_observations", []).append((subject, relay.tag))
        return relay.tag

    def _stop_observing(self, subject: Any = None) -> None:
        """Remove this object's observers from one VTK object, or from all when none is given."""
        kept = []
        for observed, tag in self.__dict__.get("_vtk_observations", []):
            if subject is None or observed is subject:
                observed.RemoveObserver(tag)
            else:
                kept.append((observed, tag))
        self.__dict__["_vtk_observations"] = kept

    def _let_go(self) -> None:
        """Release all VTK objects; called when the Qt object is destroyed but Python has not collected it yet."""
        self._stop_observing()
