"""A cohort of one's own: a CSV table that names scans and labels, every row checked, and its crops."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from NeuroOrbitLib.classifiers.cohort import Cohort, write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.cohort_rows import check_new, existing
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.dicom.fields import scan_fields
from NeuroOrbitLib.files.tables import Table, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import safe_file_name, strip_ending
from NeuroOrbitLib.imaging.files import load_image
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.jobs.tasks import check_plan
from NeuroOrbitLib.label_maps.mapping import mapping_for, read_labels
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import one_spelling_each, patient_key
from TAOActivityLib.clinical_score import ITEMS, is_active, score_of
from TAOActivityLib.orbits import orbits_of
from TAOActivityLib.preparation import place_crop, prepare
from TAOActivityLib.sequence import require_usable
from TAOActivityLib.task import TASK, UNKNOWN_SCORE, arrays_of, sample_of


@dataclass(frozen=True)
class Row:
    """One usable row.

    :param case: name of the scan.
    :param patient: whose it is.
    :param image: file or DICOM folder.
    :param label: 1 active, 0 inactive.
    :param score: clinical activity score, or -1 when only the label is given.
    :param segmentation: label map of the orbits, or None to find them.
    """

    case: str
    patient: str
    image: Path
    label: int
    score: int
    segmentation: Path | None


def read_table(path: Path) -> tuple[list[Row], list[str]]:
    """The usable rows, and one line about each of the others.

    :raises Problem: when the table cannot be read, lacks columns, or has no usable row of one of the classes.
    """
    if not path.is_file():
        raise Problem(f"There is no table {path}. Give a CSV with the columns patient, image and label or cas.")
    rows: list[Row] = []
    problems: list[str] = []
    table = read_table_file(path)
    _check_columns(path, table)
    for line in table.rows:
        try:
            row = _row(line.cells, path.parent)
            check_new(row, rows)
            rows.append(row)
        except Problem as problem:
            problems.append(f"line {line.line}: {problem}")
    if {row.label for row in rows} != {0, 1}:
        reasons = "".join(f"\n  {line}" for line in problems)
        raise Problem(f"{path} needs usable scans of active and of inactive disease.{reasons}")
    patients = one_spelling_each([row.patient for row in rows])
    return [replace(row, patient=patient) for row, patient in zip(rows, patients, strict=True)], problems


def import_cohort(table: Path, folder: Path, region: str = "both", device: str = "cpu",
                  progress: Progress = silent) -> tuple[Cohort, list[str]]:
    """Prepare the crops of one's own cohort; also one line about each scan that could not be used.

    :raises Problem: when too little is usable.
    """
    rows, problems = read_table(table)
    check_plan(folder, {"cohort": "table", "region": region,
                        "rows": [[row.case, row.patient, str(row.image), row.label] for row in rows]})
    cases: list[Sample] = []
    for number, row in enumerate(rows):
        try:
            cases.append(_prepare(row, folder, region, device,
                                  part(progress, number / len(rows), (number + 1) / len(rows))))
        except Problem as problem:
            problems.append(f"{row.case}: {problem}")
    if {case.label for case in cases} != {0, 1}:
        reasons = "".join(f"\n  {line}" for line in problems)
        raise Problem(f"Too few scans of {table} can be used: both classes are needed.{reasons}")
    return write_cohort(folder, cases, {"synthetic": False, "region": region, "table": table.name}), problems


def _prepare(row: Row, folder: Path, region: str, device: str, progress: Progress) -> Sample:
    scan = load_image(row.image)
    labels = (read_labels(row.segmentation, mapping_for(row.segmentation)) if row.segmentation
              else orbits_of(scan, device, progress))
    require_usable(scan, labels, scan_fields(row.image))
    prepared = prepare(scan, labels, place_crop(scan.grid, labels, region))
    write_case_arrays(folder, row.case, arrays_of(prepared))
    return sample_of(row.case, row.patient, row.label, row.score, prepared.signal_ratios())


def _check_columns(path: Path, table: Table) -> None:
    require_columns(path, table, ("patient", "image"), "patient, image and label or cas")
    names = set(table.columns)
    if not names & {"label", "cas"} and not names >= set(ITEMS):
        raise Problem(f"{path} has no label. Add the column label (active, inactive), cas (0 to 7), or all of "
                      f"{', '.join(ITEMS)}.")


def _row(cells: dict[str, str], folder: Path) -> Row:
    if not patient_key(cells["patient"]):
        raise Problem("the patient is empty; without it scans of one patient could be on both sides of a split")
    image = existing(cells.get("image", ""), folder, "image")
    label, score = _label(cells)
    segmentation = existing(cells["labels"], folder, "segmentation") if cells.get("labels") else None
    case = safe_file_name(cells.get("case") or f"{cells['patient']}_{strip_ending(image.name)}")
    return Row(case, cells["patient"], image, label, score, segmentation)


def _label(cells: dict[str, str]) -> tuple[int, int]:
    """Label and score of a row; where both are given they must agree."""
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
    return label, UNKNOWN_SCORE if score is None else score


def _score(cells: dict[str, str]) -> int | None:
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
