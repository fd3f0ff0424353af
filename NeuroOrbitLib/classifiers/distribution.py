"""The position of a case's numbers among those of a model's training, and possible values of missing numbers.

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
#: Names of the statistics of the training that models use for a missing number.
MEAN, MEDIAN = _("mean"), _("median")
#: Levels (percent) of the quantiles that are kept.
LEVELS = tuple(range(0, 101, 5))
#: Percentiles of the training that stand for a low and a high value of a missing number.
POSSIBLE = (10, 90)


@dataclass(frozen=True)
class NumberPlace:
    """The position of a number among those of the training.

    :param name: name of its column.
    :param value: value of the case, NaN where missing.
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
        """Return plain data, with None for missing values."""
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
    """Return the position of a value among those of the training.

    :param name: name of the column.
    :param value: value of the case, NaN where missing.
    :param quantiles: quantiles of the column in the training, at :data:`LEVELS`.
    """
    levels, known = np.array(LEVELS, dtype=float), np.asarray(quantiles, dtype=float)
    low, high = float(np.interp(5, levels, known)), float(np.interp(95, levels, known))
    if not np.isfinite(value):
        return NumberPlace(name, float("nan"), float("nan"), low, high, False)
    # A value that many cases share covers several levels; their mean represents it.
    same = levels[np.isclose(known, value, rtol=1e-6, atol=1e-12)]
    percentile = float(same.mean()) if len(same) else float(np.interp(value, known, levels))
    span = 1e-6 * max(abs(known[0]), abs(known[-1]), 1e-6)
    return NumberPlace(name, float(value), percentile, low, high,
                       bool(value < known[0] - span or value > known[-1] + span))


def places_of(numbers: Mapping[str, float], document: Mapping[str, Sequence[float]]) -> list[NumberPlace]:
    """Return the position of every number of a case, in the order of the document."""
    return [place_of(name, float(numbers.get(name, float("nan"))), quantiles) for name, quantiles in document.items()]


def possible_values(quantiles: Sequence[float], is_word: bool = False) -> tuple[float, float]:
    """Return a low and a high value that a missing number could have, at the percentiles :data:`POSSIBLE`.

    :param quantiles: quantiles of the column in the training, at :data:`LEVELS`.
    :param is_word: whether the numbers stand for words, e.g. yes and no; then the ends are the lowest and the highest
        one of the training, as a rare word is no outlier.
    """
    if is_word:
        return float(quantiles[0]), float(quantiles[-1])
    low, high = (quantiles[LEVELS.index(level)] for level in POSSIBLE)
    return float(low), float(high)


def number_notices(missing: Sequence[str], places: Sequence[NumberPlace], titles: Mapping[str, str],
                   unmeasured: tuple[int, int] = (0, 0), filled_with: str = MEAN) -> list[str]:
    """Return sentences on the numbers that are missing and on those outside of the range of the training.

    :param missing: names of numbers without a value.
    :param places: positions of all numbers among those of the training.
    :param titles: titles of the task's columns, by name.
    :param unmeasured: number of radiomics features that could not be measured, and number that the model takes.
    :param filled_with: statistic of the training that the model uses for a missing number: :data:`MEAN` or
        :data:`MEDIAN`.
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
