"""The losses of the default model's networks."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor


def cross_entropy_and_dice(logits: Tensor, classes: Tensor) -> Tensor:
    """Return the mean cross-entropy plus one minus the foreground's mean soft Dice (nnU-Net, Isensee 2021).

    :param logits: outputs of the network, (B, C, K, J, I).
    :param classes: class of each voxel, long (B, K, J, I).
    """
    probabilities = logits.softmax(dim=1)
    truth = functional.one_hot(classes, logits.shape[1]).movedim(-1, 1).to(logits.dtype)
    axes = (0, 2, 3, 4)
    overlap = (probabilities * truth).sum(axes)
    total = probabilities.sum(axes) + truth.sum(axes)
    dice = (2 * overlap + 1.0) / (total + 1.0)
    return functional.cross_entropy(logits, classes) + 1 - dice[1:].mean()


def center_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """Return the focal loss of heat maps, like that of CenterNet (Zhou 2019, equation 1) with soft positives.

    Near a globe's centre the predicted heat must match the target; far from it heat is penalised, the more the larger
    it is. The loss is divided by the number of voxels at centres.

    :param logits: outputs of the network, (B, 1, K, J, I).
    :param heat: target heat, 0 to 1, same shape.
    """
    probability = torch.sigmoid(logits)
    missed = heat**2 * (heat - probability) ** 2 * functional.binary_cross_entropy_with_logits(
        logits, heat, reduction="none")
    false = (1 - heat) ** 4 * probability**2 * functional.softplus(logits)
    return (4 * missed + false).sum() / (heat > 0.9).sum().clamp(min=4)
