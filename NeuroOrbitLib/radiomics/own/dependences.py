"""Grey level dependences (GLDM): numbers of neighbours with the grey level of a voxel (Sun and Wee 1983)."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.radiomics.own.emphases import size_matrix
from NeuroOrbitLib.radiomics.own.region import RegionLevels

_NAMES = {
    "SmallDependenceEmphasis": "small", "LargeDependenceEmphasis": "large",
    "GrayLevelNonUniformity": "level_non_uniformity", "DependenceNonUniformity": "size_non_uniformity",
    "DependenceNonUniformityNormalized": "size_non_uniformity_normalized", "GrayLevelVariance": "level_variance",
    "DependenceVariance": "size_variance", "DependenceEntropy": "entropy", "LowGrayLevelEmphasis": "low",
    "HighGrayLevelEmphasis": "high", "SmallDependenceLowGrayLevelEmphasis": "small_low",
    "SmallDependenceHighGrayLevelEmphasis": "small_high", "LargeDependenceLowGrayLevelEmphasis": "large_low",
    "LargeDependenceHighGrayLevelEmphasis": "large_high",
}  # fmt: skip


def gldm(region: RegionLevels) -> dict[str, float]:
    """Return the 14 features of a region; levels that differ by at most ``gldm_a`` depend on each other."""
    depends = np.zeros(len(region.levels), dtype=np.int64)
    for neighbours in (region.around.ahead, region.around.behind):
        alike = np.abs(neighbours - region.levels[None]) <= region.settings.gldm_a
        depends += ((neighbours > 0) & alike).sum(axis=0)
    found = size_matrix(region.present, region.ranks, depends + 1).features()
    return {name: found[key] for name, key in _NAMES.items()}
