"""A loss for label maps without some structures: structures that were not labelled are not learned to be absent.

A target holds the class of each voxel or, if several classes are possible, the negative bit mask of these (bit n for
class n). In a cohort without lacrimal glands, a voxel without a label may be background or lacrimal gland.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS

_EYEBALL, _LENS = LABEL_OF_CLASS.index(1), LABEL_OF_CLASS.index(19)


def possible_classes(classes: np.ndarray, labelled: Iterable[int]) -> np.ndarray:
    """Return the target of an orbit in which only some structures are labelled, int16 (K, J, I).

    :param classes: class of each voxel, 0 for voxels without a label, (K, J, I).
    :param labelled: classes that the reader has labelled. If the lens is not among them, it is part of the eyeball.
    """
    labelled = set(labelled)
    missing = [number for number in range(1, len(LABEL_OF_CLASS)) if number not in labelled]
    target = classes.astype(np.int16)
    if missing:
        target[classes == 0] = -_bits([0, *missing])
    if _LENS in missing and _EYEBALL in labelled:
        target[classes == _EYEBALL] = -_bits([_EYEBALL, _LENS])
    return target


def partial_cross_entropy_and_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Return the cross-entropy of the possible classes plus one minus the mean soft Dice of the foreground classes.

    Voxels that may or may not belong to a class are left out of the Dice of that class.

    :param logits: outputs of the network, (B, C, K, J, I).
    :param target: target (B, K, J, I) as :func:`possible_classes` returns it.
    """
    count = logits.shape[1]
    numbers = torch.arange(count, device=logits.device).view(1, count, 1, 1, 1)
    target = target.long()[:, None]
    certain = target >= 0
    possible = torch.where(certain, target == numbers, (-target).bitwise_right_shift(numbers).bitwise_and(1).bool())
    log_probabilities = logits.log_softmax(dim=1)
    entropy = -log_probabilities.masked_fill(~possible, -torch.inf).logsumexp(dim=1).mean()
    known = (certain | ~possible).to(logits.dtype)
    truth = (certain & possible).to(logits.dtype)
    axes = (0, 2, 3, 4)
    probabilities = log_probabilities.exp() * known
    overlap, total = (probabilities * truth).sum(axes), probabilities.sum(axes) + truth.sum(axes)
    shown = known.amax(axes)[1:]
    dice = ((2 * overlap + 1.0) / (total + 1.0))[1:]
    return entropy + 1 - (dice * shown).sum() / shown.sum().clamp(min=1)


def _bits(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in numbers)
