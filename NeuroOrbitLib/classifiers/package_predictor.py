"""What a model package can be asked by: its network, or its learner on numbers alone."""

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

#: Document of a package: which numbers it takes, and how they become a network's input.
NUMBERS = "numbers"
PackagePredictor = NetworkPredictor | NumberPredictor


def predictor_of_package(package: ModelPackage, kind: ModelKind, load: Callable[[ModelPackage, str], nn.Module],
                         views: Views, device: str = "cpu", image: str = "image") -> PackagePredictor:
    """Return a package's network or learner on numbers, ready to be asked.

    :param kind: that the package must be of.
    :param load: loads its network, see :meth:`NeuroOrbitLib.models.networks.NetworkRegistry.load`.
    :param views: makes the views of a stored image over which the answer is averaged.
    :param image: name of the array that the network takes.
    :raises ModelProblem: when the package is of another kind.
    """
    kind.require(package)
    if is_of_numbers(package):
        return NumberPredictor.of_package(package, package.document(NUMBERS))
    groups: Mapping[str, Any] = package.document(NUMBERS) or {}
    return NetworkPredictor(load(package, device), views, image,
                            {name: FittedNumbers.from_data(group) for name, group in groups.items()})
