"""Writing of files completely or not at all; every result of the product is written through this module.

A file is first written beside its place, forced onto the disk and read back. Only then does it replace the file that
was there, which stays as it was if anything fails.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.abandoned import remove_abandoned
from NeuroOrbitLib.files.device_names import is_device_name, loses_its_end
from NeuroOrbitLib.files.phases import tell
from NeuroOrbitLib.files.replacing import replace_file
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Function that writes a file, given the path to write to.
Writer = Callable[[Path], object]

_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
#: Prefix of the temporary folders beside files that are being written.
STAGING_PREFIX = ".neuro-orbit-"
#: Free space (bytes) below which an incomplete file is attributed to a full disk.
_NEARLY_NOTHING = 2**20
_MEBIBYTE = 2**20
#: Whether the system reserves names for devices and drops dots and spaces at the end of names, as Windows does.
KEEPS_DEVICES = os.name == "nt"


class NotWritten(Problem):
    """A file could not be written; the message says why. An existing file is unchanged."""


class Incomplete(OSError):
    """A written file is not complete; raised because some libraries do not notice a full disk."""


def write_files(writers: Mapping[Path, Writer], needed: int = 0) -> list[Path]:
    """Write several files of one folder: all of them, or none if one fails. Folders are created.

    :param writers: function that writes each file, by the file's path. It is given the path to write to (the same name
        in a temporary folder). Every file that it leaves in that folder is moved into place, those in ``writers`` last.
    :param needed: upper bound of the bytes to be written, for the message about a full disk; 0 if unknown.
    :return: the paths in ``writers``.
    :raises NotWritten: if the files cannot be written. Exceptions of a writer other than OSError are passed on.
    """
    for path in list(writers)[:1]:
        with staging(path, needed) as folder:
            for target, write in writers.items():
                write(folder / target.name)
            names = [name for name in sorted(os.listdir(folder)) if path.parent / name not in writers]
            put_in_place({folder / name: path.parent / name for name in [*names, *(item.name for item in writers)]})
    return list(writers)


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a small file, replacing an existing one, and return its path.

    :raises NotWritten: if it cannot be written.
    """
    write_files({path: lambda target: write_whole(target, content)}, len(content))
    return path


def write_whole(target: Path, content: bytes) -> None:
    """Write a small file among those of :func:`write_files`.

    :param target: path that the writer was given.
    :param content: bytes of the whole file.
    :raises OSError: if the file cannot be written.
    """
    target.write_bytes(content)
    if target.read_bytes() != content:
        raise Incomplete(f"{target.name} is incomplete.")


def write_text(path: Path, text: str) -> Path:
    """Write a small text file (UTF-8), replacing an existing one, and return its path.

    :raises NotWritten: if it cannot be written.
    """
    return write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> Path:
    """Write plain data as JSON, replacing an existing file, and return the path.

    :raises NotWritten: if it cannot be written.
    """
    return write_text(path, json.dumps(data, indent=2, allow_nan=False) + "\n")


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object] | Mapping[str, object]]) -> Path:
    """Write a table as CSV, replacing an existing file, and return the path.

    :param path: file to write.
    :param header: names of the columns.
    :param rows: cells of each row in the order of ``header``, or by the names in it; other names are left out.
    :raises NotWritten: if it cannot be written.
    """
    return write_text(path, table_text([header, *rows], header))


def write_arrays(path: Path, **arrays: Any) -> Path:
    """Write NumPy arrays as one compressed ``.npz`` file, replacing an existing one, and return the path.

    :raises NotWritten: if it cannot be written.
    """
    import numpy as np  # imported here, since writing text does not need it

    def write(target: Path) -> None:
        with target.open("wb") as stream:
            np.savez_compressed(stream, **arrays)
        with zipfile.ZipFile(target) as archive:
            if archive.testzip() is not None:
                raise Incomplete(f"{target.name} is incomplete.")

    write_files({path: write}, sum(np.asarray(array).nbytes for array in arrays.values()))
    return path


def table_text(rows: Iterable[Sequence[object] | Mapping[str, object]], header: Sequence[str] = ()) -> str:
    """Return rows as the text of a CSV table, see :func:`write_rows`."""
    stream = io.StringIO(newline="")
    cells = ([row.get(name, "") for name in header] if isinstance(row, Mapping) else row for row in rows)
    csv.writer(stream).writerows(cells)
    return stream.getvalue()


@contextlib.contextmanager
def staging(path: Path, needed: int = 0) -> Iterator[Path]:
    """Yield a temporary folder on the disk of ``path``, for files that will be moved there; it is removed at the end.

    :param path: file that will be written; its folder is created.
    :param needed: upper bound of the bytes to be written, for the message about a full disk; 0 if unknown.
    :raises NotWritten: if the system does not accept the name for a file; also instead of any OSError inside the
        ``with`` block, with a message that says what is wrong with the folder or disk.
    """
    if KEEPS_DEVICES:
        # On Windows devices exist, but are not folders.
        _check_names([path.name, *(folder.name for folder in path.parents if not folder.is_dir())])
    free = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(path.parent).free
        # On the same disk as its place, so that moving a file takes no time and leaves no incomplete file.
        made = tempfile.TemporaryDirectory(prefix=STAGING_PREFIX, dir=path.parent, ignore_cleanup_errors=True)
        folder = Path(made.name)
        try:
            with made:
                tell(folder, "staging")
                remove_abandoned(folder, STAGING_PREFIX)
                yield folder
        finally:
            tell(folder, "done")
    except OSError as error:
        raise NotWritten(why_not_written(path, error, needed, free)) from error


