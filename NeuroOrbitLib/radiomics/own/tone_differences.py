"""Neighbouring grey tone differences (NGTDM) of voxels from the mean of their neighbours (Amadasun and King 1989)."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.radiomics.own.region import RegionLevels

#: PyRadiomics' value for a region without any difference.
COARSEST = 1e6


def ngtdm(region: RegionLevels) -> dict[str, float]:
    """Return the five features of a region; voxels without neighbours have difference 0, and in IBSI do not count."""
    around = region.around
    number = np.count_nonzero(around.ahead, axis=0) + np.count_nonzero(around.behind, axis=0)
    alone = number == 0
    means = (around.ahead.sum(axis=0) + around.behind.sum(axis=0)) / np.where(alone, 1, number)
    differences = np.where(alone, 0.0, np.abs(region.levels - means))
    counted = ~alone if region.settings.ibsi else np.ones_like(alone)
    counts = np.bincount(region.ranks[counted], minlength=len(region.present))
    sums = np.bincount(region.ranks, weights=differences, minlength=len(region.present))
    kept = counts > 0
    return _features(region.present[kept].astype(float), counts[kept], sums[kept])


def _features(levels: np.ndarray, counts: np.ndarray, sums: np.ndarray) -> dict[str, float]:
    if not len(levels):
        return {"Busyness": 0.0, "Coarseness": COARSEST, "Complexity": 0.0, "Contrast": 0.0, "Strength": 0.0}
    voxels, kinds = counts.sum(), len(levels)
    shares = counts / voxels
    weighted, total = shares * sums, sums.sum()
    coarse = weighted.sum()
    distance = np.abs(levels[:, None] - levels[None])
    spread = np.abs((levels * shares)[:, None] - (levels * shares)[None]).sum()
    pairs = shares[:, None] + shares[None]
    contrast = (shares[:, None] * shares[None] * distance**2).sum() * total / voxels
    return {
        "Busyness": float(coarse / spread) if spread else 0.0,
        "Coarseness": float(1 / coarse) if coarse else COARSEST,
        "Complexity": float((distance * (weighted[:, None] + weighted[None]) / pairs).sum() / voxels),
        "Contrast": float(contrast / (kinds * (kinds - 1))) if kinds > 1 else 0.0,
        "Strength": float((pairs * distance**2).sum() / total) if total else 0.0,
    }
