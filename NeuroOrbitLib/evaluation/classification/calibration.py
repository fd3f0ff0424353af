"""Do probabilities mean what they say: temperature scaling, reliability diagram, calibration error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

_CLIP = 1e-6


@dataclass(frozen=True)
class Reliability:
    """Cases in bins of predicted probability.

    :param predicted: mean probability of each bin.
    :param observed: share of positive cases of each bin.
    :param counts: cases of each bin.
    """

    predicted: np.ndarray
    observed: np.ndarray
    counts: np.ndarray

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean distance of observed from predicted, weighted by cases (Guo et al. 2017)."""
        return float(np.average(np.abs(self.observed - self.predicted), weights=self.counts))


def reliability(labels: np.ndarray, probabilities: np.ndarray, bins: int = 5, equal_counts: bool = True) -> Reliability:
    """Put cases into bins; cases of equal probability are never parted, so that the order of the cases does not matter.

    :param bins: few cases need few bins: about 30 per bin at least.
    :param equal_counts: bins of equally many cases (steadier for small cohorts); otherwise of equal width.
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
    """Where to cut ascending values into bins of about equally many: between different ones only."""
    wanted = np.cumsum([len(part) for part in np.array_split(values, bins)])[:-1]
    possible = np.flatnonzero(np.diff(values) > 0) + 1
    if not len(possible):
        return possible
    return np.unique(possible[np.abs(possible[:, None] - wanted).argmin(axis=0)])


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature T that makes sigmoid(logit / T) likeliest (Guo et al. 2017); fit it on held-out cases only.

    :param logits: log odds of class 1, (cases,).
    :return: between 0.05 and 20; above 1 the classifier was too sure.
    """
    logits, labels = np.asarray(logits, dtype=float), np.asarray(labels, dtype=float)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0.0, scaled) - labels * scaled))

    return float(np.exp(minimize_scalar(loss, bounds=(np.log(0.05), np.log(20.0)), method="bounded").x))


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of class 1 after temperature scaling."""
    return expit(log_odds(probabilities) / temperature)


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Logit of probabilities, which are kept a millionth away from 0 and 1."""
    return logit(np.clip(np.asarray(probabilities, dtype=float), _CLIP, 1 - _CLIP))


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared distance of probability and truth."""
    return float(np.mean((np.asarray(probabilities) - np.asarray(labels)) ** 2))


def calibration_line(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of a logistic regression of the truth on the log odds: 1 and 0 when calibrated.

    Both are NaN where the probabilities of the classes do not overlap, as the slope is infinite then.
    """
    truth, values = np.asarray(labels, dtype=bool), np.asarray(probabilities, dtype=float)
    yes, no = values[truth], values[~truth]
    if not len(yes) or not len(no) or (np.ptp(values) > 0 and (yes.min() >= no.max() or no.min() >= yes.max())):
        return float("nan"), float("nan")
    return fitted_line(labels, values)


def fitted_line(labels: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """Return what :func:`calibration_line` does, with a steep line where the classes do not overlap."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6).fit(log_odds(probabilities)[:, None], labels)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
