"""Files that appear whole or not at all, and are never replaced unasked."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from NeuroOrbitLib.problem import Problem


class WouldReplace(Problem):
    """Files exist already. ``paths`` are those; the user has to be asked before they are replaced."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = tuple(paths)
        names = ", ".join(path.name for path in self.paths)
        super().__init__(f"There is already {names} in {self.paths[0].parent}. Replace it, or choose another folder.")


Writer = Callable[[Path], object]


def write_files(writers: dict[Path, Writer], replace: bool = False) -> list[Path]:
    """Write several files of one folder: all of them, or, if one fails, none.

    :param writers: what writes each file, given the path to write to (same name, in a temporary folder).
    :param replace: whether files that exist may be replaced; the user has agreed.
    :raises WouldReplace: if one exists and ``replace`` is false; nothing is written then.
    :raises Problem: if the folder cannot be written to. What a writer raises goes through.
    """
    existing = [path for path in writers if path.exists()]
    if existing and not replace:
        raise WouldReplace(existing)
    try:
        return _write_all(writers, next(iter(writers)).parent) if writers else []
    except OSError as error:
        raise _unwritable(next(iter(writers))) from error


def _write_all(writers: dict[Path, Writer], folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    # Beside their places first, on the same disk: moving them there takes no time and leaves no half file.
    with tempfile.TemporaryDirectory(prefix=".neuro-orbit-", dir=folder) as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        old.mkdir()
        for path, write in writers.items():
            write(new / path.name)
        for path in filter(Path.exists, writers):
            shutil.copy2(path, old / path.name)
        _move_all(list(writers), new, old)
    return list(writers)


def _move_all(paths: list[Path], new: Path, old: Path) -> None:
    """Move the new files to their places; if one is locked, for example, the old ones are put back."""
    moved = []
    try:
        for path in paths:
            os.replace(new / path.name, path)
            moved.append(path)
    except OSError:
        for path in moved:
            _put_back(old / path.name, path)
        raise


def _put_back(old: Path, path: Path) -> None:
    if old.exists():
        os.replace(old, path)
    else:
        path.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a small text file, replacing the one that is there.

    :raises Problem: if it cannot be written.
    """
    write_files({path: lambda target: target.write_text(text, encoding="utf-8")}, replace=True)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _unwritable(path: Path) -> Problem:
    return Problem(f"{path} cannot be written. Check the folder's permissions and the free space.")
