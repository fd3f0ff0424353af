"""How sure a probability is: what other trainings and other calibrations of the same cohort would have said.

Repeats of a cross-validation ask several trainings about the same case. The spread of their log odds is what depends
on which patients were trained on and on chance; calibrations of other patients drawn from the cohort tell how well
the temperature is known. The interval says nothing about scans unlike the cohort: that is what novelty is for.
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
    """What is uncertain about a classifier's probabilities.

    :param log_odds_sd: of the log odds of one case between trainings, before calibration.
    :param log_temperature_sd: of the logarithm of the temperature between cohorts.
    """

    log_odds_sd: float
    log_temperature_sd: float

    def interval(self, log_odds_before: float, temperature: float, confidence: float = CONFIDENCE) -> (
            tuple[float, float]):
        """Where the calibrated probability of a case would lie with this confidence.

        :param log_odds_before: of the case, before calibration.
        :param temperature: that the package is calibrated with.
        """
        middle = log_odds_before / temperature
        sd = np.hypot(self.log_odds_sd / temperature, middle * self.log_temperature_sd)
        half = norm.ppf(0.5 + confidence / 2) * sd
        return float(expit(middle - half)), float(expit(middle + half))

    def as_data(self) -> dict[str, float]:
        """As plain data for a model package."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def spread_from(data: Mapping[str, Any] | None) -> ProbabilitySpread | None:
    """The spread that a package states, or None."""
    return ProbabilitySpread(float(data["log_odds_sd"]), float(data["log_temperature_sd"])) if data else None


def measure_spread(repeats: Sequence[Predictions], resamples: int = 200, seed: int = 0) -> ProbabilitySpread | None:
    """The spread between the repeats of a cross-validation; None with fewer than two.

    :param repeats: out-of-fold predictions of the same cases before calibration.
    :param resamples: of the patients, for the temperature.
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
