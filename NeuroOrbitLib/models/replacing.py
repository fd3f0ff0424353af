"""Putting a finished folder in the place of an older one, so that a complete one survives whatever happens in between.

The new folder lies ready beside its place. The old one is set aside under a name of its own, the new one takes its
place, and only then is the old one removed. A process that ends between these steps leaves the old folder aside, from
where :func:`recover` brings it back when somebody next looks for it.
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
    """Where the folder that is being replaced waits, beside its place and hidden."""
    return folder.with_name(f".{folder.name}{_ASIDE}")


def replace_folder(new: Path, folder: Path) -> None:
    """Let ``new`` take the place of ``folder``, which is a package or does not exist.

    :param new: a complete folder on the same disk; it is gone afterwards.
    :raises OSError: if that is not possible; the old folder is then at its place as before.
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
    """Bring back the folder that a process left aside when it ended while replacing it.

    :raises ModelProblem: if there is one, and it cannot be brought back.
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
    """The places in ``root`` whose folder was left aside, complete, when its replacement was interrupted."""
    for path in root.glob(f".*{_ASIDE}"):
        folder = root / path.name[1 : -len(_ASIDE)]
        if path.is_dir() and not folder.exists():
            yield folder


def fill_empty_folder(new: Path, folder: Path, last: str) -> None:
    """Move the parts of ``new`` into an empty folder that must stay the same one: somebody may be working in it.

    :param last: the part that makes a package of the folder; without it nothing takes it for one.
    :raises OSError: if that is not possible; the folder is empty then.
    """
    parts = sorted(new.iterdir(), key=lambda part: part.name == last)
    with contextlib.ExitStack() as undo:
        for part in parts:
            undo.callback(shutil.rmtree, folder / part.name, ignore_errors=True)
            replace_file(part, folder / part.name)
        undo.pop_all()


def flush_to_disk(folder: Path) -> None:
    """Make sure that the files of a folder are on the disk, and not only on their way."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())


@contextlib.contextmanager
def _working_directory_kept(folder: Path) -> Iterator[None]:
    """Go on in the folder of the same name if the one that the process works in is exchanged."""
    try:
        inside = Path.cwd().resolve().is_relative_to(folder)
    except FileNotFoundError:  # the folder that the process works in was removed by somebody else
        inside = False
    here = Path.cwd() if inside else folder.parent
    if inside:
        os.chdir(folder.parent)
    try:
        yield
    finally:
        if inside:
            os.chdir(here if here.is_dir() else folder)
