"""The predictor of a model package: its network, or its learner on numbers alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor, Views
from NeuroOrbitLib.classifiers.number_inputs import FittedNumbers
from NeuroOrbitLib.classifiers.number_predictor import NumberPredictor, is_of_numbers

if TYPE_CHECKING:
    from torch import nn

    from NeuroOrbitLib.classifiers.model_kind import ModelKind
    from NeuroOrbitLib.models import ModelPackage

#: Name of a package's document that lists the numbers it takes and their scaling.
NUMBERS = "numbers"
PackagePredictor = NetworkPredictor | NumberPredictor


def predictor_of_package(package: ModelPackage, kind: ModelKind, load: Callable[[ModelPackage, str], nn.Module],
                         views: Views, device: str = "cpu", image: str = "image") -> PackagePredictor:
    """Return a package's network or learner on numbers, ready to predict.

    :param package: model package.
    :param kind: kind that the package must be of.
    :param load: loads the package's network, see :meth:`NeuroOrbitLib.models.networks.NetworkRegistry.load`.
    :param views: yields the views of stored images over which the prediction is averaged.
    :param device: device that computes, "cpu" or "cuda".
    :param image: name of the array with the images that the network takes.
    :raises ModelProblem: when the package is of another kind, or is damaged.
    """
    kind.require(package)
    if is_of_numbers(package):
        return NumberPredictor.of_package(package, package.document(NUMBERS))
    groups: Mapping[str, Any] = package.document(NUMBERS) or {}
    return NetworkPredictor(load(package, device), views, image,
                            {name: FittedNumbers.from_data(group) for name, group in groups.items()})
