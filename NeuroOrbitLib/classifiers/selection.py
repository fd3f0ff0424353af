"""Selection of features as scikit-learn steps, so that it is fitted inside every fold and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from sklearn.base import BaseEstimator


def selection_steps(steps: Mapping[str, Mapping[str, Any]], seed: int = 0) -> list[tuple[str, BaseEstimator]]:
    """Return the steps of a pipeline that select features.

    :param steps: options of each step by its name: ``"difference"`` (a test of the difference between the classes;
        ``p``) and ``"lasso"`` (logistic regression with an L1 penalty chosen by cross-validation; ``largest``,
        ``rule``, ``folds``).
    :param seed: seed of the steps' cross-validations.
    :raises Problem: for a step that does not exist.
    """
    known = {"difference": difference_step, "lasso": lasso_step}
    unknown = sorted(set(steps) - set(known))
    if unknown:
        raise Problem(f"There is no way of selection {unknown[0]!r}. Choose among {', '.join(known)}.")
    return [(name, known[name](seed=seed, **options)) for name, options in steps.items()]


def difference_step(p: float = 0.05, fewest: int = 1, seed: int = 0) -> BaseEstimator:
    """Return a step that keeps features whose mean or distribution differs between the classes.

    Two classes are compared by Welch's t-test if the feature looks normally distributed in both (D'Agostino and
    Pearson, p > .05, at least 20 cases), otherwise by the Mann-Whitney test; more classes by one-way analysis of
    variance.

    :param p: largest p value of a feature that is kept.
    :param fewest: smallest number of features to keep, whatever their p values, those with the smallest first.
    :param seed: not used; all steps take it.
    """
    from NeuroOrbitLib.classifiers.selectors import DifferenceSelection

    return DifferenceSelection(p=p, fewest=fewest)


def lasso_step(largest: int = 10, rule: str = "1se", folds: int = 10, seed: int = 0) -> BaseEstimator:
    """Return a step that keeps the features with a weight in an L1-penalised logistic regression.

    :param largest: largest number of features to keep, those with the largest absolute weights.
    :param rule: ``"min"`` for the penalty with the smallest cross-validated loss, ``"1se"`` for the strongest penalty
        whose loss is within one standard error of it.
    :param folds: number of folds of the cross-validation of the penalty.
    :param seed: seed of its folds.
    :raises Problem: for another rule.
    """
    if rule not in ("min", "1se"):
        raise Problem(f"LASSO's penalty is chosen by the rule min or 1se, not {rule!r}.")
    from NeuroOrbitLib.classifiers.selectors import LassoSelection

    return LassoSelection(largest=largest, rule=rule, folds=folds, seed=seed)
