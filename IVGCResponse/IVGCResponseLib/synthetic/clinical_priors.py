"""The clinical features of synthetic patients, drawn by class from published cohorts.

In published cohorts, non-responders differ from responders by a lower clinical activity score (about 3 against 5), less
exophthalmos (18 against 20 mm), more TSH receptor antibodies (15.9 against 8.1 IU/L), longer disease, higher age, more
smoking and thyroid dysfunction. Each feature is drawn independently within its class, so that the published differences
are reduced (:data:`NUMBERS`): unreduced, they would together be more informative than in any cohort.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from IVGCResponseLib.gate import ADULT_FROM
from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.problem import Problem

#: Share of missing values, the same in both classes.
MISSING = 0.03


@dataclass(frozen=True)
class NumberPrior:
    """A number whose value or logarithm is normally distributed, limited to the column's range.

    :param mean: mean over both classes, of the logarithm if ``is_log``.
    :param sd: standard deviation within a class.
    :param shift: mean of responders minus mean of non-responders, in SD.
    :param step: step to which the value is rounded.
    """

    mean: float
    sd: float
    shift: float = 0.0
    is_log: bool = False
    step: float = 0.1

    def center(self, label: int) -> float:
        """Return the mean within a class."""
        return self.mean + (label - 0.5) * self.shift * self.sd


NUMBERS: Mapping[str, NumberPrior] = {
    "age": NumberPrior(47.0, 12.0, -0.25, step=1.0),
    "ted_duration": NumberPrior(np.log(9.0), 0.8, -0.4, True),
    "thyroid_duration": NumberPrior(np.log(14.0), 0.9, is_log=True),
    "trab": NumberPrior(np.log(9.5), 0.8, -0.45, True),
    "exophthalmos": NumberPrior(19.4, 2.3, 0.4),
    "lid_retraction": NumberPrior(2.0, 1.2),
    "iop": NumberPrior(17.5, 3.2),
    "bcva": NumberPrior(0.10, 0.18, step=0.01),
}
#: Values of the clinical activity score, and their standard deviation within a class.
_SCORE, _SCORE_SD = np.arange(8), 1.5


def _score_chances(mean: float) -> tuple[float, ...]:
    shares = np.exp(-0.5 * ((_SCORE - mean) / _SCORE_SD) ** 2)
    return tuple((shares / shares.sum()).tolist())


#: Probability of each value of a column of choices, for non-responders and for responders.
WORDS: Mapping[str, tuple[Sequence[float], Sequence[float]]] = {
    "sex": ((0.60, 0.40), (0.60, 0.40)),
    "smoking": ((0.58, 0.42), (0.70, 0.30)),
    "thyroid_status": ((0.40, 0.15, 0.45), (0.60, 0.11, 0.29)),
    "radioiodine_or_surgery": ((0.88, 0.12), (0.88, 0.12)),
    "earlier_steroids": ((0.75, 0.25), (0.75, 0.25)),
    "cas": (_score_chances(3.5), _score_chances(4.45)),
    "diplopia": ((0.30, 0.25, 0.25, 0.20), (0.30, 0.25, 0.25, 0.20)),
    "motility": ((0.40, 0.60), (0.40, 0.60)),
}


def draw_clinical(rng: np.random.Generator, labels: np.ndarray, columns: Sequence[Column]) -> dict[str, np.ndarray]:
    """Return the values of every column, shape (cases,), NaN where missing.

    :param rng: generator of random numbers.
    :param labels: 1 for responders, 0 for non-responders, shape (cases,).
    :param columns: columns of the clinical features.
    :raises Problem: for a column that has no prior.
    """
    found = {}
    for column in columns:
        values = _drawn(rng, np.asarray(labels), column)
        found[column.name] = np.where(rng.random(len(values)) < MISSING, np.nan, values)
    return found


def log_ratios(values: Mapping[str, np.ndarray], columns: Sequence[Column]) -> np.ndarray:
    """Return the log likelihood ratio (cases,) of response to no response for all known values."""
    found = np.zeros(len(next(iter(values.values()))))
    for column in columns:
        own = values[column.name]
        known = np.isfinite(own)
        found[known] += _log_ratio(own[known], column)
    return found


def _drawn(rng: np.random.Generator, labels: np.ndarray, column: Column) -> np.ndarray:
    if column.name in WORDS:
        chances = np.array(WORDS[column.name])[labels]
        return (rng.random(len(labels))[:, None] > np.cumsum(chances, axis=1)[:, :-1]).sum(axis=1).astype(float)
    prior = _prior(column)
    centers = np.array([prior.center(0), prior.center(1)])[labels]
    low, high = _limits(column, prior)
    values = rng.normal(centers, prior.sd)
    while (outside := (values < low) | (values > high)).any():
        values[outside] = rng.normal(centers[outside], prior.sd)
    plain = np.exp(values) if prior.is_log else values
    return np.clip(np.round(plain / prior.step) * prior.step, _lowest(column), column.high)


def _log_ratio(values: np.ndarray, column: Column) -> np.ndarray:
    if column.name in WORDS:
        other, response = np.array(WORDS[column.name])
        return np.log(response / other)[values.astype(int)]
    from scipy.stats import norm

    prior = _prior(column)
    low, high = _limits(column, prior)
    own = np.log(np.maximum(values, prior.step / 2)) if prior.is_log else values
    parts = []
    for label in (0, 1):
        known = norm(prior.center(label), prior.sd)
        parts.append(known.logpdf(own) - np.log(known.cdf(high) - known.cdf(low)))
    return parts[1] - parts[0]


def _limits(column: Column, prior: NumberPrior) -> tuple[float, float]:
    """Return the limits of the column's range on the scale that is drawn."""
    low, high = _lowest(column), float(column.high or np.inf)
    return (float(np.log(max(low, prior.step))), float(np.log(high))) if prior.is_log else (low, high)


def _lowest(column: Column) -> float:
    """Return the smallest value that is drawn; patients are adults."""
    return max(float(column.low or 0.0), ADULT_FROM if column.name == "age" else -np.inf)


def _prior(column: Column) -> NumberPrior:
    if column.name not in NUMBERS:
        raise Problem(f"No distribution of {column.title} is known. Synthetic cohorts have the shipped features only.")
    return NUMBERS[column.name]
