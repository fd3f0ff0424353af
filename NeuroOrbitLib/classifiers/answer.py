"""From a network's raw probability to what may be said: calibrated, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from NeuroOrbitLib.evaluation.classification.prevalence import PredictiveValues
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


def performance_of(package: ModelPackage) -> dict[str, float] | None:
    """Return a model's sensitivity, specificity and the prevalence of its evaluation; None where it was not judged."""
    judged: Any = package.document("evaluation")
    names = ("sensitivity", "specificity")
    if judged is None or any(name not in judged.get("measures", {}) for name in names):
        return None
    found = {name: float(judged["measures"][name]["mean"]) for name in names}
    return {**found, "prevalence": judged["positives"] / max(judged["cases"], 1)}


def predictive_values_of(package: ModelPackage, prevalence: float) -> PredictiveValues | None:
    """Return what a positive or negative answer of the package means at a prevalence; None where it was not judged.

    Sensitivity and specificity are those of its cross-validation, at its threshold.

    :param prevalence: share of positive cases where the package is used, between 0 and 1.
    :raises Problem: for a prevalence outside of its range.
    """
    from NeuroOrbitLib.evaluation.classification.prevalence import predictive_values

    judged = package.document("evaluation")
    if judged is None:
        return None
    measures = judged["measures"]
    return predictive_values(measures["sensitivity"]["mean"], measures["specificity"]["mean"], prevalence)


def probability_at(package: ModelPackage, probability: float, prevalence: float) -> float | None:
    """Return a calibrated probability as it would be at a prevalence; None where the package was not judged.

    :raises Problem: for a prevalence outside of its range.
    """
    from NeuroOrbitLib.evaluation.classification.prevalence import at_prevalence

    judged = package.document("evaluation")
    if judged is None:
        return None
    return at_prevalence(probability, judged["positives"] / judged["cases"], prevalence)
