"""Import of the user's cohort from a CSV table of scans, responses and clinical features; every row is checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.gate import ADULT_FROM, GATE
from IVGCResponseLib.pipeline import orbits
from IVGCResponseLib.sequence import refuse_early, require_usable
from IVGCResponseLib.study import STUDY
from IVGCResponseLib.task import TASK
from NeuroOrbitLib.classifiers import cohort_table
from NeuroOrbitLib.classifiers.cohort import Cohort, write_case_arrays
from NeuroOrbitLib.classifiers.cohort_table import CaseRow, TableReader, known_numbers, segmented
from NeuroOrbitLib.classifiers.region_study import REPEATED_CASES, REPEATS, RegionSettings
from NeuroOrbitLib.classifiers.row_notices import NOTICES
from NeuroOrbitLib.classifiers.typed_values import check_units, column_of_heading, values_of_cells
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.dicom.scans import read_with_notices
from NeuroOrbitLib.imaging.checks import check_grey_values, check_volume
from NeuroOrbitLib.imaging.resampling import on_grid
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem


def import_cohort(table: Path, folder: Path, settings: RegionSettings | None = None, device: str = "cpu",
                  scheduler: str | None = None, progress: Progress = silent) -> tuple[Cohort, list[str], list[str]]:
    """Prepare the user's cohort.

    The features of the first :data:`REPEATED_CASES` patients are measured again on perturbed masks.

    :param table: CSV table of the cohort.
    :param folder: folder of the prepared cohort.
    :param settings: settings of the preparation; those of the paper by default.
    :param device: "cpu" or "cuda", for the segmentation of the orbits.
    :param scheduler: scheduler, see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :return: the cohort, one line about each scan that could not be used, and lines that the user should check.
    :raises Problem: if too few scans can be used.
    """
    settings = settings or STUDY.settings()
    return cohort_table.import_cohort(
        READER, table, folder, lambda rows: partial(prepare_row, settings=settings, device=device,
                                                    repeated=_repeated(rows)),
        STUDY.facts(settings), scheduler, progress, _repeated, FEATURES.document())


def _repeated(rows: Sequence[CaseRow]) -> set[str]:
    """Return the cases whose features are measured again on perturbed masks."""
    return {row.case for row in rows[:REPEATED_CASES]}


def prepare_row(row: CaseRow, folder: Path, progress: Progress = silent, *, cohort: Path, settings: RegionSettings,
                device: str = "cpu", repeated: Collection[str] = ()) -> dict[str, Any]:
    """Read one scan, prepare and store it, and return its measurements and notices."""
    (image, notices), fields = read_with_notices(row.image), scan_fields(row.image)
    scan = check_grey_values(check_volume(image))
    refuse_early(scan, fields)
    labels = segmented(row, lambda: orbits(scan, device, progress))
    notices += require_usable(scan, on_grid(labels, scan.grid), fields)
    prepared, numbers = STUDY.measure_case(scan, labels, settings, REPEATS if row.case in repeated else 0)
    write_case_arrays(cohort, row.case, prepared.arrays())
    return {**known_numbers(numbers), NOTICES: notices}


def _cells(cells: Mapping[str, str]) -> tuple[int, Mapping[str, float]]:
    label = TASK.label_of(cells["response"])
    if label is None:
        raise Problem(f"the response is {cells['response']!r}; write responder or non-responder")
    values = values_of_cells(cells, clinical_columns())
    if values.get("age", ADULT_FROM) < ADULT_FROM:
        raise Problem(" ".join(GATE.reasons({"age": values["age"]})))
    return label, values


#: Reader of tables with the columns patient, image and response; there is one response per patient.
READER = TableReader(2, "responders and of non-responders", ("patient", "image", "response"),
                     "patient, image and response", _cells,
                     lambda path, table: check_units(path, table, clinical_columns()), one_each=True,
                     means=lambda heading: column_of_heading(heading, clinical_columns()) is not None,
                     doubts=GATE.reasons)
