"""Agreement of two surfaces in millimetres: surface Dice, 95 % Hausdorff distance, mean surface distance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from NeuroOrbitLib.imaging.boxes import box_around


@dataclass(frozen=True)
class SurfaceElements:
    """The voxel faces that separate a mask from its surroundings.

    :param centers: face centres in mm, shape (n, 3).
    :param areas: face areas in mm2, shape (n,).
    """

    centers: np.ndarray
    areas: np.ndarray


@dataclass(frozen=True)
class SurfaceAgreement:
    """Agreement of two surfaces.

    :param surface_dice: share of the area of both surfaces that lies within the tolerance of the other surface.
    :param hausdorff95: larger one of the 95th percentiles of the distances in both directions, mm.
    :param mean_distance: mean distance to the other surface over the area of both surfaces, mm.
    """

    surface_dice: float
    hausdorff95: float
    mean_distance: float


def surface_elements(mask: np.ndarray, edges: np.ndarray, ignore: np.ndarray | None = None) -> SurfaceElements:
    """Return the exposed voxel faces of a mask; faces at the edge of the array are exposed, too.

    Positions and areas take the edges of the voxels into account, so that voxels may be anisotropic and sheared.

    :param mask: mask (bool), shape (K, J, I).
    :param edges: edges of a voxel in mm, 3x3; the columns are those along I, J, K.
    :param ignore: mask of voxels to leave out: faces at these voxels have no area, so that distances to them can be
        measured, but those from them have no weight.
    """
    along = np.asarray(edges, dtype=np.float64).T[::-1]
    centers, areas = [], []
    for axis in range(3):
        padding = [(1, 1) if other == axis else (0, 0) for other in range(3)]
        change = np.diff(np.pad(mask.astype(np.int8), padding), axis=axis) != 0
        points = np.argwhere(change).astype(np.float64)
        points[:, axis] -= 0.5
        centers.append(points @ along)
        counted = np.ones(len(points)) if ignore is None else ~_borders_on(ignore, axis, padding)[change]
        areas.append(counted * np.linalg.norm(np.cross(*np.delete(along, axis, axis=0))))
    return SurfaceElements(np.concatenate(centers), np.concatenate(areas))


def _borders_on(ignore: np.ndarray, axis: int, padding: list[tuple[int, int]]) -> np.ndarray:
    """Return whether the voxel on either side of each face across ``axis`` is ignored."""
    padded = np.pad(ignore.astype(bool), padding).swapaxes(0, axis)
    return (padded[1:] | padded[:-1]).swapaxes(0, axis)


def compare_surfaces(
    reference: np.ndarray,
    prediction: np.ndarray,
    edges: np.ndarray,
    tolerance: float = 1.0,
    ignore: np.ndarray | None = None,
) -> SurfaceAgreement:
    """Compare the surfaces of two masks (Nikolov et al. 2021 for the surface Dice).

    If both masks are empty, all values are NaN. If one is empty, the surface Dice is 0 and distances are infinite.

    :param reference: mask of the reference (bool), shape (K, J, I).
    :param prediction: mask of the prediction (bool), same shape.
    :param edges: edges of a voxel in mm, see :func:`surface_elements`.
    :param tolerance: distance in mm that counts as agreement.
    :param ignore: mask of voxels to leave out: the prediction is assumed to agree there, and their faces have no
        weight.
    """
    reference, prediction = np.asarray(reference, dtype=bool), np.asarray(prediction, dtype=bool)
    ignore = np.zeros_like(reference) if ignore is None else np.asarray(ignore, dtype=bool)
    present = [(mask & ~ignore).any() for mask in (reference, prediction)]
    if not all(present):
        return SurfaceAgreement(0.0, math.inf, math.inf) if any(present) else SurfaceAgreement(*[math.nan] * 3)
    prediction = np.where(ignore, reference, prediction)
    box = box_around(reference | prediction).slices
    surfaces = [surface_elements(mask[box], edges, ignore[box]) for mask in (reference, prediction)]
    return _agreement(*surfaces, tolerance)


def _agreement(a: SurfaceElements, b: SurfaceElements, tolerance: float) -> SurfaceAgreement:
    from_a, _ = cKDTree(b.centers).query(a.centers)
    from_b, _ = cKDTree(a.centers).query(b.centers)
    area = a.areas.sum() + b.areas.sum()
    if area == 0:
        return SurfaceAgreement(*[math.nan] * 3)
    # Face centres lie on a lattice: a small margin keeps a distance equal to the tolerance inside it.
    limit = tolerance * (1 + 1e-9) + 1e-9
    agreeing = a.areas[from_a <= limit].sum() + b.areas[from_b <= limit].sum()
    total = np.sum(from_a * a.areas) + np.sum(from_b * b.areas)
    hausdorff95 = max(_percentile(from_a, a.areas, 95.0), _percentile(from_b, b.areas, 95.0))
    return SurfaceAgreement(float(agreeing / area), hausdorff95, float(total / area))


def _percentile(distances: np.ndarray, areas: np.ndarray, percent: float) -> float:
    """Return the smallest distance that at least ``percent`` of the area does not exceed."""
    order = np.argsort(distances)
    covered = np.cumsum(areas[order])
    index = np.searchsorted(covered, covered[-1] * percent / 100.0 * (1 - 1e-12))
    return float(distances[order][min(index, len(order) - 1)])
