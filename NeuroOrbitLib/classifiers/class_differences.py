"""Tests of how features differ between the classes, for their selection and for tables of a cohort."""

from __future__ import annotations

import numpy as np


def difference_scores(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the negative logarithm of each feature's p value, and the p values; constant features have p = 1.

    :param values: features (cases, features).
    :param labels: class of each case, (cases,).
    """
    values, labels = np.asarray(values, dtype=float), np.asarray(labels)
    groups = [values[labels == label] for label in np.unique(labels)]
    p_values = np.ones(values.shape[1])
    varied = np.flatnonzero(np.ptp(values, axis=0) > 0)
    if len(varied) and min(len(group) for group in groups) >= 2:
        p_values[varied] = _p_values([group[:, varied] for group in groups])
    return -np.log(np.maximum(p_values, 1e-300)), p_values


def _p_values(groups: list[np.ndarray]) -> np.ndarray:
    from scipy import stats

    if len(groups) > 2:
        return np.asarray(stats.f_oneway(*groups).pvalue)
    normal = np.all([looks_normal(group) for group in groups], axis=0)
    found = np.array(stats.mannwhitneyu(*groups).pvalue)
    if normal.any():
        found[normal] = stats.ttest_ind(*(group[:, normal] for group in groups), equal_var=False).pvalue
    return np.nan_to_num(found, nan=1.0)


def looks_normal(group: np.ndarray) -> np.ndarray:
    """Return whether each column looks normally distributed (D'Agostino and Pearson, p > .05; at least 20 cases)."""
    from scipy import stats

    varied = np.ptp(group, axis=0) > 0
    found = np.zeros(group.shape[1], dtype=bool)
    if len(group) >= 20 and varied.any():
        found[varied] = stats.normaltest(group[:, varied]).pvalue > 0.05
    return found
