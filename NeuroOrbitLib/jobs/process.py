"""The worker process from its parent's side."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.jobs.pipes import LineReader, wait_readable
from NeuroOrbitLib.jobs.protocol import read_event
from NeuroOrbitLib.jobs.watchdog import OWN_GROUP
from NeuroOrbitLib.jobs.windows_job import close as close_job
from NeuroOrbitLib.jobs.windows_job import tie_to_this_process
from NeuroOrbitLib.sentences import sentence as _

#: Leaves out the working directory first: a script in it must not be taken for a library of the same name.
_BOOTSTRAP = ("import sys; sys.path[:] = filter(None, sys.path); import json; sys.path[:0] = json.loads(sys.argv[1]); "
              "import NeuroOrbitLib.jobs.worker as w; w.main()")
#: Libraries may print lines of any length; a line with more bytes is passed on in pieces.
_LONGEST_LOG_LINE = 1 << 16
_LIBRARY_FOLDER = str(Path(__file__).resolve().parents[2])
_REAP_SECONDS = 0.5


def python_executable() -> str:
    """Return the Python interpreter to compute with: PythonSlicer in 3D Slicer, elsewhere the running one."""
    if "python" in Path(sys.executable or "").name.lower():
        return sys.executable
    return shutil.which("PythonSlicer") or shutil.which("python3") or "python"


class WorkerProcess:
    """A running worker with its three pipes.

    :param python: Python interpreter to run it with.
    :param paths: folders to import packages from, besides that of this library.
    :param environment: environment variables of the worker; those of the parent by default.
    :raises OSError: if the process cannot be started.
    """

    def __init__(self, python: str, paths: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        folders = [_LIBRARY_FOLDER, *map(str, paths)]
        self._process = subprocess.Popen(
            [python, "-c", _BOOTSTRAP, json.dumps(folders), OWN_GROUP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**(os.environ if environment is None else environment), "PYTHONUNBUFFERED": "1"},
            **_own_group(),
        )
        self._events = LineReader(self._process.stdout, has_half_lines=False)
        self._logs = LineReader(self._process.stderr, _LONGEST_LOG_LINE)
        job = tie_to_this_process(self._process._handle) if sys.platform == "win32" else None
        self._end = weakref.finalize(self, _kill, self._process, job)

    @property
    def pid(self) -> int:
        """Process identifier."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Exit code of the process (the negative signal number if a signal ended it); ``None`` while it runs."""
        if self._process.returncode is None and _has_ended(self._process.pid):
            self._end()
        return self._process.poll()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message of plain data; nothing happens if the process has ended."""
        with contextlib.suppress(OSError):
            self._process.stdin.write((json.dumps(message) + "\n").encode())
            self._process.stdin.flush()

    def events(self, folders: Mapping[int, Path]) -> list[dict[str, Any]]:
        """Return the events that have arrived since the last call.

        :param folders: folder of each job whose events may lie in a file, by the job's number.
        :raises Garbage: if anything but events has arrived.
        """
        return [read_event(line, folders) for line in self._events.lines()]

    @property
    def is_silent(self) -> bool:
        """Whether no event can arrive any more, although the process may still run."""
        return self._events.ended

    def log_lines(self) -> list[str]:
        """Return the lines printed since the last call."""
        return self._logs.lines()

    def wait(self, seconds: float) -> None:
        """Wait until something arrives, for at most ``seconds``."""
        wait_readable([self._events, self._logs], seconds)

    def kill(self) -> None:
        """End the process and every process that it started, immediately."""
        self._end()
        for stream in (self._process.stdin, self._events, self._logs):
            with contextlib.suppress(OSError):
                stream.close()


def ending_in_words(exit_code: int) -> str:
    """Return the message for the user about a worker that ended unexpectedly with an exit code."""
    # C++ code that does not handle running out of memory aborts.
    if sys.platform != "win32" and exit_code in (-signal.SIGKILL, -signal.SIGABRT):
        return (
            _("The computation was stopped by the system, most likely because memory ran out. Close other programs, "
              "or crop the volume to the part that is to be analysed, and try again.")
        )
    # The launcher of Slicer's Python ends with exit code 1, whatever ended the Python that it had started.
    cause = f"exit code {exit_code}"
    if exit_code < 0:
        with contextlib.suppress(ValueError):
            cause = signal.Signals(-exit_code).name
    return (
        _("The computation stopped unexpectedly ({cause}), perhaps because memory ran out. Nothing in the scene has "
          "changed. Close other programs and try again; if it happens again on a graphics card, choose the CPU as "
          "device; report the log.").format(cause=cause)
    )


def _own_group() -> dict[str, Any]:
    """Return the options of Popen that allow the worker to be ended together with every process it starts."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _has_ended(pid: int) -> bool:
    """Return whether a child has ended, without reaping it, as its identifier could be used again afterwards."""
    if not hasattr(os, "waitid"):
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(process: subprocess.Popen, job: int | None = None) -> None:
    """End a process and all that it started, unless it was reaped: then its number may belong to another process."""
    if job is not None:
        close_job(job)
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(process.pid)],
            capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW,
        )  # fmt: skip
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_REAP_SECONDS)
