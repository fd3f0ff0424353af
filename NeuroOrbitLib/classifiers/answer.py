"""From a network's raw probability to what may be said: calibrated, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage


def calibrated_probability(package: ModelPackage, raw: float) -> tuple[float, bool]:
    """Return the probability after the package's calibration, and whether it has one."""
    from NeuroOrbitLib.evaluation.classification.calibration import with_temperature

    temperature = package.facts.calibration.get("temperature")
    if temperature is None:
        return float(raw), False
    return float(with_temperature(np.array([raw]), float(temperature))[0]), True


def interval_of(package: ModelPackage, probability: float) -> tuple[float, float] | None:
    """Return the interval about a calibrated probability, or None where the package does not state its spread.

    See :mod:`NeuroOrbitLib.classifiers.interval`.
    """
    from NeuroOrbitLib.classifiers.interval import spread_from
    from NeuroOrbitLib.evaluation.classification.calibration import log_odds

    spread = spread_from(package.facts.calibration.get("spread"))
    if spread is None:
        return None
    temperature = float(package.facts.calibration["temperature"])
    return spread.interval(float(log_odds(np.array(probability))) * temperature, temperature)
