"""Which features stay the same when a region is drawn again: the intraclass correlation of repeated measurements.

A cohort keeps a feature that was measured again, by another reader or on a perturbed mask, in a column of its own
whose name ends in ``@1``, ``@2`` and so on (:func:`repeat_name`). Cases that were measured once are empty there. The
selection ``"reproducibility"`` keeps the features whose agreement over the training cases is high enough, and never
lets the repeated columns through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.cohort import Cohort

REPRODUCIBILITY = "reproducibility"
#: Agreement from which on a feature counts as reproducible, and cases that are needed to tell.
SMALLEST_ICC, FEWEST_CASES = 0.75, 5
_REPEATED = re.compile(r"^(?P<name>.+)@\d+$")


def repeat_name(column: str, number: int) -> str:
    """Return the name of the column that holds a feature's repeated measurement, ``number`` from 1."""
    return f"{column}@{number}"


def repeated_column(name: str) -> str | None:
    """Return the column that a column repeats, or None where it repeats none."""
    found = _REPEATED.match(name)
    return found["name"] if found else None


def columns_beginning(cohort: Cohort, beginning: str, columns: Sequence[str] = ()) -> tuple[str, ...]:
    """Return ``columns`` and the cohort's columns whose names begin so; only the former for an empty beginning."""
    found = [name for name in cohort.columns if name.startswith(beginning)] if beginning else []
    return tuple(dict.fromkeys([*columns, *found]))


def split_selection(selection: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, dict[
        str, Mapping[str, Any]]]:
    """Return the options of the selection by reproducibility (None without it), and the other steps."""
    return selection.get(REPRODUCIBILITY), {name: of for name, of in selection.items() if name != REPRODUCIBILITY}


def intraclass_correlation(values: np.ndarray) -> np.ndarray:
    """Return ICC(2,1) of each feature: two-way random effects, absolute agreement, single measurement.

    Shrout and Fleiss 1979; cases that lack a measurement of a feature are left out for it.

    :param values: (cases, measurements, features), NaN where missing.
    :return: (features,); NaN with fewer than five complete cases, one measurement, or no spread at all.
    """
    found = np.full(values.shape[2], np.nan)
    complete = np.isfinite(values).all(axis=1)
    for feature in range(values.shape[2]):
        table = values[complete[:, feature], :, feature]
        if len(table) >= FEWEST_CASES and table.shape[1] >= 2:
            found[feature] = _agreement(table)
    return found


def _agreement(table: np.ndarray) -> float:
    """ICC(2,1) of a table (cases, measurements) by the mean squares of its rows, columns and residual."""
    cases, measurements = table.shape
    mean = table.mean()
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    between = measurements * np.sum((rows - mean) ** 2) / (cases - 1)
    within = cases * np.sum((columns - mean) ** 2) / (measurements - 1)
    rest = table - rows[:, None] - columns[None] + mean
    residual = np.sum(rest**2) / ((cases - 1) * (measurements - 1))
    total = between + (measurements - 1) * residual + measurements * (within - residual) / cases
    return float((between - residual) / total) if total > 0 else float("nan")
