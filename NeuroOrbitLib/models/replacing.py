"""Replacing a folder by a finished new one such that a complete folder survives whatever happens in between.

The new folder lies ready beside its place. The old one is set aside under another name, the new one takes its place,
and only then is the old one removed. If the process ends between these steps, the old folder stays aside, and
:func:`recover` brings it back the next time the package is looked for.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from NeuroOrbitLib.files.replacing import replace_file
from NeuroOrbitLib.models.problem import ModelProblem
from NeuroOrbitLib.sentences import sentence as _

_ASIDE = ".previous"


def set_aside_path(folder: Path) -> Path:
    """Return the hidden place beside ``folder`` where the old folder is kept while it is being replaced."""
    return folder.with_name(f".{folder.name}{_ASIDE}")


def replace_folder(new: Path, folder: Path) -> None:
    """Replace ``folder``, which is a package or does not exist, by ``new``.

    :param new: complete folder on the same disk; it is moved.
    :param folder: folder to replace.
    :raises OSError: if that is not possible; the old folder is then in its place as before.
    """
    aside = set_aside_path(folder)
    had_one = folder.exists()
    if aside.exists():
        if not had_one:
            raise FileExistsError(f"{aside} waits to be brought back.")
        shutil.rmtree(aside)
    with _working_directory_kept(folder), contextlib.ExitStack() as undo:
        if had_one:
            replace_file(folder, aside)
            undo.callback(recover, folder)
        replace_file(new, folder)
        undo.pop_all()
    shutil.rmtree(aside, ignore_errors=True)


def recover(folder: Path) -> None:
    """Bring back the old folder if the process that was replacing it ended before the new one was in place.

    :param folder: place of the folder; nothing happens if it exists or no folder was left aside.
    :raises ModelProblem: if a folder was left aside and cannot be brought back.
    """
    folder = folder.absolute()
    if not folder.name or folder.exists():
        return
    aside = set_aside_path(folder)
    if not aside.is_dir():
        return
    try:
        replace_file(aside, folder)
    except OSError as error:
        if not folder.exists():  # else another process was faster
            raise ModelProblem(_("Replacing {folder} was interrupted, and the package that was there cannot be "
                                 "brought back. Rename {aside} to {folder_2} yourself.").format(
                folder=folder, aside=aside, folder_2=folder.name)) from error


def left_aside(root: Path) -> Iterator[Path]:
    """Yield the places in ``root`` whose folder is missing because its replacement was interrupted."""
    for path in root.glob(f".*{_ASIDE}"):
        folder = root / path.name[1 : -len(_ASIDE)]
        if path.is_dir() and not folder.exists():
            yield folder


def fill_empty_folder(new: Path, folder: Path, last: str) -> None:
    """Move the parts of ``new`` into an empty folder, which must not be exchanged: a process may be working in it.

    :param new: complete folder on the same disk; it is empty afterwards.
    :param folder: the empty folder.
    :param last: name of the part to move last, which is what makes the folder recognisable as a package.
    :raises OSError: if that is not possible; the folder is then empty again.
    """
    parts = sorted(new.iterdir(), key=lambda part: part.name == last)
    with contextlib.ExitStack() as undo:
        for part in parts:
            undo.callback(shutil.rmtree, folder / part.name, ignore_errors=True)
            replace_file(part, folder / part.name)
        undo.pop_all()


def flush_to_disk(folder: Path) -> None:
    """Flush all files of a folder from the system's cache to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())


@contextlib.contextmanager
def _working_directory_kept(folder: Path) -> Iterator[None]:
    """Let the process continue in the new folder of the same name if its working directory is exchanged."""
    try:
        inside = Path.cwd().resolve().is_relative_to(folder)
    except FileNotFoundError:  # the working directory was removed by another process
        inside = False
    here = Path.cwd() if inside else folder.parent
    if inside:
        os.chdir(folder.parent)
    try:
        yield
    finally:
        if inside:
            os.chdir(here if here.is_dir() else folder)
