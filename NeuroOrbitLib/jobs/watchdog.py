"""Ends a worker and all that it started when its parent is gone, even if the worker is stopped or stuck.

The worker's own thread that listens to the parent cannot do that while C code holds the interpreter, nor while the
process is stopped. On POSIX systems a tiny process of its own waits for the end of the worker's standard input, which
is when the parent is gone. On Windows the parent keeps the worker in a job object, see
:mod:`NeuroOrbitLib.jobs.windows_job`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys

#: Argument of a worker that was started in a process group of its own.
OWN_GROUP = "own-group"
_LOOK_MS = 1000


def start(has_own_group: bool) -> None:
    """Start the watchdog of this process; to be called before there is any other thread.

    :param has_own_group: whether all processes of its group are to end with it.
    """
    if sys.platform == "win32":
        return
    worker, group = os.getpid(), os.getpgrp() if has_own_group else None
    if os.fork() == 0:
        try:
            _detach()
            _watch(worker, group)
        finally:
            os._exit(0)


def _detach() -> None:
    """Leave the worker's group, and every open file but the pipe whose end is waited for."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.closerange(3, 1024)


def _watch(worker: int, group: int | None) -> None:
    waiting = select.poll()
    waiting.register(0, 0)  # nothing but the end: what arrives is the worker's to read
    while os.getppid() == worker:
        if waiting.poll(_LOOK_MS):
            with contextlib.suppress(OSError):
                os.kill(worker, signal.SIGKILL) if group is None else os.killpg(group, signal.SIGKILL)
            return
