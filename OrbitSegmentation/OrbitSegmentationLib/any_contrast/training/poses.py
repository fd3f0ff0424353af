"""Random poses and shapes: the positions of a training image's voxels in the anatomy that it is made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor


@dataclass(frozen=True)
class PoseSpread:
    """Spread of random poses and shapes: one SD each, or half the range for ``scale``.

    :param rotation_degrees: turns about x, y, z, degrees.
    :param scale: relative change of the size.
    :param single_axis_scale: relative change of the size along each axis.
    :param shear: shears between the axes.
    :param shift_mm: shift, mm.
    :param bend_mm: largest SD of the smooth displacements, mm.
    """

    rotation_degrees: tuple[float, float, float]
    scale: float
    single_axis_scale: float
    shear: float
    shift_mm: float
    bend_mm: float


def random_linear(spread: PoseSpread, rng: np.random.Generator) -> np.ndarray:
    """Return a random 3x3 matrix from image to anatomy millimetres (rotation, scale per axis, shear)."""
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
    """Return the positions of the voxel centres of a box in the anatomy, mm (K, J, I, 3; x y z).

    :param low: lower corner of the box (x, y, z) mm.
    :param shape: number of voxels (K, J, I).
    :param spacing: voxel size in mm.
    :param linear: 3x3 matrix from image to anatomy millimetres.
    :param shift: shift (x, y, z) in anatomy millimetres.
    :param bend: smooth displacements in mm on a coarse lattice, (1, 3, k, j, i); None for none.
    :param device: device of the result.
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
    """Return random smooth displacements in mm on a coarse lattice, (1, 3, k, j, i), for :func:`anatomy_points`."""
    knots = int(rng.integers(4, 8))
    amount = spread.bend_mm * rng.random()
    return torch.from_numpy(rng.normal(0, amount, (1, 3, knots, knots, knots)).astype(np.float32))


def pick_nearest(volume: Tensor, low: np.ndarray, spacing: float, points: Tensor) -> Tensor:
    """Return the values of the voxels nearest to points; the edges of the volume are repeated.

    :param volume: values (K, J, I).
    :param low: lower corner of the volume's box (x, y, z) mm.
    :param spacing: voxel size in mm.
    :param points: positions (..., 3; x y z mm).
    """
    index = []
    for axis in range(3):
        position = (points[..., axis] - float(low[axis])) / spacing
        index.append(position.long().clamp_(0, volume.shape[2 - axis] - 1))
    x, y, z = index
    return volume.flatten()[(z * volume.shape[1] + y) * volume.shape[2] + x]
