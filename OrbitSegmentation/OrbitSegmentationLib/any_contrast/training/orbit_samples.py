"""Training samples of the orbit network: one orbit in the right-eye frame in any contrast, with its classes.

Some boxes show another part of a head, without anything to segment: a network that has never seen one takes whatever
it is shown for an orbit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise, synthesise_outlined
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.any_contrast.classes import class_table
from OrbitSegmentationLib.any_contrast.segment import SPACING
from OrbitSegmentationLib.any_contrast.training.head_labels import UNSPECIFIED_SOFT_TISSUE
from OrbitSegmentationLib.any_contrast.training.label_bank import BANK_LOW, BANK_SPACING
from OrbitSegmentationLib.any_contrast.training.poses import (
    PoseSpread,
    anatomy_points,
    pick_nearest,
    random_bend,
    random_linear,
)
from OrbitSegmentationLib.any_contrast.training.whole_heads import WholeHead
from OrbitSegmentationLib.orbit_frame import BOX_HIGH, BOX_LOW, box_shape

_SPREAD = PoseSpread(rotation_degrees=(9.0, 4.0, 6.0), scale=0.16, single_axis_scale=0.04, shear=0.03,
                     shift_mm=2.2, bend_mm=1.6)
#: Number of voxels (K, J, I) of the network's box.
BOX_SHAPE = box_shape(SPACING)
#: Share of boxes without an orbit relative to those with one, and distance (mm) of their faces from any globe's centre.
EMPTY_SHARE, _GLOBE_MARGIN = 0.12, 14.0


class OrbitSamples:
    """The orbits of a label bank, and boxes without an orbit; every draw has a new pose, shape and contrast.

    :param bank: folder written by :mod:`~OrbitSegmentationLib.any_contrast.training.label_bank`.
    :param heads: heads from which boxes without an orbit are taken; empty for orbits only.
    :param device: device on which the bank is kept and images are made.
    """

    def __init__(self, bank: Path, heads: Sequence[WholeHead] = (), device: torch.device | str = "cpu") -> None:
        self.labels: list[Tensor] = []
        self.tissues: list[Tensor] = []
        self.heads = tuple(replace(head, tissues=head.tissues.to(device)) for head in heads)
        table = class_table()
        for path in sorted(bank.glob("*.npz")):
            with np.load(path) as arrays:
                self.labels += [torch.from_numpy(table[a]).to(device) for a in arrays["labels"]]
                self.tissues += [torch.from_numpy(a).to(device) for a in arrays["tissues"]]

    def __len__(self) -> int:
        return len(self.labels) + (round(EMPTY_SHARE * len(self.labels)) if self.heads else 0)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return image (1, K, J, I) and classes (K, J, I; long) of an orbit; larger indices give a box without one."""
        if index >= len(self.labels):
            return self._empty(self.heads[int(random.integers(len(self.heads)))], random)
        linear, bend = random_linear(_SPREAD, random), random_bend(_SPREAD, random)
        shift = np.clip(random.normal(0, _SPREAD.shift_mm, 3), -7, 7)
        bank_low = np.array(BANK_LOW)
        tissues, labels = self.tissues[index], self.labels[index]
        fine = pick_nearest(tissues, bank_low, BANK_SPACING, _points(linear, shift, bend, 2, tissues.device))
        classes = pick_nearest(labels, bank_low, BANK_SPACING, _points(linear, shift, bend, 1, tissues.device))
        image, classes = synthesise_outlined(fine, classes, SPACING, random, UNSPECIFIED_SOFT_TISSUE)
        return image[None], classes.long()

    def _empty(self, head: WholeHead, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        linear, bend = random_linear(_SPREAD, random), random_bend(_SPREAD, random)
        shift = place_without_orbit(head, linear, random)
        device = head.tissues.device
        fine = pick_nearest(head.tissues, head.low, head.spacing, _points(linear, shift, bend, 2, device))
        image = synthesise(fine, SPACING, random, UNSPECIFIED_SOFT_TISSUE)[None]
        return image, torch.zeros(BOX_SHAPE, dtype=torch.long, device=device)


def place_without_orbit(head: WholeHead, linear: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return a random place (x, y, z mm) inside a head such that no globe reaches into the network's box around it.

    :param head: the head.
    :param linear: 3x3 matrix from millimetres of the box to those of the head.
    """
    low, high = np.array(BOX_LOW) - _GLOBE_MARGIN, np.array(BOX_HIGH) + _GLOBE_MARGIN
    globes = head.globes.numpy()
    while True:
        kji = [int(random.integers(count)) for count in head.tissues.shape]
        place = head.low + head.spacing * (np.array(kji[::-1]) + 0.5)
        seen = np.linalg.solve(linear, (globes - place).T).T
        is_tissue = int(head.tissues[tuple(kji)]) != Tissue.AIR
        if is_tissue and not ((seen > low) & (seen < high)).all(axis=1).any():
            return place


def _points(linear: np.ndarray, shift: np.ndarray, bend: Tensor, finer: int, device: torch.device | str) -> Tensor:
    """Return the positions in the anatomy of the voxels of the network's box, with ``finer`` times as fine voxels."""
    shape = tuple(finer * count for count in BOX_SHAPE)
    return anatomy_points(np.array(BOX_LOW), shape, SPACING / finer, linear, shift, bend, device)
