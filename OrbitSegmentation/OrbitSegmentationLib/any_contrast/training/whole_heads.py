"""Whole heads as tissue classes, with the positions of their globes, from which training samples are cut."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.phantom.head.raster import rasterise_head
from NeuroOrbitLib.phantom.head.shape import random_head_shape
from OrbitSegmentationLib.any_contrast.training.head_labels import LabelledHead, tissues_from_labels

#: Corners (x, y, z mm in the phantom's head frame) of a box that holds a parametric head.
_PHANTOM_LOW, _PHANTOM_HIGH = (-92.0, -190.0, -112.0), (92.0, 36.0, 112.0)


@dataclass(frozen=True)
class WholeHead:
    """One head as tissue classes.

    :param tissues: tissue classes (K, J, I), uint8, in RAS axis order, with air all around, so that repeating the edge
        adds nothing.
    :param low: lower corner (x, y, z mm) of the voxels.
    :param spacing: voxel size in mm, the same in all directions.
    :param globes: centres (2, 3) of the right and the left globe in mm.
    """

    tissues: Tensor
    low: np.ndarray
    spacing: float
    globes: Tensor


def head_from_labels(head: LabelledHead, every: int) -> WholeHead:
    """Return the head of a label map with voxels of 1 mm, of which every ``every``th voxel is kept along each axis."""
    tissues = np.pad(tissues_from_labels(head.labels.array)[::every, ::every, ::every], 1)
    spacing = float(every * head.labels.grid.spacing[0])
    low = head.labels.grid.ras_from_ijk(np.zeros(3)) - 1.5 * spacing
    globes = torch.tensor([frame.center for frame in head.frames], dtype=torch.float32)
    return WholeHead(torch.from_numpy(tissues), low, spacing, globes)


def parametric_head(rng: np.random.Generator, spacing: float) -> WholeHead:
    """Return an entirely parametric head of random shape, healthy or with thyroid eye disease.

    :param rng: random generator.
    :param spacing: voxel size in mm.
    """
    shape = random_head_shape(rng, severity=float(rng.beta(1.6, 2.2)) if rng.random() < 0.5 else 0.0)
    axes = [np.arange(low, high, spacing) for low, high in zip(_PHANTOM_LOW, _PHANTOM_HIGH, strict=True)]
    z, y, x = np.meshgrid(*axes[::-1], indexing="ij")
    _labels, tissues = rasterise_head(shape, np.stack([x, y, z], axis=-1))
    globes = np.stack([shape.from_orbit(np.array(shape.orbit(side).globe_center), side) for side in "RL"])
    low = np.array(_PHANTOM_LOW) - spacing / 2
    return WholeHead(torch.from_numpy(tissues), low, spacing, torch.from_numpy(globes.astype(np.float32)))
