"""Evidence from the distance to the seeds: voxels far from all foreground seeds, or nearer to background seeds, are
background.

Neighbouring structures often look alike (on CT, all eye muscles and the nerve); only distance distinguishes them.
"""

from __future__ import annotations

import numpy as np

_FREE = 2.0  # mm around foreground seeds at no cost
_PER_MILLIMETRE = 0.1  # log odds lost per mm beyond
_FAR = 10.0  # mm beyond which no more is lost, as seeds may be far apart in a large structure
_RIVALS = 6.0  # log odds lost where background seeds are three times as near as foreground seeds
_GRID = 1.0  # mm: these costs change slowly, so a coarse grid of distances suffices


def nearness(foreground: np.ndarray, background: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the log odds of foreground, never positive, from the distances to the seeds.

    More foreground seeds never lower them anywhere, and more background seeds never raise them.

    :param foreground, background: seeds (K, J, I), bool; at least one of the foreground.
    :param spacing: voxel size (mm) along K, J, I.
    :return: log odds, float32 (K, J, I).
    """
    factors = tuple(max(1, round(_GRID / step)) for step in spacing)
    ours = _coarse_distance(foreground, spacing, factors)
    odds = -_PER_MILLIMETRE * np.clip(ours - _FREE, 0.0, _FAR)
    if background.any():
        theirs = _coarse_distance(background, spacing, factors)
        odds += _RIVALS * np.clip(2.0 * (theirs - ours) / (theirs + ours + 1e-6), -1.0, 0.0)
    return _fine(odds, factors, foreground.shape)


def _coarse_distance(seeds: np.ndarray, spacing: tuple[float, float, float], factors: tuple[int, ...]) -> np.ndarray:
    """Return the distance to the nearest seed (mm) on a grid coarser by ``factors``, which may exceed the image."""
    from scipy.ndimage import distance_transform_edt  # imported here, so that Slicer starts without it

    cells = seeds
    for axis, factor in enumerate(factors):
        cells = np.logical_or.reduceat(cells, np.arange(0, seeds.shape[axis], factor), axis=axis)
    return distance_transform_edt(~cells, sampling=np.multiply(spacing, factors))


def _fine(coarse: np.ndarray, factors: tuple[int, ...], shape: tuple[int, ...]) -> np.ndarray:
    """Return coarse values on the grid of ``shape``, where each voxel has the value of its cell; float32."""
    fine = coarse.astype(np.float32)
    for axis, factor in enumerate(factors):
        fine = fine.repeat(factor, axis=axis)
    return fine[tuple(slice(size) for size in shape)]