def remove_staging(folder: Path) -> None:
    """Remove a temporary folder of :func:`staging` that a process left when it was ended; no other folder is removed.

    What another program has open stays.
    """
    if folder.name.startswith(STAGING_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def put_in_place(moves: Mapping[Path, Path]) -> None:
    """Flush new files to the disk and move them to their places; if one cannot be moved, put the old ones back.

    :param moves: place of each new file; all new files are in one folder, all places in another on the same disk.
    :raises OSError: if that fails; the old files are then as before.
    """
    for new in moves:
        _force_onto_disk(new)
    places, folder = list(moves.values()), next(iter(moves)).parent
    tell(folder, "placing")
    # One file replaces another in one step. With several, the old ones are needed until the last new one is in place.
    backups = _kept(places, folder) if len(moves) > 1 else {}
    moved: list[Path] = []
    try:
        for new, place in moves.items():
            replace_file(new, place)
            moved.append(place)
    except OSError:
        for place in moved:
            _put_back(backups.get(place), place)
        raise
    _force_folder_onto_disk(places[0].parent)


def is_writable(path: Path) -> bool:
    """Return whether a file can probably be written, missing folders included, before anything is computed for it.

    :raises OSError: if the system cannot even look for it, e.g. because its name is too long.
    """
    existing = next((folder for folder in path.absolute().parents if folder.exists()), path)
    return not path.is_dir() and existing.is_dir() and os.access(existing, os.W_OK)


def why_not_written(path: Path, error: Exception | None = None, needed: int = 0, free: int | None = None) -> str:
    """Return the message for the user about a file that could not be written.

    :param path: the file.
    :param error: exception that was raised; None if the reason is not known.
    :param needed: upper bound of the file's size in bytes; 0 if not known.
    :param free: bytes that were free on the disk before writing; None if not known.
    """
    name = printable(path)
    if _is_full(error, free):
        amount = _("about {mebibytes} MiB are needed").format(mebibytes=_mebibytes(needed)) if needed else ""
        space = _("{mebibytes} MiB were free").format(mebibytes=_mebibytes(free)) if free is not None else ""
        numbers = ", ".join(filter(None, [amount, space]))
        return (_("{name} cannot be written: the disk is full{value}. Free some space or choose a folder on another "
                  "disk. What was there before is unchanged.").format(
            name=name, value=f" ({numbers})" if numbers else ""))
    if isinstance(error, PermissionError) and os.path.exists(path):
        return (_("{name} cannot be written ({value}). Close it in other programs, or check its permissions and "
                  "those of its folder, or choose another name.").format(
            name=name, value=error.strerror or "no permission"))
    words = getattr(error, "strerror", None)
    return (_("{name} cannot be written{value}. Check its name, the folder's permissions and free space.").format(
        name=name, value=f" ({words})" if words else ""))


def printable(path: str | Path) -> str:
    """Return a path as text that can be shown and written anywhere, even if its name is not valid UTF-8."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if is_device_name(name):
            raise NotWritten(_("Windows keeps the name {name} for a device: nothing can be written there. Choose "
                               "another name.").format(name=name))
        if loses_its_end(name):
            raise NotWritten(_("The name '{name}' ends with a dot or a space, which Windows leaves out: the file would "
                               "have another name. Choose another name.").format(name=name))


def _is_full(error: Exception | None, free: int | None) -> bool:
    if getattr(error, "errno", None) in _FULL:
        return True
    return not getattr(error, "errno", None) and error is not None and free is not None and free < _NEARLY_NOTHING


def _mebibytes(count: int) -> str:
    return f"{count / _MEBIBYTE:.1f}"


def _force_onto_disk(path: Path) -> None:
    """Flush a file to the disk; some file systems report a full disk only then."""
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _force_folder_onto_disk(folder: Path) -> None:
    """Flush the names of the files in a folder to the disk, where the system supports it (Windows does not need it)."""
    if os.name == "nt":
        return
    # Some network disks refuse it; the files are complete and in their places nevertheless.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _kept(places: Iterable[Path], folder: Path) -> dict[Path, Path]:
    """Return a hard link (or a copy if the disk has no links) to every file that will be replaced, by its place."""
    kept = {}
    for number, place in enumerate(place for place in places if place.exists()):
        kept[place] = folder / f"{number}.old"
        try:
            os.link(place, kept[place])
        except OSError:
            shutil.copy2(place, kept[place])
    return kept


def _put_back(old: Path | None, place: Path) -> None:
    if old is None:
        place.unlink()
    else:
        replace_file(old, place)
