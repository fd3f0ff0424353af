"""Training samples of the locator: whole or partial heads in coarse voxels, with heat at the globes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise
from OrbitSegmentationLib.any_contrast.locate import SMALLEST_BOX as SIZE
from OrbitSegmentationLib.any_contrast.locate import SPACING
from OrbitSegmentationLib.any_contrast.training.head_labels import UNSPECIFIED_SOFT_TISSUE, load_head
from OrbitSegmentationLib.any_contrast.training.poses import (
    PoseSpread,
    anatomy_points,
    pick_nearest,
    random_bend,
    random_linear,
)
from OrbitSegmentationLib.any_contrast.training.whole_heads import head_from_labels, parametric_head

#: SD of the heat around a globe's centre in mm.
HEAT_SD = 6.0
_HEAD_SPACING = 2.0
#: Smallest number of voxels of a field of view along the right-left, posterior-anterior and inferior-superior axes.
_SHORTEST_FIELD = (16, 16, 10)
#: Spread of the orientation of scans in the room.
_OBLIQUE = PoseSpread(rotation_degrees=(14.0, 14.0, 14.0), scale=0.0, single_axis_scale=0.0, shear=0.0, shift_mm=0.0,
                      bend_mm=0.0)
#: Spread of the head's pose, wide enough for nods, tilts and turns of 25 degrees at once.
_SPREAD = PoseSpread(rotation_degrees=(18.0, 13.0, 14.0), scale=0.18, single_axis_scale=0.04, shear=0.03,
                     shift_mm=30.0, bend_mm=5.0)
#: Largest grey value of air that is not black, e.g. in scans with noise below zero.
_BRIGHTEST_AIR = 0.2


class LocatorSamples:
    """Samples from label maps and parametric heads; every draw has a new pose, field of view and contrast.

    :param label_maps: files of head label maps.
    :param phantom_heads: number of parametric heads.
    :param seed: seed of the parametric heads.
    :param draws_per_head: number of samples of each head in an epoch.
    """

    def __init__(self, label_maps: list[Path], phantom_heads: int, seed: int, draws_per_head: int = 16) -> None:
        self.draws_per_head = draws_per_head
        self.heads = [head_from_labels(load_head(path), every=2) for path in label_maps]
        self.heads += [parametric_head(np.random.default_rng([seed, number]), _HEAD_SPACING)
                       for number in range(phantom_heads)]

    def __len__(self) -> int:
        return len(self.heads) * self.draws_per_head

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return image (1, K, J, I) and heat (1, K, J, I) around the globes."""
        head = self.heads[index // self.draws_per_head]
        linear, bend = random_linear(_SPREAD, random), random_bend(_SPREAD, random)
        middle = head.low + head.spacing * np.array(head.tissues.shape[::-1]) / 2
        shift = middle + random.normal(0, _SPREAD.shift_mm, 3) * np.array([0.6, 0.8, 1.2])
        corner, shape = np.full(3, -SPACING * SIZE / 2), (SIZE, SIZE, SIZE)
        fine = anatomy_points(corner, (2 * SIZE, 2 * SIZE, 2 * SIZE), SPACING / 2, linear, shift, bend)
        tissues = pick_nearest(head.tissues, head.low, head.spacing, fine)
        image = synthesise(tissues, SPACING, random, UNSPECIFIED_SOFT_TISSUE)
        coarse = anatomy_points(corner, shape, SPACING, linear, shift, bend)
        heat = torch.stack([torch.exp(-((coarse - center) ** 2).sum(-1) / (2 * HEAT_SD**2)) for center in head.globes])
        heat = heat.amax(dim=0, keepdim=True)
        seen = field_of_view(random)
        image = raised_air(image, random) * seen
        return _either_way_round(image[None], heat * seen, random)


def _either_way_round(image: Tensor, heat: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Return image and heat, mirrored in half of the calls, so that neither side is learned better."""
    if random.random() < 0.5:
        return image, heat
    return image.flip(-1), heat.flip(-1)


def raised_air(image: Tensor, random: np.random.Generator) -> Tensor:
    """Return the image, in some calls with grey air, brighter than the padding, as in scans with noise below zero."""
    if random.random() < 0.7:
        return image
    air = float(random.uniform(0.0, _BRIGHTEST_AIR))
    return air + (1.0 - air) * image


def field_of_view(random: np.random.Generator) -> Tensor:
    """Return the mask (0 or 1) of a random field of view, often oblique: most scans do not show the whole head."""
    steps = torch.arange(SIZE, dtype=torch.float32) - (SIZE - 1) / 2
    k, j, i = torch.meshgrid(steps, steps, steps, indexing="ij")
    points = torch.stack([i, j, k], dim=-1)
    if random.random() < 0.5:
        points = points @ torch.from_numpy(random_linear(_OBLIQUE, random).astype(np.float32))
    seen = torch.ones(SIZE, SIZE, SIZE)
    for axis, shortest in enumerate(_SHORTEST_FIELD):
        if random.random() < 0.45:
            continue
        length = int(random.integers(shortest, SIZE))
        start = int(random.integers(0, SIZE - length + 1)) - SIZE / 2
        seen *= (points[..., axis] > start) & (points[..., axis] < start + length)
    return seen
