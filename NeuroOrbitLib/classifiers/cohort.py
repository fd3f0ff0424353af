"""A prepared cohort on disk: one table of labels and numbers, one compressed file of arrays for each case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.evaluation.classification.permutation import permuted_labels
from NeuroOrbitLib.files.checked_json import read_checked_json, write_checked_json
from NeuroOrbitLib.files.safe import write_arrays, write_rows
from NeuroOrbitLib.files.tables import number_in, read_records
from NeuroOrbitLib.imaging.file_names import safe_file_name
from NeuroOrbitLib.privacy import fingerprint
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

FACTS_NAME, TABLE_NAME, ARRAYS_NAME = "cohort.json", "cases.csv", "crops"
#: Fact of a cohort of patients that also contains synthetic cases: the number of synthetic cases.
SYNTHETIC_CASES = "synthetic_cases"
_FIXED = ("case", "patient", "label")
#: Number of hexadecimal digits kept of the hash by which scans are distinguished.
_DIGITS = 16


@dataclass(frozen=True)
class CohortCase:
    """One row of a cohort's table.

    :param case: name of the case.
    :param patient: patient of the case.
    :param label: number of its class.
    :param numbers: further values by column, NaN where missing.
    """

    case: str
    patient: str
    label: int
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Cohort:
    """Prepared cases, ready for training.

    :param folder: folder of the cohort with the cases' arrays.
    :param cases: cases in the order of the table; estimators refer to them by their positions.
    :param facts: facts about the whole cohort, e.g. ``synthetic`` and ``ceiling_auc``.
    """

    folder: Path
    cases: tuple[CohortCase, ...]
    facts: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.cases)

    @property
    def names(self) -> list[str]:
        """Return the name of each case."""
        return [case.case for case in self.cases]

    @property
    def patients(self) -> list[str]:
        """Return the patient of each case."""
        return [case.patient for case in self.cases]

    @property
    def labels(self) -> np.ndarray:
        """Return the label of each case, int (cases,)."""
        return np.array([case.label for case in self.cases], dtype=int)

    @property
    def columns(self) -> list[str]:
        """Return the names of the numbers that the cases have."""
        return list(self.cases[0].numbers) if self.cases else []

    @property
    def is_synthetic(self) -> bool:
        """Return whether no patient's image is in it."""
        return bool(self.facts.get("synthetic"))

    @property
    def synthetic_cases(self) -> int:
        """Return the number of synthetic cases: all, none, or those of synthetic cohorts that were joined to it."""
        return len(self) if self.is_synthetic else int(self.facts.get(SYNTHETIC_CASES, 0))

    def fingerprint(self) -> str:
        """Return a SHA-256 of cases, labels, numbers, arrays and facts, by which equal cohorts are recognised."""
        values = self.numbers(self.columns)
        values[np.isnan(values)] = np.nan  # the same bit pattern for all missing values
        arrays = [self.digest(case) for case in self.names if arrays_path(self.folder, case).is_file()]
        return fingerprint([*self.names, *self.patients, *self.columns, str(self.labels.tolist()),
                            hashlib.sha256(values.tobytes()).hexdigest(), *arrays,
                            json.dumps(self.facts, sort_keys=True)])

    def numbers(self, columns: Sequence[str], places: Sequence[int] | None = None) -> np.ndarray:
        """Return the named numbers of the cases at ``places`` (all by default), float (cases, columns).

        :raises Problem: when the table lacks a column.
        """
        known = set(self.columns)
        missing = [name for name in columns if name not in known]
        if missing:
            raise Problem(_("The cohort {folder} has no column {missing}. Prepare it again.").format(
                folder=self.folder, missing=missing))
        return np.array([[case.numbers[name] for name in columns] for case in self._at(places)], dtype=float)

    def arrays(self, name: str, places: Sequence[int] | None = None) -> np.ndarray:
        """Return one array of each of the cases at ``places`` (all by default), stacked to (cases, *shape).

        :param name: name of the array, e.g. ``"image"``.
        :param places: positions of the cases.
        :raises Problem: when a case has no such array.
        """
        return np.stack([self.array(name, case) for case in self._at(places)])

    def array(self, name: str, case: CohortCase | int) -> np.ndarray:
        """Return one array of one case.

        :param name: name of the array, e.g. ``"image"``.
        :param case: case, or its position in the cohort.
        :raises Problem: when the case has no such array.
        """
        chosen = self.cases[case] if isinstance(case, int) else case
        if not arrays_path(self.folder, chosen.case).is_file():
            raise Problem(_("The case {case} of {folder} has no images. Prepare the cohort again, or choose a "
                            "configuration that learns from numbers alone.").format(
                case=chosen.case, folder=self.folder))
        with np.load(arrays_path(self.folder, chosen.case)) as file:
            if name not in file:
                raise Problem(_("The case {case} of {folder} has no {name}. Prepare the cohort again.").format(
                    case=chosen.case, folder=self.folder, name=name))
            return file[name]

    def digest(self, case: str, names: Collection[str] | None = None) -> str:
        """Return the beginning of a hash of a case's arrays, which depends on the scan but not on the case's name.

        :param case: name of the case.
        :param names: names of the arrays to include; all by default.
        """
        digest = hashlib.sha256()
        with np.load(arrays_path(self.folder, case)) as file:
            for name in sorted(file if names is None else names):
                digest.update(name.encode() + np.ascontiguousarray(file[name]).tobytes())
        return digest.hexdigest()[:_DIGITS]

    @property
    def has_images(self) -> bool:
        """Whether the cohort has a folder of arrays beside the table of numbers."""
        return (self.folder / ARRAYS_NAME).is_dir()

    def with_labels(self, labels: Sequence[int]) -> Cohort:
        """Return the same cases with other labels, in memory only."""
        cases = tuple(replace(case, label=int(label)) for case, label in zip(self.cases, labels, strict=True))
        return replace(self, cases=cases)

    def permuted(self, seed: int | None) -> Cohort:
        """Return the cohort with its labels permuted among patients, or as it is without a ``seed``."""
        return self if seed is None else self.with_labels(permuted_labels(self.labels, self.patients, seed))

    def _at(self, places: Sequence[int] | None) -> list[CohortCase]:
        return list(self.cases) if places is None else [self.cases[place] for place in places]


