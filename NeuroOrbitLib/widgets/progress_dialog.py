"""A progress dialog that follows the worker process, for work that the user has to wait for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import qt
import slicer

from NeuroOrbitLib.jobs import Cancelled, Event, Progress

_STEPS = 1000


@contextlib.contextmanager
def progress_dialog(title: str, text: str) -> Iterator[Callable[[Event], None]]:
    """Show a dialog with a progress bar while the ``with`` block runs.

    :param title: title of the window, translated.
    :param text: what is being done, translated.
    :return: context that yields a function to be called with each of the worker's events; it fills the bar, and raises
        :class:`~NeuroOrbitLib.jobs.Cancelled` when the user has cancelled.
    """
    dialog = slicer.util.createProgressDialog(labelText=text, windowTitle=title, maximum=_STEPS,
                                              windowModality=qt.Qt.ApplicationModal)

    def follow(event: Event) -> None:
        if dialog.wasCanceled:
            raise Cancelled
        if isinstance(event, Progress):
            # The dialog closes by itself at its maximum, which would be before the result has arrived.
            dialog.value = min(round(event.fraction * _STEPS), _STEPS - 1)

    try:
        yield follow
    finally:
        dialog.close()
