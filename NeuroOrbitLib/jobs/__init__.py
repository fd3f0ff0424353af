"""Work outside the application: a worker process with progress, cancel and crash containment."""

from __future__ import annotations

from NeuroOrbitLib.jobs.eta import RemainingTime, remaining_text
from NeuroOrbitLib.jobs.events import Event, Failure, JobFailed, Log, Progress, Result
from NeuroOrbitLib.jobs.process import python_executable
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.jobs.request import JobRequest
from NeuroOrbitLib.jobs.runner import Job, JobRunner

__all__ = [
    "Cancelled",
    "Event",
    "Failure",
    "Job",
    "JobFailed",
    "JobRequest",
    "JobRunner",
    "Log",
    "Progress",
    "RemainingTime",
    "Result",
    "python_executable",
    "remaining_text",
]
