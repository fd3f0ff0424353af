"""A learning rate that warms up and then falls along a cosine."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler


def cosine_rate(optimizer: Optimizer, steps: int, warm_up: int | None = None, floor: float = 0.0) -> LRScheduler:
    """Let the learning rate of a training of ``steps`` follow :func:`cosine_factor`.

    :param warm_up: steps; None for a tenth of the training.
    """
    from torch.optim.lr_scheduler import LambdaLR

    warm_up = round(0.1 * steps) if warm_up is None else warm_up
    return LambdaLR(optimizer, lambda step: cosine_factor(step, steps, warm_up, floor))


def cosine_factor(step: int, steps: int, warm_up: int, floor: float = 0.0) -> float:
    """Learning rate relative to its largest: linear over ``warm_up`` steps, then half a cosine down to ``floor``."""
    if step < warm_up:
        return (step + 1) / (warm_up + 1)
    done = min((step - warm_up) / max(steps - warm_up, 1), 1.0)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))
