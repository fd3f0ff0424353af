"""Decisions of a classifier at a threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Decisions:
    """Counts of decisions by truth; a measure is NaN if its denominator is 0."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def accuracy(self) -> float:
        """Share of correct decisions."""
        right = self.true_positive + self.true_negative
        return _ratio(right, right + self.false_positive + self.false_negative)

    @property
    def precision(self) -> float:
        """Share of positive cases among those called positive (positive predictive value)."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def npv(self) -> float:
        """Share of negative cases among those called negative (negative predictive value)."""
        return _ratio(self.true_negative, self.true_negative + self.false_negative)

    @property
    def sensitivity(self) -> float:
        """Share of positive cases that were called positive."""
        return _ratio(self.true_positive, self.true_positive + self.false_negative)

    @property
    def specificity(self) -> float:
        """Share of negative cases that were called negative."""
        return _ratio(self.true_negative, self.true_negative + self.false_positive)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and sensitivity."""
        return _ratio(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)

    def measures(self) -> dict[str, float]:
        """Return the measures of :data:`MEASURES` by name."""
        return {name: getattr(self, name) for name in MEASURES}


MEASURES = ("accuracy", "precision", "npv", "sensitivity", "specificity", "f1")


def decide(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> Decisions:
    """Return the counts of decisions that call a case positive if its probability is at least ``threshold``.

    :param labels: truth of each case, 0 or 1.
    :param probabilities: predicted probability of class 1 of each case.
    :param threshold: threshold of the decision.
    """
    truth, called = np.asarray(labels, dtype=bool), np.asarray(probabilities) >= threshold
    return Decisions(int((truth & called).sum()), int((~truth & called).sum()), int((~truth & ~called).sum()),
                     int((truth & ~called).sum()))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
