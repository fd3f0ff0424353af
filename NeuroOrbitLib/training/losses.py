"""Loss functions of the segmentation papers; all take logits."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def sigmoid_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean sigmoid cross-entropy over voxels and channels (SV-Net, Zhu et al. 2020).

    The paper sums instead of averaging; with Adam, whose step does not depend on the loss's scale, that is the same.

    :param logits: (batch, channels, *spatial).
    :param target: one-hot, same shape.
    """
    return binary_cross_entropy_with_logits(logits, target.to(logits.dtype))


def weighted_soft_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Sum over channels of w (1 - soft Dice), w = voxels / (foreground voxels + 1) of the batch.

    SEQ-UNET's loss (Chung et al. 2022): the rarer a structure in the batch, the more it counts; smoothing 1.

    :param logits: (batch, channels, *spatial).
    :param target: 0 or 1, same shape.
    """
    probability = torch.sigmoid(logits.float())
    truth = target.to(probability.dtype)
    axes = [0, *range(2, truth.ndim)]
    foreground = truth.sum(axes)
    overlap = (probability * truth).sum(axes)
    dice = (2 * overlap + 1) / (probability.sum(axes) + foreground + 1)
    weight = truth[:, 0].numel() / (foreground + 1)
    return (weight * (1 - dice)).sum()


LOSSES = {"sigmoid_cross_entropy": sigmoid_cross_entropy, "weighted_soft_dice": weighted_soft_dice}
