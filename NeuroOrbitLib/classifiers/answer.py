"""The stated probability of an answer, calibrated and with its interval, and how well its model performed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage


def calibrated_probability(package: ModelPackage, raw: float) -> tuple[float, bool]:
    """Return a probability after the package's calibration, and whether the package has a calibration.

    :param package: model package that gave the probability.
    :param raw: probability before calibration, 0 to 1.
    """
    from NeuroOrbitLib.evaluation.classification.calibration import with_temperature

    temperature = package.facts.calibration.get("temperature")
    if temperature is None:
        return float(raw), False
    return float(with_temperature(np.array([raw]), float(temperature))[0]), True


def interval_of(package: ModelPackage, probability: float) -> tuple[float, float] | None:
    """Return the interval (low, high) of a calibrated probability, or None if the package does not state its spread.

    See :mod:`NeuroOrbitLib.classifiers.interval`.
    """
    from NeuroOrbitLib.classifiers.interval import spread_from
    from NeuroOrbitLib.evaluation.classification.calibration import log_odds

    spread = spread_from(package.facts.calibration.get("spread"))
    if spread is None:
        return None
    temperature = float(package.facts.calibration["temperature"])
    return spread.interval(float(log_odds(np.array(probability))) * temperature, temperature)


def performance_of(package: ModelPackage) -> dict[str, float] | None:
    """Return sensitivity, specificity and prevalence in a model's evaluation, by name; None if it was not evaluated."""
    judged: Any = package.document("evaluation")
    names = ("sensitivity", "specificity")
    if judged is None or any(name not in judged.get("measures", {}) for name in names):
        return None
    found = {name: float(judged["measures"][name]["mean"]) for name in names}
    return {**found, "prevalence": judged["positives"] / max(judged["cases"], 1)}
