"""Grad-CAM of a classifier's network for one case, with the case's numbers if the network takes numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor, nn

    from NeuroOrbitLib.classifiers.network_estimator import NetworkPredictor


def case_heat(predictor: NetworkPredictor, image: np.ndarray, numbers: Mapping[str, float],
              seen: Callable[[Tensor], Tensor], positive: int = 1, network: nn.Module | None = None) -> np.ndarray:
    """Return Grad-CAM for a class, float32, shape of the image; equal in all slices if these are channels.

    :param predictor: the classifier.
    :param image: image as cohorts store it, (slices, rows, columns).
    :param numbers: numbers of the case by column, NaN where missing.
    :param seen: turns stored images into the network's input.
    :param positive: label of the class.
    :param network: network with the same inputs to explain instead of the predictor's.
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
    """Return the similarity of a heat map to the original as more and more of the network's weights are randomised.

    The similarities are rank correlations, randomised from the head down (Adebayo et al. 2018). Heat that stays similar
    does not depend on what the network has learned.

    :param network: trained network.
    :param heat_of: returns the heat map of a network of the same architecture.
    :param stages: number of stages of randomisation.
    """
    from NeuroOrbitLib.saliency.sanity import randomisation_check

    return [float(step.correlation) for step in randomisation_check(network, heat_of, stages)]
