"""A progress dialog that follows the worker process, for work that blocks what the user can do next."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import qt
import slicer

from NeuroOrbitLib.jobs import Cancelled, Event, Progress

_STEPS = 1000


@contextlib.contextmanager
def progress_dialog(title: str, text: str) -> Iterator[Callable[[Event], None]]:
    """Show a dialog with a bar while the block runs.

    :param title: of the window.
    :param text: what is being done.
    :return: a function that takes the worker's events, fills the bar, and raises
        :class:`~NeuroOrbitLib.jobs.Cancelled` when the user has cancelled.
    """
    dialog = slicer.util.createProgressDialog(labelText=text, windowTitle=title, maximum=_STEPS,
                                              windowModality=qt.Qt.ApplicationModal)

    def follow(event: Event) -> None:
        if dialog.wasCanceled:
            raise Cancelled
        if isinstance(event, Progress):
            # At its maximum the dialog closes by itself, before the result is there.
            dialog.value = min(round(event.fraction * _STEPS), _STEPS - 1)

    try:
        yield follow
    finally:
        dialog.close()
