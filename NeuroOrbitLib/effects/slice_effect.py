"""The life of an effect in slice views: mouse and keys as hover, press, drag and release; what it gives back."""

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
    """Where the mouse is in a slice view.

    :param view: the slice widget.
    :param position: x and y in the view, in pixels of the screen from the lower left.
    :param removing: whether the key that turns adding into removing (Ctrl) is held.
    """

    view: object
    position: tuple[int, int]
    removing: bool

    @property
    def ras(self) -> np.ndarray:
        """The point of the slice that the view shows there now, in RAS mm; shape (3,)."""
        return (world_from_view(self.view.mrmlSliceNode()) @ np.array([*self.position, 0.0, 1.0]))[:3]


def shows_problems(method: Callable) -> Callable:
    """Let an effect's method show a :class:`Problem` in the options instead of raising it; it then returns None."""

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
    """What an effect that works in slice views inherits besides one of Slicer's scripted effects.

    ``class SegmentEditorEffect(SliceEffect, AbstractScriptedSegmentEditorEffect)``. The effect overrides what it
    needs of :meth:`hovered`, :meth:`pressed`, :meth:`dragged`, :meth:`released`, :meth:`left`, :meth:`view_changed`,
    :meth:`inputs_changed`, :meth:`began` and :meth:`ended`. Problems that these raise are shown in the options.
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

    # What an effect overrides

    def requirements_file(self) -> Path | None:
        """A list of Python packages that the effect needs beyond those of the application; it is idle without them."""
        return None

    def began(self) -> None:
        """The effect was activated."""

    def ended(self) -> None:
        """The effect is about to be left; what :attr:`lifetime` holds and the overlays are given back after this."""

    def hovered(self, pointer: Pointer) -> None:
        """The mouse moved, or the key for removing changed, with no button pressed."""

    def pressed(self, pointer: Pointer) -> bool:
        """The left button was pressed on a segment that may be changed; return whether a stroke begins."""
        return False

    def dragged(self, pointer: Pointer) -> None:
        """The mouse moved during a stroke."""

    def released(self, pointer: Pointer) -> None:
        """The stroke ends."""

    def left(self, view: object) -> None:
        """The mouse left a slice view."""

    def view_changed(self, view: object) -> None:
        """A slice view shows another slice or part of it; the overlays have followed already."""

    def inputs_changed(self) -> None:
        """Source volume, its display or the segmentation changed; called once for several changes."""

    # For the effect

    def overlay(self, view: object, name: str) -> SliceOverlay:
        """The overlay of that name in a slice view; it is removed when the effect is left."""
        if (view, name) not in self._overlays:
            self._overlays[view, name] = SliceOverlay(self.scriptedEffect, view)
        return self._overlays[view, name]

    def hide_overlays(self, *names: str) -> None:
        """Hide the overlays of these names in all views; without names, all."""
        for (_view, name), overlay in self._overlays.items():
            if not names or name in names:
                overlay.hide()

    @property
    def pointer(self) -> Pointer | None:
        """Where the mouse was seen last; ``None`` when it is in no slice view."""
        return self._pointer

    @property
    def in_stroke(self) -> bool:
        """Whether the left button is down."""
        return self._stroke_view is not None

    def add_notice(self) -> None:
        """Put the place for messages into the options; call it in ``setupOptionsFrame``."""
        self.notice = NoticeBanner()
        self.scriptedEffect.addOptionsWidget(self.notice)
        self.installButton = qt.QPushButton(_("Install the missing packages..."))
        self.installButton.visible = False
        self.installButton.connect("clicked()", self._install)
        self.scriptedEffect.addOptionsWidget(self.installButton)

    def tell(self, level: str, text: str) -> None:
        """Show a message in the options (``info``, ``warning``, ``error``); an empty text takes it away."""
        if self.notice is None:
            return
        if text:
            self.notice.show_notice(level, text)
        elif self.notice.notices:
            self.notice.clear_notices()

    # Called by the segment editor

    def clone(self) -> object:
        """A new effect of this kind: every editor widget has its own."""
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        copy = effects.qSlicerSegmentEditorScriptedEffect(None)
        copy.setPythonSource(self.source_file().as_posix())
        return copy

    def icon(self) -> qt.QIcon:
        """The picture on the effect's button, beside its source."""
        return qt.QIcon(str(self.source_file().with_suffix(".png")))

    def source_file(self) -> Path:
        """The file of the effect: its icon lies beside it."""
        return Path(sys.modules[type(self).__module__].__file__)

    def activate(self) -> None:
        """Begin: observe what the effect depends on."""
        self.lifetime.end()
        self._inputs_timer = self.lifetime.timer(0, self._tell_inputs_changed, single_shot=True)
        self._observe_inputs()
        self.began()
        self._look_for_packages()

    def deactivate(self) -> None:
        """End: give everything back."""
        self.ended()
        self._stroke_view = self._pointer = self._inputs_timer = None
        self.lifetime.end()
        for overlay in self._overlays.values():
            overlay.remove()
        self._overlays.clear()
        self.tell("info", "")

    def cleanup(self) -> None:
        """The effect is about to be deleted: nothing that is connected may keep it alive."""
        if self.lifetime:
            self.deactivate()
        if self.installButton is not None:
            self.installButton.disconnect("clicked()")
            self.installButton = None

    def layoutChanged(self) -> None:
        """Other views may be there: forget the pictures in the old ones."""
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
        """Handle a mouse or key event of a view; return whether it must not be passed on."""
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
        """A view node changed."""
        if view.className() != "qMRMLSliceWidget":
            return
        for (owner, _name), overlay in self._overlays.items():
            if owner == view:  # the same widget may come in another Python object
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
            removing = event == _EVENTS.KeyPressEvent  # the state of a key is not known yet in its own event
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
