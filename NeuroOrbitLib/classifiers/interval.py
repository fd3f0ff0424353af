"""The uncertainty of a probability that comes from the choice of training patients and calibration patients.

Repeats of a cross-validation give predictions of several trainings for the same case. The spread of their log odds is
the part that depends on the training patients and on chance; calibrations on resampled patients of the cohort show how
well the temperature is known. The interval does not cover scans unlike the cohort, for which novelty is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from NeuroOrbitLib.evaluation.classification.calibration import fit_temperature, log_odds
from NeuroOrbitLib.evaluation.classification.predictions import Predictions

CONFIDENCE = 0.95


@dataclass(frozen=True)
class ProbabilitySpread:
    """The spread of a classifier's probabilities.

    :param log_odds_sd: SD of the log odds of one case between trainings, before calibration.
    :param log_temperature_sd: SD of the logarithm of the temperature between cohorts.
    """

    log_odds_sd: float
    log_temperature_sd: float

    def interval(self, log_odds_before: float, temperature: float, confidence: float = CONFIDENCE) -> (
            tuple[float, float]):
        """Return the interval (low, high) of a case's calibrated probability.

        :param log_odds_before: log odds of the case, before calibration.
        :param temperature: temperature of the package's calibration.
        :param confidence: share of trainings whose probability is in the interval, 0 to 1.
        """
        middle = log_odds_before / temperature
        sd = np.hypot(self.log_odds_sd / temperature, middle * self.log_temperature_sd)
        half = norm.ppf(0.5 + confidence / 2) * sd
        return float(expit(middle - half)), float(expit(middle + half))

    def as_data(self) -> dict[str, float]:
        """Return plain data for a model package."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def spread_from(data: Mapping[str, Any] | None) -> ProbabilitySpread | None:
    """Return the spread from plain data of a package, or None without data."""
    return ProbabilitySpread(float(data["log_odds_sd"]), float(data["log_temperature_sd"])) if data else None


def measure_spread(repeats: Sequence[Predictions], resamples: int = 200, seed: int = 0) -> ProbabilitySpread | None:
    """Return the spread between the repeats of a cross-validation; None with fewer than two.

    :param repeats: out-of-fold predictions of the same cases before calibration.
    :param resamples: number of resamples of the patients, for the temperature.
    :param seed: seed of the resamples.
    """
    if len(repeats) < 2:
        return None
    odds = np.array([log_odds(repeat.probabilities) for repeat in repeats])
    between = float(np.sqrt(np.mean(np.var(odds, axis=0, ddof=1))))
    return ProbabilitySpread(between, _log_temperature_sd(odds, repeats[0], resamples, seed))


def _log_temperature_sd(odds: np.ndarray, cases: Predictions, resamples: int, seed: int) -> float:
    names, member = np.unique(cases.patients, return_inverse=True)
    positions = [np.flatnonzero(member == index) for index in range(len(names))]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        drawn = np.concatenate([positions[index] for index in rng.integers(len(names), size=len(names))])
        found.append(np.log(fit_temperature(odds[:, drawn].ravel(), np.tile(cases.labels[drawn], len(odds)))))
    return float(np.std(found, ddof=1))
