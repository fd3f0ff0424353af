"""The worker process, which takes requests as JSON lines and answers with events as JSON lines.

It stays alive between jobs, so that libraries and models are loaded only once. Requests arrive on standard input,
events leave on the original standard output; everything that libraries print goes to standard error, which the parent
reads as log lines. When standard input ends, the parent is gone, and this process ends with all that it has started.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import gc
import json
import os
import queue
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.phases import Phase, told_to
from NeuroOrbitLib.jobs import watchdog
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.jobs.protocol import event_line
from NeuroOrbitLib.jobs.request import JobRequest, from_text, plain_text
from NeuroOrbitLib.models.card_failure import card_is_full
from NeuroOrbitLib.models.device import release_card_memory
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

_PROGRESS_INTERVAL_SECONDS = 0.05
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "cannot allocate memory", "unable to allocate",
                  "bad_alloc", "bad allocation", "not enough memory")
_DISK_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
#: Windows error codes of a DLL that is missing, lacks a function, or cannot start.
_LIBRARY_NOT_LOADED = (126, 127, 1114)
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_NICENESS = 5


class Outbox:
    """Sender of events to the parent."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def send(self, job: int, event: str, folder: str | None = None, **content: Any) -> None:
        """Send one event of a job.

        :param job: number of the job.
        :param event: kind of the event: "progress", "writing", "result", "failure" or "cancelled".
        :param folder: the job's folder, where a large event may be written to a file; None to send it in the line.
        :param content: fields of the event.
        """
        message = {"job": job, "event": event, **content}
        self._stream.write(event_line(message, plain_text(message), folder) + "\n")
        self._stream.flush()


class Inbox(threading.Thread):
    """Thread that listens to the parent while the main thread computes."""

    def __init__(self, stream: Any) -> None:
        super().__init__(daemon=True)
        self.requests: queue.Queue[dict[str, Any]] = queue.Queue()
        self._stream = stream
        self._cancelled: set[int] = set()

    def run(self) -> None:
        """Take messages until the parent is gone, then end the process immediately, whatever it is doing.

        Anything else than a message ends the process, too.
        """
        try:
            for line in self._stream:
                message = json.loads(line)
                if "cancel" in message:
                    self._cancelled.add(message["cancel"])
                else:
                    self.requests.put(message)
        finally:
            os._exit(0)

    def is_cancelled(self, job: int) -> bool:
        """Return whether a job was cancelled."""
        return job in self._cancelled


class JobProgress:
    """Progress function of a computation in this process; see :class:`NeuroOrbitLib.jobs.progress.Progress`."""

    def __init__(self, job: int, outbox: Outbox, inbox: Inbox) -> None:
        self._job, self._outbox, self._inbox = job, outbox, inbox
        self._last_time, self._last_message = -1.0, ""

    def __call__(self, fraction: float, message: str = "") -> None:
        """Send the progress if its message is new or enough time has passed since the last one.

        :raises Cancelled: if the user cancelled.
        """
        if self._inbox.is_cancelled(self._job):
            raise Cancelled
        now = time.monotonic()
        is_new = message not in ("", self._last_message)
        if not is_new and fraction < 1.0 and now - self._last_time < _PROGRESS_INTERVAL_SECONDS:
            return
        self._last_time, self._last_message = now, message or self._last_message
        self._outbox.send(self._job, "progress", fraction=float(fraction), message=self._last_message)


class JobFiles:
    """Listener that tells the parent which files a job is writing; see :mod:`NeuroOrbitLib.files.phases`."""

    def __init__(self, job: int, outbox: Outbox, inbox: Inbox) -> None:
        self._job, self._outbox, self._inbox = job, outbox, inbox

    def __call__(self, folder: Path, phase: Phase) -> None:
        """Send the phase to the parent.

        :raises Cancelled: if the user cancelled before the first file was moved to its place.
        """
        self._outbox.send(self._job, "writing", place=os.path.abspath(folder), phase=phase)
        # After sending: a parent that has not yet read it may have cancelled, and would not wait for this phase.
        if phase == "placing" and self._inbox.is_cancelled(self._job):
            raise Cancelled


def run_job(message: dict[str, Any], outbox: Outbox, inbox: Inbox) -> None:
    """Compute one request and send its result, failure or cancellation to the parent."""
    job = message["job"]
    try:
        progress = JobProgress(job, outbox, inbox)
        progress(0.0)
        with _temporary_files_in(message["folder"]), told_to(JobFiles(job, outbox, inbox)):
            request = JobRequest(message["function"], message["arguments"])
            value = request.load()(**request.arguments, progress=progress)
        ending = ("result", {"value": from_text(plain_text(value))})
    except Cancelled:
        ending = ("cancelled", {})
    except (Exception, SystemExit) as error:  # The boundary of the process: every fault must reach the user.
        ending = ("failure", _describe(error))
    _finish_output()
    try:
        outbox.send(job, ending[0], message["folder"], **ending[1])
    except OSError as error:  # of the file that a large result is sent in
        outbox.send(job, "failure", **_describe(error))


