"""Problems during a test: the host collects them, and the pytest plugin fails the test if there are any.

In Slicer an exception in a slot or in a VTK observer is printed and the application goes on; so it does here, but it
is also remembered.
"""
from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass


class HostGap(NotImplementedError):
    """Something exists in Slicer but SlicerHost does not emulate it."""


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong.

    kind: "exception", "vtk error", "vtk warning", "dialog", "gap" or "pythonqt"; text: message or traceback;
    exception: the exception itself, if there is one.
    """

    kind: str
    text: str
    exception: BaseException | None = None


_problems: list[Problem] = []


def report(kind: str, text: str, exception: BaseException | None = None) -> None:
    """Remember a problem."""
    _problems.append(Problem(kind, text, exception))


def report_exception(exception: BaseException) -> None:
    """Remember an exception that Qt, VTK or a scripted effect swallowed, and print it as Slicer does."""
    text = "".join(traceback.format_exception(exception))
    report("gap" if isinstance(exception, HostGap) else "exception", text, exception)
    sys.stderr.write(text)


def problems(*kinds: str) -> list[Problem]:
    """Return the problems of the given kinds (all when none is given), oldest first."""
    return [problem for problem in _problems if not kinds or problem.kind in kinds]


def take(*kinds: str) -> list[Problem]:
    """Return the problems of the given kinds (all when none is given) and forget them."""
    taken = problems(*kinds)
    for problem in taken:
        _problems.remove(problem)
    return taken


def forget() -> None:
    """Forget all problems."""
    _problems.clear()


def collect_uncaught() -> None:
    """Install the hook through which PySide and VTK report exceptions of slots and observers."""

    def hook(kind: type[BaseException], exception: BaseException, trace: object) -> None:
        report_exception(exception)

    sys.excepthook = hook


_placeholders: dict[str, int] = {}


def note_placeholder(name: str) -> None:
    """Count an instance of a class that the host does not emulate."""
    _placeholders[name] = _placeholders.get(name, 0) + 1


def placeholders() -> dict[str, int]:
    """Return how many instances of each unemulated class were made."""
    return dict(_placeholders)
