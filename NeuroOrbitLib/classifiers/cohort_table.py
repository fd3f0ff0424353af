"""Preparing one's own cohort: a CSV table names scans and classes; rows are checked and each scan is prepared once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_cohort
from NeuroOrbitLib.classifiers.row_notices import NOTICES, notices_of
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.classifiers.typed_values import not_used
from NeuroOrbitLib.files.stamps import stamps_of
from NeuroOrbitLib.files.tables import Table, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import file_name_key, safe_file_name, strip_ending
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PROBLEM, Work, check_plan, forget, read_result, result_path, run_tasks
from NeuroOrbitLib.label_maps.files import label_file_beside
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import merged_spellings, one_spelling_each, patient_key

#: Folder with the measurements of each scan, beside the folder of the cohort's arrays.
ROWS_NAME = "patients"
#: Key, in a kept result, of the state that the row was prepared in (see :func:`_state_of`).
_STATE = "state"


@dataclass(frozen=True)
class CaseRow:
    """One usable row of the table.

    :param case: name of the scan.
    :param patient: patient of the case.
    :param image: image file or folder of a DICOM series.
    :param label: number of its class.
    :param segmentation: file of a label map, or None to segment the scan.
    :param numbers: further values of the case in the table by column, NaN where missing.
    :param files: further files of the case, by column.
    """

    case: str
    patient: str
    image: Path
    label: int
    segmentation: Path | None
    numbers: Mapping[str, float] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)


#: Returns a row's label and its further values, from its cells by column; raises a Problem for impossible values.
ReadCells = Callable[[Mapping[str, str]], tuple[int, Mapping[str, float]]]
#: Returns the work to do on each row (:data:`NeuroOrbitLib.jobs.tasks.Work`), given all usable rows.
WorkFor = Callable[[Sequence[CaseRow]], Work[CaseRow]]
#: Returns, given all usable rows, the cases on which more is done than on the others.
MoreOn = Callable[[Sequence[CaseRow]], Collection[str]]


@dataclass(frozen=True)
class TableReader:
    """Reads the tables of a task.

    :param classes: number of classes; each must have a usable row.
    :param class_words: names of the classes for the message, e.g. ``"active and of inactive disease"``.
    :param required: columns that a table must have.
    :param expected: columns to write, for the message about a table that lacks one.
    :param read_cells: returns a row's label and numbers from its cells.
    :param check: called with the path and the table; refuses unusable headings by raising a Problem.
    :param one_each: whether each patient may have only one row.
    :param files: columns that may name further files of a case.
    :param means: whether a further heading has a meaning for the task; the others are reported as not used.
    :param doubts: returns, for the numbers of a used row, sentences that the user should check.
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
    doubts: Callable[[Mapping[str, float]], Sequence[str]] = lambda numbers: ()

    def read(self, path: Path) -> tuple[list[CaseRow], list[str], list[str]]:
        """Return the usable rows, one line about each unusable row, and lines for the user to check.

        The latter are about columns that are not used, and about patients who are spelled in several ways.

        :param path: CSV file.
        :raises Problem: when the table cannot be read, lacks columns, or has no usable row of one of the classes; or
            when :attr:`one_each` is set and a patient has several rows.
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
                row = self._row(line.cells, path.absolute().parent)
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
        """Refuse a table in which a class has no usable scan.

        :param path: path of the table, for the message.
        :param labels: class numbers of the usable rows.
        :param problems: lines about the unusable rows, which the message quotes.
        :raises Problem: naming the classes, with the lines about unusable rows.
        """
        if set(labels) != set(range(self.classes)):
            reasons = "".join(f"\n  {line}" for line in problems)
            raise Problem(f"{path} needs usable scans of {self.class_words}.{reasons}")


def import_cohort(reader: TableReader, table: Path, folder: Path, work_for: WorkFor, settings: Mapping[str, Any],
                  scheduler: str | None = None, progress: Progress = silent,
                  more_on: MoreOn = lambda rows: (), facts: Mapping[str, Any] = MappingProxyType({})
                  ) -> tuple[Cohort, list[str], list[str]]:
    """Return the cohort of a table's scans, one line about each scan that was not used, and lines to check.

    The lines to check include the notices about used scans. The cohort is prepared in ``folder``. The table may change:
    a scan that was prepared before is prepared again only if its row names another file, or if one of its files has
    been written again since. Values in the table take precedence over values kept from an earlier preparation.

    :param reader: reads and checks the table.
    :param table: CSV file.
    :param folder: folder of the cohort.
    :param work_for: returns, for the usable rows, the function that prepares one of them: it writes the arrays into the
        cohort's folder, which is passed as ``cohort``, and returns the numbers that it has measured, and its notices
        under the key :data:`~.row_notices.NOTICES`.
    :param settings: settings of the preparation, which become facts of the cohort; a folder that was prepared with
        other settings is refused.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :param more_on: returns the cases on which ``work_for`` does more than on the others.
    :param facts: further facts of the cohort, on which the preparation of a scan does not depend.
    :raises Problem: when the table or the folder cannot be used, or no scan of one of the classes is usable.
    """
    folder = Path(folder).resolve()
    rows, problems, notices = reader.read(table)
    plan = {"cohort": "table", **settings}
    check_plan(folder / ROWS_NAME, plan)
    more = frozenset(more_on(rows))
    for row in rows:
        if not arrays_path(folder, row.case).exists() or _has_changed(folder / ROWS_NAME, row, row.case in more):
            forget(folder / ROWS_NAME, row.case)
    work = partial(_with_state, work=partial(work_for(rows), cohort=folder), more_on=more)
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
    notices += notices_of((row.case, [*reader.doubts(row.numbers), *result.get(NOTICES, ())]) for row, result in used)
    return write_cohort(folder, samples, {"synthetic": False, "table": table.name, **settings, **facts}), problems, \
        notices


def _with_state(row: CaseRow, folder: Path, progress: Progress = silent, *, work: Work[CaseRow],
                more_on: Collection[str]) -> dict[str, Any]:
    """Return the result of the work on a row together with the state that the row was in before."""
    state = _state_of(row, row.case in more_on)
    return {**work(row, folder, progress), _STATE: state}


def _state_of(row: CaseRow, more: bool) -> str:
    """Return a hash of a row's files, of their state, and of whether more is done on the row than on others.

    The files include the one that explains the values of the segmentation.
    """
    names = label_file_beside(row.segmentation) if row.segmentation else None
    files = (row.image, row.segmentation, *row.files.values(), *filter(None, [names]))
    return fingerprint(map(ascii, (*files, *row.files, stamps_of(files), more)))


def _doubles(cases: Sequence[str], cohort: Cohort) -> dict[str, str]:
    """Return the cases whose arrays equal those of an earlier case, by name with that case; they would leak."""
    first: dict[str, str] = {}
    found = {case: first.setdefault(cohort.digest(case), case) for case in cases}
    return {case: other for case, other in found.items() if other != case}


def _has_changed(folder: Path, row: CaseRow, more: bool) -> bool:
    """Return whether a row is in another state than when it was prepared, or could not be prepared the last time."""
    return result_path(folder, row.case).exists() and (
        read_result(folder, row.case).get(_STATE) != _state_of(row, more))


def _numbers_of(row: CaseRow, result: Mapping[str, Any]) -> dict[str, float]:
    measured = {name: value for name, value in result.items() if name not in (_STATE, NOTICES)}
    return {**row.numbers, **measured, **known_numbers(row.numbers)}


def segmented(row: CaseRow, segment: Callable[[], Image]) -> Image:
    """Return a row's label map, read from its file or made by ``segment`` if it has none."""
    from NeuroOrbitLib.label_maps.mapping import read_patient_labels

    return read_patient_labels(row.segmentation) if row.segmentation else segment()


