"""The events of a running job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FailureKind = Literal["problem", "memory", "crash", "stopped"]


@dataclass(frozen=True)
class Progress:
    """The job has advanced.

    :param fraction: part of the job that is done, 0 to 1.
    :param message: current step in words for the user.
    :param eta_seconds: estimated remaining time in seconds; ``None`` while there is no estimate.
    """

    fraction: float
    message: str
    eta_seconds: float | None


@dataclass(frozen=True)
class Log:
    """A line that the computation or one of its libraries printed."""

    text: str


@dataclass(frozen=True)
class Result:
    """The job is done; ``value`` is the plain data that the function returned."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """The job ended without a result.

    :param text: message for the user.
    :param kind: reason: "problem" if the input cannot be used (the message says what to do), "memory" if memory ran
        out, "crash" for a fault of the program, "stopped" if the process was killed or could not start.
    :param details: text for the log and for reports to the developers (traceback, last lines printed).
    """

    text: str
    kind: FailureKind = "problem"
    details: str = ""


Event = Progress | Log | Result | Failure


class JobFailed(RuntimeError):
    """Raised by :meth:`NeuroOrbitLib.jobs.runner.Job.wait` for a job that ended with a :class:`Failure`."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure
