"""Agreement by slice, which shows where along a muscle a segmentation fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging.geometry import axis_codes
from NeuroOrbitLib.imaging.image import Grid

PLANE_NORMALS = {"sagittal": 0, "coronal": 1, "axial": 2}
PLANE_NORMALS_OF_CODES = {"L": 0, "R": 0, "P": 1, "A": 1, "I": 2, "S": 2}


@dataclass(frozen=True)
class SliceCurve:
    """IoU of each slice.

    :param plane: plane of the slices: ``sagittal``, ``coronal`` or ``axial``.
    :param positions: position of each slice's centre in mm along the plane's normal (to the right, anterior or
        superior), ascending.
    :param iou: IoU of each slice; NaN if neither mask has a voxel in it.
    """

    plane: str
    positions: np.ndarray
    iou: np.ndarray


def array_axis_of_plane(grid: Grid, plane: str) -> int:
    """Return the array axis (0 = K, 1 = J, 2 = I) that runs closest to the normal of ``plane``."""
    return 2 - [PLANE_NORMALS_OF_CODES[code] for code in axis_codes(grid.affine)].index(PLANE_NORMALS[plane])


def slice_iou(
    reference: np.ndarray,
    prediction: np.ndarray,
    grid: Grid,
    plane: str = "coronal",
    ignore: np.ndarray | None = None,
) -> SliceCurve:
    """Return the IoU of every slice of a plane (Zhu et al. 2020, figure of slices; muscles are read in coronal slices).

    :param reference: mask of the reference (bool), shape (K, J, I).
    :param prediction: mask of the prediction (bool), same shape.
    :param grid: grid of the masks.
    :param plane: ``sagittal``, ``coronal`` or ``axial``.
    :param ignore: mask of voxels to leave out, same shape.
    """
    keep = True if ignore is None else ~np.asarray(ignore, dtype=bool)
    a, b = reference.astype(bool) & keep, prediction.astype(bool) & keep
    axis = array_axis_of_plane(grid, plane)
    others = tuple(other for other in range(3) if other != axis)
    intersection, union = (a & b).sum(axis=others), (a | b).sum(axis=others)
    iou = np.full(len(union), np.nan)
    np.divide(intersection, union, out=iou, where=union > 0)
    positions = _slice_positions(grid, axis, PLANE_NORMALS[plane])
    order = np.argsort(positions)
    return SliceCurve(plane, positions[order], iou[order])


def _slice_positions(grid: Grid, axis: int, world_axis: int) -> np.ndarray:
    count = grid.shape[axis]
    ijk = np.tile((np.array(grid.shape[::-1]) - 1) / 2.0, (count, 1))
    ijk[:, 2 - axis] = np.arange(count)
    return grid.ras_from_ijk(ijk)[:, world_axis]


def mean_relative_curve(curves: Sequence[SliceCurve], bins: int = 10) -> np.ndarray:
    """Return the mean IoU over cases in equal parts of a structure's length, from its first to its last slice.

    This makes structures of different lengths and scans with different slice distances comparable.

    :param curves: IoU of the slices of each case.
    :param bins: number of parts.
    :return: mean IoU of each part, (bins,), from the left, posterior or inferior end on; NaN if no case has a slice in
        it.
    """
    total, count = np.zeros(bins), np.zeros(bins)
    for curve in curves:
        known = np.flatnonzero(~np.isnan(curve.iou))
        if known.size == 0:
            continue
        reach = (known - known[0] + 0.5) / (known[-1] - known[0] + 1)
        parts = np.minimum((reach * bins).astype(int), bins - 1)
        sums = np.bincount(parts, weights=curve.iou[known], minlength=bins)
        slices = np.bincount(parts, minlength=bins)
        total[slices > 0] += sums[slices > 0] / slices[slices > 0]
        count += slices > 0
    return np.divide(total, count, out=np.full(bins, np.nan), where=count > 0)
