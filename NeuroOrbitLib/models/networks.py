"""Registry of a module's networks with their key facts; torch is only imported when a network is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.models.problem import unfit

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

    from NeuroOrbitLib.models.package import ModelPackage


@dataclass(frozen=True)
class Network:
    """A network that can be built by name.

    :param name: name on the command line and in configurations.
    :param title: description in one line for people.
    :param factory: class of the network, as ``package.module:class``.
    :param parameters: number of trainable parameters with the default options.
    :param input_shape: shape of one sample without the batch axis, in the network's axis order.
    :param output_shape: shape of its output without the batch axis, channels first.
    :param axes: meaning of the input's axes.
    :param paper: publication that the network comes from.
    :param options: keyword arguments of the class that make this variant.
    """

    name: str
    title: str
    factory: str
    parameters: int
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    axes: str
    paper: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def build(self, **options: Any) -> Module:
        """Return a new network with freshly initialised weights; ``options`` override those of the variant."""
        module_name, class_name = self.factory.split(":")
        factory = getattr(import_module(module_name), class_name)
        return factory(**{**self.options, **options})

    def description(self) -> dict[str, Any]:
        """Return the facts as plain data for ``networks --json``."""
        return asdict(self) | {"options": dict(self.options)}


class NetworkRegistry:
    """Networks by name, in the order of registration."""

    def __init__(self) -> None:
        self._networks: dict[str, Network] = {}
        self._kept = lru_cache(maxsize=2)(self._loaded)

    def register(self, network: Network) -> Network:
        """Add ``network`` and return it.

        :raises ValueError: if its name is taken.
        """
        if network.name in self._networks:
            raise ValueError(f"A network named {network.name} is registered already.")
        self._networks[network.name] = network
        return network

    def all_networks(self) -> list[Network]:
        """Return every registered network, in the order of registration."""
        return list(self._networks.values())

    def find(self, name: str) -> Network:
        """Return the network called ``name``.

        :raises ValueError: if there is none; the message lists the known names.
        """
        if name not in self._networks:
            raise ValueError(f"There is no network named {name!r}. Choose one of: {', '.join(self._networks)}.")
        return self._networks[name]

    def load(self, package: ModelPackage, device: str) -> Module:
        """Return a package's network with its weights on ``device``; the last two networks are kept for the next scan.

        All callers share it. To train it, train a copy.

        :raises ModelProblem: if the package does not describe a network of this registry, or its weights are damaged.
        """
        return self._kept(package.folder, package.sha256, device)

    def _loaded(self, folder: Path, _sha256: str, device: str) -> Module:
        from NeuroOrbitLib.models.package import ModelPackage

        package = ModelPackage.open(folder)
        try:
            build = self.find(package.facts.network).build
        except ValueError as error:
            raise unfit(package) from error
        return build_from(package, build).to(device)


def build_from(package: ModelPackage, build: Callable[..., Module]) -> Module:
    """Build a package's network and load the verified weights into it.

    The network is first built without memory (on torch's meta device), so that a package whose arguments describe
    another network than the one its weights belong to, however large, is refused before memory is allocated.

    :param package: model package.
    :param build: function that makes the network from the package's arguments.
    :return: the network on the CPU, in evaluation mode.
    :raises ModelProblem: if the weights are missing, damaged or changed, or do not fit.
    """
    import torch

    arguments, weights = package.facts.network_arguments, package.load_state_dict()
    try:
        with torch.device("meta"):
            outline = build(**arguments)
    except (ArithmeticError, AttributeError, IndexError, RuntimeError, TypeError, ValueError) as error:
        raise unfit(package) from error
    if _shapes(outline.state_dict()) != _shapes(weights):
        raise package.misfit()
    network = build(**arguments)
    network.load_state_dict(weights)
    return network.eval()


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}
