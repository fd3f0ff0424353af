"""A cohort of one's own: a CSV table that names scans and classes, every row checked, and each scan prepared once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_cohort
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.classifiers.typed_values import not_used
from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.files.tables import Table, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import file_name_key, safe_file_name, strip_ending
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PROBLEM, Work, forget, read_result, result_path, run_tasks
from NeuroOrbitLib.label_maps.files import label_file_beside
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import merged_spellings, one_spelling_each, patient_key

#: Folder of what was measured of each scan, beside the cohort's arrays.
ROWS_NAME = "patients"
#: Key of what a row's files were like when they were prepared.
_STAMPS = "files"


@dataclass(frozen=True)
class CaseRow:
    """One usable row.

    :param case: name of the scan.
    :param patient: whose it is.
    :param image: file or DICOM folder.
    :param label: its class.
    :param segmentation: label map, or None to segment the scan.
    :param numbers: what else the table says of the case, NaN where missing.
    :param files: further files of the case, by column.
    """

    case: str
    patient: str
    image: Path
    label: int
    segmentation: Path | None
    numbers: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


#: Returns a row's label and what else it says, from its cells by column; raises a Problem for what cannot be.
ReadCells = Callable[[Mapping[str, str]], tuple[int, Mapping[str, float]]]
#: Returns the work on a row (:data:`NeuroOrbitLib.jobs.tasks.Work`) when all rows are known.
WorkFor = Callable[[Sequence[CaseRow]], Work[CaseRow]]


@dataclass(frozen=True)
class TableReader:
    """Reads the tables of a task.

    :param classes: how many there are; each must have a usable row.
    :param class_words: what they are called, for the message, e.g. ``"active and of inactive disease"``.
    :param required: columns that a table must have.
    :param expected: what to write, for the message about a table that lacks one.
    :param read_cells: gives each row its label.
    :param check: refuses headings that cannot be used; gets the table.
    :param one_each: whether a patient may have one row only.
    :param files: columns that may name further files of a case.
    :param means: whether a further heading of a table means something; those that do not are named.
    """

    classes: int
    class_words: str
    required: tuple[str, ...]
    expected: str
    read_cells: ReadCells
    check: Callable[[Path, Table], None] = lambda path, table: None
    one_each: bool = False
    files: tuple[str, ...] = ()
    means: Callable[[str], bool] = lambda heading: True

    def read(self, path: Path) -> tuple[list[CaseRow], list[str], list[str]]:
        """Return the usable rows, one line about each of the others, and lines for the user to check.

        These are about columns that are not used, and about patients who are spelled in several ways.

        :raises Problem: when the table cannot be read, lacks columns, or has no usable row of one of the classes.
        """
        if not path.is_file():
            raise Problem(f"There is no table {path}. Give a CSV with the columns {self.expected}.")
        table = read_table_file(path)
        require_columns(path, table, self.required, self.expected)
        self.check(path, table)
        rows: list[CaseRow] = []
        problems: list[str] = []
        unused = not_used(table.columns, {*self.required, *self.files, "case", "labels"}, self.means)
        for line in table.rows:
            try:
                row = self._row(line.cells, path.parent)
                check_new(row, rows)
                rows.append(row)
            except Problem as problem:
                problems.append(f"line {line.line}: {problem}")
        self.require_classes(path, [row.label for row in rows], [*unused, *problems])
        spellings = [row.patient for row in rows]
        patients = one_spelling_each(spellings)
        if self.one_each:
            require_one_row_each(patients)
        named = [replace(row, patient=name) for row, name in zip(rows, patients, strict=True)]
        return named, problems, [*unused, *merged_spellings(spellings)]

    def _row(self, cells: Mapping[str, str], folder: Path) -> CaseRow:
        if not patient_key(cells["patient"]):
            raise Problem("the patient is empty; without it scans of one patient could be on both sides of a split")
        image = existing(cells.get("image", ""), folder, "image")
        label, numbers = self.read_cells(cells)
        segmentation = existing(cells["labels"], folder, "segmentation") if cells.get("labels") else None
        usual = cells["patient"] if self.one_each else f"{cells['patient']}_{strip_ending(image.name)}"
        case = safe_file_name(cells.get("case") or usual)
        files = {name: existing(cells[name], folder, name) for name in self.files if cells.get(name)}
        return CaseRow(case, cells["patient"], image, label, segmentation, numbers, files)

    def require_classes(self, path: Path, labels: Sequence[int], problems: Sequence[str]) -> None:
        """Make sure that every class has a usable scan.

        :raises Problem: with the lines about those that are not.
        """
        if set(labels) != set(range(self.classes)):
            reasons = "".join(f"\n  {line}" for line in problems)
            raise Problem(f"{path} needs usable scans of {self.class_words}.{reasons}")


def import_cohort(reader: TableReader, table: Path, folder: Path, work_for: WorkFor, settings: Mapping[str, Any],
                  scheduler: str | None = None, progress: Progress = silent
                  ) -> tuple[Cohort, list[str], list[str]]:
    """Prepare the scans of a table; also return one line about each scan that could not be used, and lines to check.

    A scan that was prepared before is prepared again when one of its files has been written anew. What the table says
    of a case counts more than what was kept of it.

    :param work_for: returns, for the usable rows, what prepares one of them: it writes the arrays into the cohort's
        folder, which it gets as ``cohort``, and returns the numbers that it has measured.
    :param settings: of the preparation; another one in the same folder is refused. They become facts of the cohort.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :raises Problem: when too little is usable.
    """
    folder = Path(folder).resolve()
    rows, problems, notices = reader.read(table)
    for row in rows:
        if not arrays_path(folder, row.case).exists() or _has_changed(folder / ROWS_NAME, row):
            forget(folder / ROWS_NAME, row.case)
    plan = {"cohort": "table", **settings,
            "rows": [[row.case, row.patient, str(row.image), str(row.segmentation), row.label,
                      *map(str, row.files.values())] for row in rows]}
    work = partial(_stamped, work=partial(work_for(rows), cohort=folder))
    found = run_tasks(work, {row.case: row for row in rows}, folder / ROWS_NAME, plan, scheduler, progress,
                      record_problems=True)
    problems += [f"{row.case}: {result[PROBLEM]}" for row, result in zip(rows, found, strict=True)
                 if PROBLEM in result]
    whole = [(row, result) for row, result in zip(rows, found, strict=True) if PROBLEM not in result]
    doubles = _doubles([row.case for row, _ in whole], Cohort(folder, (), {}))
    problems += [f"{case}: its scan is that of {other}; keep one of them" for case, other in doubles.items()]
    used = [(row, result) for row, result in whole if row.case not in doubles]
    reader.require_classes(table, [row.label for row, _ in used], problems)
    numbers = with_all_columns([_numbers_of(row, result) for row, result in used])
    samples = [Sample(row.case, row.patient, row.label, {}, own) for (row, _), own in zip(used, numbers, strict=True)]
    return write_cohort(folder, samples, {"synthetic": False, "table": table.name, **settings}), problems, notices


def _stamped(row: CaseRow, folder: Path, progress: Progress = silent, *, work: Work[CaseRow]) -> dict[str, Any]:
    """Do the work on a row and keep what its files were like."""
    stamps = _stamps_of(row)
    return {**work(row, folder, progress), _STAMPS: stamps}


def _stamps_of(row: CaseRow) -> list[list[int]]:
    """What a row's files are like, and what says what the values of its segmentation mean."""
    names = label_file_beside(row.segmentation) if row.segmentation else None
    return stamps_of((row.image, row.segmentation, *row.files.values(), *filter(None, [names])))


