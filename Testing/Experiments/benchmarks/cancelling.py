"""How long the user waits for *Cancel*: prints one line of JSON.

``python -m Testing.Experiments.benchmarks.cancelling``

A job that reports progress stops by itself and keeps its worker; a job that is stuck in C is ended with its process; a
job whose worker is still starting is not waited for.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroOrbitLib.jobs import Job, JobRequest, JobRunner, Progress

FUNCTIONS = Path(__file__).resolve().parents[2] / "Python" / "jobs"
LIMIT_S = 1.0
REPEATS = 3
PATIENCE_S = 60.0
#: Function of each job, and its first message; ``None`` if it is cancelled before it begins.
JOBS = {
    "reports progress": ("steps", {"count": 1_000_000, "seconds": 0.02}, "Working"),
    "stuck in C": ("stuck_in_c", {}, "Stuck"),
    "starting": ("steps", {"count": 1_000_000, "seconds": 0.02}, None),
}


def measure() -> dict[str, float]:
    """Return the longest of some waits (s) for each kind of job."""
    return {name: max(_seconds(*job) for _ in range(REPEATS)) for name, job in JOBS.items()}


def _seconds(function: str, arguments: Mapping[str, Any], message: str | None) -> float:
    with (tempfile.TemporaryDirectory() as folder,
          JobRunner(extra_paths=[FUNCTIONS], temporary_folder=Path(folder)) as runner):
        job = runner.start(JobRequest(f"job_functions:{function}", dict(arguments)))
        if message is not None:
            _wait_for(job, message)
        started = time.perf_counter()
        job.cancel()
        return time.perf_counter() - started


def _wait_for(job: Job, message: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if any(isinstance(event, Progress) and event.message == message for event in job.poll()):
            return
        time.sleep(0.01)
    raise TimeoutError(f"The job did not say {message!r} within {PATIENCE_S:.0f} s.")


def exceeded(results: Mapping[str, float]) -> list[str]:
    """Return a sentence for each exceeded limit."""
    return [f"cancelling a job ({name}) takes {seconds:.2f} s (limit {LIMIT_S})"
            for name, seconds in results.items() if seconds > LIMIT_S]


def rows(results: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Return the rows of the table: what, wall, processor."""
    return [(f"Cancelling a job ({name})", f"{seconds * 1000:.0f} ms", "") for name, seconds in results.items()]


if __name__ == "__main__":
    print(json.dumps(measure()), flush=True)
