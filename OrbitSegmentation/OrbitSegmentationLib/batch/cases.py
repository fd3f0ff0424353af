"""The scans of a batch: image files and DICOM studies below a folder, or the rows of a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.dicom.choose_series import best_series, facts_of
from NeuroOrbitLib.dicom.headers import Header
from NeuroOrbitLib.dicom.series import series_in
from NeuroOrbitLib.files.below import files_below
from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.files.tables import read_table_file, require_columns
from NeuroOrbitLib.imaging.checks import ImageProblem
from NeuroOrbitLib.imaging.file_names import is_image_name, is_label_name
from NeuroOrbitLib.privacy import fingerprint, without_names
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class BatchCase:
    """One scan of a batch.

    :param source: path by which the user knows the scan: the file, or the folder of the series with its UID, relative
        to the searched folder or the folder of the table.
    :param files: the image file, or all files of the series.
    :param is_series: whether the files are a DICOM series.
    :param why: reason why this series of its study was chosen; empty if there was no choice.
    :param problem: reason why the scan cannot be used; empty if it can.
    """

    source: str
    files: tuple[str, ...]
    is_series: bool = False
    why: str = ""
    problem: str = ""

    def fingerprint(self) -> str:
        """Return a fingerprint that changes when the files are rewritten; it says nothing about the patient."""
        return fingerprint(map(str, stamps_of(map(Path, self.files))))


def find_cases(source: Path) -> dict[str, BatchCase]:
    """Return the scans of a batch by the names "case_0001" and so on, as names and folders of scans may name patients.

    :param source: folder that is searched with its subfolders, or table (CSV) with the column ``scan``, which holds
        files or folders of a series or study, relative to the table.
    :raises Problem: if there are no scans, or the table cannot be read.
    """
    if source.is_dir():
        found = [*_image_files(source), *_studies(source, source)]
    elif source.is_file() and is_image_name(source.name):
        raise Problem(_("{path} is a single scan. Use the command segment for it, or give a folder with scans or a "
                        "table that lists them.").format(path=str(source)))
    elif source.is_file():
        found = _from_table(source)
    else:
        raise Problem(_("{path} is not there. Give a folder with scans, or a table that lists them.").format(
            path=str(source)))
    if not found:
        raise Problem(_("There are no scans in {path}. Give a folder with NIfTI, NRRD or DICOM files, or a table that "
                        "lists them.").format(path=str(source)))
    return {f"case_{number:04d}": case for number, case in enumerate(found, start=1)}


def _image_files(folder: Path) -> list[BatchCase]:
    paths = [path for path in files_below(folder) if is_image_name(path.name) and not path.name.startswith(".")
             and not is_label_name(path.name)]
    return [BatchCase(str(path.relative_to(folder)), (str(path.resolve()),)) for path in paths]


def _from_table(table: Path) -> list[BatchCase]:
    content = read_table_file(table)
    require_columns(table, content, ["scan"])
    return [case for row in content.rows for case in _from_row(table, row.cells["scan"], row.line)]


def _from_row(table: Path, name: str, line: int) -> list[BatchCase]:
    path = table.parent / name
    if name and path.is_dir():
        found = _studies(path, table.parent)
        return found or [BatchCase(name, (), problem=str(_("There are no DICOM images in this folder.")))]
    if name and path.is_file():
        return [BatchCase(name, (str(path.resolve()),))]
    words = _("Line {line} of the table names a file or folder that does not exist.").format(line=line)
    return [BatchCase(name, (), problem=str(words))]


def _studies(folder: Path, root: Path) -> list[BatchCase]:
    """Return the best series of each study of each patient."""
    try:
        series = series_in(folder, below=True)
    except ImageProblem:
        return []
    studies: dict[tuple[str, str], list[tuple[str, Sequence[Header]]]] = {}
    for uid, headers in series.items():
        first = next((header for header in headers if header.texts), headers[0])
        studies.setdefault((first.text("PatientID"), first.text("StudyInstanceUID")), []).append((uid, headers))
    ordered = sorted(studies.values(), key=lambda members: min(str(header.path) for _, headers in members
                                                               for header in headers))
    return [_study(members, root) for members in ordered]


def _study(members: Iterable[tuple[str, Sequence[Header]]], root: Path) -> BatchCase:
    ordered = sorted(members, key=lambda member: (member[1][0].number("SeriesNumber"), member[0]))
    facts = [facts_of(number, uid, headers) for number, (uid, headers) in enumerate(ordered, start=1)]
    try:
        best, why = best_series(facts)
    except ImageProblem as problem:
        paths = [header.path for _uid, headers in ordered for header in headers]
        return BatchCase(_folder_of(ordered[0][1], root), (), True,
                         problem=without_names(str(problem), paths, _("A file")))
    headers = ordered[best.number - 1][1]
    files = tuple(sorted(str(header.path.resolve()) for header in headers))
    return BatchCase(f"{_folder_of(headers, root)} series {best.uid}", files, True, why if len(facts) > 1 else "")


def _folder_of(headers: Sequence[Header], root: Path) -> str:
    """Return the folder of a series, relative to the searched folder if it lies below it."""
    place = headers[0].path.parent
    return str(place.relative_to(root) if place.is_relative_to(root) else place)
