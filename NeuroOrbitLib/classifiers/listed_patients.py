"""The patients of a table or of a folder of scans, to be answered about one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.classifiers.cohort_table import existing
from NeuroOrbitLib.classifiers.typed_values import check_units, column_of_heading, not_used
from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.files.tables import read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import (
    file_name_key,
    is_image_name,
    is_label_name,
    safe_file_name,
    strip_ending,
    without_channel,
    without_label_mark,
)
from NeuroOrbitLib.label_maps.files import label_file_beside
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.columns import Column


@dataclass(frozen=True)
class Patient:
    """A patient to be classified.

    :param case: name of the answer.
    :param image: file of the scan, or folder of its DICOM series.
    :param labels: file of a segmentation; None to segment the scan.
    :param cells: cells of the patient's row in the table, by heading.
    """

    case: str
    image: Path
    labels: Path | None = None
    cells: Mapping[str, str] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """Return a hash by which the same patient with the same data is recognised, and which reveals neither.

        It changes when a file is written again, including the file that explains the values of the segmentation.
        """
        names = label_file_beside(self.labels) if self.labels else None
        return fingerprint(map(str, (self.case, self.image, self.labels, sorted(self.cells.items()),
                                     stamps_of((self.image, self.labels, *filter(None, [names]))))))


def patients_of_table(path: Path, columns: Sequence[Column]) -> list[Patient]:
    """Return the patients of a table with the column ``image``.

    Optional columns are ``case`` or ``patient``, ``labels``, the columns of the task and those of its gate.

    :param path: CSV file.
    :param columns: columns of the task.
    :raises Problem: when the table cannot be read or a file does not exist, naming the line.
    """
    table = read_table_file(path)
    require_columns(path, table, ("image",))
    check_units(path, table, columns)
    found: list[Patient] = []
    for row in table.rows:
        try:
            image = existing(row.cells["image"], path.parent, "image")
            labels = existing(row.cells["labels"], path.parent, "segmentation") if row.cells.get("labels") else None
        except Problem as problem:
            raise Problem(_("{path}, line {line}: {problem}").format(
                path=path, line=row.line, problem=problem)) from problem
        name = row.cells.get("case") or row.cells.get("patient") or strip_ending(image.name)
        found.append(Patient(safe_file_name(name), image.absolute(), labels and labels.absolute(), dict(row.cells)))
    return _named_once(found, path)


def unused_columns(path: Path, columns: Sequence[Column]) -> list[str]:
    """Return a line about the columns of a table that are not used, or an empty list if all are used.

    :param path: CSV file.
    :param columns: columns of the task and of its gate.
    """
    return not_used(read_table_file(path).columns, {"image", "case", "patient", "labels"},
                    lambda heading: column_of_heading(heading, columns) is not None)


def patients_of_folder(folder: Path, labels: Path | None = None) -> list[Patient]:
    """Return the image files and folders of DICOM series in a folder as patients without further data.

    Hidden files, and files that are label maps by their names, are no scans.

    :param folder: folder of scans.
    :param labels: folder with segmentations, named like the scans, with or without a mark such as ``_labels``; scans
        without one are segmented. In the folder of the scans itself, only files with a mark are segmentations.
    :raises Problem: when there are no scans, or two scans or two segmentations have the same name.
    """
    scans = sorted(path for path in folder.iterdir() if not path.name.startswith(".")
                   and (path.is_dir() or is_image_name(path.name)) and not is_label_name(path.name))
    known = {} if labels is None else _segmentations(labels, labels.resolve() == folder.resolve())
    return _named_once([Patient(safe_file_name(strip_ending(path.name)), path.absolute(), _segmentation_of(path, known))
                        for path in scans], folder)


def _segmentations(folder: Path, only_marked: bool) -> dict[str, Path]:
    """Return the segmentations in a folder by the names of their scans without file types."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not is_image_name(path.name) or (only_marked and not is_label_name(path.name)):
            continue
        first = found.setdefault(without_label_mark(path.name), path.absolute())
        if first != path.absolute():
            raise Problem(_("{first} and {second} are segmentations of the same scan. Keep one of them.").format(
                first=first.name, second=path.name))
    return found


def _segmentation_of(scan: Path, known: Mapping[str, Path]) -> Path | None:
    """Return the segmentation of a scan; nnU-Net's segmentations lack the channel of their scans' names."""
    names = strip_ending(scan.name), strip_ending(without_channel(scan.name))
    return next((known[name] for name in names if name in known), None)


def _named_once(patients: Sequence[Patient], where: Path) -> list[Patient]:
    if not patients:
        raise Problem(_("There are no scans in {path}. Give a folder with scans, or a table that lists them.").format(
            path=where))
    names: dict[str, Patient] = {}
    for patient in patients:
        if names.setdefault(file_name_key(patient.case), patient) is not patient:
            raise Problem(_("{path}: there are two patients named {name}. Give them names in a column case.").format(
                path=where, name=patient.case))
    return list(patients)
