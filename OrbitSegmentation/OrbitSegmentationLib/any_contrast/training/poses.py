"""Random poses and shapes: where the voxels of a training image lie in the anatomy it is made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor


@dataclass(frozen=True)
class PoseSpread:
    """How far poses and shapes vary (one SD, or the half range for the scale)."""

    rotation_degrees: tuple[float, float, float]
    scale: float
    single_axis_scale: float
    shear: float
    shift_mm: float
    bend_mm: float


def random_linear(spread: PoseSpread, rng: np.random.Generator) -> np.ndarray:
    """3x3 matrix from image millimetres to anatomy millimetres (rotation, scale per axis, shear)."""
    matrix = np.eye(3)
    for axis, degrees in enumerate(rng.normal(0, spread.rotation_degrees)):
        matrix = matrix @ _rotation(axis, np.deg2rad(degrees))
    scales = (1 + rng.uniform(-spread.scale, spread.scale)) * (1 + rng.normal(0, spread.single_axis_scale, 3))
    shear = np.eye(3) + np.triu(rng.normal(0, spread.shear, (3, 3)), 1)
    return matrix @ np.diag(scales) @ shear


def _rotation(axis: int, angle: float) -> np.ndarray:
    first, second = [other for other in range(3) if other != axis]
    matrix = np.eye(3)
    matrix[[first, second], [first, second]] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix


def anatomy_points(low: np.ndarray, shape: tuple[int, int, int], spacing: float, linear: np.ndarray,
                   shift: np.ndarray, bend: Tensor | None, device: torch.device | str = "cpu") -> Tensor:
    """Anatomy millimetres (K, J, I, 3; x y z) of the voxel centres of a box.

    :param low: lower corner of the box (x, y, z) mm.
    :param shape: voxels (K, J, I).
    :param bend: smooth displacements (1, 3, k, j, i) mm on a coarse lattice, or None.
    """
    axes = [low[2 - k] + spacing * (np.arange(n) + 0.5) for k, n in enumerate(shape)]
    z, y, x = (torch.from_numpy(axis.astype(np.float32)).to(device) for axis in axes)
    columns, origin = (torch.from_numpy(np.asarray(each, np.float32)).to(device) for each in (linear, shift))
    points = (x[None, None, :, None] * columns[:, 0] + y[None, :, None, None] * columns[:, 1]
              + z[:, None, None, None] * columns[:, 2] + origin)
    if bend is None:
        return points
    moves = functional.interpolate(bend.to(device), size=shape, mode="trilinear", align_corners=True)[0]
    return points + moves.movedim(0, -1)


def random_bend(spread: PoseSpread, rng: np.random.Generator) -> Tensor:
    """Smooth displacements on a coarse lattice, for :func:`anatomy_points`."""
    knots = int(rng.integers(4, 8))
    amount = spread.bend_mm * rng.random()
    return torch.from_numpy(rng.normal(0, amount, (1, 3, knots, knots, knots)).astype(np.float32))


def pick_nearest(volume: Tensor, low: np.ndarray, spacing: float, points: Tensor) -> Tensor:
    """Values of the voxels of ``volume`` (K, J, I) nearest to the points (..., 3; x y z mm); edges are repeated.

    :param low: lower corner of the volume's box (x, y, z) mm.
    """
    index = []
    for axis in range(3):
        position = (points[..., axis] - float(low[axis])) / spacing
        index.append(position.long().clamp_(0, volume.shape[2 - axis] - 1))
    x, y, z = index
    return volume.flatten()[(z * volume.shape[1] + y) * volume.shape[2] + x]
