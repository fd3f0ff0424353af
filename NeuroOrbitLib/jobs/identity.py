"""Identification of processes by number and start time, since the system uses numbers again."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_QUERY_LIMITED_INFORMATION = 0x1000
_STILL_ACTIVE = 259
_ACCESS_DENIED = 5
_START_TIME_FIELD = 19  # in /proc/PID/stat, counted from 0 after the name, which may hold blanks
#: Placeholder for the start time of a running process if the system does not give it.
UNKNOWN = "unknown"


def start_of(pid: int) -> str | None:
    """Return the start time of a process, as text that is only fit for comparison; ``None`` if there is no process."""
    if sys.platform == "win32":
        return _start_on_windows(pid)
    if sys.platform.startswith("linux"):
        return _start_on_linux(pid)
    return _start_by_ps(pid)


def is_gone(pid: int, start: str) -> bool:
    """Return whether a process has ended; False if the system does not say.

    :param pid: process identifier.
    :param start: start time of the process as :func:`start_of` returned it.
    """
    now = start_of(pid)
    return now is None or (UNKNOWN not in (now, start) and now != start)


def _start_on_linux(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None if Path("/proc/self/stat").exists() else UNKNOWN
    except OSError:
        return UNKNOWN
    return None if fields[0] == "Z" else f"{boot} {fields[_START_TIME_FIELD]}"


def _start_by_ps(pid: int) -> str | None:
    """Implement :func:`start_of` on macOS and other Unix systems."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:
        return UNKNOWN
    try:
        found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False,
                               env={**os.environ, "LC_ALL": "C", "TZ": "UTC"}, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return UNKNOWN
    return found.stdout.strip() or UNKNOWN


def _start_on_windows(pid: int) -> str | None:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
    if not handle:
        return UNKNOWN if ctypes.get_last_error() == _ACCESS_DENIED else None
    times = [ctypes.c_ulonglong() for _ in range(4)]
    code = ctypes.c_ulong()
    try:
        told = kernel.GetExitCodeProcess(ctypes.c_void_p(handle), ctypes.byref(code))
        told = told and kernel.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, times))
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
    if not told:
        return UNKNOWN
    return str(times[0].value) if code.value == _STILL_ACTIVE else None
