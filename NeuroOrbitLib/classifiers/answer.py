"""The stated probability of an answer: calibrated, with its interval, and at another prevalence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from NeuroOrbitLib.evaluation.classification.prevalence import PredictiveValues
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


def predictive_values_of(package: ModelPackage, prevalence: float) -> PredictiveValues | None:
    """Return the predictive values of the package's answers at a prevalence, or None if it was not evaluated.

    Sensitivity and specificity are taken from its cross-validation, at its threshold.

    :param prevalence: share of positive cases where the package is used, between 0 and 1.
    :raises Problem: if the prevalence is out of range.
    """
    from NeuroOrbitLib.evaluation.classification.prevalence import predictive_values

    judged = package.document("evaluation")
    if judged is None:
        return None
    measures = judged["measures"]
    return predictive_values(measures["sensitivity"]["mean"], measures["specificity"]["mean"], prevalence)


def probability_at(package: ModelPackage, probability: float, prevalence: float) -> float | None:
    """Return a calibrated probability as it would be at a prevalence, or None if the package was not evaluated.

    :param package: model package that gave the probability; its evaluation states the original prevalence.
    :param probability: calibrated probability, 0 to 1.
    :param prevalence: share of positive cases where the package is used, between 0 and 1.
    :raises Problem: if the prevalence is out of range.
    """
    from NeuroOrbitLib.evaluation.classification.prevalence import at_prevalence

    judged = package.document("evaluation")
    if judged is None:
        return None
    return at_prevalence(probability, judged["positives"] / judged["cases"], prevalence)
