"""Preparing one's own cohort from a CSV table of FLAIR scans, lesion masks and diagnoses; every row is checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from NeuroDifferentialLib.differential.columns import patient_columns
from NeuroDifferentialLib.differential.lesion_table import lesion_numbers
from NeuroDifferentialLib.differential.patient import patient_of
from NeuroDifferentialLib.t1 import read_t1
from NeuroDifferentialLib.task import TASK
from NeuroOrbitLib.classifiers import cohort_table
from NeuroOrbitLib.classifiers.cohort import Cohort, write_case_arrays
from NeuroOrbitLib.classifiers.cohort_table import CaseRow, TableReader, known_numbers
from NeuroOrbitLib.classifiers.row_notices import NOTICES
from NeuroOrbitLib.classifiers.typed_values import column_of_heading, values_of_cells
from NeuroOrbitLib.dicom.flair_series import read_flair
from NeuroOrbitLib.dicom.scans import read_with_notices
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem


def import_cohort(table: Path, folder: Path, scheduler: str | None = None, progress: Progress = silent) -> tuple[
        Cohort, list[str], list[str]]:
    """Return the cohort of a table's scans, one line about each scan that was not used, and lines to check.

    :param table: CSV file with the columns ``patient``, ``image`` and ``diagnosis``.
    :param folder: folder of the cohort.
    :param scheduler: see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the table or the folder cannot be used, or no scan of a class is usable.
    """
    return cohort_table.import_cohort(READER, table, folder, lambda _rows: prepare_row, {"masks": "own"}, scheduler,
                                      progress)


def prepare_row(row: CaseRow, folder: Path, progress: Progress = silent, *, cohort: Path) -> dict[str, Any]:
    """Read one scan, find or read its lesions, store the lesion image, and return the measured numbers, and notices.

    :param row: row of the table.
    :param folder: not used; all kinds of work on a row take it.
    :param progress: receives the fraction done and a message.
    :param cohort: folder of the cohort.
    :raises Problem: when the scan cannot be used, or shows no lesions.
    """
    masks = [path and load_image(path) for path in (row.segmentation, row.files.get("anatomy"))]
    (flair, notices), (t1, more) = read_with_notices(row.image, read_flair), read_t1(row.files.get("t1"))
    patient = patient_of(flair, t1, *masks, progress=progress)
    if not patient.report.lesions:
        raise Problem("no lesions were found; there is nothing to learn from")
    write_case_arrays(cohort, row.case, {name: patient.array(name) for name in ("lesions", "flair")})
    return {**known_numbers(lesion_numbers(patient.report)), NOTICES: [*notices, *more, *patient.notices]}


def _cells(cells: Mapping[str, str]) -> tuple[int, Mapping[str, float]]:
    label = TASK.label_of(cells["diagnosis"])
    if label is None:
        raise Problem(f"the diagnosis is {cells['diagnosis']!r}; write NMOSD or MS")
    return label, values_of_cells(cells, patient_columns())


#: Reads tables with the columns patient, image (the FLAIR) and diagnosis; the column labels names a lesion mask.
READER = TableReader(2, "NMOSD and of MS", ("patient", "image", "diagnosis"), "patient, image and diagnosis", _cells,
                     files=("t1", "anatomy"),
                     means=lambda heading: column_of_heading(heading, patient_columns()) is not None)
