"""Base of effects in slice views: mouse and keys as hover, press, drag and release, and release of resources."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import numpy as np
import qt
import slicer
import vtk
from slicer.i18n import tr as _

from NeuroOrbitLib.effects.lifetime import Lifetime
from NeuroOrbitLib.effects.overlays import SliceOverlay
from NeuroOrbitLib.effects.slice_images import source_volume, world_from_view
from NeuroOrbitLib.effects.writing import may_change
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.dependencies import ensure_packages, missing_packages, read_requirements
from NeuroOrbitLib.widgets.notice import NoticeBanner

_EVENTS = vtk.vtkCommand
_PRESSES = (_EVENTS.LeftButtonPressEvent, _EVENTS.LeftButtonDoubleClickEvent)  # a fast second click counts, too
_KEYS = (_EVENTS.KeyPressEvent, _EVENTS.KeyReleaseEvent)
_REMOVING_KEYS = ("Control_L", "Control_R")
_WHEEL = (_EVENTS.MouseWheelForwardEvent, _EVENTS.MouseWheelBackwardEvent)
_VOLUME_EVENTS = (_EVENTS.ModifiedEvent, slicer.vtkMRMLScalarVolumeNode.ImageDataModifiedEvent,
                  slicer.vtkMRMLScalarVolumeNode.TransformModifiedEvent,
                  slicer.vtkMRMLScalarVolumeNode.DisplayModifiedEvent)
_SEGMENTATION_EVENTS = (slicer.vtkMRMLSegmentationNode.TransformModifiedEvent,
                        slicer.vtkSegmentation.SourceRepresentationModified, slicer.vtkSegmentation.SegmentRemoved)


@dataclass(frozen=True)
class Pointer:
    """Position of the mouse in a slice view.

    :param view: slice widget.
    :param position: x and y in the view, in pixels of the screen from the lower left.
    :param removing: whether Ctrl is held, which turns adding into removing.
    """

    view: object
    position: tuple[int, int]
    removing: bool

    @property
    def ras(self) -> np.ndarray:
        """Point (3,) of the slice that the view now shows there, RAS mm."""
        return (world_from_view(self.view.mrmlSliceNode()) @ np.array([*self.position, 0.0, 1.0]))[:3]


def shows_problems(method: Callable) -> Callable:
    """Decorate a method of an effect to show a :class:`Problem` in the options, and return None, instead of raising."""

    @wraps(method)
    def guarded(self: SliceEffect, *arguments: object) -> object:
        try:
            result = method(self, *arguments)
        except Problem as problem:
            self.tell("warning", str(problem))
            return None
        return result

    return guarded


class SliceEffect:
    """Base class of effects in slice views, beside one of Slicer's scripted effects.

    An effect is a ``class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect)``. It overrides those
    of :meth:`hovered`, :meth:`pressed`, :meth:`dragged`, :meth:`released`, :meth:`left`, :meth:`view_changed`,
    :meth:`inputs_changed`, :meth:`began` and :meth:`ended` that it needs. Problems raised by these methods are shown
    in the options, except in :meth:`left`, :meth:`began` and :meth:`ended`, which must not raise any.
    """

    def __init__(self, scripted_effect: object) -> None:
        super().__init__(scripted_effect)
        self.lifetime = Lifetime()
        self.notice: NoticeBanner | None = None
        self.installButton: qt.QPushButton | None = None
        self._missing = ""
        self._overlays: dict[tuple[object, str], SliceOverlay] = {}
        self._stroke_view: object | None = None
        self._pointer: Pointer | None = None
        self._inputs_timer: qt.QTimer | None = None

    # Methods that an effect overrides

    def requirements_file(self) -> Path | None:
        """Return a list of Python packages that the effect needs beyond Slicer's; without them it is idle."""
        return None

    def began(self) -> None:
        """React to the activation of the effect."""

    def ended(self) -> None:
        """React to the end of the effect, before the resources in :attr:`lifetime` and the overlays are released."""

    def hovered(self, pointer: Pointer) -> None:
        """React to a movement of the mouse, or a change of the key for removing, with no button pressed."""

    def pressed(self, pointer: Pointer) -> bool:
        """React to the left button while the segment may be changed; return whether a stroke begins."""
        return False

    def dragged(self, pointer: Pointer) -> None:
        """React to a movement of the mouse during a stroke."""

    def released(self, pointer: Pointer) -> None:
        """React to the end of a stroke."""

    def left(self, view: object) -> None:
        """React to the mouse leaving a slice view."""

    def view_changed(self, view: object) -> None:
        """React to a slice view that shows another slice, or another part of it; the overlays have already followed."""

    def inputs_changed(self) -> None:
        """React to changes of the source volume, its display or the segmentation; called once for several changes."""

    # Methods that an effect calls

    def overlay(self, view: object, name: str) -> SliceOverlay:
        """Return the overlay with a name in a slice view; it is removed when the effect is left."""
        if (view, name) not in self._overlays:
            self._overlays[view, name] = SliceOverlay(self.scriptedEffect, view)
        return self._overlays[view, name]

    def hide_overlays(self, *names: str) -> None:
        """Hide the overlays with these names in all views; without names, all overlays."""
        for (_view, name), overlay in self._overlays.items():
            if not names or name in names:
                overlay.hide()

    @property
    def pointer(self) -> Pointer | None:
        """Last position of the mouse; ``None`` if it is in no slice view."""
        return self._pointer

    @property
    def in_stroke(self) -> bool:
        """Whether a stroke is being drawn."""
        return self._stroke_view is not None

    def add_notice(self) -> None:
        """Add the place for messages to the options; to be called in ``setupOptionsFrame``."""
        self.notice = NoticeBanner()
        self.scriptedEffect.addOptionsWidget(self.notice)
        self.installButton = qt.QPushButton(_("Install the missing packages..."))
        self.installButton.visible = False
        self.installButton.connect("clicked()", self._install)
        self.scriptedEffect.addOptionsWidget(self.installButton)

    def tell(self, level: str, text: str) -> None:
        """Show a message in the options.

        :param level: "info", "warning" or "error".
        :param text: message; an empty text removes the present one.
        """
        if self.notice is None:
            return
        if text:
            self.notice.show_notice(level, text)
        elif self.notice.notices:
            self.notice.clear_notices()

    # Methods that the segment editor calls

    def clone(self) -> object:
        """Return a new effect of this kind; every editor widget has its own."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        copy = effects.qSlicerSegmentEditorScriptedEffect(None)
        copy.setPythonSource(self.source_file().as_posix())
        return copy

    def icon(self) -> qt.QIcon:
        """Return the icon of the effect, which is beside its source file."""
        return qt.QIcon(str(self.source_file().with_suffix(".png")))

    def source_file(self) -> Path:
        """Return the source file of the effect."""
        return Path(sys.modules[type(self).__module__].__file__)

    def activate(self) -> None:
        """Start the effect and observe its inputs."""
        self.lifetime.end()
        self._inputs_timer = self.lifetime.timer(0, self._tell_inputs_changed, single_shot=True)
        self._observe_inputs()
        self.began()
        self._look_for_packages()

    def deactivate(self) -> None:
        """Stop the effect and release its resources."""
        self.ended()
        self._stroke_view = self._pointer = self._inputs_timer = None
        self.lifetime.end()
        for overlay in self._overlays.values():
            overlay.remove()
        self._overlays.clear()
        self.tell("info", "")

    def cleanup(self) -> None:
        """Disconnect everything before the effect is deleted, so that no connection keeps it alive."""
        if self.lifetime:
            self.deactivate()
        if self.installButton is not None:
            self.installButton.disconnect("clicked()")
            self.installButton = None

    def layoutChanged(self) -> None:
        """Remove the overlays, since other views may be shown."""
        for overlay in self._overlays.values():
            overlay.remove()
        self._overlays.clear()
        self._pointer = self._stroke_view = None

    def sourceVolumeNodeChanged(self) -> None:
        """Follow another source volume."""
        if self._inputs_timer is not None:
            self._observe_inputs()
            self._inputs_timer.start()

    def processInteractionEvents(self, interactor: object, event: int, view: object) -> bool:
        """Handle a mouse or key event of a view; return whether it must not be passed on to others."""
        if view.className() != "qMRMLSliceWidget":
            return False
        if event == _EVENTS.LeaveEvent:
            self._pointer = None
            self.left(view)
            return False
        if self._missing:
            return False
        pointer = self._pointer_of(interactor, event, view)
        if event in _PRESSES:
            return bool(self._press(interactor, pointer))
        if event == _EVENTS.LeftButtonReleaseEvent and self._stroke_view == view:
            return self._release(pointer)
        if event in _WHEEL and self.in_stroke:
            return True  # a stroke stays in its slice
        if event == _EVENTS.MouseMoveEvent or (event in _KEYS and interactor.GetKeySym() in _REMOVING_KEYS):
            self._move(pointer)
        return False

    def processViewNodeEvents(self, node: object, event: int, view: object) -> None:
        """Let the overlays follow a view whose node has changed."""
        if view.className() != "qMRMLSliceWidget":
            return
        for (owner, _name), overlay in self._overlays.items():
            if owner == view:  # the same widget may be wrapped by another Python object
                overlay.follow_view()
        self._tell_view_changed(view)

    # Parts

    def _look_for_packages(self) -> None:
        requirements = self.requirements_file()
        missing = missing_packages(read_requirements(requirements)) if requirements is not None else []
        self._missing = ", ".join(requirement.name for requirement in missing)
        if self.installButton is not None:
            self.installButton.visible = bool(self._missing)
        if self._missing:
            self.tell("warning", _("{effect} needs Python packages that are not installed: {names}.").format(
                effect=self.scriptedEffect.title, names=self._missing))

    @shows_problems
    def _install(self) -> None:
        ensure_packages(self.requirements_file(), self.scriptedEffect.title)
        self.tell("info", "")
        self._look_for_packages()

    def _pointer_of(self, interactor: object, event: int, view: object) -> Pointer:
        removing = bool(interactor.GetControlKey())
        if event in _KEYS and interactor.GetKeySym() in _REMOVING_KEYS:
            removing = event == _EVENTS.KeyPressEvent  # the state of a key is not yet updated in its own event
        return Pointer(view, tuple(interactor.GetEventPosition()), removing)

    @shows_problems
    def _press(self, interactor: object, pointer: Pointer) -> bool:
        if self.in_stroke:
            return True
        if interactor.GetShiftKey() or interactor.GetAltKey():
            return False
        if not may_change(self.scriptedEffect):
            return True
        self._pointer = pointer
        if self.pressed(pointer):
            self._stroke_view = pointer.view
        return True

    def _release(self, pointer: Pointer) -> bool:
        self._stroke_view = None
        self._tell_released(pointer)
        return True

    @shows_problems
    def _tell_released(self, pointer: Pointer) -> None:
        self.released(pointer)

    @shows_problems
    def _move(self, pointer: Pointer) -> None:
        self._pointer = pointer
        if self.in_stroke:
            if pointer.view == self._stroke_view:
                self.dragged(pointer)
        else:
            self.hovered(pointer)

    @shows_problems
    def _tell_view_changed(self, view: object) -> None:
        self.view_changed(view)

    @shows_problems
    def _tell_inputs_changed(self) -> None:
        self.inputs_changed()

    def _observe_inputs(self) -> None:
        node = self.scriptedEffect.parameterSetNode()
        segmentation = node.GetSegmentationNode() if node is not None else None
        observed = ((source_volume(self.scriptedEffect), _VOLUME_EVENTS), (segmentation, _SEGMENTATION_EVENTS),
                    (node, (_EVENTS.ModifiedEvent,)))  # another segment may be selected
        self.lifetime.stop_observing()
        for subject, events in observed:
            for event in events:
                self.lifetime.observe(subject, event, self._input_modified)

    def _input_modified(self, *_event: object) -> None:
        if self._inputs_timer is not None:
            self._inputs_timer.start()
