"""Time limit for long runs."""

from __future__ import annotations

import time

from NeuroOrbitLib.jobs.progress import Cancelled, Progress


def until(minutes: float | None, progress: Progress, started: float = time.monotonic()) -> Progress:
    """Return a progress that cancels once the process has run for ``minutes``; ``None`` for no limit."""

    def report(fraction: float, message: str = "") -> None:
        progress(fraction, message)
        if minutes is not None and time.monotonic() - started > 60 * minutes:
            raise Cancelled

    return report
