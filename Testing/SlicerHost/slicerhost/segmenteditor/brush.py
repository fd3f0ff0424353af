"""Stamping brushes into a label map. Arrays have axis order K, J, I; positions are world coordinates (RAS, mm)."""
from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy


def matrix_to_array(matrix: vtk.vtkMatrix4x4) -> np.ndarray:
    """Return a vtkMatrix4x4 as an array of shape (4, 4)."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def stamp(labelmap: Any, ijk_to_world: np.ndarray, centers: np.ndarray, diameter: float,
          slice_normal: np.ndarray | None, slice_spacing: float) -> list[int]:
    """Set the voxels of a vtkOrientedImageData to 1 that lie within the brushes.

    ijk_to_world: shape (4, 4); centers: shape (n, 3); diameter and slice_spacing in mm.
    slice_normal: unit vector of the slice for a disc as thick as the slice, None for a sphere.
    Returns the extent (6 integers) of the voxels that were looked at; empty (0, -1, ...) when there were none.
    """
    image_extent = np.array(labelmap.GetExtent()).reshape(3, 2)
    values = vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(labelmap.GetDimensions()[::-1])
    changed = np.array([[np.iinfo(int).max, np.iinfo(int).min]] * 3)
    for center in np.atleast_2d(centers):
        extent = _extent_around(center, ijk_to_world, diameter / 2 + slice_spacing, image_extent)
        if (extent[:, 0] > extent[:, 1]).any():
            continue
        block = tuple(slice(low - first, high - first + 1)
                      for (low, high), (first, _) in zip(extent[::-1], image_extent[::-1], strict=True))
        values[block][_inside(center, ijk_to_world, extent, diameter / 2, slice_normal, slice_spacing)] = 1
        changed[:, 0] = np.minimum(changed[:, 0], extent[:, 0])
        changed[:, 1] = np.maximum(changed[:, 1], extent[:, 1])
    labelmap.GetPointData().GetScalars().Modified()
    labelmap.Modified()
    if (changed[:, 0] > changed[:, 1]).any():
        return [0, -1, 0, -1, 0, -1]
    return [int(value) for value in changed.ravel()]


def _extent_around(center: np.ndarray, ijk_to_world: np.ndarray, radius: float,
                   image_extent: np.ndarray) -> np.ndarray:
    """Return the part of the image extent, shape (3, 2) in I, J, K, that a ball of the radius can touch."""
    world_to_ijk = np.linalg.inv(ijk_to_world)
    middle = (world_to_ijk @ np.append(center, 1.0))[:3]
    reach = radius * np.linalg.norm(world_to_ijk[:3, :3], axis=1)
    low = np.maximum(np.floor(middle - reach), image_extent[:, 0])
    high = np.minimum(np.ceil(middle + reach), image_extent[:, 1])
    return np.stack([low, high], axis=1).astype(int)


def _inside(center: np.ndarray, ijk_to_world: np.ndarray, extent: np.ndarray, radius: float,
            slice_normal: np.ndarray | None, slice_spacing: float) -> np.ndarray:
    k, j, i = np.mgrid[tuple(slice(low, high + 1) for low, high in extent[::-1])]
    offset = np.stack([i, j, k], axis=-1) @ ijk_to_world[:3, :3].T + ijk_to_world[:3, 3] - center
    if slice_normal is None:
        return (offset**2).sum(axis=-1) <= radius**2
    height = offset @ slice_normal
    in_plane = offset - height[..., None] * slice_normal
    return (np.abs(height) <= slice_spacing / 2) & ((in_plane**2).sum(axis=-1) <= radius**2)
