"""Headers that keep their voxels in a file beside them (``.mhd``, ``.nhdr``): whose file would be replaced?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

_APART = (".mhd", ".nhdr")
#: These can name a file of voxels, too.
_HEADERS = (*_APART, ".mha", ".nrrd")
_HEADER_BYTES = 8192


def data_file(header: Path) -> Path | None:
    """The file that gets the voxels when an image is written to ``header``; ``None`` if that one holds them itself."""
    return header.with_suffix(".raw") if header.suffix.lower() in _APART else None


def check_data_file(header: Path, scan: Path | None = None) -> None:
    """Make sure that writing an image to ``header`` does not replace the voxels of another image.

    :param scan: an image that may lie in another folder.
    :raises ImageProblem: if it would.
    """
    data = data_file(header)
    if data is None or not data.exists():
        return
    others = [other for other in (*_headers_in(header.parent), *filter(None, [scan])) if not _same(other, header)]
    if not (header.exists() and _names(header, data)) or any(_names(other, data) for other in others):
        raise ImageProblem(
            _("{header} would keep its voxels in {data}, and that file holds those of another image. Choose another "
              "name for the result, or one that ends with .nii.gz.").format(header=header.name, data=data.name)
        )


def _headers_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if path.suffix.lower() in _HEADERS and path.is_file())


def _same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _names(header: Path, data: Path) -> bool:
    """Whether a header names this file of voxels: ``data file: head.raw``, ``ElementDataFile = head.raw``, or a list.

    Case does not count, as on most users' disks.
    """
    if not header.is_file():
        return False
    with header.open("rb") as stream:
        lines = stream.read(_HEADER_BYTES).decode("utf-8", "replace").splitlines()
    return data.name.casefold() in {_file_name(line).casefold() for line in lines}


def _file_name(line: str) -> str:
    return Path(re.split("[=:]", line, maxsplit=1)[-1].strip()).name
