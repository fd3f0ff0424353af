"""Where the numbers of a case lie among those of a model's training, and what a missing one could have been.

The package keeps the quantiles of every number that the model takes as the document :data:`DOCUMENT`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort
from NeuroOrbitLib.sentences import joined
from NeuroOrbitLib.sentences import sentence as _

DOCUMENT = "distribution"
#: What models take for a missing number, of the training.
MEAN, MEDIAN = _("mean"), _("median")
#: Levels (percent) of the quantiles that are kept.
LEVELS = tuple(range(0, 101, 5))
#: Percentiles of the training that stand for what a missing number could have been.
POSSIBLE = (10, 90)


@dataclass(frozen=True)
class NumberPlace:
    """Where a number lies.

    :param name: of its column.
    :param value: of the case, NaN where missing.
    :param percentile: share of the training cases (percent) with a lower value, equal ones counting half; NaN where
        the value is missing.
    :param low: 5th percentile of the training.
    :param high: 95th percentile of the training.
    :param outside: whether no training case was as low or as high.
    """

    name: str
    value: float
    percentile: float
    low: float
    high: float
    outside: bool

    def as_data(self) -> dict[str, Any]:
        """Return plain data, None for what is missing."""
        return {key: None if value != value else value for key, value in asdict(self).items()}


def distribution_document(cohort: Cohort, columns: Sequence[str]) -> dict[str, list[float]]:
    """Return the quantiles of each column over the cases in which it is known; columns without any are left out."""
    found = {}
    for name, values in zip(columns, cohort.numbers(columns).T, strict=True):
        known = values[np.isfinite(values)]
        if len(known):
            found[name] = [float(f"{value:.7g}") for value in np.percentile(known, LEVELS)]
    return found


def place_of(name: str, value: float, quantiles: Sequence[float]) -> NumberPlace:
    """Return where a value lies among the training's.

    :param quantiles: of the column, at :data:`LEVELS`.
    """
    levels, known = np.array(LEVELS, dtype=float), np.asarray(quantiles, dtype=float)
    low, high = float(np.interp(5, levels, known)), float(np.interp(95, levels, known))
    if not np.isfinite(value):
        return NumberPlace(name, float("nan"), float("nan"), low, high, False)
    # A value that many cases share has several levels: the middle one stands for them.
    same = levels[np.isclose(known, value, rtol=1e-6, atol=1e-12)]
    percentile = float(same.mean()) if len(same) else float(np.interp(value, known, levels))
    span = 1e-6 * max(abs(known[0]), abs(known[-1]), 1e-6)
    return NumberPlace(name, float(value), percentile, low, high,
                       bool(value < known[0] - span or value > known[-1] + span))


def places_of(numbers: Mapping[str, float], document: Mapping[str, Sequence[float]]) -> list[NumberPlace]:
    """Return where every number of a case lies, in the order of the document."""
    return [place_of(name, float(numbers.get(name, float("nan"))), quantiles) for name, quantiles in document.items()]


def possible_values(quantiles: Sequence[float]) -> tuple[float, float]:
    """Return a low and a high value that a missing number could have had; both are values of training cases' kind."""
    low, high = (quantiles[LEVELS.index(level)] for level in POSSIBLE)
    return float(low), float(high)


def number_notices(missing: Sequence[str], places: Sequence[NumberPlace], titles: Mapping[str, str],
                   unmeasured: tuple[int, int] = (0, 0), filled_with: str = MEAN) -> list[str]:
    """Return which numbers are missing, and which are as no patient of the training had them, in sentences.

    :param missing: names of numbers without a value.
    :param places: positions of all numbers.
    :param titles: of the task's columns, by name.
    :param unmeasured: how many radiomics features could not be measured, and how many the model takes.
    :param filled_with: what the model takes for a missing number: :data:`MEAN` or :data:`MEDIAN` of the training.
    """
    notices = []
    count, taken = unmeasured
    if count:
        advice = _("Do not rely on the probability.") if 2 * count >= taken else _("The probability is less certain.")
        notices.append(_("{count} of the {taken} radiomics features that the model takes could not be measured and "
                         "were replaced by the {filled_with} of the training: the structures are too small, or the "
                         "scan has too many grey levels. {advice}").format(
            count=count, taken=taken, filled_with=filled_with, advice=advice))
    if missing:
        notices.append(_("Not given and replaced by the {filled_with} of the training: {missing}.").format(
            filled_with=filled_with, missing=joined((titles.get(name, name) for name in missing), ", ")))
    outside = [titles.get(place.name, place.name) for place in places if place.outside]
    if outside:
        notices.append(_("No patient of the training had such values: {outside}. The probability is less "
                         "certain.").format(outside=outside))
    return notices
