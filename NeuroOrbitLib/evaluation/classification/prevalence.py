"""The meaning of an answer where the prevalence differs from that of the study."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class PredictiveValues:
    """Positive and negative predictive value.

    :param positive: share of truly positive cases among those called positive; NaN if none would be called positive.
    :param negative: share of truly negative cases among those called negative; NaN if none would be called negative.
    """

    positive: float
    negative: float


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> PredictiveValues:
    """Return the positive and negative predictive value by Bayes' rule.

    :param sensitivity: sensitivity at the threshold that is used, 0 to 1.
    :param specificity: specificity at that threshold, 0 to 1.
    :param prevalence: share of positive cases where the model is used, between 0 and 1 (exclusive).
    :raises Problem: if a number is outside of its range.
    """
    _check_prevalence(prevalence)
    for name, value in (("sensitivity", sensitivity), ("specificity", specificity)):
        if not 0.0 <= value <= 1.0:
            raise Problem(f"The {name} is {value:g}; it lies between 0 and 1.")
    true, false = sensitivity * prevalence, (1.0 - specificity) * (1.0 - prevalence)
    spared, missed = specificity * (1.0 - prevalence), (1.0 - sensitivity) * prevalence
    return PredictiveValues(_share(true, false), _share(spared, missed))


def at_prevalence(probability: float, studied: float, prevalence: float) -> float:
    """Return a calibrated probability converted to another prevalence, assuming the same images within each class.

    :param probability: probability calibrated at the prevalence ``studied``.
    :param studied: share of positive cases in the study, between 0 and 1 (exclusive).
    :param prevalence: share of positive cases where the model is used, between 0 and 1 (exclusive).
    :raises Problem: if a prevalence is outside of its range.
    """
    _check_prevalence(prevalence)
    _check_prevalence(studied)
    yes = probability * prevalence / studied
    no = (1.0 - probability) * (1.0 - prevalence) / (1.0 - studied)
    return yes / (yes + no)


def _check_prevalence(value: float) -> None:
    if not 0.0 < value < 1.0:
        raise Problem(f"A prevalence lies between 0 and 1 (0 and 100 %) without the ends, it is not {value:g}.")


def _share(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest > 0 else float("nan")
