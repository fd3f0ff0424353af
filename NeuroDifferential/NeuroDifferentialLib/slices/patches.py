"""Random patches of slices for training: mirrored, rotated, stretched and bent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor


@dataclass(frozen=True)
class Movement:
    """The amount of random movement of patches.

    :param angle: SD of the rotation (degrees).
    :param size: SD of the logarithm of the size.
    :param stretch: SD of the logarithm of the stretching along rows and along columns, independently.
    :param shift: largest distance from the requested centre, as a share of the patch.
    :param bend: largest random deformation (SD over the patch, pixels).
    """

    angle: float = 7.0
    size: float = 0.0
    stretch: float = 0.07
    shift: float = 0.4
    bend: float = 0.0


def random_grid(shape: tuple[int, int], middle: tuple[int, int], axis: int, patch: int, movement: Movement,
                random: np.random.Generator) -> Tensor:
    """Return the positions of a random patch's pixels in a slice, for ``torch.nn.functional.grid_sample``.

    :param shape: number of rows and columns of the slice.
    :param middle: row and column that must be in the patch.
    :param axis: axis across which the slice is taken, 0 to 2 for K, J, I in RAS axis order; if columns run from left to
        right, patches are mirrored at random.
    :param patch: number of rows and columns of the patch.
    :param movement: amount of movement.
    :param random: source of randomness.
    :return: column and row of each pixel, from -1 to 1 over the slice, float32 (1, patch, patch, 2).
    """
    rows, columns = shape
    angle = np.deg2rad(random.normal(0, movement.angle))
    stretch = np.exp(random.normal(0, movement.size) + random.normal(0, movement.stretch, 2))
    if axis < 2 and random.random() < 0.5:
        stretch[0] *= -1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * stretch
    shift = random.uniform(-movement.shift, movement.shift, 2) * patch
    center = (_kept_inside(middle[1] + shift[1], columns, patch), _kept_inside(middle[0] + shift[0], rows, patch))
    scale = np.array([columns, rows])
    matrix = np.column_stack([turn * patch / scale[:, None], (2 * np.array(center) + 1) / scale - 1])
    grid = functional.affine_grid(torch.from_numpy(matrix.astype(np.float32))[None], [1, 1, patch, patch],
                                  align_corners=False)
    if movement.bend:
        amount, knots = random.uniform(0, movement.bend), int(random.integers(4, 8))
        bend = torch.stack([smooth_map(patch, knots, random), smooth_map(patch, knots, random)], dim=-1)
        grid = grid + bend * torch.tensor([2 * amount / columns, 2 * amount / rows])
    return grid


def smooth_map(patch: int, knots: int, random: np.random.Generator) -> Tensor:
    """Return a smooth random map (patch, patch) of about unit SD, interpolated from ``knots`` x ``knots`` numbers."""
    values = torch.from_numpy(random.normal(0, 1, (1, 1, knots, knots)).astype(np.float32))
    return functional.interpolate(values, (patch, patch), mode="bicubic", align_corners=True)[0, 0]


def _kept_inside(middle: float, size: int, patch: int) -> float:
    """Return the centre of a patch, moved so that the patch is inside the slice, or the centre of a small slice."""
    return float(np.clip(middle, patch / 2, size - patch / 2)) if size > patch else size / 2
