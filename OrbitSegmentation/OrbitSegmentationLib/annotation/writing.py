"""Files that appear whole or not at all, and are never replaced unasked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from NeuroOrbitLib.files import safe as safe_files
from NeuroOrbitLib.files.safe import Writer
from NeuroOrbitLib.problem import Problem


class WouldReplace(Problem):
    """Files exist already. ``paths`` are those; the user has to be asked before they are replaced."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = tuple(paths)
        names = ", ".join(path.name for path in self.paths)
        super().__init__(f"There is already {names} in {self.paths[0].parent}. Replace it, or choose another folder.")


def write_files(writers: dict[Path, Writer], replace: bool = False) -> list[Path]:
    """Write several files of one folder: all of them, or, if one fails, none.

    :param writers: what writes each file, given the path to write to (same name, in a temporary folder).
    :param replace: whether files that exist may be replaced; the user has agreed.
    :raises WouldReplace: if one exists and ``replace`` is false; nothing is written then.
    :raises NotWritten: if the files cannot be written. What a writer raises goes through.
    """
    existing = [path for path in writers if path.exists()]
    if existing and not replace:
        raise WouldReplace(existing)
    return safe_files.write_files(writers)


def file_hash(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
