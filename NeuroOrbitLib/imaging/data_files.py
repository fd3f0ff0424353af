"""Image headers that keep their voxels in a separate file (``.mhd``, ``.nhdr``), which must not replace another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.sentences import sentence as _

_APART = (".mhd", ".nhdr")
#: Endings of headers that can refer to a separate file of voxels.
_HEADERS = (*_APART, ".mha", ".nrrd")
_HEADER_BYTES = 8192
_LONGEST_NAME = 250
#: Files with the number of the slice in their names, and which numbers: ``slice%03d.raw 1 40 1``.
_NUMBER = re.compile(r"%\d*d")
_NUMBERED = re.compile(r"([\w. -]*%\d*d[\w. -]*?)((?: \d+)*)")


def data_file(header: Path) -> Path | None:
    """Return the file that holds the voxels of an image written to ``header``; ``None`` if ``header`` holds them."""
    return header.with_suffix(".raw") if header.suffix.lower() in _APART else None


def data_files(header: Path) -> list[Path]:
    """The files beside an image file that hold its voxels: one, or one for each slice; none if it holds them itself."""
    if header.suffix.lower() not in _HEADERS:
        return []
    found: set[Path] = set()
    for line in _lines(header):
        name = re.split("[=:]", line, maxsplit=1)[-1].strip()
        if not name.isprintable() or not 0 < len(name.encode()) <= _LONGEST_NAME:  # voxels, not a name
            continue
        numbered = _NUMBERED.fullmatch(name)
        found.update(header.parent.glob(_NUMBER.sub("*", numbered[1])) if numbered else [header.parent / name])
    return sorted(file for file in found if file.is_file())


def check_data_file(header: Path, scan: Path | None = None) -> None:
    """Make sure that writing an image to ``header`` does not replace the voxels of another image.

    :param header: file to be written.
    :param scan: another image, in any folder, whose voxels must not be replaced either.
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
    """Return whether a header refers to this file: ``data file: head.raw``, ``ElementDataFile = head.raw``, or a list.

    Upper and lower case are not distinguished, as on most users' disks.
    """
    if not header.is_file():
        return False
    return data.name.casefold() in {_file_name(line).casefold() for line in _lines(header)}


def _lines(header: Path) -> list[str]:
    with header.open("rb") as stream:
        return stream.read(_HEADER_BYTES).decode("utf-8", "replace").splitlines()


def _file_name(line: str) -> str:
    return Path(re.split("[=:]", line, maxsplit=1)[-1].strip()).name
