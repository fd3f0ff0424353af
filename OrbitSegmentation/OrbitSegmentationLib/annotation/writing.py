"""Files that are written completely or not at all, and are never replaced without permission."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from NeuroOrbitLib.files import safe as safe_files
from NeuroOrbitLib.files.safe import Writer
from NeuroOrbitLib.problem import Problem


class WouldReplace(Problem):
    """Raised when files exist already (``paths``); the user has to be asked before they are replaced."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = tuple(paths)
        names = ", ".join(path.name for path in self.paths)
        super().__init__(f"There is already {names} in {self.paths[0].parent}. Replace it, or choose another folder.")


def write_files(writers: dict[Path, Writer], replace: bool = False) -> list[Path]:
    """Write several files of one folder: all of them, or, if one fails, none.

    :param writers: function that writes each file, by its path; it is called with the path to write to (same name, in a
        temporary folder).
    :param replace: whether existing files may be replaced, as the user has agreed.
    :return: paths of the written files.
    :raises WouldReplace: if a file exists and ``replace`` is false; nothing is written in that case.
    :raises NotWritten: if the files cannot be written; errors of the writers are passed on.
    """
    existing = [path for path in writers if path.exists()]
    if existing and not replace:
        raise WouldReplace(existing)
    return safe_files.write_files(writers)


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
