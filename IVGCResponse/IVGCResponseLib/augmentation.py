"""What a network sees of a stored volume in training: noise, rotation and scaling (Zhang et al. 2026), mirroring."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from IVGCResponseLib.preparation import EDGE

#: z-scores beyond these are vitreous and vessels, which say nothing about the muscles.
LOW, HIGH = -3.0, 5.0
#: Ranges at strength 0, which are ours since the paper gives none: degrees, relative size, SD of the noise (z-score).
ROTATION, SCALING, NOISE = 8.0, 0.08, 0.05


def seen(images: Tensor) -> Tensor:
    """Return stored volumes with the range of grey values that the network knows."""
    return images.float().clamp(LOW, HIGH)


def views(images: Tensor) -> Iterator[Tensor]:
    """Return what is asked about stored volumes (cases, 32, 128, 128): as they are, and mirrored left to right."""
    known = seen(images)
    yield from (known, known.flip(-1))


def augmented(image: Tensor, random: np.random.Generator, strength: float = 0.0, edge: int = EDGE) -> Tensor:
    """Return a rotated, scaled, noisy volume (32, edge, edge), mirrored half of the time.

    :param strength: 0 is the paper's augmentation; 1 adds changes of contrast and brightness and doubles the ranges.
    :param edge: rows and columns that the network averages volumes to; done before, it saves most of the time.
    """
    if image.shape[-1] > edge:
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
