"""Decision curve: is acting on a classifier better than treating all or none (Vickers and Elkin 2006)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.evaluation.classification.thresholds import decide


@dataclass(frozen=True)
class DecisionCurve:
    """Net benefit per patient at each threshold probability; treating none has 0."""

    thresholds: np.ndarray
    model: np.ndarray
    treat_all: np.ndarray


def decision_curve(labels: np.ndarray, probabilities: np.ndarray,
                   thresholds: np.ndarray | None = None) -> DecisionCurve:
    """Net benefit = TP/n - FP/n * t/(1 - t) at thresholds t (0.01 to 0.99 by default)."""
    labels = np.asarray(labels, dtype=int)
    steps = np.linspace(0.01, 0.99, 99) if thresholds is None else np.asarray(thresholds, dtype=float)
    odds = steps / (1 - steps)
    found = [decide(labels, probabilities, step) for step in steps]
    benefit = [(d.true_positive - d.false_positive * weight) / len(labels)
               for d, weight in zip(found, odds, strict=True)]
    share = labels.mean()
    return DecisionCurve(steps, np.array(benefit), share - (1 - share) * odds)
