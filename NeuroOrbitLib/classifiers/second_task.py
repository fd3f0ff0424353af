"""A second task for a classifier with few labels: predicting measurements of the image.

A hundred noisy labels hardly show a network where to look. Numbers that are measured in every training image, e.g. the
signal of segmented structures, show it much better. They are not needed after the training, as the classifier itself
takes no measurement (multi-task learning, Caruana 1997).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from NeuroOrbitLib.training.batches import Inputs

_CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)


class WithMeasurements(nn.Module):
    """A classifier that also predicts measurements from the mean of its last feature maps.

    (batch, channels, *spatial) to (batch, classes + measurements).

    :param network: network with the parts ``features`` (maps) and ``head`` (logits of maps), and with ``scaled`` if the
        features do not take images as stored; a network of image and numbers has ``image_of`` and ``numbers_of`` (parts
        of its inputs) and ``of_maps`` (logits of maps and numbers) instead of the head.
    :param count: number of measurements.
    """

    def __init__(self, network: nn.Module, count: int) -> None:
        super().__init__()
        self.network = network
        last = [module for module in network.features.modules() if isinstance(module, _CONVOLUTIONS)][-1]
        self.reader = nn.Linear(last.out_channels, count)

    def forward(self, x: Inputs) -> Tensor:
        """Return logits and measurements side by side, (batch, classes + measurements)."""
        network = self.network
        if isinstance(x, Mapping):
            maps = network.features(network.image_of(x))
            logits = network.of_maps(maps, network.numbers_of(x))
        else:
            maps = network.features(network.scaled(x) if hasattr(network, "scaled") else x)
            logits = network.head(maps)
        return torch.cat([logits, self.reader(maps.flatten(2).mean(dim=2))], dim=1)


def two_task_loss(output: Tensor, target: Tensor, weight: float, label_smoothing: float = 0.0) -> Tensor:
    """Return the cross-entropy of the class plus ``weight`` times the smooth L1 loss of the known measurements.

    :param output: output of :class:`WithMeasurements`, (batch, classes + measurements).
    :param target: class, then standardised measurements, (batch, 1 + measurements); NaN where unknown.
    :param weight: weight of the measurements.
    :param label_smoothing: label smoothing of the cross-entropy, 0 to 1.
    """
    count = target.shape[1] - 1
    classes = nn.functional.cross_entropy(output[:, :-count], target[:, 0].long(), label_smoothing=label_smoothing)
    wanted, read = target[:, 1:], output[:, -count:]
    known = torch.isfinite(wanted)
    if not known.any():
        return classes
    return classes + weight * nn.functional.smooth_l1_loss(read[known], wanted[known])


def standardised(values: np.ndarray) -> np.ndarray:
    """Return measurements (cases, measurements) scaled to mean 0 and SD 1 over the known ones, NaN where unknown."""
    found = np.asarray(values, dtype=np.float64)
    known = np.isfinite(found)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, found, 0.0)
    mean = filled.sum(axis=0) / count
    sd = np.sqrt(np.where(known, (found - mean) ** 2, 0.0).sum(axis=0) / count)
    return np.where(known, (found - mean) / np.maximum(sd, 1e-6), np.nan)
