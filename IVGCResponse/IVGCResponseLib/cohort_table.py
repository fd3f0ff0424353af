"""A cohort of one's own: a CSV table that names scans, outcomes and clinical features, every row checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from IVGCResponseLib.cases import REPEATED_CASES, REPEATS, CaseSettings, completed, keep_case, measure_case
from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.pipeline import labels_of
from IVGCResponseLib.sequence import refuse_early, require_usable
from IVGCResponseLib.task import TASK
from NeuroOrbitLib.classifiers.cohort import Cohort, arrays_path, write_cohort
from NeuroOrbitLib.classifiers.cohort_rows import check_new, existing
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.classifiers.typed_values import column_of_heading, values_of_cells
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.files.tables import Table, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import safe_file_name
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import PROBLEM, forget, run_tasks
from NeuroOrbitLib.label_maps.mapping import mapping_for, read_labels
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import one_spelling_each, patient_key

CASES_NAME = "patients"


@dataclass(frozen=True)
class Row:
    """One usable row.

    :param case: name of the scan.
    :param patient: whose it is.
    :param image: file or DICOM folder.
    :param label: 1 responder, 0 non-responder.
    :param clinical: value of each clinical feature, NaN where missing.
    :param segmentation: label map of the orbits, or None to segment them.
    """

    case: str
    patient: str
    image: Path
    label: int
    clinical: Mapping[str, float]
    segmentation: Path | None


def read_table(path: Path) -> tuple[list[Row], list[str]]:
    """Return the usable rows, and one line about each of the others.

    :raises Problem: when the table cannot be read, lacks columns, states a clinical feature in another unit, or has
        no usable row of one of the classes.
    """
    if not path.is_file():
        raise Problem(f"There is no table {path}. Give a CSV with the columns patient, image and response.")
    table = read_table_file(path)
    require_columns(path, table, ("patient", "image", "response"), "patient, image and response")
    _check_headings(path, table)
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
    return _one_scan_each([replace(row, patient=name) for row, name in zip(rows, patients, strict=True)]), problems


def import_cohort(table: Path, folder: Path, settings: CaseSettings | None = None, device: str = "cpu",
                  scheduler: str | None = None, progress: Progress = silent) -> tuple[Cohort, list[str]]:
    """Prepare one's own cohort; also return one line about each scan that could not be used.

    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :raises Problem: when too little is usable.
    """
    settings, folder = settings or CaseSettings(), Path(folder).resolve()
    rows, problems = read_table(table)
    for row in rows:
        if not arrays_path(folder, row.case).exists():
            forget(folder / CASES_NAME, row.case)
    plan = {"cohort": "table", **settings.as_data(),
            "rows": [[row.case, row.patient, str(row.image), str(row.segmentation), row.label] for row in rows]}
    repeated = {row.case for row in rows[:REPEATED_CASES]}
    work = partial(prepare_row, cohort=folder, settings=settings, device=device, repeated=repeated)
    found = run_tasks(work, {row.case: row for row in rows}, folder / CASES_NAME, plan, scheduler, progress, True)
    problems += [f"{row.case}: {result[PROBLEM]}" for row, result in zip(rows, found, strict=True)
                 if PROBLEM in result]
    used = [(row, result) for row, result in zip(rows, found, strict=True) if PROBLEM not in result]
    _check_classes(table, [row.label for row, _ in used], problems)
    numbers = completed([{**row.clinical, **result["numbers"]} for row, result in used])
    samples = [Sample(row.case, row.patient, row.label, {}, own) for (row, _), own in zip(used, numbers, strict=True)]
    return write_cohort(folder, samples, {"synthetic": False, "table": table.name, **settings.as_data()}), problems


def prepare_row(row: Row, folder: Path, progress: Progress = silent, *, cohort: Path, settings: CaseSettings,
                device: str = "cpu", repeated: Sequence[str] = ()) -> dict[str, Any]:
    """Read one scan, prepare it and keep it; returns what was measured."""
    scan, fields = load_image(row.image), scan_fields(row.image)
    refuse_early(scan, fields)
    labels = (read_labels(row.segmentation, mapping_for(row.segmentation)) if row.segmentation
              else labels_of(scan, device, progress))
    require_usable(scan, labels if labels.grid.same_as(scan.grid) else resample(labels, scan.grid, "nearest"), fields)
    prepared, numbers = measure_case(scan, labels, settings, REPEATS if row.case in repeated else 0)
    keep_case(cohort, row.case, prepared)
    return {"numbers": {name: value for name, value in numbers.items() if np.isfinite(value)}}


def _check_headings(path: Path, table: Table) -> None:
    """Refuse a clinical feature in another unit once for the whole table, not in every row."""
    for heading in table.columns:
        try:
            column_of_heading(heading, clinical_columns())
        except Problem as problem:
            raise Problem(f"{path}: {problem}") from problem


def _row(cells: dict[str, str], folder: Path) -> Row:
    if not patient_key(cells["patient"]):
        raise Problem("the patient is empty; without it scans of one patient could be on both sides of a split")
    label = TASK.label_of(cells["response"])
    if label is None:
        raise Problem(f"the response is {cells['response']!r}; write responder or non-responder")
    image = existing(cells["image"], folder, "image")
    segmentation = existing(cells["labels"], folder, "segmentation") if cells.get("labels") else None
    case = safe_file_name(cells.get("case") or cells["patient"])
    return Row(case, cells["patient"], image, label, values_of_cells(cells, clinical_columns()), segmentation)


def _one_scan_each(rows: list[Row]) -> list[Row]:
    """Refuse a patient with two rows: the study asks one question about each, before treatment.

    :raises Problem: naming the patient.
    """
    names = [row.patient for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Problem(f"The patient {twice[0]} has {names.count(twice[0])} rows. Keep the scan before treatment only.")
    return rows


def _check_classes(path: Path, labels: Sequence[int], problems: Sequence[str]) -> None:
    if set(labels) != {0, 1}:
        reasons = "".join(f"\n  {line}" for line in problems)
        raise Problem(f"{path} needs usable scans of responders and of non-responders.{reasons}")
