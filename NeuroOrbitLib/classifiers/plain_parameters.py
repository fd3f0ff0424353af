"""Conversion of a fitted scikit-learn pipeline to plain tensors that a package can store, see
:mod:`NeuroOrbitLib.classifiers.number_networks`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.tabular import LOGARITHMS
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from torch import Tensor

    from NeuroOrbitLib.classifiers.tabular import TabularPredictor

#: Name of the network, its arguments, and its parameters by name.
Plain = tuple[str, dict[str, int], dict[str, np.ndarray]]


def plain_parameters(predictor: TabularPredictor) -> tuple[str, dict[str, int], dict[str, Tensor]]:
    """Return the name of the network equivalent to the predictor, its arguments and its parameters by name.

    Its columns are those that the selection kept, :attr:`TabularPredictor.selected`.

    :param predictor: fitted pipeline.
    :raises Problem: for a learner that has no equivalent network, or if a class had no training case.
    """
    import torch

    kept = [predictor.columns.index(name) for name in predictor.selected]
    steps = dict(predictor.pipeline.steps)
    own = {"fill": steps["fill"].statistics_[kept], "mean": steps["scale"].mean_[kept],
           "sd": steps["scale"].scale_[kept]}
    learned = steps["learn"]
    if list(learned.classes_) != list(range(predictor.classes)):
        raise Problem(_("A class has no case among those that were learned from. Use a larger cohort."))
    name, arguments, parameters = _converter(learned)(learned)
    tensors = {key: torch.from_numpy(np.array(value)) for key, value in {**own, **parameters}.items()}
    logarithms = {"logarithms": True} if LOGARITHMS in steps else {}
    return name, {"columns": len(kept), **arguments, **logarithms}, tensors


def _converter(learned: Any) -> Callable[[Any], Plain]:
    known: Mapping[str, Callable[[Any], Plain]] = {
        "LogisticRegression": _logistic, "CalibratedClassifierCV": _svm, "RandomForestClassifier": _forest}
    name = type(learned).__name__
    if name not in known or (name == "CalibratedClassifierCV" and len(learned.classes_) != 2):
        raise Problem(_("{name} of {count} classes cannot be written to a package. Choose another learner.").format(
            name=name, count=len(learned.classes_)))
    return known[name]


def _logistic(learned: Any) -> Plain:
    return ("numbers_logistic", {"classes": len(learned.classes_)},
            {"weights": learned.coef_, "intercept": learned.intercept_})


def _svm(learned: Any) -> Plain:
    (calibrated,) = learned.calibrated_classifiers_
    machine, (platt,) = calibrated.estimator, calibrated.calibrators
    return "numbers_svm", {"vectors": len(machine.support_vectors_)}, {
        "vectors": machine.support_vectors_, "weights": machine.dual_coef_[0], "intercept": machine.intercept_[0],
        "gamma": np.float64(machine._gamma), "platt_slope": np.float64(platt.a_),
        "platt_intercept": np.float64(platt.b_)}


def _forest(learned: Any) -> Plain:
    trees = [each.tree_ for each in learned.estimators_]
    nodes, classes = max(tree.node_count for tree in trees), len(learned.classes_)
    found = {name: np.zeros((len(trees), nodes), dtype=np.int16) for name in ("feature", "left", "right")}
    found |= {"threshold": np.zeros((len(trees), nodes)), "shares": np.zeros((len(trees), nodes, classes - 1))}
    for number, tree in enumerate(trees):
        own, count = np.arange(tree.node_count), tree.node_count
        is_leaf = tree.children_left < 0
        found["feature"][number, :count] = np.where(is_leaf, 0, tree.feature)
        found["left"][number, :count] = np.where(is_leaf, own, tree.children_left)
        found["right"][number, :count] = np.where(is_leaf, own, tree.children_right)
        found["threshold"][number, :count] = np.where(is_leaf, 0.0, tree.threshold)
        shares = tree.value[:, 0] / tree.value[:, 0].sum(axis=1, keepdims=True)
        found["shares"][number, :count] = shares[:, 1:]
    return "numbers_forest", {"trees": len(trees), "nodes": nodes, "classes": classes}, found
