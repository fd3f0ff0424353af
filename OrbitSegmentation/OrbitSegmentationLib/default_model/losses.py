"""The losses of the default model's two networks."""

from __future__ import annotations

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


def heat_loss(logits: Tensor, heat: Tensor) -> Tensor:
    """Binary cross-entropy of heat maps (B, 2, K, J, I), with the few voxels near a globe weighted up."""
    weight = 1.0 + 100.0 * heat
    return (weight * functional.binary_cross_entropy_with_logits(logits, heat, reduction="none")).mean()
