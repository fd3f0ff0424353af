"""Reproducibility of features when a region is drawn again: the intraclass correlation of repeated measurements.

A cohort stores a repeated measurement of a feature, by another reader or on a perturbed mask, in a separate column
whose name ends in ``@1``, ``@2`` and so on (:func:`repeat_name`). It is empty for cases that were measured once. The
selection ``"reproducibility"`` keeps the features whose agreement over the training cases is high enough, and always
removes the repeated columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort

REPRODUCIBILITY = "reproducibility"
#: Smallest agreement (ICC) of a reproducible feature, and smallest number of cases for measuring it.
SMALLEST_ICC, FEWEST_CASES = 0.75, 5
_REPEATED = re.compile(r"^(?P<name>.+)@\d+$")


def repeat_name(column: str, number: int) -> str:
    """Return the name of the column that holds a feature's repeated measurement, ``number`` from 1."""
    return f"{column}@{number}"


def repeated_column(name: str) -> str | None:
    """Return the name of the column that a column repeats, or None if it repeats none."""
    found = _REPEATED.match(name)
    return found["name"] if found else None


def columns_beginning(cohort: Cohort, beginning: str, columns: Sequence[str] = ()) -> tuple[str, ...]:
    """Return ``columns`` and all columns of the cohort with the given prefix; an empty prefix adds none."""
    found = [name for name in cohort.columns if name.startswith(beginning)] if beginning else []
    return tuple(dict.fromkeys([*columns, *found]))


def split_selection(selection: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, dict[
        str, Mapping[str, Any]]]:
    """Return the options of the selection by reproducibility (None without it), and the other steps."""
    return selection.get(REPRODUCIBILITY), {name: of for name, of in selection.items() if name != REPRODUCIBILITY}


def intraclass_correlation(values: np.ndarray) -> np.ndarray:
    """Return ICC(2,1) of each feature: two-way random effects, absolute agreement, single measurement.

    Cases without all measurements of a feature are left out for it (Shrout and Fleiss 1979).

    :param values: measurements (cases, measurements, features), NaN where missing.
    :return: ICC of each feature, (features,); NaN with fewer than five complete cases, one measurement, or no variance.
    """
    found = np.full(values.shape[2], np.nan)
    complete = np.isfinite(values).all(axis=1)
    for feature in range(values.shape[2]):
        table = values[complete[:, feature], :, feature]
        if len(table) >= FEWEST_CASES and table.shape[1] >= 2:
            found[feature] = _agreement(table)
    return found


def _agreement(table: np.ndarray) -> float:
    """Return ICC(2,1) of a table (cases, measurements), from the mean squares of rows, columns and residual."""
    cases, measurements = table.shape
    mean = table.mean()
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    between = measurements * np.sum((rows - mean) ** 2) / (cases - 1)
    within = cases * np.sum((columns - mean) ** 2) / (measurements - 1)
    rest = table - rows[:, None] - columns[None] + mean
    residual = np.sum(rest**2) / ((cases - 1) * (measurements - 1))
    total = between + (measurements - 1) * residual + measurements * (within - residual) / cases
    return float((between - residual) / total) if total > 0 else float("nan")