def _finish_output() -> None:
    """Flush everything that was printed, also by C code, so that it reaches the parent before the job's last event."""
    library = _c_library()
    if library is not None:
        library.fflush(None)
    print(flush=True)


def _describe(error: BaseException) -> dict[str, str]:
    details = "".join(traceback.format_exception(error))
    if isinstance(error, Problem):
        return {"kind": "problem", "message": str(error), "details": details}
    if card_is_full(str(error)):
        return {"kind": "memory", "message": CARD_MEMORY_MESSAGE, "details": details}
    if isinstance(error, MemoryError) or any(words in str(error).lower() for words in _OUT_OF_MEMORY):
        return {"kind": "memory", "message": OUT_OF_MEMORY_MESSAGE, "details": details}
    if getattr(error, "errno", None) in _DISK_FULL:
        return {"kind": "problem", "message": DISK_FULL_MESSAGE.format(reason=error), "details": details}
    if isinstance(error, ImportError) or getattr(error, "winerror", None) in _LIBRARY_NOT_LOADED:
        return {"kind": "crash", "message": NOT_LOADED_MESSAGE.format(reason=error), "details": details}
    message = _("The computation failed: {value}. The log has the details.").format(value=error or type(error).__name__)
    return {"kind": "crash", "message": message, "details": details}


OUT_OF_MEMORY_MESSAGE = (
    _("There was not enough memory for this volume. Close other programs, or crop the volume to the part that is to "
      "be analysed, and try again.")
)
DISK_FULL_MESSAGE = (
    _("A disk is full ({reason}). Free some space on it, the disk of the folder for temporary files in most cases, and "
      "try again.")
)
NOT_LOADED_MESSAGE = (
    _("A library of Python cannot be loaded ({reason}). Restart the application and try again. If it happens again, "
      "install that library again, PyTorch in the module PyTorch Utils; on Windows, install Microsoft's Visual C++ "
      "Redistributable, too.")
)
CARD_MEMORY_MESSAGE = (
    _("The memory of the graphics card was not enough for this volume. Choose the processor (CPU) as device, or close "
      "other programs that use the graphics card, and try again.")
)


@contextlib.contextmanager
def _temporary_files_in(folder: str) -> Iterator[None]:
    """Let temporary files be made in the job's folder, which the parent removes."""
    previous = os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    try:
        yield
    finally:
        tempfile.tempdir = None
        os.environ.pop("TMPDIR")
        if previous is not None:
            os.environ["TMPDIR"] = previous


def _c_library() -> ctypes.CDLL | None:
    """Return the C library if it is glibc, else ``None``."""
    library = ctypes.CDLL(None) if sys.platform.startswith("linux") else None
    return library if library is not None and hasattr(library, "gnu_get_libc_version") else None


def keep_freed_memory() -> bool:
    """Let malloc keep large freed blocks for the next convolution instead of returning each to the system.

    On Linux this makes networks about 1.5 times as fast.

    :return: whether the C library supports it.
    """
    library = _c_library()
    if library is None:
        return False
    # Some versions of glibc allow at most 32 MiB for blocks on the heap.
    raised = any(library.mallopt(_M_MMAP_THRESHOLD, size) for size in (1 << 30, 1 << 25))
    return bool(raised and library.mallopt(_M_TRIM_THRESHOLD, 1 << 30))


def return_freed_memory() -> None:
    """Give memory back to the system and the graphics card between jobs."""
    gc.collect()
    with contextlib.suppress(RuntimeError):  # the card has failed
        release_card_memory()
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


def _private_input() -> Any:
    """Return the original standard input, and give libraries and child processes an empty one in its place.

    On Windows, all use of a pipe waits while a thread reads from it. NumPy's Fortran library examines standard input
    when it is loaded, and would wait until the parent sends another message.
    """
    stream = os.fdopen(os.dup(0), encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    return stream


def _private_output() -> Any:
    """Return the original standard output and redirect what libraries print to standard error."""
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    sys.stderr.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
    return output


def main(run: Callable[[dict[str, Any], Outbox, Inbox], None] = run_job) -> None:
    """Serve requests until the parent is gone; the main function of the worker process.

    :param run: function that computes one request.
    """
    watchdog.start(has_own_group=watchdog.OWN_GROUP in sys.argv)
    outbox = Outbox(_private_output())
    inbox = Inbox(_private_input())
    keep_freed_memory()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)  # The user's application stays responsive on a machine with few cores.
    inbox.start()
    while True:
        run(inbox.requests.get(), outbox, inbox)
        return_freed_memory()


if __name__ == "__main__":
    main()
