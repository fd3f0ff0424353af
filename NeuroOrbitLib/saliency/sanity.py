"""Sanity check whether a map depends on what the network has learned, by randomising its weights.

After Adebayo et al., "Sanity checks for saliency maps", NeurIPS 2018: layers get new random weights one by one from the
output down; a map that explains the decision then loses its similarity to the original map.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import nn

#: Function that returns a saliency map of a network, e.g. ``lambda network: occlusion_map(network, image).heat(1)``.
MapOf = Callable[[nn.Module], np.ndarray]


@dataclass(frozen=True)
class RandomisedStage:
    """The map after the weights of some layers, from the output down, were randomised.

    :param name: name of the layer that was randomised last.
    :param layers: number of randomised layers.
    :param correlation: Spearman's rank correlation with the map of the trained network; 0 for a constant map.
    """

    name: str
    layers: int
    correlation: float


def randomisation_check(network: nn.Module, map_of: MapOf, stages: int | None = None, seed: int = 0) -> list[
        RandomisedStage]:
    """Randomise a network from its output down and compare each map with that of the trained network.

    :param network: trained network; it is copied, not changed.
    :param map_of: function that returns the map of a network.
    :param stages: number of maps, spread evenly over the layers; by default one per layer.
    :param seed: seed of the random weights.
    """
    original = map_of(network)
    names = randomisable_layers(network)[::-1]
    wanted = _spread(len(names), stages or len(names))
    randomised, found = copy.deepcopy(network), []
    for count, name in enumerate(names, start=1):
        _randomise(randomised.get_submodule(name), seed + count)
        if count in wanted:
            found.append(RandomisedStage(name, count, rank_correlation(original, map_of(randomised))))
    return found


def randomised_copy(network: nn.Module, seed: int = 0) -> nn.Module:
    """Return a copy of a network with random weights in all layers, drawn with ``seed``."""
    randomised = copy.deepcopy(network)
    for count, name in enumerate(randomisable_layers(network)):
        _randomise(randomised.get_submodule(name), seed + count)
    return randomised


def randomisable_layers(network: nn.Module) -> list[str]:
    """Return the names of the layers that can be randomised, from the input to the output."""
    return [name for name, module in network.named_modules() if hasattr(module, "reset_parameters")]


def rank_correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return Spearman's rank correlation of two maps over the pixels that are finite in both; 0 if one is constant."""
    both = np.isfinite(first) & np.isfinite(second)
    if np.ptp(first[both]) < 1e-12 or np.ptp(second[both]) < 1e-12:
        return 0.0
    return float(spearmanr(first[both], second[both]).statistic)


def _randomise(layer: nn.Module, seed: int) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layer.reset_parameters()


def _spread(count: int, stages: int) -> set[int]:
    return set(np.unique(np.linspace(1, count, min(stages, count)).round().astype(int)).tolist())
