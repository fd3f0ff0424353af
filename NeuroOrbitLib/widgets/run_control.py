"""A widget to start, watch and cancel a run."""

from __future__ import annotations

import datetime
import enum
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.jobs import Event, Failure, Log, Progress, Result, remaining_text
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.log_view import LogView

POLL_INTERVAL_MS = 100
_PROGRESS_STEPS = 1000


class Run(Protocol):
    """The interface of a run that the control needs."""

    def poll(self) -> list[Event]:
        """Return the events since the last call without waiting."""

    def cancel(self) -> None:
        """Stop the run within a second, without leaving anything behind."""

    @property
    def finished(self) -> bool:
        """Return whether the run has ended."""


Report = Callable[[Result | Failure | None, Run | None], None]


class RunState(enum.Enum):
    """State of the control.

    The transitions are idle -> starting -> running -> (cancelling ->) idle; a start that fails goes back to idle, and a
    start that is cancelled goes to cancelling.
    """

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"


@dataclass
class _Starter:
    """A button that starts runs of one kind.

    :param button: the button.
    :param start: function that starts a run and returns it.
    :param report: function called at the end of a run.
    :param reason: reason why a run cannot be started; "" if it can.
    :param hint: tool tip while a run can be started.
    """

    button: qt.QPushButton
    start: Callable[[], Run]
    report: Report
    reason: str = ""
    hint: str = ""


