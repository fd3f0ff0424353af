"""Simple models of a few numbers per case, fitted inside the folds: the baseline that a network must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.classifiers.crossvalidation import Fold


def out_of_fold_probabilities(features: np.ndarray, labels: Sequence[int], folds: Sequence[Fold]) -> np.ndarray:
    """Probability of class 1 of every case by a logistic regression of the other folds.

    Filling of missing numbers, scaling and regression are fitted on each fold's training cases only.

    :param features: (cases, features); NaN where a number is missing.
    :param folds: of one repeat; together they hold every case out once.
    """
    labels = np.asarray(labels)
    found = np.full(len(labels), np.nan)
    for fold in folds:
        train, held_out = list(fold.train), list(fold.held_out)
        model = _model().fit(features[train], labels[train])
        found[held_out] = model.predict_proba(features[held_out])[:, 1]
    return found


def _model() -> object:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
