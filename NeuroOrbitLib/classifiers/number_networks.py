"""Learners on numbers as networks: the fitted parameters of scikit-learn as plain tensors in double precision.

A package must not contain pickled objects, so the parameters of a fitted pipeline are stored as tensors: the value for
a missing number, mean and SD of each column, and the learner's own parameters. The networks of this module compute
from them what scikit-learn computes, to about 1e-12, and are loaded, checked and refused like every other network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from NeuroOrbitLib.classifiers.logarithms import signed_logarithm
from NeuroOrbitLib.models.networks import Network, NetworkRegistry


class NumberNetwork(nn.Module):
    """Base class of the learners: fills missing numbers and scales every column.

    :param columns: number of columns.
    :param logarithms: whether to scale logarithms of the numbers, see
        :func:`~NeuroOrbitLib.classifiers.logarithms.signed_logarithm`.
    """

    def __init__(self, columns: int, logarithms: bool = False) -> None:
        super().__init__()
        self.logarithms = bool(logarithms)
        for name in ("fill", "mean", "sd"):
            self.register_buffer(name, torch.ones(columns, dtype=torch.float64))

    def forward(self, values: Tensor) -> Tensor:
        """Return the probability of each class, float64 (cases, classes).

        :param values: numbers (cases, columns), NaN where missing.
        """
        return self.of_scaled(self.scaled(values))

    def scaled(self, values: Tensor) -> Tensor:
        """Return filled and scaled numbers, float64 (cases, columns)."""
        known = values.double()
        filled = torch.where(known.isnan(), self.fill, known)
        return ((signed_logarithm(filled, torch) if self.logarithms else filled) - self.mean) / self.sd

    def of_scaled(self, values: Tensor) -> Tensor:
        """Return the probability of each class, float64 (cases, classes), for scaled numbers (cases, columns)."""
        raise NotImplementedError

    def check(self) -> None:
        """Refuse parameters that cannot be computed with.

        :raises ValueError: when the SD of a column is not positive.
        """
        if not bool((self.sd > 0).all()):
            raise ValueError("the SD of a column is not positive")


class LogisticNetwork(NumberNetwork):
    """Logistic regression, with one row of weights for two classes and one row for each of more classes.

    :param columns: number of columns.
    :param classes: number of classes.
    :param logarithms: see :class:`NumberNetwork`.
    """

    def __init__(self, columns: int, classes: int = 2, logarithms: bool = False) -> None:
        super().__init__(columns, logarithms)
        rows = 1 if classes == 2 else classes
        self.register_buffer("weights", torch.zeros(rows, columns, dtype=torch.float64))
        self.register_buffer("intercept", torch.zeros(rows, dtype=torch.float64))

    def of_scaled(self, values: Tensor) -> Tensor:
        """Return the probability of each class for scaled numbers."""
        odds = values @ self.weights.T + self.intercept
        return both_classes(odds[:, 0].sigmoid()) if odds.shape[1] == 1 else odds.softmax(dim=1)


class SupportVectorNetwork(NumberNetwork):
    """Support vector machine for two classes with a radial basis function kernel and Platt's probabilities.

    :param columns: number of columns.
    :param vectors: number of support vectors.
    :param logarithms: see :class:`NumberNetwork`.
    """

    def __init__(self, columns: int, vectors: int, logarithms: bool = False) -> None:
        super().__init__(columns, logarithms)
        self.register_buffer("vectors", torch.zeros(vectors, columns, dtype=torch.float64))
        self.register_buffer("weights", torch.zeros(vectors, dtype=torch.float64))
        for name in ("intercept", "gamma", "platt_slope", "platt_intercept"):
            self.register_buffer(name, torch.zeros((), dtype=torch.float64))

    def of_scaled(self, values: Tensor) -> Tensor:
        """Return the probability of each class for scaled numbers."""
        squared = (values[:, None] - self.vectors[None]).square().sum(dim=2)
        margin = torch.exp(-self.gamma * squared) @ self.weights + self.intercept
        return both_classes((-(self.platt_slope * margin + self.platt_intercept)).sigmoid())


class ForestNetwork(NumberNetwork):
    """Random forest: the shares of the classes in the leaf that a case reaches are averaged over the trees.

    The children of a leaf are the leaf itself, so that trees of unequal depth can be traversed together.

    :param columns: number of columns.
    :param trees: number of trees.
    :param nodes: number of nodes of the largest tree.
    :param classes: number of classes.
    :param logarithms: see :class:`NumberNetwork`.
    """

    def __init__(self, columns: int, trees: int, nodes: int, classes: int = 2, logarithms: bool = False) -> None:
        super().__init__(columns, logarithms)
        for name in ("feature", "left", "right"):
            self.register_buffer(name, torch.zeros(trees, nodes, dtype=torch.int16))
        self.register_buffer("threshold", torch.zeros(trees, nodes, dtype=torch.float64))
        self.register_buffer("shares", torch.zeros(trees, nodes, classes - 1, dtype=torch.float64))

    def of_scaled(self, values: Tensor) -> Tensor:
        """Return the probability of each class for scaled numbers."""
        compared = values.float().double()  # scikit-learn's trees compare in single precision
        trees = torch.arange(len(self.feature))
        place = torch.zeros(len(values), len(trees), dtype=torch.long)
        for _ in range(self.feature.shape[1]):  # bounded, as a damaged tree may contain cycles
            feature = self.feature[trees, place].long()
            goes_left = compared.gather(1, feature) <= self.threshold[trees, place]
            then = torch.where(goes_left, self.left[trees, place], self.right[trees, place]).long()
            if torch.equal(then, place):
                break
            place = then
        others = self.shares[trees, place].mean(dim=1)
        return torch.cat([1.0 - others.sum(dim=1, keepdim=True), others], dim=1)

    def check(self) -> None:
        """Refuse a forest in which a node refers to a column or child that does not exist.

        :raises ValueError: when a reference is out of range, or the SD of a column is not positive.
        """
        super().check()
        limits = {"feature": len(self.fill), "left": self.left.shape[1], "right": self.left.shape[1]}
        for name, limit in limits.items():
            found = getattr(self, name)
            if found.numel() and not 0 <= int(found.min()) <= int(found.max()) < limit:
                raise ValueError(f"a tree's {name} is {int(found.max())}, and there are {limit}")


def both_classes(second: Tensor) -> Tensor:
    """Return the probabilities of two classes, (cases, 2), from the probability of the second, (cases,)."""
    return torch.stack([1.0 - second, second], dim=1)


_REGISTRY = NetworkRegistry()
find, load, all_networks = _REGISTRY.find, _REGISTRY.load, _REGISTRY.all_networks
_PAPER = "Pedregosa et al. 2011: scikit-learn"

for _name, _title, _class, _options in (
    ("numbers_logistic", "Logistic regression on numbers", "LogisticNetwork", {"columns": 10}),
    ("numbers_svm", "Support vector machine on numbers", "SupportVectorNetwork", {"columns": 10, "vectors": 50}),
    ("numbers_forest", "Random forest on numbers", "ForestNetwork", {"columns": 10, "trees": 300, "nodes": 99}),
):
    _REGISTRY.register(Network(_name, _title, f"{__name__}:{_class}", 0, (10,), (2,), "columns of numbers", _PAPER,
                               _options))
