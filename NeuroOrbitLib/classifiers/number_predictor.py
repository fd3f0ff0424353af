"""A learner on numbers alone, read from a package."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.classifiers.cohort import Cohort

if TYPE_CHECKING:
    from torch import Tensor

    from NeuroOrbitLib.classifiers.number_networks import NumberNetwork
    from NeuroOrbitLib.models import ModelPackage


@dataclass(frozen=True)
class NumberPredictor:
    """A learner on numbers.

    :param network: one of :mod:`NeuroOrbitLib.classifiers.number_networks`, in evaluation mode.
    :param columns: names of the columns that it takes, in order.
    """

    network: NumberNetwork
    columns: tuple[str, ...]

    @classmethod
    def build(cls, name: str, arguments: Mapping[str, Any], weights: Mapping[str, Tensor],
              columns: Sequence[str]) -> NumberPredictor:
        """Return a learner with given parameters.

        :param name: name of the network in :mod:`NeuroOrbitLib.classifiers.number_networks`.
        :param arguments: arguments that the network is built with.
        :param weights: parameters of the network by name.
        :param columns: names of the columns that it takes, in order.
        """
        from NeuroOrbitLib.classifiers.number_networks import find

        network = find(name).build(**arguments)
        network.load_state_dict(weights)
        return cls(network.eval(), tuple(columns))

    @classmethod
    def of_package(cls, package: ModelPackage, document: Any) -> NumberPredictor:
        """Return a package's learner.

        :param package: model package with a learner on numbers.
        :param document: the package's document ``numbers``, which names the columns.
        :raises ModelProblem: when the package is damaged, or its parts do not fit together.
        """
        from NeuroOrbitLib.classifiers.number_networks import load
        from NeuroOrbitLib.models.problem import unfit

        network = load(package, "cpu")
        try:
            network.check()
            columns = tuple(str(name) for name in document["columns"])
        except (KeyError, TypeError, ValueError) as error:
            raise unfit(package) from error
        if len(columns) != len(network.fill):
            raise package.misfit()
        return cls(network, columns)

    def probabilities(self, cohort: Cohort, places: Sequence[int]) -> np.ndarray:
        """Return the probability of each class, (cases, classes)."""
        return self.of_numbers(cohort.numbers(self.columns, places))

    def of_numbers(self, values: np.ndarray) -> np.ndarray:
        """Return the probability of each class for numbers (cases, columns), NaN where missing."""
        import torch

        with torch.inference_mode():
            return self.network(torch.from_numpy(np.asarray(values, dtype=float))).numpy()

    def of_case(self, image: np.ndarray, numbers: Mapping[str, float]) -> np.ndarray:
        """Return the probability of each class for one case, (classes,); the image is ignored."""
        return self.of_numbers(np.array([[numbers[name] for name in self.columns]]))[0]

    def scaled(self, values: np.ndarray) -> np.ndarray:
        """Return numbers (cases, columns) filled and scaled as the learner takes them, (cases, columns)."""
        import torch

        return self.network.scaled(torch.from_numpy(np.asarray(values, dtype=float))).numpy()


def is_of_numbers(package: ModelPackage) -> bool:
    """Return whether a package contains a learner on numbers alone."""
    return package.facts.network.startswith("numbers_")
