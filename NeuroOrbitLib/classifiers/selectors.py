"""Feature selectors as scikit-learn transformers, made by :mod:`NeuroOrbitLib.classifiers.selection`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from NeuroOrbitLib.classifiers.class_differences import difference_scores
from NeuroOrbitLib.classifiers.reproducibility import SMALLEST_ICC, intraclass_correlation, repeated_column

#: Number of penalties on the path, from the one that leaves no feature to a hundredth of it.
PENALTIES = 20


class DifferenceSelection(SelectorMixin, BaseEstimator):
    """Selector that keeps the features that differ between the classes.

    :param p: largest p value of a feature that is kept.
    :param fewest: smallest number of features to keep, whatever their p values, those with the smallest first.
    """

    def __init__(self, p: float = 0.05, fewest: int = 1) -> None:
        self.p, self.fewest = p, fewest

    def fit(self, values: np.ndarray, labels: np.ndarray) -> DifferenceSelection:
        """Test every feature (cases, features) for a difference between the classes of the labels (cases,)."""
        self.n_features_in_ = values.shape[1]
        self.p_values_ = difference_scores(values, labels)[1]
        return self

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self, "p_values_")
        mask = self.p_values_ <= self.p
        mask[np.argsort(self.p_values_, kind="stable")[: self.fewest]] = True
        return mask


class ReproducibilitySelection(SelectorMixin, BaseEstimator):
    """Selector that keeps the features that agree with their repeated measurements, and removes the repeated columns.

    :param repeats: position of the column that each column repeats, or its own position.
    :param smallest: smallest ICC(2,1) of a feature to keep. If no feature was measured again, all are kept.
    """

    def __init__(self, repeats: Sequence[int], smallest: float = SMALLEST_ICC) -> None:
        self.repeats, self.smallest = repeats, smallest

    @classmethod
    def of_columns(cls, columns: Sequence[str], smallest: float = SMALLEST_ICC) -> ReproducibilitySelection:
        """Return the selector for columns whose names state what they repeat; repeats of absent columns are dropped."""
        places = {name: place for place, name in enumerate(columns)}
        return cls(tuple(places.get(repeated_column(name) or name, -1) for name in columns), smallest)

    def fit(self, values: np.ndarray, labels: np.ndarray | None = None) -> ReproducibilitySelection:
        """Measure the agreement over the cases; values may be NaN, and labels are ignored."""
        self.n_features_in_ = values.shape[1]
        repeats = np.asarray(self.repeats)
        self.icc_ = np.full(len(repeats), np.nan)
        own = np.flatnonzero(repeats == np.arange(len(repeats)))
        groups = {place: np.flatnonzero(repeats == place) for place in own}
        for count in {len(group) for group in groups.values()} - {1}:
            alike = [group for group in groups.values() if len(group) == count]
            self.icc_[[group[0] for group in alike]] = intraclass_correlation(
                np.stack([values[:, group] for group in alike], axis=2))
        self.kept_ = np.zeros(len(repeats), dtype=bool)
        self.kept_[own] = True if np.isnan(self.icc_).all() else self.icc_[own] >= self.smallest
        if not self.kept_.any():  # nothing is reproducible enough: the most reproducible feature stays
            self.kept_[np.nanargmax(self.icc_)] = True
        return self

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Return the columns that are kept, with their NaN values."""
        return np.asarray(values)[:, self._get_support_mask()]

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self, "kept_")
        return self.kept_


class LassoSelection(SelectorMixin, BaseEstimator):
    """Selector that keeps the features with a weight in an L1-penalised logistic regression (Tibshirani 1996).

    Features must be scaled before.

    :param largest: largest number of features to keep.
    :param rule: ``"min"`` or ``"1se"``, see :func:`NeuroOrbitLib.classifiers.selection.lasso_step`.
    :param folds: number of folds of the cross-validation of the penalty.
    :param seed: seed of its folds.
    """

    def __init__(self, largest: int = 10, rule: str = "1se", folds: int = 10, seed: int = 0) -> None:
        self.largest, self.rule, self.folds, self.seed = largest, rule, folds, seed

    def fit(self, values: np.ndarray, labels: np.ndarray) -> LassoSelection:
        """Choose the penalty by cross-validation, and the features by their weights under it."""
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
    """Return inverse penalties C, from the largest that leaves no weight to a hundred times as large, (PENALTIES,).

    With the labels' indicator y and its mean, all weights are 0 while C max |X' (y - mean)| <= 1.
    """
    slopes = [np.abs(values.T @ ((labels == label) - np.mean(labels == label))).max() for label in np.unique(labels)]
    return np.geomspace(1.0 / max(*slopes, 1e-12), 100.0 / max(*slopes, 1e-12), PENALTIES)


def _model(strength: float, classes: int) -> LogisticRegression:
    if classes > 2:
        return LogisticRegression(C=strength, solver="saga", max_iter=2000, tol=1e-3, random_state=0, **_L1)
    # The wide scaling of the intercept keeps liblinear, which is quicker, from penalising it.
    return LogisticRegression(C=strength, solver="liblinear", intercept_scaling=10.0, random_state=0, **_L1)


#: Arguments for an L1 penalty: ``penalty`` is deprecated since scikit-learn 1.8, ``l1_ratio`` did not suffice before.
_L1 = {"l1_ratio": 1.0} if LogisticRegression().penalty == "deprecated" else {"penalty": "l1"}


def weights_under(values: np.ndarray, labels: np.ndarray, strength: float) -> np.ndarray:
    """Return the weight of each feature under an inverse penalty, (features,): the largest over the classes.

    :param values: features (cases, features), scaled.
    :param labels: class of each case, (cases,).
    :param strength: inverse penalty C.
    """
    found = _model(strength, len(np.unique(labels))).fit(values, labels).coef_
    return found[np.argmax(np.abs(found), axis=0), np.arange(found.shape[1])]
