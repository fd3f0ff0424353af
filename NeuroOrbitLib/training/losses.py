"""Loss functions of the segmentation papers; all take logits."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits


def sigmoid_cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Return the mean sigmoid cross-entropy over voxels and channels (SV-Net, Zhu et al. 2020).

    The paper takes the sum instead of the mean; with Adam, whose steps do not depend on the scale of the loss, the two
    are equivalent.

    :param logits: outputs of the network, (batch, channels, *spatial).
    :param target: one-hot reference of the same shape.
    """
    return binary_cross_entropy_with_logits(logits, target.to(logits.dtype))


def weighted_soft_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Return the sum over channels of w (1 - soft Dice), with w = voxels / (foreground voxels + 1) of the batch.

    This is the loss of SEQ-UNET (Chung et al. 2022): the rarer a structure in the batch, the larger its weight. The
    smoothing term of the Dice coefficient is 1.

    :param logits: outputs of the network, (batch, channels, *spatial).
    :param target: reference of the same shape, each element 0 or 1.
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
