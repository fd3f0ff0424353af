"""Geometry of voxels: reorientation and its exact inverse, mirroring, new grids; also exports cropping, resampling."""

from __future__ import annotations

from itertools import permutations
from typing import TypeVar

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box, box_around, box_covering, crop, crop_grid, paste
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.resampling import resample, resample_labels, resample_probabilities

__all__ = [
    "Box",
    "axis_codes",
    "box_around",
    "box_covering",
    "crop",
    "crop_grid",
    "grid_around",
    "mirror_left_right",
    "paste",
    "reorient_to_ras",
    "resample",
    "resample_labels",
    "resample_probabilities",
    "restore_orientation",
    "same_voxels",
    "stored_as",
    "without_header_noise",
]

Placed = TypeVar("Placed", Image, Grid)
#: Steps (mm) to which voxel sizes along the axes, and origins, are rounded. Usual sizes such as 240/512 mm are whole
#: numbers of them; half-way between two steps, noise would decide.
_STEP, _STEP_OF_ORIGIN = 2.0 ** -13, 2.0 ** -10
_CODES = (("L", "R"), ("P", "A"), ("I", "S"))


def axis_codes(affine: np.ndarray) -> tuple[str, str, str]:
    """Return the anatomical direction of each index axis I, J, K, e.g. ("L", "P", "S"); if oblique, the closest."""
    world_of_axis, signs = _closest_axes(np.asarray(affine, dtype=np.float64))
    return tuple(_CODES[world][int(sign > 0)] for world, sign in zip(world_of_axis, signs, strict=True))


def reorient_to_ras(image: Image) -> Image:
    """Return the image with its axes permuted and flipped so that I, J, K run closest to right, anterior, superior.

    Nothing is interpolated; :func:`restore_orientation` is the exact inverse.
    """
    world_of_axis, signs = _closest_axes(image.affine)
    axis_of_world = np.argsort(world_of_axis)
    array = np.transpose(image.array, [2 - axis for axis in axis_of_world[::-1]])
    matrix = image.affine[:3, axis_of_world].copy()
    origin = image.affine[:3, 3].copy()
    for world in range(3):
        if signs[axis_of_world[world]] < 0:
            array = np.flip(array, 2 - world)
            origin = origin + matrix[:, world] * (array.shape[2 - world] - 1)
            matrix[:, world] = -matrix[:, world]
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = matrix, origin
    return Image(np.ascontiguousarray(array), affine)


def restore_orientation(image: Image, original_grid: Grid) -> Image:
    """Put an image that lies on the reoriented ``original_grid`` back into the original axis order.

    :param image: image on the grid that :func:`reorient_to_ras` gives for an image on ``original_grid``.
    :param original_grid: grid to return to.
    :raises ValueError: if ``image`` lies elsewhere.
    """
    world_of_axis, signs = _closest_axes(original_grid.affine)
    array = image.array
    for axis in range(3):
        if signs[axis] < 0:
            array = np.flip(array, 2 - world_of_axis[axis])
    array = np.transpose(array, [2 - world for world in world_of_axis[::-1]])
    if array.shape != original_grid.shape or not np.allclose(image.grid.center, original_grid.center, atol=1e-3):
        raise ValueError(f"These voxels {image.array.shape} do not lie on the reoriented grid {original_grid.shape}.")
    return Image(np.ascontiguousarray(array), original_grid.affine)


def without_header_noise(affine: np.ndarray) -> np.ndarray:
    """Return an affine (4x4) without the last digits, in which copies of one scan differ from file to file.

    Files keep rotations and voxel sizes in single precision, and each axis order rounds them otherwise (1e-6 mm).
    Whatever is searched step by step, such as a registration, then ends elsewhere. Voxels move by less than 0.1 mm.
    """
    steps = np.full((4, 4), _STEP)
    steps[:3, 3] = _STEP_OF_ORIGIN
    return np.round(affine / steps) * steps


