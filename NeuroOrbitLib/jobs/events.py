"""The events of a running job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FailureKind = Literal["problem", "memory", "crash", "stopped"]


@dataclass(frozen=True)
class Progress:
    """How far the job has come.

    :param fraction: 0 to 1.
    :param message: what is being done, for the user.
    :param eta_seconds: estimated remaining time; ``None`` while there is no estimate yet.
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

    :param text: for the user.
    :param kind: "problem": the input cannot be used, and the message says what to do; "memory": it ran out;
        "crash": a fault of the program; "stopped": the process was killed or could not start.
    :param details: for the log and for reports to the developers (traceback, last lines printed).
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
