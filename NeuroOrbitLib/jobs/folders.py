"""The folders of jobs: each belongs to a process and is removed when its owner is gone."""

from __future__ import annotations

import contextlib
import json
import math
import os
import platform
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.replacing import replace_file
from NeuroOrbitLib.jobs.identity import is_gone, start_of
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

PREFIX = "neuro-orbit-"
_OWNER_FILE = ".owner.json"
#: Name of the owner file in a folder of results while a process writes to it; :func:`sweep` leaves such folders alone.
RUNNING_NAME = ".running.json"
#: Seconds after which the note in a folder of results is renewed, and after which its owner on another computer counts
#: as gone.
_RENEWED_SECONDS, _SILENT_SECONDS = 20.0, 180.0
#: Files that a message names.
_MOST_NAMED = 4


def make_folder(parent: str | Path | None) -> Path:
    """Make a folder that belongs to this process.

    :param parent: folder in which to make it; None for the system's folder for temporary files.
    :raises Problem: if nothing can be written there.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            _write_owner(folder, _this_process())
        except OSError as error:
            raise Problem(_("The folder for temporary files, {folder}, cannot be written to ({reason}). Free some "
                            "space on its disk or check its permissions, then try again.").format(
                                folder=parent or tempfile.gettempdir(), reason=error.strerror or error)) from error
        stack.pop_all()
    return folder


def remove(folder: Path) -> bool:
    """Remove a folder that :func:`make_folder` has made, with all files in it, and return whether it is gone.

    Windows keeps files that a virus scanner or an ending process has open. The note about the owner then stays with
    them, so that a later call, or :func:`sweep` in another application, can remove them.
    """
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _OWNER_FILE:
                with contextlib.suppress(OSError):
                    path.unlink()
        if {path.name for path in folder.iterdir()} <= {_OWNER_FILE}:
            shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Own a folder of results while this process works in it; a folder that it owns already stays its own.

    :param folder: folder of results, made if it does not exist.
    :raises Problem: if another process works in the folder, on this computer or on another one that shares the folder,
        as each would remove the other's files.
    """
    owner = _owner(folder, RUNNING_NAME, any_user=True)
    if owner is not None and owner.get("host") == platform.node() and owner["owner"] == os.getpid():
        yield
        return
    if owner is not None:
        _refuse_if_at_work(owner, folder)
    with contextlib.suppress(OSError):  # writing the results raises a clearer error
        folder.mkdir(parents=True, exist_ok=True)
        _write_owner(folder, _this_process(), RUNNING_NAME)
    try:
        with _renewed(folder / RUNNING_NAME):
            yield
    finally:
        with contextlib.suppress(OSError):
            (folder / RUNNING_NAME).unlink(missing_ok=True)


def _refuse_if_at_work(owner: dict[str, Any], folder: Path) -> None:
    """Refuse a folder whose owner is still at work.

    :raises Problem: if it is; a process of another computer is if it has renewed its note lately.
    """
    if owner.get("host") == platform.node():
        if not is_gone(owner["owner"], owner["owner_start"]):
            raise Problem(_("Another run (process {number}) is writing to {folder}. Wait until it is done, or choose "
                            "another folder.").format(number=owner["owner"], folder=str(folder)))
    elif _age(folder / RUNNING_NAME) < _SILENT_SECONDS:
        raise Problem(_("A run on another computer ({host}) is writing to {folder}. Wait until it is done, or choose "
                        "another folder. If it was ended by force, the folder is free after {minutes:.0f} minutes."
                        ).format(host=str(owner.get("host")), folder=str(folder), minutes=_SILENT_SECONDS / 60))


def _age(path: Path) -> float:
    """Return for how many seconds a file has not been changed, by the clock of the disk that it lies on."""
    try:
        with tempfile.TemporaryFile(dir=path.parent) as now:
            return os.fstat(now.fileno()).st_mtime - path.stat().st_mtime
    except OSError:
        return math.inf


@contextlib.contextmanager
def _renewed(note: Path) -> Iterator[None]:
    """Change the time of a note every few seconds, so that other computers see that its owner is at work."""
    done = threading.Event()

    def renew() -> None:
        while not done.wait(_RENEWED_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(note)

    thread = threading.Thread(target=renew, name="owner of a folder", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def keep_files_of_others(folder: Path, names: Iterable[str]) -> None:
    """Make sure that a batch replaces no files or folders that no batch has written.

    :param folder: folder of the results.
    :param names: names of results that the folder must not hold yet.
    :raises Problem: naming those that it holds.
    """
    taken = [name for name in names if os.path.lexists(folder / name)]
    if taken:
        raise Problem(_("{path} already holds {names}, which no batch has written there and the results would "
                        "replace. Choose a new or empty folder.").format(path=str(folder), names=taken[:_MOST_NAMED]))


def note_worker(folder: Path, worker: int) -> None:
    """Note a worker in the job's folder, so that :func:`sweep` can end it if it outlives its owner.

    :param folder: folder of the job.
    :param worker: process identifier of the worker.
    """
    with contextlib.suppress(OSError):
        _write_owner(folder, {**(_owner(folder) or {}), **_process("worker", worker)})


def sweep(parent: str | Path | None) -> list[Path]:
    """Remove the folders that ended processes left behind, and end their workers that are still running.

    A folder stays if its owner may still be running: if the folder was made on another machine, the system gives no
    information about the owner, or the note about the owner cannot be read.

    :param parent: folder to search; None for the system's folder for temporary files.
    :return: the folders that were removed.
    """
    removed = []
    for folder in Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = _owner(folder)
        if owner is None or not _is_left_behind(owner):
            continue
        _end_worker(owner)
        if remove(folder):
            removed.append(folder)
    return removed


def _is_left_behind(owner: dict[str, Any]) -> bool:
    return owner.get("host") == platform.node() and is_gone(owner["owner"], owner["owner_start"])


def _this_process() -> dict[str, Any]:
    return {"host": platform.node(), **_process("owner", os.getpid())}


def _process(role: str, pid: int) -> dict[str, Any]:
    return {role: pid, f"{role}_start": start_of(pid) or ""}


def _write_owner(folder: Path, owner: dict[str, Any], name: str = _OWNER_FILE) -> None:
    unfinished = folder / f"{name}.partial"
    unfinished.write_text(json.dumps(owner), encoding="utf-8")
    replace_file(unfinished, folder / name)


def _owner(folder: Path, name: str = _OWNER_FILE, any_user: bool = False) -> dict[str, Any] | None:
    """Return the note about the owner of a folder; ``None`` if it cannot be read.

    :param any_user: whether a folder of another user, or a link to one, has an owner, too.
    """
    try:
        is_other = folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid())
        if is_other and not any_user:
            return None
        owner = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(owner, dict) or type(owner.get("owner")) is not int:
        return None
    return owner if isinstance(owner.get("owner_start"), str) else None


def _end_worker(owner: dict[str, Any]) -> None:
    """End the worker of an owner that is gone: a suspended worker cannot notice by itself that its owner has ended."""
    worker, start = owner.get("worker"), owner.get("worker_start")
    if sys.platform == "win32" or not isinstance(worker, int) or not start or start_of(worker) != start:
        return
    with contextlib.suppress(OSError):
        os.killpg(worker, signal.SIGKILL)
