"""A cohort as compact crops on disk: everything that training and evaluation need, nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.files.safe import write_arrays, write_rows, write_text
from NeuroOrbitLib.files.tables import TableRow, number_in, read_table_file, require_columns
from NeuroOrbitLib.imaging.file_names import safe_file_name
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.preparation import Prepared
from TAOActivityLib.signal_ratio import SignalRatios

FACTS_NAME, TABLE_NAME, CROPS_NAME = "cohort.json", "cases.csv", "crops"


@dataclass(frozen=True)
class PreparedCase:
    """One scan of a prepared cohort.

    :param case: name of the scan.
    :param patient: whose it is; all scans of a patient stay together.
    :param label: 1 active, 0 inactive.
    :param score: clinical activity score, -1 when only the label is known.
    :param brain_ratio: highest ratio of a rectus to the brain; :param temporalis_ratio: to the temporal muscle.
    :param t2: true T2 (ms) of the most inflamed muscle in a synthetic scan, NaN otherwise.
    """

    case: str
    patient: str
    label: int
    score: int
    brain_ratio: float
    temporalis_ratio: float
    t2: float = float("nan")


@dataclass(frozen=True)
class PreparedCohort:
    """Cases and what is known about them as a whole."""

    folder: Path
    cases: tuple[PreparedCase, ...]
    facts: dict[str, Any]

    @property
    def patients(self) -> list[str]:
        """Patient of each case."""
        return [case.patient for case in self.cases]

    @property
    def labels(self) -> np.ndarray:
        """Label of each case."""
        return np.array([case.label for case in self.cases])

    @property
    def is_synthetic(self) -> bool:
        """Whether no patient's image is in it."""
        return bool(self.facts.get("synthetic"))

    def images(self, places: Sequence[int] | None = None) -> np.ndarray:
        """Crops of the cases at ``places`` (all by default), float16 (cases, 5, 164, 164)."""
        chosen = self.cases if places is None else [self.cases[place] for place in places]
        return np.stack([self._load(case, "image") for case in chosen])

    def label_map(self, place: int) -> np.ndarray:
        """Label map of one case's crop, uint8 (5, 164, 164)."""
        return self._load(self.cases[place], "labels")

    def _load(self, case: PreparedCase, name: str) -> np.ndarray:
        with np.load(crop_path(self.folder, case.case)) as file:
            return file[name]


def crop_path(folder: Path, case: str) -> Path:
    """File of a case's crop, inside the cohort's folder whatever the case is called."""
    return folder / CROPS_NAME / f"{safe_file_name(case)}.npz"


def write_crop(folder: Path, case: str, prepared: Prepared) -> None:
    """Write a case's crop as a whole."""
    write_arrays(crop_path(folder, case), image=prepared.image.array.astype(np.float16), labels=prepared.labels.array)


def case_of(case: str, patient: str, label: int, score: int, ratios: SignalRatios, t2: float = float("nan")) -> (
        PreparedCase):
    """A case with its signal ratios."""
    return PreparedCase(case, patient, int(label), score, ratios.highest("brain"), ratios.highest("temporalis"), t2)


def write_table(folder: Path, cases: Sequence[PreparedCase], facts: dict[str, Any]) -> PreparedCohort:
    """Write the table of cases and what is known about the cohort."""
    write_rows(folder / TABLE_NAME, [item.name for item in fields(PreparedCase)], map(asdict, cases))
    write_text(folder / FACTS_NAME, json.dumps(facts, indent=2) + "\n")
    return PreparedCohort(folder, tuple(cases), facts)


def read_prepared(folder: str | Path) -> PreparedCohort:
    """Read a prepared cohort; the crops stay on disk until they are asked for.

    :raises Problem: when the folder is not one, or a crop is missing.
    """
    folder = Path(folder)
    if not (folder / TABLE_NAME).is_file() or not (folder / FACTS_NAME).is_file():
        raise Problem(f"{folder} is not a prepared cohort. Make one with `python -m TAOActivityLib cohort`.")
    table = read_table_file(folder / TABLE_NAME)
    require_columns(folder / TABLE_NAME, table, [item.name for item in fields(PreparedCase)])
    cases = tuple(_case(row, folder / TABLE_NAME) for row in table.rows)
    missing = [case.case for case in cases if not crop_path(folder, case.case).is_file()]
    if missing:
        raise Problem(f"The cohort {folder} lacks the crops of {', '.join(missing[:5])}. Make it again.")
    return PreparedCohort(folder, cases, json.loads((folder / FACTS_NAME).read_text(encoding="utf-8")))


def _case(row: TableRow, path: Path) -> PreparedCase:
    cells = row.cells
    try:
        return PreparedCase(cells["case"], cells["patient"], int(cells["label"]), int(cells["score"]),
                            *(number_in(cells[name]) for name in ("brain_ratio", "temporalis_ratio", "t2")))
    except ValueError as error:
        raise Problem(f"{path}, line {row.line}: {error}. Make the cohort again.") from error
