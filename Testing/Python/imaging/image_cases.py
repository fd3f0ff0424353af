"""Images on every kind of grid, for the tests of imaging."""

from __future__ import annotations

import itertools

import numpy as np

from NeuroOrbitLib.imaging.image import Grid, Image

AXIS_ORDERS = [
    (order, flips)
    for order in itertools.permutations(range(3))
    for flips in itertools.product((False, True), repeat=3)
]
"""All 48 ways to run through the same voxels: order of the array axes, and which of them are flipped."""


def rotation(axis: str, degrees: float) -> np.ndarray:
    """3x3 rotation about a RAS axis."""
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def shear(xy: float) -> np.ndarray:
    """3x3 matrix that tilts the second axis towards the first."""
    matrix = np.eye(3)
    matrix[0, 1] = xy
    return matrix


def affine(matrix: np.ndarray, spacing=(1.0, 1.0, 1.0), origin=(-12.5, 40.25, 7.0)) -> np.ndarray:
    """4x4 affine from the directions, the voxel size along I, J, K and the first voxel's place."""
    result = np.eye(4)
    result[:3, :3] = matrix * np.array(spacing)
    result[:3, 3] = origin
    return result


GEOMETRIES = {
    "axial": affine(np.eye(3)),
    "anisotropic": affine(np.eye(3), (0.3, 0.3, 3.0)),
    "oblique": affine(rotation("x", 30) @ rotation("z", 10), (0.8, 0.9, 1.1)),
    "exactly between two axes": affine(rotation("z", 45)),
    "sheared": affine(shear(0.3) @ rotation("y", 20), (0.8, 1.0, 1.2)),
    "mirrored": affine(np.diag([-1.0, 1.0, 1.0]) @ rotation("x", -15), (0.7, 0.7, 2.0)),
}


def random_image(geometry: str = "oblique", shape=(5, 6, 7), dtype=np.int16, seed: int = 0) -> Image:
    """Different values everywhere on a grid that has no equal sides."""
    values = np.random.default_rng(seed).permutation(int(np.prod(shape)))
    return Image(values.reshape(shape).astype(dtype), GEOMETRIES[geometry])


def in_axis_order(image: Image, order: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> Image:
    """The same voxels at the same places in the patient, stored in another axis order.

    :param order: which old array axis becomes the new axis 0, 1, 2.
    :param flips: which new axes run the other way.
    """
    array = np.transpose(image.array, order)
    old_of_new = np.eye(4)
    old_of_new[:3, :3] = 0
    for new_axis, old_axis in enumerate(order):
        new, old = 2 - new_axis, 2 - old_axis
        old_of_new[old, new] = -1.0 if flips[new_axis] else 1.0
        if flips[new_axis]:
            array = np.flip(array, new_axis)
            old_of_new[old, 3] = array.shape[new_axis] - 1
    return Image(np.ascontiguousarray(array), image.affine @ old_of_new)


def linear_field(grid: Grid) -> np.ndarray:
    """A function of the place in the patient that linear interpolation reproduces exactly, on a grid's voxels."""
    indices = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)[..., ::-1]
    return 3.0 + grid.ras_from_ijk(indices) @ np.array([0.5, -1.25, 2.0])


def ball(grid: Grid, center, radius: float) -> np.ndarray:
    """Mask of the voxels whose middle lies in a ball (RAS mm)."""
    indices = np.stack(np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), axis=-1)[..., ::-1]
    return np.linalg.norm(grid.ras_from_ijk(indices) - np.asarray(center), axis=-1) <= radius
