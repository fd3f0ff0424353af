"""Grad-CAM of a classifier's network about one case, with the case's numbers put in where it takes some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor


def case_heat(predictor: NetworkPredictor, image: np.ndarray, numbers: Mapping[str, float],
              seen: Callable[[Tensor], Tensor], positive: int = 1, network: nn.Module | None = None) -> np.ndarray:
    """Return Grad-CAM for a class, float32 of the image's shape; slices are alike where they are channels.

    :param image: as cohorts store it, (slices, rows, columns).
    :param numbers: of the case by column, NaN where missing.
    :param seen: makes of stored images what the network takes.
    :param positive: label of the class.
    :param network: that takes what the predictor's network takes, to be looked at in its place.
    """
    import torch

    from NeuroOrbitLib.classifiers.networks.with_numbers import OfOnePatient, WithNumbers
    from NeuroOrbitLib.saliency.gradcam import grad_cam

    network = predictor.network if network is None else network
    if isinstance(network, WithNumbers):
        scaled = {name: torch.from_numpy(predictor.numbers[name].scaled(values))
                  for name, values in predictor.groups_of(numbers).items()}
        network = OfOnePatient(network, network.numbers_of(scaled)).eval()
    taken = seen(torch.from_numpy(image))
    volumetric = any(isinstance(module, torch.nn.Conv3d) for module in network.modules())
    found = grad_cam(network, taken[None] if volumetric else taken, positive)
    return np.ascontiguousarray(np.broadcast_to(found, taken.shape), dtype=np.float32)


def likeness_to_random(network: nn.Module, heat_of: Callable[[nn.Module], np.ndarray], stages: int = 4) -> list[float]:
    """Return how like the heat stays to itself while more and more of the network's weights are randomised.

    Adebayo et al. 2018: rank correlations from the head down; heat that stays alike does not come from what was
    learned.

    :param heat_of: returns the heat of a network of the same kind.
    :param stages: how often it is measured.
    """
    from NeuroOrbitLib.saliency.sanity import randomisation_check

    return [float(step.correlation) for step in randomisation_check(network, heat_of, stages)]
