"""Watchdog that ends a worker and all that it started when its parent is gone, even if it is suspended or stuck.

The thread of the worker that listens to the parent cannot do that while C code holds the interpreter, nor while the
process is suspended. On POSIX systems a separate tiny process waits for the end of the worker's standard input, which
comes when the parent is gone. On Windows the parent keeps the worker in a job object, see
:mod:`NeuroOrbitLib.jobs.windows_job`.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys

#: Command-line argument of a worker that was started in a separate process group.
OWN_GROUP = "own-group"
_LOOK_MS = 1000


def start(has_own_group: bool) -> None:
    """Start the watchdog of this process; call it before any other thread is started.

    :param has_own_group: whether this process has a separate process group, which then ends as a whole.
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
    """Leave the worker's group and close every open file except standard input, whose end is waited for."""
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.closerange(3, 1024)


def _watch(worker: int, group: int | None) -> None:
    waiting = select.poll()
    waiting.register(0, 0)  # reports only the end of the stream: what arrives is for the worker to read
    while os.getppid() == worker:
        if waiting.poll(_LOOK_MS):
            with contextlib.suppress(OSError):
                os.kill(worker, signal.SIGKILL) if group is None else os.killpg(group, signal.SIGKILL)
            return