def known_numbers(numbers: Mapping[str, float]) -> dict[str, float]:
    """Return the finite numbers by name, in the form in which a task's result keeps them."""
    return {name: float(value) for name, value in numbers.items() if np.isfinite(value)}


def with_all_columns(rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
    """Return the numbers of all cases with the same columns, NaN where a case was not measured."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: float(row.get(name, float("nan"))) for name in columns} for row in rows]


def existing(name: str, folder: Path, kind: str) -> Path:
    """Return the path that a cell names relative to the table's folder.

    :param name: content of the cell.
    :param folder: folder of the table.
    :param kind: kind of file for the message, e.g. ``"image"``.
    :raises Problem: when the cell is empty or the path does not exist.
    """
    path = folder / name
    if not name or not path.exists():
        raise Problem(f"the {kind} {name or '(empty)'} does not exist in {folder}")
    return path


def check_new(row: CaseRow, rows: Iterable[CaseRow]) -> None:
    """Refuse a row whose scan or case name already is in the table.

    :param row: new row.
    :param rows: rows before it.
    :raises Problem: naming the scan or the case.
    """
    for other in rows:
        if other.image == row.image:
            raise Problem(f"the image {row.image.name} is used twice")
        if file_name_key(other.case) == file_name_key(row.case):
            raise Problem(f"there are two cases named {row.case}; give them names in a column case")


def require_one_row_each(patients: Sequence[str]) -> None:
    """Refuse a table in which a patient has several rows.

    :param patients: patient of each row, in one spelling.
    :raises Problem: naming the patient.
    """
    twice = sorted({name for name in patients if patients.count(name) > 1})
    if twice:
        raise Problem(f"The patient {twice[0]} has {patients.count(twice[0])} rows. Keep one of them.")
