"""The mouse and keyboard of the views, before anyone else sees them."""
from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import vtk

_PRIORITY = 1.0  # above the MRML interactor styles (0): an effect can keep an event to itself
_EVENTS = vtk.vtkCommand
SLICE_VIEW_EVENTS = (
    _EVENTS.LeftButtonPressEvent, _EVENTS.LeftButtonReleaseEvent, _EVENTS.LeftButtonDoubleClickEvent,
    _EVENTS.RightButtonPressEvent, _EVENTS.RightButtonReleaseEvent, _EVENTS.RightButtonDoubleClickEvent,
    _EVENTS.MiddleButtonPressEvent, _EVENTS.MiddleButtonReleaseEvent, _EVENTS.MiddleButtonDoubleClickEvent,
    _EVENTS.MouseMoveEvent, _EVENTS.MouseWheelForwardEvent, _EVENTS.MouseWheelBackwardEvent,
    _EVENTS.MouseWheelLeftEvent, _EVENTS.MouseWheelRightEvent, _EVENTS.KeyPressEvent, _EVENTS.KeyReleaseEvent,
    _EVENTS.EnterEvent, _EVENTS.LeaveEvent,
)
_DOUBLE_CLICKS = (_EVENTS.LeftButtonDoubleClickEvent, _EVENTS.RightButtonDoubleClickEvent,
                  _EVENTS.MiddleButtonDoubleClickEvent)
THREED_VIEW_EVENTS = tuple(event for event in SLICE_VIEW_EVENTS if event not in _DOUBLE_CLICKS)


class ViewObservation:
    """Observers on one view: its interactor and its view node.

    interaction: called as interaction(interactor, event, view_widget); True keeps the event from later observers.
    node_modified: called as node_modified(view_node, event, view_widget).
    """

    def __init__(self, view_widget: Any, interactor: Any, events: tuple[int, ...],
                 interaction: Callable[[Any, int, Any], bool], node_modified: Callable[[Any, int, Any], None]) -> None:
        self._observed: list[tuple[Any, int]] = []
        self._view_widget = weakref.ref(view_widget)
        for event in events:
            self._observe_interaction(interactor, event, interaction)
        node = view_widget.mrmlAbstractViewNode()
        tag = node.AddObserver(_EVENTS.ModifiedEvent,
                               lambda caller, _name: self._forward(node_modified, caller, _EVENTS.ModifiedEvent),
                               _PRIORITY)
        self._observed.append((node, tag))

    def remove(self) -> None:
        """Stop observing."""
        for subject, tag in self._observed:
            subject.RemoveObserver(tag)
        self._observed.clear()

    def _observe_interaction(self, interactor: Any, event: int, interaction: Callable[[Any, int, Any], bool]) -> None:
        registration: dict[str, int] = {}

        def callback(caller: Any, _name: str) -> None:
            if self._forward(interaction, caller, event):
                caller.GetCommand(registration["tag"]).SetAbortFlag(1)

        registration["tag"] = interactor.AddObserver(event, callback, _PRIORITY)
        self._observed.append((interactor, registration["tag"]))

    def _forward(self, function: Callable[[Any, int, Any], Any], caller: Any, event: int) -> Any:
        view_widget = self._view_widget()
        return function(caller, event, view_widget) if view_widget is not None else None
