"""A second task for a classifier with few labels: to say what was measured in the image.

A hundred noisy labels hardly tell a network where to look. Numbers that are measured in every training image, e.g. the
signal of segmented structures, tell it much more, and are forgotten after the training: the classifier itself needs no
measurement (multi-task learning, Caruana 1997).
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
    """A classifier that also reads measurements off the mean of its last feature maps.

    (batch, channels, *spatial) to (batch, classes + measurements).

    :param network: with the parts ``features`` (maps) and ``head`` (logits of maps), and with ``scaled`` where stored
        images are not what the features take; one of image and numbers has ``image_of`` and ``numbers_of`` (its
        inputs' parts) and ``of_maps`` (logits of maps and numbers) instead of the head.
    :param count: number of measurements.
    """

    def __init__(self, network: nn.Module, count: int) -> None:
        super().__init__()
        self.network = network
        last = [module for module in network.features.modules() if isinstance(module, _CONVOLUTIONS)][-1]
        self.reader = nn.Linear(last.out_channels, count)

    def forward(self, x: Inputs) -> Tensor:
        """Logits and measurements side by side."""
        network = self.network
        if isinstance(x, Mapping):
            maps = network.features(network.image_of(x))
            logits = network.of_maps(maps, network.numbers_of(x))
        else:
            maps = network.features(network.scaled(x) if hasattr(network, "scaled") else x)
            logits = network.head(maps)
        return torch.cat([logits, self.reader(maps.flatten(2).mean(dim=2))], dim=1)


def two_task_loss(output: Tensor, target: Tensor, weight: float, label_smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of the class plus ``weight`` times the smooth L1 distance of the known measurements.

    :param output: of :class:`WithMeasurements`.
    :param target: (batch, 1 + measurements): class, then standardised measurements; NaN where unknown.
    """
    count = target.shape[1] - 1
    classes = nn.functional.cross_entropy(output[:, :-count], target[:, 0].long(), label_smoothing=label_smoothing)
    wanted, read = target[:, 1:], output[:, -count:]
    known = torch.isfinite(wanted)
    if not known.any():
        return classes
    return classes + weight * nn.functional.smooth_l1_loss(read[known], wanted[known])


def standardised(values: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and SD 1 over the cases in which they are known, NaN elsewhere; (cases, measurements)."""
    found = np.asarray(values, dtype=np.float64)
    known = np.isfinite(found)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, found, 0.0)
    mean = filled.sum(axis=0) / count
    sd = np.sqrt(np.where(known, (found - mean) ** 2, 0.0).sum(axis=0) / count)
    return np.where(known, (found - mean) / np.maximum(sd, 1e-6), np.nan)
