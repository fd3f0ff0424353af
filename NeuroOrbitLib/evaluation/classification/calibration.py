"""Calibration of probabilities: temperature scaling, reliability diagram, calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

_CLIP = 1e-6


@dataclass(frozen=True)
class Reliability:
    """Reliability diagram: cases in bins of predicted probability.

    :param predicted: mean predicted probability of each bin, (bins,).
    :param observed: share of positive cases in each bin, (bins,).
    :param counts: number of cases in each bin, (bins,).
    """

    predicted: np.ndarray
    observed: np.ndarray
    counts: np.ndarray

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean of |observed - predicted|, weighted by cases (Guo et al. 2017)."""
        return float(np.average(np.abs(self.observed - self.predicted), weights=self.counts))


def reliability(labels: np.ndarray, probabilities: np.ndarray, bins: int = 5, equal_counts: bool = True) -> Reliability:
    """Return the reliability diagram of predicted probabilities.

    Cases of equal probability are always in the same bin, so that the order of the cases does not matter.

    :param labels: truth of each case, 0 or 1.
    :param probabilities: predicted probability of class 1 of each case.
    :param bins: number of bins; there should be at least about 30 cases per bin.
    :param equal_counts: whether bins have about equally many cases, which is more stable for small cohorts, instead of
        equal widths.
    """
    labels, probabilities = np.asarray(labels, dtype=float), np.asarray(probabilities, dtype=float)
    order = np.argsort(probabilities, kind="stable")
    if equal_counts:
        parts = np.split(order, _cuts(probabilities[order], min(bins, len(order))))
    else:
        place = np.minimum((probabilities * bins).astype(int), bins - 1)
        parts = [np.flatnonzero(place == index) for index in range(bins)]
    parts = [part for part in parts if len(part)]
    return Reliability(np.array([probabilities[part].mean() for part in parts]),
                       np.array([labels[part].mean() for part in parts]), np.array([len(part) for part in parts]))


def _cuts(values: np.ndarray, bins: int) -> np.ndarray:
    """Return the positions that cut ascending values into bins of similar size, only between different values."""
    wanted = np.cumsum([len(part) for part in np.array_split(values, bins)])[:-1]
    possible = np.flatnonzero(np.diff(values) > 0) + 1
    if not len(possible):
        return possible
    return np.unique(possible[np.abs(possible[:, None] - wanted).argmin(axis=0)])


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature T with the largest likelihood of sigmoid(logit / T) (Guo et al. 2017).

    It must be fitted on held-out cases only.

    :param logits: log odds of class 1 of each case, (cases,).
    :param labels: truth of each case, 0 or 1, (cases,).
    :return: temperature between 0.05 and 20; a value above 1 means that the classifier was overconfident.
    """
    logits, labels = np.asarray(logits, dtype=float), np.asarray(labels, dtype=float)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0.0, scaled) - labels * scaled))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded").x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return probabilities of class 1 after temperature scaling."""
    return expit(log_odds(probabilities) / temperature)


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the logit of probabilities, which are first clipped to a millionth from 0 and 1."""
    return logit(np.clip(np.asarray(probabilities, dtype=float), _CLIP, 1 - _CLIP))


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the Brier score: the mean squared difference between probability and truth (0 or 1)."""
    return float(np.mean((np.asarray(probabilities) - np.asarray(labels)) ** 2))


def calibration_line(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept of a logistic regression of the truth on the log odds, 1 and 0 if calibrated.

    Both are NaN if the probabilities of the two classes do not overlap, since the slope is then infinite.
    """
    truth, values = np.asarray(labels, dtype=bool), np.asarray(probabilities, dtype=float)
    yes, no = values[truth], values[~truth]
    if not len(yes) or not len(no) or (np.ptp(values) > 0 and (yes.min() >= no.max() or no.min() >= yes.max())):
        return float("nan"), float("nan")
    return fitted_line(labels, values)


def fitted_line(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept as :func:`calibration_line`, with a steep slope if the classes do not overlap."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(log_odds(probabilities)[:, None], labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
