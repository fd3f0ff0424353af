"""How a long computation tells where it is, and learns that nobody waits for it any more."""

from __future__ import annotations

from typing import Protocol


class Cancelled(Exception):
    """The user cancelled: the computation stops here and leaves nothing behind."""


class Progress(Protocol):
    """Called by a computation as it advances; may raise :class:`Cancelled`."""

    def __call__(self, fraction: float, message: str = "") -> None:
        """Report ``fraction`` done (0 to 1) and what is being done, in plain words for the user."""


def silent(fraction: float, message: str = "") -> None:
    """A progress that nobody looks at."""


def part(progress: Progress, start: float, end: float) -> Progress:
    """The progress of a step that covers ``start`` to ``end`` of the whole."""

    def report(fraction: float, message: str = "") -> None:
        progress(start + (end - start) * min(max(fraction, 0.0), 1.0), message)

    return report
