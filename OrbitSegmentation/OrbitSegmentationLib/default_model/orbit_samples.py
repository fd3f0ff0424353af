"""Training samples of the second network: one orbit in the right-eye frame, any contrast, with its classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.phantom.randomised_image import synthesise
from OrbitSegmentationLib.any_contrast.classes import class_table
from OrbitSegmentationLib.any_contrast.segment import SPACING
from OrbitSegmentationLib.default_model.head_labels import UNSPECIFIED_SOFT_TISSUE
from OrbitSegmentationLib.default_model.label_bank import BANK_LOW, BANK_SPACING
from OrbitSegmentationLib.default_model.poses import (
    PoseSpread,
    anatomy_points,
    pick_nearest,
    random_bend,
    random_linear,
)
from OrbitSegmentationLib.orbit_frame import BOX_HIGH, BOX_LOW

_SPREAD = PoseSpread(rotation_degrees=(9.0, 4.0, 6.0), scale=0.16, single_axis_scale=0.04, shear=0.03,
                     shift_mm=2.2, bend_mm=1.6)


class OrbitSamples:
    """All orbits of a label bank; every draw has a new pose, shape and contrast."""

    def __init__(self, bank: Path) -> None:
        self.labels: list[Tensor] = []
        self.tissues: list[Tensor] = []
        table = class_table()
        for path in sorted(bank.glob("*.npz")):
            with np.load(path) as arrays:
                self.labels += [torch.from_numpy(table[a]) for a in arrays["labels"]]
                self.tissues += [torch.from_numpy(a) for a in arrays["tissues"]]

    def __len__(self) -> int:
        return len(self.labels)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """(image (1, K, J, I), classes (K, J, I) long) of one orbit."""
        linear, bend = random_linear(_SPREAD, random), random_bend(_SPREAD, random)
        shift = np.clip(random.normal(0, _SPREAD.shift_mm, 3), -7, 7)
        low, shape = np.array(BOX_LOW), box_shape()
        fine = anatomy_points(low, tuple(2 * n for n in shape), SPACING / 2, linear, shift, bend)
        coarse = anatomy_points(low, shape, SPACING, linear, shift, bend)
        bank_low = np.array(BANK_LOW)
        image = synthesise(pick_nearest(self.tissues[index], bank_low, BANK_SPACING, fine), SPACING, random,
                           UNSPECIFIED_SOFT_TISSUE)
        classes = pick_nearest(self.labels[index], bank_low, BANK_SPACING, coarse)
        return image[None], classes.long()


def box_shape() -> tuple[int, int, int]:
    """Voxels (K, J, I) of the network's box."""
    i, j, k = (round((high - low) / SPACING) for low, high in zip(BOX_LOW, BOX_HIGH, strict=True))
    return k, j, i
