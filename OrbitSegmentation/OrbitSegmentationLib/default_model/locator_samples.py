"""Training samples of the first network: whole or partial coarse heads, with heat where the globes are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.phantom.randomised_image import synthesise
from OrbitSegmentationLib.any_contrast.locate import SMALLEST_BOX as SIZE
from OrbitSegmentationLib.any_contrast.locate import SPACING
from OrbitSegmentationLib.default_model.head_labels import UNSPECIFIED_SOFT_TISSUE, load_head
from OrbitSegmentationLib.default_model.poses import (
    PoseSpread,
    anatomy_points,
    pick_nearest,
    random_bend,
    random_linear,
)
from OrbitSegmentationLib.default_model.whole_heads import head_from_labels, parametric_head

#: SD of the heat around a globe centre in mm.
HEAT_SD = 6.0
_HEAD_SPACING = 2.0
_SPREAD = PoseSpread(rotation_degrees=(14.0, 7.0, 9.0), scale=0.18, single_axis_scale=0.04, shear=0.03,
                     shift_mm=30.0, bend_mm=5.0)


class LocatorSamples:
    """Heads from label maps and parametric heads; every draw has a new pose, field of view and contrast.

    :param phantom_heads: number of parametric heads.
    :param draws_per_head: how often an epoch shows each head.
    """

    def __init__(self, label_maps: list[Path], phantom_heads: int, seed: int, draws_per_head: int = 16) -> None:
        self.draws_per_head = draws_per_head
        self.heads = [head_from_labels(load_head(path), every=2) for path in label_maps]
        self.heads += [parametric_head(np.random.default_rng([seed, number]), _HEAD_SPACING)
                       for number in range(phantom_heads)]

    def __len__(self) -> int:
        return len(self.heads) * self.draws_per_head

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """(image (1, K, J, I), heat (1, K, J, I) around the globes)."""
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
        image, seen = _field_of_view(image, random)
        return _either_way_round(image[None], heat * seen, random)


def _either_way_round(image: Tensor, heat: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Half of the heads are mirrored, so that neither side is learned better."""
    if random.random() < 0.5:
        return image, heat
    return image.flip(-1), heat.flip(-1)


def _field_of_view(image: Tensor, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Most scans do not show the whole head: keep a random box, with zeros around as the pipeline pads."""
    seen = torch.zeros_like(image)
    box = []
    for axis in range(3):
        whole = random.random() < 0.45
        length = SIZE if whole else int(random.integers(10 if axis == 0 else 16, SIZE))
        start = int(random.integers(0, SIZE - length + 1))
        box.append(slice(start, start + length))
    seen[tuple(box)] = 1.0
    return image * seen, seen
