"""Import of the user's cohort from a CSV table that lists scans and labels; every row is checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from NeuroOrbitLib.classifiers import cohort_table
from NeuroOrbitLib.classifiers.cohort import Cohort, write_case_arrays
from NeuroOrbitLib.classifiers.cohort_table import CaseRow, TableReader, known_numbers, segmented
from NeuroOrbitLib.classifiers.row_notices import NOTICES
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.dicom.scans import read_with_notices
from NeuroOrbitLib.files.tables import Table
from NeuroOrbitLib.imaging.checks import check_grey_values, check_volume
from NeuroOrbitLib.imaging.resampling import on_grid
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.pipeline import orbits_of
from TAOActivityLib.clinical_score import ITEMS, is_active, score_of
from TAOActivityLib.preparation import place_crop, prepare
from TAOActivityLib.sequence import require_usable
from TAOActivityLib.task import TASK, UNKNOWN_SCORE, arrays_of, numbers_of


def import_cohort(table: Path, folder: Path, region: str = "both", device: str = "cpu", scheduler: str | None = None,
                  progress: Progress = silent) -> tuple[Cohort, list[str], list[str]]:
    """Prepare the crops of the user's cohort.

    :param table: CSV table of the cohort.
    :param folder: folder of the prepared cohort.
    :param region: "both", "right" or "left", the orbits that the crops show.
    :param device: "cpu" or "cuda", for the segmentation of the orbits.
    :param scheduler: scheduler, see :func:`NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    :return: the cohort, one line about each scan that could not be used, and lines that the user should check.
    :raises Problem: if too few scans can be used.
    """
    return cohort_table.import_cohort(READER, table, folder, lambda rows: partial(prepare_row, region=region,
                                      device=device), {"region": region}, scheduler, progress)


def prepare_row(row: CaseRow, folder: Path, progress: Progress = silent, *, cohort: Path, region: str,
                device: str = "cpu") -> dict[str, Any]:
    """Read one scan, store its crop, and return its score and signal ratios, and notices."""
    image, notices = read_with_notices(row.image)
    scan = check_grey_values(check_volume(image))
    labels = segmented(row, lambda: orbits_of(scan, device, progress))
    check = require_usable(scan, on_grid(labels, scan.grid), scan_fields(row.image))
    crop = place_crop(scan.grid, labels, region)
    prepared = prepare(scan, labels, crop)
    write_case_arrays(cohort, row.case, arrays_of(prepared))
    return {**known_numbers(numbers_of(row.numbers["score"], prepared.signal_ratios())),
            NOTICES: [*notices, *filter(None, [check.text]), *crop.notices]}


def _check_columns(path: Path, table: Table) -> None:
    names = set(table.columns)
    if not names & {"label", "cas"} and not names >= set(ITEMS):
        raise Problem(f"{path} has no label. Add the column label (active, inactive), cas (0 to 7), or all of "
                      f"{', '.join(ITEMS)}.")


def _label(cells: Mapping[str, str]) -> tuple[int, Mapping[str, float]]:
    """Return the label and the score of a row, which must agree if both are given."""
    score = _score(cells)
    word = cells.get("label", "")
    label = TASK.label_of(word)
    if word and label is None:
        raise Problem(f"the label is {cells['label']!r}; write active or inactive")
    if not word and score is None:
        raise Problem("there is neither a label nor a clinical activity score")
    label = int(is_active(score)) if label is None else label
    if score is not None and word and label != int(is_active(score)):
        raise Problem(f"the label says {word.lower()}, but a clinical activity score of {score} means "
                      f"{'active' if is_active(score) else 'inactive'}")
    return label, numbers_of(UNKNOWN_SCORE if score is None else score)


def _score(cells: Mapping[str, str]) -> int | None:
    items = [cells.get(name, "") for name in ITEMS]
    try:
        from_items = score_of([int(item) for item in items]) if all(items) else None
        given = int(cells["cas"]) if cells.get("cas") else None
        if given is not None:
            is_active(given)
    except ValueError as error:
        raise Problem(f"the clinical activity score cannot be read: {error}") from error
    if None not in (from_items, given) and from_items != given:
        raise Problem(f"the score is {given}, but its items add up to {from_items}")
    return given if from_items is None else from_items


#: Reader of tables with a column ``label``, ``cas``, or the seven items of the clinical activity score.
READER = TableReader(2, "active and of inactive disease", ("patient", "image"), "patient, image and label or cas",
                     _label, _check_columns, means=lambda heading: heading in {"label", "cas", *ITEMS})
