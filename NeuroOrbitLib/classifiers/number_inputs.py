"""Numbers as the input of a network: filled, scaled and selected on the training cases, and stored with the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.classifiers.reproducibility import columns_beginning, repeated_column, split_selection
from NeuroOrbitLib.classifiers.selection import selection_steps
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class NumberInput:
    """One group of numbers that a network takes.

    :param columns: names of columns of the cohort.
    :param selection: steps of feature selection with their options, see
        :func:`NeuroOrbitLib.classifiers.selection.selection_steps`, and ``reproducibility``, which comes first (see
        :class:`NeuroOrbitLib.classifiers.selectors.ReproducibilitySelection`).
    :param beginning: prefix of further column names of the cohort, used beside ``columns``; none if it is empty.
    """

    columns: tuple[str, ...]
    selection: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    beginning: str = ""

    def settings(self) -> dict[str, Any]:
        """Return plain data that identifies what is fitted."""
        named = {"beginning": self.beginning} if self.beginning else {}
        return {"columns": list(self.columns), **named,
                "selection": {name: dict(of) for name, of in self.selection.items()}}

    def fit(self, cohort: Cohort, places: Sequence[int], seed: int = 0) -> FittedNumbers:
        """Fit filling, scaling and selection on the cases at ``places``.

        :raises Problem: when the cohort has no column with the prefix :attr:`beginning`.
        """
        columns, steps = self._columns(cohort, places)
        values = cohort.numbers(columns, places)
        known = np.isfinite(values)
        usable = known.any(axis=0)
        filled = np.where(known, values, 0.0)
        count = np.maximum(known.sum(axis=0), 1)
        mean = filled.sum(axis=0) / count
        sd = np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count)
        scaled = np.where(known, (values - mean) / np.where(sd > 0, sd, 1.0), 0.0)
        kept = np.flatnonzero(usable & (sd > 0))
        for _name, step in selection_steps(steps, seed):
            if len(kept):
                step.fit(scaled[:, kept], cohort.labels[list(places)])
                kept = kept[step.get_support(indices=True)]
        return FittedNumbers(tuple(columns[place] for place in kept), mean[kept], sd[kept])

    def _columns(self, cohort: Cohort, places: Sequence[int]) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        """Return the names of the reproducible columns, and the remaining steps of selection with their options."""
        everything = columns_beginning(cohort, self.beginning, self.columns)
        if self.beginning and len(everything) == len(self.columns):
            raise Problem(_("The cohort {folder} has no features whose names begin with {beginning!r}. Prepare it with "
                            "radiomics features (--profile), or choose a configuration without them.").format(
                folder=cohort.folder, beginning=self.beginning))
        measured_once = tuple(name for name in everything if repeated_column(name) is None)
        first, rest = split_selection(self.selection)
        if first is None:
            return measured_once, rest
        from NeuroOrbitLib.classifiers.selectors import ReproducibilitySelection

        step = ReproducibilitySelection.of_columns(everything, **first).fit(cohort.numbers(everything, places))
        return tuple(np.array(everything)[step.get_support(indices=True)].tolist()), rest


@dataclass(frozen=True)
class FittedNumbers:
    """The scaling by which numbers become a network's input.

    :param columns: names of the columns that are used, in order.
    :param mean: mean of each column over the training cases, (columns,).
    :param sd: standard deviation of each column over the training cases, (columns,).
    """

    columns: tuple[str, ...]
    mean: np.ndarray
    sd: np.ndarray

    def __len__(self) -> int:
        return len(self.columns)

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return z-scores, float32 (cases, columns); a missing number becomes 0, the mean of the training cases.

        :param values: unscaled numbers (cases, columns), NaN where missing.
        """
        found = (np.asarray(values, dtype=float) - self.mean) / self.sd
        return np.where(np.isfinite(found), found, 0.0).astype(np.float32)

    def of(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the network's input for the cases at ``places``, float32 (cases, columns)."""
        return self.scaled(cohort.numbers(self.columns, places))

    def as_data(self) -> dict[str, Any]:
        """Return plain data for :meth:`from_data`, as model packages contain it."""
        return {"columns": list(self.columns), "mean": [float(f"{value:.9g}") for value in self.mean],
                "sd": [float(f"{value:.9g}") for value in self.sd]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> FittedNumbers:
        """Return the scaling from the plain data of :meth:`as_data`."""
        return cls(tuple(data["columns"]), np.array(data["mean"], dtype=float), np.array(data["sd"], dtype=float))