def stored_as(image: Image, grid: Grid, tolerance: float = 0.01) -> Image:
    """Return an image with its voxels stored in the axis order of ``grid``, if they are the same voxels.

    Converters write the axes of one scan in different orders and directions. Nothing is interpolated; an image on other
    voxels is returned as it is.

    :param image: image on any grid.
    :param grid: grid of the scan that the image belongs to.
    :param tolerance: distance (mm) up to which voxels count as the same.
    """
    if image.grid.same_as(grid, tolerance):
        return image
    oriented = reorient_to_ras(image)
    wanted = reorient_to_ras(Image(np.zeros(grid.shape, np.uint8), grid.affine)).grid
    if not oriented.grid.same_as(wanted, tolerance):
        return image
    return restore_orientation(Image(oriented.array, wanted.affine), grid)


def same_voxels(first: Image, second: Image) -> bool:
    """Return whether two images hold the same values (NaN equals NaN), in the same or another order of their axes.

    Their places in the patient may differ: a copy may have lost its place.
    """
    if sorted(first.array.shape) != sorted(second.array.shape):
        return False
    return np.array_equal(first.array, second.array, equal_nan=True) or np.array_equal(
        reorient_to_ras(first).array, reorient_to_ras(second).array, equal_nan=True)


def mirror_left_right(placed: Placed, plane_x: float = 0.0) -> Placed:
    """Reflect an image or grid at the sagittal plane ``x = plane_x`` (RAS mm).

    Only the affine changes, the voxels stay; reflecting twice gives the original.
    """
    reflection = np.diag([-1.0, 1.0, 1.0, 1.0])
    reflection[0, 3] = 2.0 * plane_x
    affine = reflection @ placed.affine
    return Image(placed.array, affine) if isinstance(placed, Image) else Grid(placed.shape, affine)


def grid_around(
    center_ras: np.ndarray,
    size_mm: float | tuple[float, float, float],
    spacing: float | tuple[float, float, float],
    rotation: np.ndarray | None = None,
) -> Grid:
    """Return a grid whose centre lies at ``center_ras``.

    :param center_ras: centre in RAS mm, shape (3,).
    :param size_mm: extent along the grid's I, J, K axes (voxel edge to voxel edge), rounded up to whole voxels.
    :param spacing: voxel size in mm along I, J, K.
    :param rotation: 3x3 matrix whose columns are the directions of I, J, K in RAS; the identity by default.
    """
    sizes, steps = np.broadcast_to(size_mm, 3).astype(float), np.broadcast_to(spacing, 3).astype(float)
    count = np.maximum(np.ceil(sizes / steps - 1e-6).astype(int), 1)
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if rotation is None else np.asarray(rotation, dtype=float)) * steps
    affine[:3, 3] = np.asarray(center_ras, dtype=float) - affine[:3, :3] @ ((count - 1) / 2.0)
    return Grid(tuple(count[::-1]), affine)


_ORDERS = tuple(permutations(range(3)))


def _closest_axes(affine: np.ndarray) -> tuple[list[int], list[int]]:
    """Return, for each index axis I, J, K, the closest RAS axis (each is used once) and the sign of its direction."""
    matrix = affine[:3, :3]
    cosines = matrix / np.maximum(np.linalg.norm(matrix, axis=0), 1e-12)
    world_of_axis = max(_ORDERS, key=lambda order: _closeness(cosines, order))
    signs = [1 if cosines[world_of_axis[axis], axis] >= 0 else -1 for axis in range(3)]
    return list(world_of_axis), signs


def _closeness(cosines: np.ndarray, world_of_axis: tuple[int, ...]) -> tuple[float, ...]:
    """Return how well an assignment of RAS axes to index axes fits, as a tuple to compare with others.

    For directions exactly between two axes several assignments fit equally well. The oriented directions then decide,
    which are the same in whichever order the axes were stored.
    """
    oriented = np.empty((3, 3))
    for axis, world in enumerate(world_of_axis):
        oriented[:, world] = cosines[:, axis] * (1.0 if cosines[world, axis] >= 0 else -1.0)
    return tuple(np.round([np.trace(oriented), *oriented.ravel()], 6))
