"""The input of a classifier: a box around structures with a fixed number of z-scored voxels, for scans of any size."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation

from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.geometry import grid_around, reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.intensity import foreground

#: Directions of columns, rows and slices: to the patient's left, inferior, posterior.
_DIRECTIONS = np.diag([-1.0, -1.0, -1.0])[:, [0, 2, 1]]


def coronal_box(labels: Image, values: tuple[int, ...], shape: tuple[int, int], margin: float = 2.0) -> Grid | None:
    """Return the grid of coronal slices over the box of some structures, along the axes of the scan.

    Slices are ordered from anterior to posterior, rows from superior to inferior, columns from the patient's right to
    left.

    :param labels: label map on any grid.
    :param values: label values of the structures.
    :param shape: number of slices, and number of rows and of columns.
    :param margin: margin that is added on every side (mm).
    :return: None if none of the structures is labelled.
    """
    turned = reorient_to_ras(labels)
    found = box_around(np.isin(turned.array, values))
    if found is None:
        return None
    middle = (np.array(found.start) + np.array(found.stop) - 1) / 2
    rotation = turned.affine[:3, :3] / np.array(turned.spacing)
    right, front, up = np.array(found.shape[::-1]) * np.array(turned.spacing) + 2 * margin
    slices, edge = shape
    return grid_around(turned.grid.ras_from_ijk(middle[::-1]), (right, up, front),
                       (right / edge, up / edge, front / slices), rotation @ _DIRECTIONS)


def z_scores(values: np.ndarray, scale: tuple[float, float] | None = None) -> tuple[np.ndarray, tuple[float, float]]:
    """Return grey values as z-scores (float32), and the mean and SD that were used.

    :param values: grey values (K, J, I).
    :param scale: mean and SD to use; by default those of the foreground.
    """
    values = values.astype(np.float32)
    chosen = values[foreground(values)]
    mean, sd = scale or (float(chosen.mean(dtype=np.float64)), max(float(chosen.std(dtype=np.float64)), 1e-6))
    return (values - np.float32(mean)) / np.float32(sd), (mean, sd)


def masked(scored: np.ndarray, inside: np.ndarray, grown: int = 2) -> np.ndarray:
    """Return z-scores in and near a mask, and 0 elsewhere.

    :param scored: z-scores (K, J, I).
    :param inside: mask of the same shape.
    :param grown: number of voxels by which the mask is first dilated.
    """
    return np.where(binary_dilation(inside, iterations=grown), scored, np.float32(0.0))
