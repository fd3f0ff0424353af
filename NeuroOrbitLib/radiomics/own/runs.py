"""Grey level run lengths (GLRLM): lengths of rows of voxels with the same grey level (Galloway 1975)."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.radiomics.own.emphases import SizeMatrix, feature_names, size_matrix
from NeuroOrbitLib.radiomics.own.region import RegionLevels, direction_weights

_NAMES = feature_names("Run", "ShortRun", "LongRun", "RunLength")


def glrlm(region: RegionLevels) -> dict[str, float]:
    """Return the 16 features of a region: means over the directions, or those of the weighted sum of their matrices."""
    near = region.near
    kept = np.array([_has_lines(region, direction) for direction in range(len(near.steps))], dtype=bool)
    if not kept.any():
        return dict.fromkeys(_NAMES, float("nan"))
    directions, ranks, lengths = _runs(region, near.flat[kept], near.behind[kept])
    matrix = size_matrix(region.present, ranks, lengths, directions, int(kept.sum()))
    if region.settings.weighting_norm is not None:
        counts = np.tensordot(direction_weights(region, near.steps[kept]), matrix.counts, axes=1)[None]
        matrix = SizeMatrix(counts, matrix.levels, matrix.sizes)
    found = matrix.features()
    return {name: found[key] for name, key in _NAMES.items()}


def _has_lines(region: RegionLevels, direction: int) -> bool:
    """Return whether a line in this direction has several voxels of the region (PyRadiomics omits other directions)."""
    if region.near.ahead[direction].any():
        return True
    step, places = region.near.steps[direction], np.argwhere(region.box)
    axis = int(np.flatnonzero(step)[0])
    lines = places - places[:, [axis]] * (step * step[axis])
    return len(np.unique(lines, axis=0)) < len(places)


def _runs(region: RegionLevels, steps: np.ndarray, behind: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return direction (R,), index of the level (R,) and length (R,) of every run."""
    levels = region.padded.ravel()
    directions, voxels = np.nonzero(behind != region.levels[None])
    lengths = np.ones(len(voxels), dtype=np.int64)
    going = np.arange(len(voxels))
    places, level, step = region.places[voxels], region.levels[voxels], steps[directions]
    while going.size:
        places = places + step
        goes_on = np.flatnonzero(levels[places] == level)
        going, places, level, step = going[goes_on], places[goes_on], level[goes_on], step[goes_on]
        lengths[going] += 1
    return directions, region.ranks[voxels], lengths
