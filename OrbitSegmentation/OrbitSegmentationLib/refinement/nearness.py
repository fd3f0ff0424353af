"""What the distance to the seeds says: far from all foreground seeds, or nearer to background ones, is background.

Neighbouring structures often look alike (on CT, all eye muscles and the nerve); only distance tells them apart.
"""

from __future__ import annotations

import numpy as np

_FREE = 2.0  # mm around foreground seeds at no cost
_PER_MILLIMETRE = 0.1  # log odds lost per mm beyond
_FAR = 10.0  # mm beyond which it gets no worse: seeds may be far apart in a large structure
_RIVALS = 6.0  # log odds lost where background seeds are three times as near as foreground seeds
_GRID = 1.0  # mm: these costs change slowly, a coarse grid of distances will do


def nearness(foreground: np.ndarray, background: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Log odds of foreground, never positive, from the distances to the seeds (mm).

    More foreground seeds raise it everywhere or leave it, more background seeds lower it.

    :param foreground, background: seeds (K, J, I), bool; at least one of the foreground.
    :param spacing: voxel size along K, J, I (mm).
    :return: float32 (K, J, I).
    """
    factors = tuple(max(1, round(_GRID / step)) for step in spacing)
    ours = _coarse_distance(foreground, spacing, factors)
    odds = -_PER_MILLIMETRE * np.clip(ours - _FREE, 0.0, _FAR)
    if background.any():
        theirs = _coarse_distance(background, spacing, factors)
        odds += _RIVALS * np.clip(2.0 * (theirs - ours) / (theirs + ours + 1e-6), -1.0, 0.0)
    return _fine(odds, factors, foreground.shape)


def _coarse_distance(seeds: np.ndarray, spacing: tuple[float, float, float], factors: tuple[int, ...]) -> np.ndarray:
    """Distance to the nearest seed (mm) on a grid coarser by ``factors``, the last cells of which may stick out."""
    from scipy.ndimage import distance_transform_edt  # not when the application starts

    cells = seeds
    for axis, factor in enumerate(factors):
        cells = np.logical_or.reduceat(cells, np.arange(0, seeds.shape[axis], factor), axis=axis)
    return distance_transform_edt(~cells, sampling=np.multiply(spacing, factors))


def _fine(coarse: np.ndarray, factors: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
    """Back on the grid of ``shape``: each voxel has the value of its cell; float32."""
    fine = coarse.astype(np.float32)
    for axis, factor in enumerate(factors):
        fine = fine.repeat(factor, axis=axis)
    return fine[tuple(slice(size) for size in shape)]
