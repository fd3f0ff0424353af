"""The losses of the default model's two networks."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor


def cross_entropy_and_dice(logits: Tensor, classes: Tensor) -> Tensor:
    """Mean cross-entropy plus one minus the mean soft Dice of the foreground classes (as nnU-Net, Isensee 2021).

    :param logits: (B, C, K, J, I).
    :param classes: (B, K, J, I), long.
    """
    probabilities = logits.softmax(dim=1)
    truth = functional.one_hot(classes, logits.shape[1]).movedim(-1, 1).to(logits.dtype)
    axes = (0, 2, 3, 4)
    overlap = (probabilities * truth).sum(axes)
    total = probabilities.sum(axes) + truth.sum(axes)
    dice = (2 * overlap + 1.0) / (total + 1.0)
    return functional.cross_entropy(logits, classes) + 1 - dice[1:].mean()


def center_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """Focal loss of heat maps (B, 1, K, J, I), as CenterNet's (Zhou 2019, equation 1) with soft positives.

    Near a globe's centre the heat is to be met; far from it heat is punished, the more the surer it is. Divided by the
    number of voxels at centres.
    """
    probability = torch.sigmoid(logits)
    missed = heat**2 * (heat - probability) ** 2 * functional.binary_cross_entropy_with_logits(
        logits, heat, reduction="none")
    false = (1 - heat) ** 4 * probability**2 * functional.softplus(logits)
    return (4 * missed + false).sum() / (heat > 0.9).sum().clamp(min=4)
