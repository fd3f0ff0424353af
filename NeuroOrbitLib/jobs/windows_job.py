"""Windows job objects: processes in one, and all that they start, end when this process does."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMIT_INFORMATION = 9


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("PerProcessUserTimeLimit", ctypes.c_int64), ("PerJobUserTimeLimit", ctypes.c_int64),
        ("LimitFlags", ctypes.c_uint32), ("MinimumWorkingSetSize", ctypes.c_size_t),
        ("MaximumWorkingSetSize", ctypes.c_size_t), ("ActiveProcessLimit", ctypes.c_uint32),
        ("Affinity", ctypes.c_size_t), ("PriorityClass", ctypes.c_uint32), ("SchedulingClass", ctypes.c_uint32),
    )  # fmt: skip


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("BasicLimitInformation", _BasicLimits), ("IoInfo", ctypes.c_uint64 * 6),
        ("ProcessMemoryLimit", ctypes.c_size_t), ("JobMemoryLimit", ctypes.c_size_t),
        ("PeakProcessMemoryUsed", ctypes.c_size_t), ("PeakJobMemoryUsed", ctypes.c_size_t),
    )  # fmt: skip


def tie_to_this_process(process_handle: int, kernel: Any = None) -> int | None:
    """Put a process into a job object whose only handle belongs to this process and is closed when it ends.

    :param process_handle: handle of the process (``_handle`` of :class:`subprocess.Popen`).
    :param kernel: functions of kernel32; those of this system by default.
    :return: handle of the job object, which must be kept; ``None`` on other systems, or if Windows refuses.
    """
    if kernel is None:
        if sys.platform != "win32":
            return None
        kernel = ctypes.windll.kernel32
        kernel.CreateJobObjectW.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    if not job:
        return None
    limits = _ExtendedLimits()
    limits.BasicLimitInformation.LimitFlags = _KILL_ON_JOB_CLOSE
    is_tied = kernel.SetInformationJobObject(ctypes.c_void_p(job), _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits),
                                             ctypes.sizeof(limits))
    is_tied = is_tied and kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(process_handle))
    if not is_tied:
        kernel.CloseHandle(ctypes.c_void_p(job))
        return None
    return job


def close(job: int) -> None:
    """Close the handle of a job object, which ends every process that is still in it."""
    ctypes.windll.kernel32.CloseHandle(ctypes.c_void_p(job))
