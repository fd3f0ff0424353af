"""Progress reports of long computations, which are also how a computation learns that it was cancelled."""

from __future__ import annotations

from typing import Protocol


class Cancelled(Exception):
    """Raised inside a computation that the user has cancelled, which then stops and leaves nothing behind."""


class Progress(Protocol):
    """Function that a computation calls as it advances; it may raise :class:`Cancelled`."""

    def __call__(self, fraction: float, message: str = "") -> None:
        """Report the part that is done (0 to 1) and the current step in plain words for the user."""


def silent(fraction: float, message: str = "") -> None:
    """Ignore the progress."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """Return the progress for a step that covers the fractions ``start`` to ``end`` of the whole computation."""

    def report(fraction: float, message: str = "") -> None:
        progress(start + (end - start) * min(max(fraction, 0.0), 1.0), message)

    return report
