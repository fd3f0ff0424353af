"""A learning rate that warms up and then falls along a cosine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler


def cosine_rate(optimizer: Optimizer, steps: int, warm_up: int | None = None, floor: float = 0.0) -> LRScheduler:
    """Return a scheduler that lets the learning rate follow :func:`cosine_factor`.

    :param optimizer: optimiser whose rate is the largest one.
    :param steps: number of optimiser steps of the whole training.
    :param warm_up: number of steps over which the rate rises; None for a tenth of the training.
    :param floor: rate at the end, relative to the largest.
    """
    from torch.optim.lr_scheduler import LambdaLR

    warm_up = round(0.1 * steps) if warm_up is None else warm_up
    return LambdaLR(optimizer, lambda step: cosine_factor(step, steps, warm_up, floor))


def cosine_factor(step: int, steps: int, warm_up: int, floor: float = 0.0) -> float:
    """Return the learning rate at ``step`` relative to the largest one.

    It rises linearly over ``warm_up`` steps, then falls along half a cosine to ``floor`` at ``steps``.
    """
    if step < warm_up:
        return (step + 1) / (warm_up + 1)
    done = min((step - warm_up) / max(steps - warm_up, 1), 1.0)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))
