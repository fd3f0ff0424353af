"""The parts of stored crops that the network sees, in training and afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.classifiers.augmentation import HIGH, LOW
from TAOActivityLib.preparation import SEEN, STORED

Crops = TypeVar("Crops", Tensor, np.ndarray)
#: First rows and columns of the parts of a crop whose answers are averaged.
VIEW_STARTS = (9, 18, 27)


def seen(images: Tensor) -> Tensor:
    """Return the middle (..., 128, 128) of stored crops (..., 164, 164), limited to the training's grey values."""
    return seen_part(images).float().clamp(LOW, HIGH)


def seen_part(crop: Crops) -> Crops:
    """Return the middle (..., 128, 128) of stored crops (..., 164, 164), which the network looks at."""
    first = (STORED - SEEN) // 2
    return crop[..., first:first + SEEN, first:first + SEEN]


def views(images: Tensor) -> Iterator[Tensor]:
    """Yield nine parts (..., 128, 128) around the middle of stored crops (..., 164, 164), and their mirror images."""
    for row, column in product(VIEW_STARTS, repeat=2):
        part = images[..., row:row + SEEN, column:column + SEEN].float().clamp(LOW, HIGH)
        yield from (part, part.flip(-1))


def augmented(image: Tensor, random: np.random.Generator, strength: float = 0.0) -> Tensor:
    """Return a random part (5, 128, 128) of a stored crop (5, 164, 164), mirrored half of the time (Lin et al. 2021).

    :param image: the stored crop.
    :param random: generator of random numbers.
    :param strength: 0 for the paper's augmentation; 1 adds changes of contrast and brightness, noise, and a shift by at
        most one slice, which helps with small cohorts.
    """
    row, column = random.integers(0, STORED - SEEN + 1, size=2)
    part = image[:, row:row + SEEN, column:column + SEEN].clamp(LOW, HIGH)
    if random.random() < 0.5:
        part = part.flip(-1)
    return part if strength == 0 else _varied(part, random, strength)


def _varied(image: Tensor, random: np.random.Generator, strength: float) -> Tensor:
    scale, offset = (0.1 * strength * float(value) for value in random.normal(size=2))
    noise = torch.from_numpy(random.standard_normal(image.shape, dtype=np.float32))
    varied = image * (1 + scale) + offset + 0.1 * strength * float(random.random()) * noise
    step = int(random.integers(-1, 2)) if random.random() < 0.3 * strength else 0
    if step == 0:
        return varied
    index = (torch.arange(len(varied)) + step).clamp(0, len(varied) - 1)
    return varied[index]
