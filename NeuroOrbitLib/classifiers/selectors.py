"""Selectors of features as scikit-learn transformers; :mod:`NeuroOrbitLib.classifiers.selection` makes them."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from NeuroOrbitLib.classifiers.selection import difference_scores

#: Penalties on the path, from the one that leaves no feature to a hundredth of it.
PENALTIES = 20


class DifferenceSelection(SelectorMixin, BaseEstimator):
    """Keep the features that differ between the classes.

    :param p: largest p value of a feature that is kept.
    :param fewest: features that are kept however large their p values are, the smallest first.
    """

    def __init__(self, p: float = 0.05, fewest: int = 1) -> None:
        self.p, self.fewest = p, fewest

    def fit(self, values: np.ndarray, labels: np.ndarray) -> DifferenceSelection:
        """Test every feature."""
        self.n_features_in_ = values.shape[1]
        self.p_values_ = difference_scores(values, labels)[1]
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self, "p_values_")
        mask = self.p_values_ <= self.p
        mask[np.argsort(self.p_values_, kind="stable")[: self.fewest]] = True
        return mask


class LassoSelection(SelectorMixin, BaseEstimator):
    """Keep the features that an L1-penalised logistic regression weighs (Tibshirani 1996); scale them before.

    :param largest: features that are kept at most.
    :param rule: ``"min"`` or ``"1se"``, see :func:`NeuroOrbitLib.classifiers.selection.lasso_step`.
    :param folds: of the cross-validation of the penalty.
    :param seed: of its folds.
    """

    def __init__(self, largest: int = 10, rule: str = "1se", folds: int = 10, seed: int = 0) -> None:
        self.largest, self.rule, self.folds, self.seed = largest, rule, folds, seed

    def fit(self, values: np.ndarray, labels: np.ndarray) -> LassoSelection:
        """Choose the penalty by cross-validation and the features by the weights under it."""
        self.n_features_in_ = values.shape[1]
        path = penalty_path(values, labels)
        losses = self._losses(values, labels, path)
        mean, error = losses.mean(axis=0), losses.std(axis=0, ddof=1) / np.sqrt(len(losses))
        best = int(np.argmin(mean))
        near = np.flatnonzero(mean <= mean[best] + error[best])
        self.strength_ = float(path[near[0] if self.rule == "1se" else best])
        self.weights_ = np.abs(weights_under(values, labels, self.strength_))
        if not self.weights_.any():  # nothing survives: the first feature to enter the path stays
            entering = next(weights for strength in path if (weights := weights_under(values, labels, strength)).any())
            self.weights_ = np.abs(entering)
        return self

    def _losses(self, values: np.ndarray, labels: np.ndarray, path: np.ndarray) -> np.ndarray:
        smallest = int(np.unique(labels, return_counts=True)[1].min())
        folds = StratifiedKFold(max(2, min(self.folds, smallest)), shuffle=True, random_state=self.seed)
        known = np.unique(labels)
        return np.array([[log_loss(labels[held], _model(strength, len(known)).fit(values[train], labels[train])
                                   .predict_proba(values[held]), labels=known) for strength in path]
                         for train, held in folds.split(values, labels)])

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self, "weights_")
        order = np.argsort(-self.weights_, kind="stable")[: self.largest]
        mask = np.zeros(len(self.weights_), dtype=bool)
        mask[order] = self.weights_[order] > 0
        return mask


def penalty_path(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return inverse penalties C, from the largest that leaves no weight to a hundred times as much, (PENALTIES,).

    With the labels' indicator y and its mean, all weights are 0 while C max |X' (y - mean)| <= 1.
    """
    slopes = [np.abs(values.T @ ((labels == label) - np.mean(labels == label))).max() for label in np.unique(labels)]
    return np.geomspace(1.0 / max(*slopes, 1e-12), 100.0 / max(*slopes, 1e-12), PENALTIES)


def _model(strength: float, classes: int) -> LogisticRegression:
    if classes > 2:
        return LogisticRegression(C=strength, solver="saga", max_iter=2000, tol=1e-3, random_state=0, **_L1)
    # The wide scaling of the intercept keeps liblinear, which is quicker, from penalising it.
    return LogisticRegression(C=strength, solver="liblinear", intercept_scaling=10.0, random_state=0, **_L1)


#: How scikit-learn spells an L1 penalty: ``penalty`` is deprecated since 1.8, ``l1_ratio`` alone did not do before.
_L1 = {"l1_ratio": 1.0} if LogisticRegression().penalty == "deprecated" else {"penalty": "l1"}


def weights_under(values: np.ndarray, labels: np.ndarray, strength: float) -> np.ndarray:
    """Return the weight of each feature under an inverse penalty, of the class with the largest one, (features,)."""
    found = _model(strength, len(np.unique(labels))).fit(values, labels).coef_
    return found[np.argmax(np.abs(found), axis=0), np.arange(found.shape[1])]
