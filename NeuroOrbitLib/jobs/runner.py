"""Running of jobs in a worker process without blocking: start, poll, cancel."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from NeuroOrbitLib.files.phases import Phase
from NeuroOrbitLib.files.safe import remove_staging
from NeuroOrbitLib.jobs.eta import AwakeTime, RemainingTime
from NeuroOrbitLib.jobs.events import Event, Failure, FailureKind, JobFailed, Log, Progress, Result
from NeuroOrbitLib.jobs.folders import make_folder, note_worker, remove, sweep
from NeuroOrbitLib.jobs.process import WorkerProcess, ending_in_words, python_executable
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.jobs.protocol import Garbage
from NeuroOrbitLib.jobs.request import JobRequest
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

State = Literal["running", "done", "failed", "cancelled"]
_CANCEL_GRACE_SECONDS = 0.3
#: Longest time for which a cancelled worker may go on to move complete files to their places.
_PLACING_SECONDS = 5.0
_KEPT_LOG_LINES = 40
_SILENCE_SECONDS = 1.0
_GARBAGE_MESSAGE = (
    _("The computation was ended, because what it sent could not be understood. Nothing in the scene has changed. "
      "Try again; if it happens again, restart the application and report the log.")
)
_SILENT_MESSAGE = (
    _("The computation was ended, because it no longer answered. Nothing in the scene has changed. Try again; if it "
      "happens again, report the log.")
)


class RunnerBusy(Problem, RuntimeError):
    """Raised when a job is started while another one runs, perhaps that of another page of a panel."""


class JobRunner:
    """Keep one worker process and give it one job at a time.

    :param python: Python interpreter of the worker; :func:`python_executable` by default.
    :param extra_paths: folders in which the worker finds packages, such as a module's folder.
    :param environment: environment variables of the worker; those of this process by default.
    :param temporary_folder: folder in which the jobs' folders are made; the system's temporary folder by default.
    """

    def __init__(
        self,
        python: str | None = None,
        extra_paths: Sequence[str | Path] = (),
        environment: Mapping[str, str] | None = None,
        temporary_folder: str | Path | None = None,
    ) -> None:
        self._python = python or python_executable()
        self._paths = tuple(str(path) for path in extra_paths)
        self._environment = environment
        self._temporary_folder = temporary_folder
        self._worker: WorkerProcess | None = None
        self._job: Job | None = None
        self._count = 0
        self._folders: set[Path] = set()
        self._still_there: set[Path] = set()  # folders that could not be removed
        self._has_swept = False

    @property
    def worker_pid(self) -> int | None:
        """Process identifier of the worker; ``None`` if there is none."""
        return self._worker.pid if self._worker else None

    @property
    def is_busy(self) -> bool:
        """Whether a job is running."""
        return self._job is not None and self._job.state == "running"

    def new_folder(self) -> Path:
        """Make a folder for the files of one job, to be passed to :meth:`start`.

        The first call also removes the folders that ended applications have left behind.

        :raises Problem: if the folder cannot be made.
        """
        if not self._has_swept:
            sweep(self._temporary_folder)
            self._has_swept = True
        for left in tuple(self._still_there):
            self.remove_folder(left)
        folder = make_folder(self._temporary_folder)
        self._folders.add(folder)
        return folder

    def start(self, request: JobRequest, folder: Path | None = None) -> Job:
        """Start a job and return immediately; if the worker cannot be started, the returned job has failed.

        :param request: function to call, with its arguments.
        :param folder: folder from :meth:`new_folder`, whose files are kept after a successful job until
            :meth:`Job.clean`; None for a folder that is removed at the end. A job that fails or is cancelled leaves no
            folder.
        :raises RunnerBusy: if a job is running.
        :raises Problem: if the job's folder cannot be made.
        """
        if self.is_busy:
            raise RunnerBusy(_("A computation is running. Cancel it or wait for its end, then begin again."))
        self._count += 1
        self._job = Job(self, self._count, folder or self.new_folder(), keep_folder=folder is not None)
        try:
            worker = self._running_worker()
        except OSError as error:
            message = _("Python could not be started ({python}). Install the extension again.").format(
                python=self._python)
            self._job.fail(Failure(message, "stopped", str(error)))
            return self._job
        note_worker(self._job.folder, worker.pid)
        worker.send(
            {
                "job": self._count,
                "function": request.function,
                "arguments": dict(request.arguments),
                "folder": str(self._job.folder),
            }
        )
        self._job.attach(worker)
        return self._job

    def remove_folder(self, folder: Path) -> None:
        """Remove a job's folder with all files in it; if another program has a file open, try again later."""
        if remove(folder):
            self._folders.discard(folder)
            self._still_there.discard(folder)
        else:
            self._still_there.add(folder)

    def end_worker(self) -> None:
        """End the worker and free its memory; the next job starts a new one."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def close(self) -> None:
        """Cancel the running job, end the worker and remove all folders."""
        if self._job is not None:
            self._job.cancel()
        self.end_worker()
        for folder in tuple(self._folders):
            self.remove_folder(folder)

    def __enter__(self) -> JobRunner:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _running_worker(self) -> WorkerProcess:
        if self._worker is not None and self._worker.exit_code is not None:
            self.end_worker()
        if self._worker is None:
            self._worker = WorkerProcess(self._python, self._paths, self._environment)
        return self._worker


class Job:
    """One computation, created by :meth:`JobRunner.start`.

    ``state`` is "running", "done" (``result`` then holds the value), "failed" (``failure`` then says why) or
    "cancelled".
    """

    def __init__(self, runner: JobRunner, number: int, folder: Path, keep_folder: bool) -> None:
        self.state: State = "running"
        self.result: Any = None
        self.failure: Failure | None = None
        self.folder = folder
        self._runner = runner
        self._number = number
        self._keep_folder = keep_folder
        self._worker: WorkerProcess | None = None
        self._remaining, self._clock, self._now = RemainingTime(), AwakeTime(), 0.0
        self._waiting: list[Event] = []
        self._writing: dict[str, Phase] = {}
        self._silent_since: float | None = None
        self._last_lines: deque[str] = deque(maxlen=_KEPT_LOG_LINES)

    def attach(self, worker: WorkerProcess) -> None:
        """Set the worker that computes this job."""
        self._worker = worker

    def poll(self) -> list[Event]:
        """Return the events since the last call without waiting; the last event of a job is a Result or a Failure."""
        self._now = self._clock.at(time.monotonic())
        if self.state == "running":
            self._read()
        events, self._waiting = self._waiting, []
        return events

    def wait(self, on_event: Callable[[Event], None] | None = None, timeout: float | None = None) -> Any:
        """Wait for the job to end and return its value.

        :param on_event: function called with every event.
        :param timeout: longest time to wait in seconds; None waits without limit.
        :raises JobFailed: if the job ended with a failure.
        :raises Cancelled: if the job was cancelled.
        :raises TimeoutError: if the job is not done after ``timeout`` seconds; it continues.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            for event in self.poll():
                if on_event is not None:
                    on_event(event)
            if self.state != "running":
                return self._value()
            if end is not None and time.monotonic() >= end:
                raise TimeoutError(f"The computation is not done after {timeout:g} s.")
            self._worker.wait(0.1)

    def cancel(self) -> None:
        """Stop the job and remove its files within less than a second, whatever the worker is computing.

        A computation that reports progress stops by itself, and the worker stays with its loaded models; any other
        computation is ended together with the worker. One that comes to its result before it can be stopped is done,
        since it may have written files elsewhere. While several files replace others, the worker is given 5 s, so that
        all are new or all are old.
        """
        if self.state != "running":
            return
        if not self._stops_by_itself():
            self._end_worker()
        self._waiting.clear()
        if self.state == "running":
            self.state = "cancelled"
            self.clean()

    def clean(self) -> None:
        """Remove the job's folder, once its files are no longer needed."""
        self._runner.remove_folder(self.folder)

    def fail(self, failure: Failure) -> None:
        """End the job with a failure."""
        self.state, self.failure = "failed", failure
        self._waiting.append(failure)
        self.clean()

    def _value(self) -> Any:
        if self.state == "cancelled":
            raise Cancelled
        if self.failure is not None:
            raise JobFailed(self.failure)
        return self.result

    def _stops_by_itself(self) -> bool:
        self._worker.send({"cancel": self._number})
        now = time.monotonic()
        end, latest = now + _CANCEL_GRACE_SECONDS, now + _PLACING_SECONDS
        while time.monotonic() < end and self._worker.exit_code is None:
            try:
                events = self._worker.events({self._number: self.folder})
            except Garbage:
                return False
            self._note_writing(events)
            if "placing" in self._writing.values():
                end = min(time.monotonic() + _CANCEL_GRACE_SECONDS, latest)
            ending = next((event for event in events if _is_ending(event, self._number)), None)
            if ending is not None:
                if ending["event"] == "result":
                    self._take(ending)
                return True
            if self._worker.is_silent:
                return False
            self._worker.log_lines()
            self._worker.wait(0.05)
        return False

    def _read(self) -> None:
        exit_code = self._worker.exit_code  # Before reading: all that a dead worker sent has then arrived.
        try:
            events = self._worker.events({self._number: self.folder})
        except Garbage as garbage:
            self._end_for(_GARBAGE_MESSAGE, "crash", str(garbage))
            return
        self._read_log()
        self._note_writing(events)
        for event in events:
            if event["job"] == self._number and self.state == "running":
                self._take(event)
        if self.state == "running" and exit_code is not None and (self._worker.is_silent or not events):
            self._end_for(ending_in_words(exit_code), "stopped")
        elif self.state == "running" and self._worker.is_silent and self._has_been_silent():
            self._end_for(_SILENT_MESSAGE, "crash")

    def _read_log(self) -> None:
        for line in self._worker.log_lines():
            self._last_lines.append(line)
            self._waiting.append(Log(line))

    def _has_been_silent(self) -> bool:
        """Return whether the worker has had time to end since it closed its channel, as a dying worker first does."""
        now = time.monotonic()
        self._silent_since = now if self._silent_since is None else self._silent_since
        return now - self._silent_since > _SILENCE_SECONDS

    def _end_for(self, text: str, kind: FailureKind, details: str = "") -> None:
        """End the worker, which can no longer be used, and let the job fail."""
        self._read_log()
        self._end_worker()
        self.fail(Failure(text, kind, "\n".join([*self._last_lines, details]).strip()))

    def _note_writing(self, events: Iterable[dict[str, Any]]) -> None:
        """Keep the phase of each temporary folder in which this job writes files."""
        for event in events:
            if event["job"] == self._number and event["event"] == "writing":
                self._writing[event["place"]] = event["phase"]

    def _end_worker(self) -> None:
        """End the worker and remove the temporary folders that it left beside the files it was writing.

        One that was ended while it replaced files leaves the old ones in its folder, which then stays.
        """
        self._runner.end_worker()
        for place, phase in self._writing.items():
            if phase == "staging":
                remove_staging(Path(place))

    def _take(self, event: dict[str, Any]) -> None:
        if event["event"] == "progress":
            eta = self._remaining.update(event["fraction"], self._now)
            self._waiting.append(Progress(event["fraction"], event["message"], eta))
        elif event["event"] == "result":
            self.state, self.result = "done", event["value"]
            self._waiting.append(Result(self.result))
            if not self._keep_folder:
                self.clean()
        elif event["event"] == "failure":
            if event["kind"] != "problem":
                # What failed may have left memory, or a graphics card, in a state in which nothing works any more.
                self._runner.end_worker()
            self.fail(Failure(event["message"], event["kind"], event["details"]))


def _is_ending(event: dict[str, Any], number: int) -> bool:
    return event["job"] == number and event["event"] in ("cancelled", "result", "failure")
