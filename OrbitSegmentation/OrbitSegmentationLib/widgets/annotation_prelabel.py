"""Labels by the model as a starting point for the annotator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import qt
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import Failure, Result
from NeuroOrbitLib.mrml.run import Insert, VolumeRun
from NeuroOrbitLib.widgets.run_control import RunControl
from OrbitSegmentationLib.mrml.open_case import OpenCase

#: Starts a run of the model on a volume, whose result goes to the given function.
StartRun = Callable[[slicer.vtkMRMLScalarVolumeNode, Insert], VolumeRun]
#: Shows sentences to the annotator: (level, sentences).
Tell = Callable[[str, Iterable[str]], None]


class Prelabel:
    """Manages the button that lets the model label the structures that are still empty.

    :param button: the button.
    :param layout: layout for progress, cancel button and log.
    :param start_run: function that starts the model.
    :param wanted: function that returns the label values of the structures that the task asks for.
    :param save_state: function that stores the labels, so that the model's changes can be undone.
    :param tell: function that shows the outcome to the annotator.
    :param labelled: function that is called when structures were labelled.
    :param ended: function that is called when the labels may have changed.
    :param is_page_shown: function that returns whether the page is shown and may use views and mouse.
    """

    def __init__(self, button: qt.QPushButton, layout: qt.QLayout, start_run: StartRun,
                 wanted: Callable[[], Collection[int]], save_state: Callable[[], None], tell: Tell,
                 labelled: Callable[[], None], ended: Callable[[], None],
                 is_page_shown: Callable[[], bool]) -> None:
        self._start_run, self._wanted, self._save_state = start_run, wanted, save_state
        self._tell, self._labelled, self._ended, self._is_page_shown = tell, labelled, ended, is_page_shown
        self._filled_before: set[int] = set()
        self._opened: OpenCase | None = None
        self._waiting: Iterable[str] | None = None  # sentences about labels that arrived while the page was hidden
        self._hint = button.toolTip
        self.run_control = RunControl(button, self._start, self._on_ended)
        layout.addWidget(self.run_control)
        self.show_case(None)

    def show_case(self, opened: OpenCase | None) -> None:
        """Label this case from now on; a run for another case is stopped."""
        if opened is not self._opened:
            self.run_control.abandon()
            self._waiting = None
        self._opened = opened
        reason = "" if opened else _("Open a case first.")
        if opened and not opened.in_scene():
            reason = _("Open the case again first: its scan or its labels were removed from the scene.")
        self.run_control.set_can_apply(reason, self._hint)

    def show_waiting(self) -> None:
        """Show the labels that arrived while the page was hidden."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._show_labels(waiting)

    def _start(self) -> VolumeRun:
        opened, wanted = self._opened, tuple(self._wanted())

        def insert(run: VolumeRun, answer: dict) -> list[str]:
            self._save_state()
            self._filled_before = opened.filled()
            return opened.take_prelabels(run, answer, wanted)

        return self._start_run(opened.volume, insert)

    def _on_ended(self, end: Result | Failure | None, run: VolumeRun | None) -> None:
        if isinstance(end, Result):
            self._show_labels(run.results)
        elif isinstance(end, Failure):
            self._tell("error", [end.text])
        else:
            self._tell("info", [_("Cancelled. The labels are as they were.")])
        self._ended()

    def _show_labels(self, sentences: Iterable[str]) -> None:
        if not self._is_page_shown():
            self._waiting = sentences
            return
        self._opened.show()
        if self._opened.filled() <= self._filled_before:
            self._tell("info", sentences)
            return
        self._labelled()
        self._tell("info", [*sentences, _("To correct an outline, mark what is wrong with SmartFill: the slices around "
                                          "it follow at once, and undo takes it back.")])
