"""Functions that the tests of the worker run in it."""

from __future__ import annotations

import ctypes
import errno
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from NeuroOrbitLib.files import safe
from NeuroOrbitLib.jobs.progress import Progress
from NeuroOrbitLib.problem import Problem

_CALLS = []


def add(first: float, second: float, progress: Progress) -> dict[str, float]:
    """Quick work with a message."""
    progress(0.5, "Adding")
    return {"sum": first + second}


def count_calls(progress: Progress) -> int:
    """Tells whether the process is the same as before."""
    _CALLS.append(1)
    return len(_CALLS)


def print_much(progress: Progress) -> None:
    """Prints from Python, from C and from a child process."""
    print("from Python")
    os.write(1, b"from C\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
    print("on the error channel", file=sys.stderr)
    print("without an end of line", end="")


def ask_on_standard_input(progress: Progress) -> list[str]:
    """Reads standard input in a child process and here, as a library that asks a question does."""
    script = "import sys; print(repr(sys.stdin.read()))"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=20)
    return [child.stdout.strip(), repr(sys.stdin.read())]


def importable(library: str, progress: Progress) -> str:
    """Tells which file an import would run."""
    return importlib.util.find_spec(library).origin


def write_elsewhere(path: str, progress: Progress) -> str:
    """Writes a file outside of the job's folder, and ends a moment after it can no longer be stopped."""
    progress(0.9, "Writing")
    time.sleep(0.1)
    Path(path).write_text("written", encoding="utf-8")
    return path


def steps(count: int, seconds: float, progress: Progress) -> int:
    """Work that reports progress."""
    for step in range(count):
        time.sleep(seconds)
        progress((step + 1) / count, "Working")
    return count


def stuck_in_c(progress: Progress) -> None:
    """C code that never returns and never lets Python run."""
    progress(0.1, "Stuck")
    ctypes.PyDLL(None).sleep(3600)


def write_two_files(folder: str, progress: Progress, slow_writer: float = 0.0, slow_move: float = 0.0) -> list[str]:
    """Replaces two files together, as an export does, on a slow disk."""
    def write(path: Path) -> None:
        path.write_text("new", encoding="utf-8")
        progress(0.5, "Written")
        time.sleep(slow_writer)

    def move(new: Path, place: Path) -> None:
        os.replace(new, place)
        print("Moved", flush=True)
        time.sleep(slow_move)

    safe.replace_file = move
    safe.write_files({Path(folder) / name: write for name in ("first.dcm", "second.dcm")})
    return [path.read_text(encoding="utf-8") for path in sorted(Path(folder).iterdir())]


def note_process_and_wait(item: int, folder: Path, progress: Progress) -> dict[str, int]:
    """A task that writes which process does it, and does not end by itself."""
    (folder / "pid").write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(600)
    return {"item": item}


def write_files_forever(progress: Progress) -> None:
    """Leaves temporary files behind while it reports progress."""
    with open(Path(tempfile.mkdtemp()) / "partial.bin", "wb") as stream:
        while True:
            stream.write(b"0" * 1000)
            time.sleep(0.01)
            progress(0.3, "Writing")


def temporary_folder(progress: Progress) -> str:
    """Where temporary files of the job land."""
    with tempfile.TemporaryDirectory() as folder:
        return folder


def unusable_input(progress: Progress) -> None:
    """The user's mistake."""
    raise Problem("The scan is empty. Choose another one.")


def divide_by_zero(progress: Progress) -> float:
    """The programmer's mistake."""
    return 1 / 0


def exit_interpreter(progress: Progress) -> None:
    """A library that ends the program."""
    sys.exit("bad option")


def allocate_too_much(progress: Progress) -> None:
    """Asks for more memory than there is."""
    bytearray(1 << 62)


def fill_graphics_card(progress: Progress) -> None:
    """Fails as PyTorch does when the graphics card is full."""
    raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def fail_in_a_library(text: str, progress: Progress) -> None:
    """Fails as a library of PyTorch does, with its words."""
    raise RuntimeError(text)


def import_half_installed(progress: Progress) -> None:
    """Imports a library that lacks a part."""
    importlib.import_module("half_installed.library")


def load_without_runtime(progress: Progress) -> None:
    """Fails as PyTorch does on a Windows without Microsoft's runtime library."""
    error = OSError("[WinError 126] The specified module could not be found. Error loading c10.dll")
    error.winerror = 126
    raise error


def fill_disk(progress: Progress) -> None:
    """Writes to a disk that has no space left."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "scan.npy")


def large_result_without_folder(progress: Progress) -> list[str]:
    """Returns more than a pipe should carry, and nothing can be written."""
    shutil.rmtree(tempfile.gettempdir())
    return large_result(100_000, progress)


def not_plain(progress: Progress) -> object:
    """Returns what cannot be sent."""
    return {"value": object()}


def killed(signal_name: str, progress: Progress) -> None:
    """Dies as by the system."""
    print("last words", flush=True)
    os.kill(os.getpid(), signal.Signals[signal_name])
    time.sleep(10)


def start_grandchild(file: str, progress: Progress) -> None:
    """Starts a process of its own and then hangs."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(file).write_text(str(child.pid), encoding="ascii")
    progress(0.2, "Started")
    ctypes.PyDLL(None).sleep(60)


def large_result(count: int, progress: Progress) -> list[str]:
    """Returns more than a pipe should carry."""
    return [f"{number:020d}" for number in range(count)]


def print_without_end(progress: Progress) -> None:
    """Prints a line that never ends, faster than anybody reads."""
    while True:
        os.write(2, b"x" * 65536)