class RunControl(qt.QWidget):
    """Controls an Apply button, a Cancel button, progress with the remaining time, and a log.

    Panels with several steps add more buttons (:meth:`add_button`). Only one run is under way at a time.

    :param apply_button: button of the panel that starts a run.
    :param start: function that starts a run and returns it; a :class:`Problem` that it raises is shown to the user.
    :param report: function called at the end of a run with a :class:`Result`, a :class:`Failure`, or ``None`` if the
        run was cancelled, and with the run (``None`` if it could not be started).
    """

    def __init__(self, apply_button: qt.QPushButton, start: Callable[[], Run], report: Report,
                 parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "runControl"
        self.focusPolicy = qt.Qt.ClickFocus  # the tab key does not stop here, but continues from here
        self.state = RunState.IDLE
        self._starters = [_Starter(apply_button, start, report)]
        self._current = self._starters[0]
        self._run: Run | None = None
        self._end: Result | Failure | None = None
        self._message = self._subject = self._left = ""
        self._gives_way = False
        self.apply_button = apply_button
        self._make_parts()
        self._lay_out()
        apply_button.connect("clicked(bool)", lambda _checked=False: self.begin())
        self._update()

    def add_button(self, button: qt.QPushButton, start: Callable[[], Run], report: Report) -> None:
        """Add a button that starts runs of another kind; the parameters are those of the class."""
        self._starters.append(_Starter(button, start, report))
        button.connect("clicked(bool)", lambda _checked=False: self.begin(button))
        self._update()

    # Parts

    def _make_parts(self) -> None:
        self.progress_bar = qt.QProgressBar()
        self.progress_bar.objectName = "progressBar"
        self.progress_bar.setRange(0, _PROGRESS_STEPS)
        self.cancel_button = qt.QPushButton(_("Cancel"))
        self.cancel_button.objectName = "cancelButton"
        self.cancel_button.toolTip = _("Stop. The scene stays as it was before.")
        self.cancel_button.connect("clicked(bool)", self._on_cancel)
        self.status_label = wrapping_label("statusLabel")
        self.log_view = LogView()
        self._timer = qt.QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.connect("timeout()", self.poll)

    def _lay_out(self) -> None:
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = qt.QHBoxLayout()
        row.addWidget(self.progress_bar, 1)
        row.addWidget(self.cancel_button)
        layout.addLayout(row)
        layout.addWidget(self.status_label)
        layout.addWidget(self.log_view)

    # What the panel calls

    def set_can_apply(self, reason: str, hint: str, button: qt.QPushButton | None = None) -> None:
        """Allow or forbid starting.

        :param reason: reason why a run cannot be started, shown as tool tip of the disabled button; "" if it can.
        :param hint: tool tip while a run can be started.
        :param button: button to enable or disable; the Apply button by default.
        """
        starter = self._starter_of(button)
        starter.reason, starter.hint = translated(reason), hint
        self._update()

    def begin(self, button: qt.QPushButton | None = None, gives_way: bool = False) -> None:
        """Start a run, as pressing a button does.

        Does nothing while a run is under way, unless that run gives way; it is then cancelled without a notice.

        :param button: button whose run is started; the Apply button by default.
        :param gives_way: whether a run of another button may cancel this one, e.g. because the user did not ask for it.
        """
        if self.state is not RunState.IDLE:
            if gives_way or not self._would_give_way_to(self._starter_of(button)):
                return
            self.abandon()
        self._current, self._gives_way = self._starter_of(button), gives_way
        if _has_focus(self._current.button):
            self.setFocus()  # pressing the key again must neither start another run nor cancel this one
        self.log_view.clear()
        self._end, self._message, self._subject = None, "", ""
        self._show_progress(Progress(0.0, _("Starting…"), None))
        self._set_state(RunState.STARTING)
        try:
            run = self._current.start()
        except Exception as error:  # the panel boundary: every error is shown and none reaches the event loop
            if self.state is not RunState.IDLE:
                self._finish(self._failure_from(error))
            return
        self._follow(run)

    def _follow(self, run: Run) -> None:
        """Follow a started run, unless the user cancelled while it started, e.g. while packages were installed."""
        if self.state is RunState.STARTING:
            self._run = run
            self._set_state(RunState.RUNNING)
            self._timer.start()
            return
        run.cancel()
        if self.state is RunState.CANCELLING:
            self._run = run
            self._finish(None)

    @property
    def run(self) -> Run | None:
        """Return the run under way, None if there is none."""
        return self._run

    def set_subject(self, name: str) -> None:
        """Show which scan the run under way belongs to.

        :param name: name of the scan; "" if it is the one that the panel shows.
        """
        if name != self._subject:
            self._subject = name
            self._show_status()

    def cancel(self) -> None:
        """Stop the run under way; its end is reported as ``None``."""
        if self.state not in (RunState.STARTING, RunState.RUNNING):
            return
        self._set_state(RunState.CANCELLING)
        if self._run is not None:
            self._run.cancel()
            self.poll()

    def abandon(self) -> None:
        """Stop the run under way without a report, because the panel is closed or the run gives way."""
        run = self._detach()
        if run is not None:
            run.cancel()

    def poll(self) -> None:
        """Handle the events that have arrived since the last call; a timer calls this while a run is under way."""
        if self._run is None:
            return
        try:
            for event in self._run.poll():
                self._take_in(event)
            finished = self._run.finished
        except Exception as error:  # the panel boundary
            self._run.cancel()
            self._end, finished = self._failure_from(error), True
        if finished:
            self._finish(None if self.state is RunState.CANCELLING else self._end)

    # Inside

    def _starter_of(self, button: qt.QPushButton | None) -> _Starter:
        return self._starters[0] if button is None else next(one for one in self._starters if one.button is button)

    def _would_give_way_to(self, starter: _Starter) -> bool:
        return self._gives_way and self.state is RunState.RUNNING and starter is not self._current

    def _on_cancel(self, _checked: bool = False) -> None:
        self.cancel()

    def _take_in(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._show_progress(event)
        elif isinstance(event, Log):
            self.log_view.append(event.text)
        else:
            self._end = event
            self.log_view.append(getattr(event, "details", ""))

    def _show_progress(self, progress: Progress) -> None:
        self.progress_bar.value = round(progress.fraction * _PROGRESS_STEPS)
        message = translated(progress.message)
        if message and message != self._message:
            self._message = message
            self.log_view.append(f"{datetime.datetime.now():%H:%M:%S} {message}")
        self._left = translated(remaining_text(progress.eta_seconds))
        self._show_status()

    def _show_status(self) -> None:
        self.status_label.text = " – ".join(filter(None, (self._subject, self._message, self._left)))

    def _finish(self, end: Result | Failure | None) -> None:
        run = self._detach()
        self._current.report(end, run)

    def _detach(self) -> Run | None:
        """Go back to idle and return the run that was under way."""
        self._timer.stop()
        run, self._run = self._run, None
        has_focus = _has_focus(self) or _has_focus(self.cancel_button)
        self._set_state(RunState.IDLE)
        if has_focus:
            self._current.button.setFocus()
        return run

    def _failure_from(self, error: Exception) -> Failure:
        if isinstance(error, Problem):
            return Failure(str(error))
        self.log_view.append("".join(traceback.format_exception(error)))
        text = _("Something went wrong inside the program ({error}). The log has the details.")
        return Failure(text.format(error=f"{type(error).__name__}: {error}"), "crash")

    def _set_state(self, state: RunState) -> None:
        self.state = state
        if state is RunState.CANCELLING:
            self.status_label.text = _("Cancelling…")
        self._update()

    def _update(self) -> None:
        idle = self.state is RunState.IDLE
        for widget in (self.progress_bar, self.cancel_button, self.status_label):
            widget.visible = not idle
        self.cancel_button.enabled = self.state in (RunState.STARTING, RunState.RUNNING)
        for starter in self._starters:
            free = idle or self._would_give_way_to(starter)
            starter.button.enabled = free and not starter.reason
            starter.button.toolTip = starter.reason or starter.hint if free else _("A run is under way.")


def _has_focus(widget: qt.QWidget) -> bool:
    """Return whether a widget has the keyboard focus of its window."""
    return widget.window().focusWidget() == widget
