"""Correction without a network: a random walker with an intensity model, confined to the surroundings of the border."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.linalg import cg

from NeuroOrbitLib.jobs.progress import Progress, silent
from OrbitSegmentationLib.refinement.correction.distance import signed_distance
from OrbitSegmentationLib.refinement.correction.limits import kept_inside, kept_outside

#: How strongly edges stop the walker, and the weight of a voxel's brightness relative to its neighbours.
_EDGE_WEIGHT, _BRIGHTNESS_WEIGHT = 3.0, 0.05
#: Distance (mm) over which the trust in the drawn border grows, where brightness is the same inside and outside.
_DRAWN_SCALE = 1.5
_BINS, _RING, _SURE_DEPTH = 48, 4.0, 1.0
_TOLERANCE, _ITERATIONS = 1e-3, 300


def walker_probability(image: np.ndarray, rough: np.ndarray, spacing: Sequence[float], limit: float,
                       progress: Progress = silent) -> np.ndarray:
    """Return the probability that each voxel belongs to the structure (random walks with priors, Grady 2005).

    :param image: intensities, 2-D or 3-D, in any unit.
    :param rough: mask that the user drew, bool, same shape; neither empty nor full.
    :param spacing: voxel size (mm) along each array axis.
    :param limit: distance (mm) that the border may move.
    :param progress: receives the fraction done and a message.
    :return: probability (0..1), float32, shape of ``image``.
    """
    distance = signed_distance(rough, spacing)
    inside, outside = kept_inside(distance, limit), kept_outside(distance, limit)
    free = ~(inside | outside)
    result = inside.astype(np.float32)
    if free.any():
        smooth = _normalised(image, distance)
        prior = _prior(smooth, distance, max(limit, _RING))[free]
        result[free] = _solved(smooth, free, inside, prior, spacing, progress)
    return result


def _normalised(image: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return the brightness, slightly smoothed, in units of a typical difference between neighbours near the border."""
    smooth = ndimage.gaussian_filter(image.astype(np.float32), 0.5)
    near = np.abs(distance) < _RING
    steps = [np.abs(np.diff(smooth, axis=axis))[np.take(near, range(smooth.shape[axis] - 1), axis)]
             for axis in range(image.ndim) if image.shape[axis] > 1]
    scale = float(np.sqrt(np.mean(np.concatenate(steps) ** 2))) if steps else 1.0
    return smooth / max(scale, 1e-6)


def _prior(image: np.ndarray, distance: np.ndarray, ring: float) -> np.ndarray:
    """Return the probability that each voxel is inside from its brightness and position, without its neighbours.

    The weight of the brightness is one minus the overlap of its histograms inside and outside.
    """
    near = np.abs(distance) < ring
    low, high = np.percentile(image[near], (1, 99))
    bins = np.clip((image - low) / max(high - low, 1e-6) * _BINS, 0, _BINS - 1).astype(int)
    # Voxels deep inside or far outside of the rough border are more certain to be what they were drawn as.
    inside, outside = (ndimage.gaussian_filter1d(
        np.bincount(bins[near], np.clip(depth, 0, _SURE_DEPTH), _BINS), 1.5) + 1e-3
        for depth in (distance[near], -distance[near]))
    inside, outside = inside / inside.sum(), outside / outside.sum()
    brightness = (inside / (inside + outside))[bins]
    drawn = 1 / (1 + np.exp(-2 * distance / _DRAWN_SCALE))
    told = 1 - np.minimum(inside, outside).sum()
    return told * brightness + (1 - told) * drawn


def _solved(image: np.ndarray, free: np.ndarray, inside: np.ndarray, prior: np.ndarray,
            spacing: Sequence[float], progress: Progress) -> np.ndarray:
    """Return the solution of the walker's equations for the free voxels; the others are 1 inside and 0 outside."""
    count = int(free.sum())
    number = np.full(free.shape, -1, np.int64)
    number[free] = np.arange(count)
    diagonal, right = np.full(count, _BRIGHTNESS_WEIGHT), _BRIGHTNESS_WEIGHT * prior
    rows, columns, values = [], [], []
    for axis in range(image.ndim):
        here, there = _sides(number, axis)
        weight = np.exp(-_EDGE_WEIGHT * np.abs(np.subtract(*_sides(image, axis)))) + 1e-4
        weight = weight * (min(spacing) / spacing[axis]) ** 2
        for first, second, known in ((here, there, _sides(inside, axis)[1]), (there, here, _sides(inside, axis)[0])):
            mine = first >= 0
            diagonal += np.bincount(first[mine], weight[mine], count)
            fixed = mine & (second < 0)
            right = right + np.bincount(first[fixed], weight[fixed] * known[fixed], count)
            both = mine & (second >= 0)
            rows.append(first[both])
            columns.append(second[both])
            values.append(-weight[both])
    size = (count, count)
    matrix = sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), size)
    solution, _ = cg(matrix + sparse.diags(diagonal), right, x0=prior, rtol=_TOLERANCE, maxiter=_ITERATIONS,
                     M=sparse.diags(1 / diagonal), callback=lambda _solution: progress(0.5))
    return np.clip(solution, 0, 1)


def _sides(array: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return views of all voxels that have a next voxel along the axis, and of these next voxels."""
    lower = [slice(None)] * array.ndim
    upper = [slice(None)] * array.ndim
    lower[axis], upper[axis] = slice(None, -1), slice(1, None)
    return array[tuple(lower)], array[tuple(upper)]