def arrays_path(folder: Path, case: str) -> Path:
    """Return the path of a case's file of arrays; it is inside the cohort's folder even for unusual case names."""
    return folder / ARRAYS_NAME / f"{safe_file_name(case)}.npz"


def write_case_arrays(folder: Path, case: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a case's arrays to the cohort's folder; if that fails, none of them is written."""
    write_arrays(arrays_path(folder, case), **arrays)


def write_cohort(folder: Path, samples: Sequence[Sample | CohortCase], facts: Mapping[str, Any]) -> Cohort:
    """Write the table of cases and the facts about the cohort, whose arrays have already been written.

    :param folder: folder of the cohort.
    :param samples: cases with labels and numbers; their images are not used.
    :param facts: facts about the whole cohort, as plain data.
    """
    cases = tuple(CohortCase(sample.case, sample.patient, int(sample.label or 0), dict(sample.numbers))
                  for sample in samples)
    columns = list(cases[0].numbers) if cases else []
    rows = [[case.case, case.patient, case.label, *(case.numbers[name] for name in columns)] for case in cases]
    write_rows(folder / TABLE_NAME, [*_FIXED, *columns], rows)
    write_checked_json(folder / FACTS_NAME, dict(facts))
    return Cohort(folder, cases, dict(facts))


def read_cohort(folder: str | Path, command: str = "cohort") -> Cohort:
    """Return a cohort that was prepared before; its arrays are only read when an estimator needs them.

    :param folder: folder of the cohort.
    :param command: command that prepares a cohort, for the message.
    :raises Problem: when the folder is no prepared cohort, its table cannot be read, or arrays of a case are missing.
    """
    folder = Path(folder)
    if not (folder / TABLE_NAME).is_file() or not (folder / FACTS_NAME).is_file():
        raise Problem(_("{folder} is not a prepared cohort. Make one with `{command}`.").format(
            folder=folder, command=command))
    cases = _read_cases(folder / TABLE_NAME)
    facts = read_checked_json(folder / FACTS_NAME, is_older=lambda _: True)
    missing = [case.case for case in cases if not arrays_path(folder, case.case).is_file()]
    if missing and facts.get("arrays", True):
        raise Problem(_("The cohort {folder} lacks the images of {missing}. Make it again.").format(
            folder=folder, missing=missing[:5]))
    return Cohort(folder, cases, facts)


def _read_cases(path: Path) -> tuple[CohortCase, ...]:
    """Return the rows of the table; column names keep their capital letters, as names of features contain them."""
    (_line, header), *rows = read_records(path) or [(1, [])]
    missing = [name for name in _FIXED if name not in header]
    if missing:
        raise Problem(_("{path} lacks the column {missing}. Make the cohort again.").format(path=path, missing=missing))
    return tuple(_case(header, row, f"{path}, line {line}") for line, row in rows)


def _case(header: Sequence[str], row: Sequence[str], where: str) -> CohortCase:
    try:
        if len(row) != len(header):
            raise ValueError(_("{count} cells where the heading has {wanted}").format(
                count=len(row), wanted=len(header)))
        cells = dict(zip(header, row, strict=True))
        numbers = {name: number_in(value) for name, value in cells.items() if name not in _FIXED}
        infinite = [name for name, value in numbers.items() if np.isinf(value)]
        if infinite:
            raise ValueError(_("{names}: infinite").format(names=infinite[:5]))
        return CohortCase(cells["case"], cells["patient"], int(cells["label"]), numbers)
    except (KeyError, ValueError) as error:
        raise Problem(_("{where} cannot be read ({error}). Make the cohort again.").format(
            where=where, error=error)) from error
