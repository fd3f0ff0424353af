"""Stopping long runs in time."""

from __future__ import annotations

import time

from NeuroOrbitLib.jobs.progress import Cancelled, Progress


def until(minutes: float | None, progress: Progress, started: float = time.monotonic()) -> Progress:
    """A progress that cancels when the process has run for ``minutes``; None lets it run."""

    def report(fraction: float, message: str = "") -> None:
        progress(fraction, message)
        if minutes is not None and time.monotonic() - started > 60 * minutes:
            raise Cancelled

    return report
