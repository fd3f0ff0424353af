"""Augmentation of stored stacks of slices for training: noise, rotation and scaling, mirroring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

#: Range of z-scores; values beyond it are fluid and vessels, which carry no information about solid tissue.
LOW, HIGH = -3.0, 5.0
#: Ranges at strength 0: rotation (degrees), relative scaling, SD of the noise (z-score).
ROTATION, SCALING, NOISE = 8.0, 0.08, 0.05


def seen(images: Tensor) -> Tensor:
    """Return stored volumes (any shape) with z-scores clipped to :data:`LOW` and :data:`HIGH`, as the network knows."""
    return images.float().clamp(LOW, HIGH)


def views(images: Tensor) -> Iterator[Tensor]:
    """Yield the views of volumes (cases, slices, rows, columns) to average over: unchanged, and mirrored."""
    known = seen(images)
    yield from (known, known.flip(-1))


def augmented(image: Tensor, random: np.random.Generator, strength: float = 0.0, edge: int | None = None) -> Tensor:
    """Return a rotated, scaled, noisy volume (slices, edge, edge), mirrored left to right with a probability of 0.5.

    :param image: z-scores (slices, rows, columns); all slices are rotated and scaled alike.
    :param random: source of randomness.
    :param strength: 1 adds changes of contrast and brightness to those of strength 0, and doubles the ranges.
    :param edge: number of rows and columns to which the network averages volumes, None for those of the image.
        Averaging before the augmentation saves most of its time.
    """
    if edge is not None and image.shape[-1] > edge:
        image = torch.nn.functional.adaptive_avg_pool2d(image, edge)
    factor = 1.0 + strength
    angle = np.radians(random.uniform(-ROTATION, ROTATION) * factor)
    scale = 1.0 + random.uniform(-SCALING, SCALING) * factor
    cos, sin = np.cos(angle) / scale, np.sin(angle) / scale
    turn = torch.tensor([[[cos, -sin, 0.0], [sin, cos, 0.0]]], dtype=torch.float32)
    grid = torch.nn.functional.affine_grid(turn, [1, 1, *image.shape[-2:]], align_corners=False)
    turned = torch.nn.functional.grid_sample(image.clamp(LOW, HIGH)[None], grid, padding_mode="border",
                                             align_corners=False)[0]
    noise = torch.from_numpy(random.standard_normal(turned.shape, dtype=np.float32))
    contrast, brightness = (0.1 * strength * float(value) for value in random.normal(size=2))
    found = turned * (1 + contrast) + brightness + NOISE * factor * float(random.random()) * noise
    return found.flip(-1) if random.random() < 0.5 else found