def _doubles(cases: Sequence[str], cohort: Cohort) -> dict[str, str]:
    """The cases whose arrays are those of an earlier one, which would be on both sides of a split, with that one."""
    first: dict[str, str] = {}
    found = {case: first.setdefault(cohort.digest(case), case) for case in cases}
    return {case: other for case, other in found.items() if other != case}


def _has_changed(folder: Path, row: CaseRow) -> bool:
    """Whether a row was prepared from other files than there are now."""
    if not result_path(folder, row.case).exists():
        return False
    now = _stamps_of(row)
    return read_result(folder, row.case).get(_STAMPS, now) != now


def _numbers_of(row: CaseRow, result: Mapping[str, Any]) -> dict[str, float]:
    measured = {name: value for name, value in result.items() if name != _STAMPS}
    return {**row.numbers, **measured, **known_numbers(row.numbers)}


def segmented(row: CaseRow, segment: Callable[[], Image]) -> Image:
    """Return a row's label map: that of its file, or what ``segment`` makes."""
    from NeuroOrbitLib.label_maps.mapping import read_patient_labels

    return read_patient_labels(row.segmentation) if row.segmentation else segment()


def known_numbers(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return the numbers that are known, as a task's result keeps them."""
    return {name: float(value) for name, value in numbers.items() if np.isfinite(value)}


def with_all_columns(rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Return the numbers of all cases with the same columns, NaN where a case was not measured."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: float(row.get(name, float("nan"))) for name in columns} for row in rows]


def existing(name: str, folder: Path, kind: str) -> Path:
    """Return the path that a cell names, relative to the table's folder.

    :param kind: what it is, for the message, e.g. ``"image"``.
    :raises Problem: when the cell is empty or nothing is there.
    """
    path = folder / name
    if not name or not path.exists():
        raise Problem(f"the {kind} {name or '(empty)'} does not exist in {folder}")
    return path


def check_new(row: CaseRow, rows: Iterable[CaseRow]) -> None:
    """Make sure that a row's scan and case are not in the table already.

    :raises Problem: when they are.
    """
    for other in rows:
        if other.image == row.image:
            raise Problem(f"the image {row.image.name} is used twice")
        if file_name_key(other.case) == file_name_key(row.case):
            raise Problem(f"there are two cases named {row.case}; give them names in a column case")


def require_one_row_each(patients: Sequence[str]) -> None:
    """Refuse a patient with two rows.

    :raises Problem: naming the patient.
    """
    twice = sorted({name for name in patients if patients.count(name) > 1})
    if twice:
        raise Problem(f"The patient {twice[0]} has {patients.count(twice[0])} rows. Keep one of them.")
