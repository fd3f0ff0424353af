"""Predictions of a classifier for cases whose truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from NeuroOrbitLib.files.safe import write_rows
from NeuroOrbitLib.files.tables import TableRow, number_in, read_table_file, require_columns
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.patients import one_spelling_each

COLUMNS = ("case", "patient", "label", "probability", "repeat", "fold")


@dataclass(frozen=True)
class Predictions:
    """Predictions for a two-class problem, one per case.

    :param cases: name of each case.
    :param patients: patient of each case.
    :param labels: truth of each case, int 0 or 1, (cases,).
    :param probabilities: predicted probability of class 1 of each case, float, (cases,).
    :param folds: fold in which each case was held out, int (cases,); 0 without folds.
    """

    cases: tuple[str, ...]
    patients: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray
    folds: np.ndarray

    @classmethod
    def of(cls, cases: Sequence[str], patients: Sequence[str], labels: Sequence[int],
           probabilities: Sequence[float], folds: Sequence[int] | int = 0) -> Predictions:
        """Return predictions from any sequences, after checking them.

        :raises Problem: if a label is not 0 or 1, or a probability is not between 0 and 1.
        """
        truth, values = np.asarray(labels, dtype=int), np.asarray(probabilities, dtype=float)
        if not np.isin(truth, (0, 1)).all() or not ((values >= 0) & (values <= 1)).all():
            raise Problem("A prediction needs a label of 0 or 1 and a probability from 0 to 1. Check the table.")
        places = np.broadcast_to(np.asarray(folds, dtype=int), truth.shape)
        return cls(tuple(cases), tuple(patients), truth, values, places)

    def __len__(self) -> int:
        return len(self.cases)

    def with_probabilities(self, probabilities: np.ndarray) -> Predictions:
        """Return the same cases with other probabilities."""
        return Predictions(self.cases, self.patients, self.labels, probabilities, self.folds)


def joined(parts: Sequence[Predictions]) -> Predictions:
    """Return the predictions of several folds as one."""
    return Predictions(
        tuple(case for part in parts for case in part.cases),
        tuple(patient for part in parts for patient in part.patients),
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("labels", "probabilities", "folds")),
    )


def write_predictions(repeats: Sequence[Predictions], path: Path) -> Path:
    """Write the predictions of every repeat as a CSV table with the columns :data:`COLUMNS`, and return its path.

    :raises NotWritten: if it cannot be written.
    """
    return write_rows(path, COLUMNS, (
        [case, patient, label, f"{value:.6f}", number, fold]
        for number, found in enumerate(repeats, start=1)
        for case, patient, label, value, fold in zip(
            found.cases, found.patients, found.labels, found.probabilities, found.folds, strict=True)
    ))


def read_predictions(path: str | Path) -> list[Predictions]:
    """Read predictions from a table, one entry per repeat; ``repeat``, ``fold`` and ``patient`` may be missing.

    All repeats have their cases in the order of first occurrence in the table.

    :raises Problem: if a row cannot be read, or the cases are not the same in every repeat; the message names the row
        or case.
    """
    path = Path(path)
    if not path.is_file():
        raise Problem(f"There is no table {path}. Give a CSV with the columns {', '.join(COLUMNS[:4])}.")
    table = read_table_file(path)
    require_columns(path, table, ("case", "label", "probability"), ", ".join(COLUMNS[:4]))
    rows = [_row(row, path) for row in table.rows]
    if not rows:
        raise Problem(f"{path} has no row. Give one row per case.")
    _refuse_doubles(rows, path)
    for row, patient in zip(rows, one_spelling_each([row["patient"] for row in rows]), strict=True):
        row["patient"] = patient
    _refuse_contradictions(rows, path)
    place = {case: number for number, case in enumerate(dict.fromkeys(row["case"] for row in rows))}
    rows.sort(key=lambda row: (row["repeat"], place[row["case"]]))
    return [_of_rows(list(own)) for _repeat, own in groupby(rows, key=lambda row: row["repeat"])]


def _row(row: TableRow, path: Path) -> dict:
    cells = row.cells
    readers = {"label": int, "probability": number_in, "repeat": lambda text: int(text or 1),
               "fold": lambda text: int(text or 0)}
    found = {"case": cells["case"], "patient": cells.get("patient") or cells["case"]}
    for name, read in readers.items():
        text = cells.get(name, "")
        try:
            found[name] = read(text)
        except ValueError as error:
            raise Problem(f"{path}, line {row.line}: '{text}' in the column {name}. Write 0 or 1 as label, a number "
                          "from 0 to 1 as probability, whole numbers as repeat and fold.") from error
    return found


def _refuse_doubles(rows: list[dict], path: Path) -> None:
    """Raise Problem if a case occurs more than once in a repeat, since it would have more than its weight."""
    seen = Counter((row["case"], row["repeat"]) for row in rows)
    (case, repeat), count = seen.most_common(1)[0]
    if count > 1:
        raise Problem(f"{path}: the case {case} stands there {count} times in repeat {repeat}. Give each case one row, "
                      "or number the repeats in the column repeat.")


def _refuse_contradictions(rows: list[dict], path: Path) -> None:
    """Raise Problem if the repeats, which are averaged, differ in their cases or in a case's label or patient."""
    lowest = min(row["repeat"] for row in rows)
    first = {row["case"]: row for row in rows if row["repeat"] == lowest}
    repeats: dict[int, set[str]] = {}
    for row in rows:
        repeats.setdefault(row["repeat"], set()).add(row["case"])
        known = first.get(row["case"], row)
        if (known["label"], known["patient"]) != (row["label"], row["patient"]):
            raise Problem(f"{path}: the case {row['case']} has another label or another patient in repeat "
                          f"{row['repeat']}. Write the same ones in every repeat.")
    for repeat, cases in repeats.items():
        if cases != set(first):
            odd = ", ".join(sorted(cases ^ set(first))[:5])
            raise Problem(f"{path}: repeat {repeat} is about other cases than the first one ({odd}). Give each case a "
                          "row in every repeat.")


def _of_rows(rows: list[dict]) -> Predictions:
    return Predictions.of(*([row[name] for row in rows]
                            for name in ("case", "patient", "label", "probability", "fold")))
