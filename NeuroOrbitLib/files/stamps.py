"""Stamps that show whether files have changed since something was computed from them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from NeuroOrbitLib.files.below import files_below
from NeuroOrbitLib.imaging.data_files import data_files


def stamps_of(paths: Iterable[Path | None]) -> list[list[int]]:
    """Return plain data that changes when one of the files is written anew.

    :param paths: files, or folders of files such as those of a DICOM series; None for a file that does not exist. The
        files of voxels that an image's header names are included.
    :return: for each path the number of files, their bytes, and the latest modification time (ns); empty for None.
    """
    return [_stamp(path) for path in paths]


def _stamp(path: Path | None) -> list[int]:
    if path is None:
        return []
    files = [file.stat() for file in (files_below(path) if path.is_dir() else (path, *data_files(path)))]
    return [len(files), sum(file.st_size for file in files), max((file.st_mtime_ns for file in files), default=0)]
