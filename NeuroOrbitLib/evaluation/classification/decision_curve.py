"""Decision curve: the benefit of acting on a classifier compared with treating all or none (Vickers and Elkin 2006)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.evaluation.classification.thresholds import decide


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit per patient at each threshold probability; that of treating none is 0.

    :param thresholds: threshold probabilities, (thresholds,).
    :param model: net benefit of acting on the classifier, (thresholds,).
    :param treat_all: net benefit of treating all, (thresholds,).
    """

    thresholds: np.ndarray
    model: np.ndarray
    treat_all: np.ndarray


def decision_curve(labels: np.ndarray, probabilities: np.ndarray,
                   thresholds: np.ndarray | None = None) -> DecisionCurve:
    """Return the net benefit TP/n - FP/n * t/(1 - t) at thresholds t.

    :param labels: truth of each case, 0 or 1.
    :param probabilities: predicted probability of class 1 of each case.
    :param thresholds: threshold probabilities between 0 and 1; by default 0.01 to 0.99 in steps of 0.01.
    """
    labels = np.asarray(labels, dtype=int)
    steps = np.arange(1, 100) / 100 if thresholds is None else np.asarray(thresholds, dtype=float)
    odds = steps / (1 - steps)
    found = [decide(labels, probabilities, step) for step in steps]
    benefit = [(d.true_positive - d.false_positive * weight) / len(labels)
               for d, weight in zip(found, odds, strict=True)]
    share = labels.mean()
    return DecisionCurve(steps, np.array(benefit), share - (1 - share) * odds)
