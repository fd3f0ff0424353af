"""A cohort of one's own: a CSV table that names scans and diagnoses, every row checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from NeuroDifferentialLib.differential.columns import patient_columns
from NeuroDifferentialLib.differential.lesion_table import lesion_numbers
from NeuroDifferentialLib.differential.patient import patient_of
from NeuroDifferentialLib.task import TASK
from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.cohort_rows import check_new, existing
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.classifiers.typed_values import values_of_cells
from NeuroOrbitLib.files.tables import read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import safe_file_name
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PROBLEM, forget, run_tasks
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import one_spelling_each, patient_key

CASES_NAME, NUMBERS = "patients", "numbers"
_NEEDED = ("patient", "flair", "diagnosis")


@dataclass(frozen=True)
class Row:
    """One usable row.

    :param case: name of the scan. :param patient: whose it is. :param image: FLAIR file or DICOM folder.
    :param label: 1 NMOSD, 0 MS. :param known: age, sex, plane and scanner, NaN where missing.
    :param t1, lesions, anatomy: further files, or None.
    """

    case: str
    patient: str
    image: Path
    label: int
    known: Mapping[str, float]
    t1: Path | None
    lesions: Path | None
    anatomy: Path | None


def read_table(path: Path) -> tuple[list[Row], list[str]]:
    """Return the usable rows, and one line about each of the others.

    :raises Problem: when the table cannot be read, lacks columns, or has no usable row of one of the classes.
    """
    if not path.is_file():
        raise Problem(f"There is no table {path}. Give a CSV with the columns {', '.join(_NEEDED)}.")
    table = read_table_file(path)
    require_columns(path, table, _NEEDED, "patient, flair and diagnosis")
    rows: list[Row] = []
    problems: list[str] = []
    for line in table.rows:
        try:
            row = _row(line.cells, path.parent)
            check_new(row, rows)
            rows.append(row)
        except Problem as problem:
            problems.append(f"line {line.line}: {problem}")
    _check_classes(path, [row.label for row in rows], problems)
    patients = one_spelling_each([row.patient for row in rows])
    return [replace(row, patient=name) for row, name in zip(rows, patients, strict=True)], problems


def import_cohort(table: Path, folder: Path, scheduler: str | None = None, progress: Progress = silent) -> tuple[
        Cohort, list[str]]:
    """Prepare one's own cohort; also return one line about each scan that could not be used.

    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :raises Problem: when too little is usable.
    """
    folder = Path(folder).resolve()
    rows, problems = read_table(table)
    for row in rows:
        if not arrays_path(folder, row.case).exists():
            forget(folder / CASES_NAME, row.case)
    plan = {"cohort": "table of lesions", "rows": [[row.case, row.patient, row.label, *map(str, (
        row.image, row.t1, row.lesions, row.anatomy))] for row in rows]}
    found = run_tasks(partial(prepare_row, cohort=folder), {row.case: row for row in rows}, folder / CASES_NAME, plan,
                      scheduler, progress, record_problems=True)
    kept = [(row, result[NUMBERS]) for row, result in zip(rows, found, strict=True) if PROBLEM not in result]
    problems += [f"{row.case}: {result[PROBLEM]}" for row, result in zip(rows, found, strict=True)
                 if PROBLEM in result]
    _check_classes(table, [row.label for row, _ in kept], problems)
    samples = [Sample(row.case, row.patient, row.label, {}, {**row.known, **_numbers(numbers)})
               for row, numbers in kept]
    return write_cohort(folder, samples, {"synthetic": False, "masks": "own"}), problems


def prepare_row(row: Row, folder: Path, progress: Progress = silent, *, cohort: Path) -> dict[str, Any]:
    """Read one scan, find or take its lesions and keep the lesion image; returns what was measured.

    :raises Problem: when the scan cannot be used, or shows no lesions.
    """
    others = [None if path is None else load_image(path) for path in (row.t1, row.lesions, row.anatomy)]
    patient = patient_of(load_image(row.image), *others, progress=progress)
    if not patient.report.lesions:
        raise Problem("no lesions were found; there is nothing to learn from")
    write_case_arrays(cohort, row.case, {name: patient.array(name) for name in ("lesions", "flair")})
    numbers = lesion_numbers(patient.report)
    return {NUMBERS: {name: value if np.isfinite(value) else None for name, value in numbers.items()}}


def _numbers(found: Mapping[str, float | None]) -> dict[str, float]:
    return {name: float("nan") if value is None else float(value) for name, value in found.items()}


def _row(cells: dict[str, str], folder: Path) -> Row:
    if not patient_key(cells["patient"]):
        raise Problem("the patient is empty; without it scans of one patient could be on both sides of a split")
    label = TASK.label_of(cells["diagnosis"])
    if label is None:
        raise Problem(f"the diagnosis is {cells['diagnosis']!r}; write NMOSD or MS")
    image = existing(cells["flair"], folder, "FLAIR")
    others = [existing(cells[name], folder, name) if cells.get(name) else None
              for name in ("t1", "lesions", "anatomy")]
    case = safe_file_name(cells.get("case") or cells["patient"])
    return Row(case, cells["patient"], image, label, values_of_cells(cells, patient_columns()), *others)


def _check_classes(path: Path, labels: list[int], problems: list[str]) -> None:
    if set(labels) != {0, 1}:
        reasons = "".join(f"\n  {line}" for line in problems)
        raise Problem(f"{path} needs usable scans of NMOSD and of MS.{reasons}")
