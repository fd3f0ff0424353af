"""Augmentation of a patch by blur, brightness, coil shading and noise, in which scanners differ."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroDifferentialLib.slices.patches import smooth_map

#: Probability of each change, and its range, maximum or SD of the logarithm.
_BLURRED, _BLUR = 0.35, (0.4, 1.2)
_GAIN, _BENT, _GAMMA = 0.2, 0.5, 0.2
_SHADED, _SHADE = 0.5, 0.12
_NOISY, _NOISE, _GRAINY, _GRAIN = 0.5, 0.03, 0.5, 0.7
#: Brightness below which a pixel is no tissue and gets no noise, so that the background of a stripped brain stays 0.
_NOTHING = 0.01


def other_look(patch: Tensor, random: np.random.Generator) -> Tensor:
    """Return neighbouring slices of one scan, (slices, rows, columns), 0 to 1, with the look of another scanner."""
    if random.random() < _BLURRED:
        patch = blurred(patch, random.uniform(*_BLUR))
    patch = (patch * float(np.exp(random.normal(0, _GAIN)))).clamp(0, 1)
    if random.random() < _BENT:
        patch = patch ** float(np.exp(random.normal(0, _GAMMA)))
    if random.random() < _SHADED:
        patch = patch * (1 + float(random.uniform(0, _SHADE)) * smooth_map(patch.shape[-1], 3, random))
    if random.random() < _NOISY:
        noise = torch.from_numpy(random.normal(0, 1, patch.shape).astype(np.float32))
        if random.random() < _GRAINY:
            noise = blurred(noise, _GRAIN)
            noise = noise / noise.std()
        patch = torch.where(patch > _NOTHING, patch + float(random.uniform(0, _NOISE)) * noise, patch)
    return patch.clamp(0, 1)


def blurred(patch: Tensor, sigma: float) -> Tensor:
    """Return square images (images, rows, columns) smoothed by a Gaussian of ``sigma`` pixels (at most 1.2)."""
    reach = 3
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    weights, count = weights / weights.sum(), len(patch)
    wide = functional.pad(patch[None], (reach, reach, reach, reach), mode="replicate")
    for shape in ((1, 1, 1, -1), (1, 1, -1, 1)):
        wide = functional.conv2d(wide, weights.view(shape).expand(count, -1, -1, -1), groups=count)
    return wide[0]
