"""What the rows of a user's table of scans have in common, whatever is classified."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from NeuroOrbitLib.imaging.file_names import file_name_key
from NeuroOrbitLib.problem import Problem


class ScanRow(Protocol):
    """A row that names a scan."""

    @property
    def case(self) -> str:
        """Return the name of the case."""

    @property
    def image(self) -> Path:
        """Return the file or DICOM folder of the scan."""


def existing(name: str, folder: Path, kind: str) -> Path:
    """Return the path that a cell names, relative to the table's folder.

    :param kind: what it is, for the message, e.g. ``"image"``.
    :raises Problem: when the cell is empty or nothing is there.
    """
    path = folder / name
    if not name or not path.exists():
        raise Problem(f"the {kind} {name or '(empty)'} does not exist in {folder}")
    return path


def check_new(row: ScanRow, rows: Iterable[ScanRow]) -> None:
    """Make sure that a row's scan and case are not in the table already.

    :raises Problem: when they are.
    """
    for other in rows:
        if other.image == row.image:
            raise Problem(f"the image {row.image.name} is used twice")
        if file_name_key(other.case) == file_name_key(row.case):
            raise Problem(f"there are two cases named {row.case}; give them names in a column case")
