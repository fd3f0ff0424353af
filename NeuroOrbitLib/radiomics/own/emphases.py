"""Features that the matrices of runs, zones and dependences share: grey levels (rows) against sizes (columns)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SMALLEST = np.spacing(1.0)


def feature_names(thing: str, small: str, large: str, size: str) -> dict[str, str]:
    """Return the key of each feature in :meth:`SizeMatrix.features` by its name in PyRadiomics.

    :param thing: what is counted, "Run" or "Zone".
    :param small: word for a small size, "ShortRun" or "SmallArea".
    :param large: word for a large size, "LongRun" or "LargeArea".
    :param size: word for the size, "RunLength" or "SizeZone".
    """
    return {
        f"{small}Emphasis": "small", f"{large}Emphasis": "large", "GrayLevelNonUniformity": "level_non_uniformity",
        "GrayLevelNonUniformityNormalized": "level_non_uniformity_normalized",
        f"{size}NonUniformity": "size_non_uniformity",
        f"{size}NonUniformityNormalized": "size_non_uniformity_normalized", f"{thing}Percentage": "percentage",
        "GrayLevelVariance": "level_variance", f"{thing}Variance": "size_variance", f"{thing}Entropy": "entropy",
        f"LowGrayLevel{thing}Emphasis": "low", f"HighGrayLevel{thing}Emphasis": "high",
        f"{small}LowGrayLevelEmphasis": "small_low", f"{small}HighGrayLevelEmphasis": "small_high",
        f"{large}LowGrayLevelEmphasis": "large_low", f"{large}HighGrayLevelEmphasis": "large_high",
    }  # fmt: skip


@dataclass(frozen=True)
class SizeMatrix:
    """Frequencies of the grey levels with each size.

    :param counts: frequencies (A, G, S), one matrix per direction, or a single one.
    :param levels: grey levels (G,).
    :param sizes: sizes (S,).
    """

    counts: np.ndarray
    levels: np.ndarray
    sizes: np.ndarray

    def features(self) -> dict[str, float]:
        """Return all features, as means over the matrices, by keys that runs, zones and dependences share."""
        total = self.counts.sum(axis=(1, 2))
        by_level, by_size = self.counts.sum(axis=2), self.counts.sum(axis=1)
        shares = self.counts / total[:, None, None]
        levels2, sizes2 = self.levels.astype(float) ** 2, self.sizes.astype(float) ** 2
        found = {
            "small": by_size @ (1 / sizes2) / total,
            "large": by_size @ sizes2 / total,
            "level_non_uniformity": (by_level**2).sum(axis=1) / total,
            "level_non_uniformity_normalized": (by_level**2).sum(axis=1) / total**2,
            "size_non_uniformity": (by_size**2).sum(axis=1) / total,
            "size_non_uniformity_normalized": (by_size**2).sum(axis=1) / total**2,
            "percentage": total / (by_size @ self.sizes),
            "level_variance": _variance(by_level / total[:, None], self.levels),
            "size_variance": _variance(by_size / total[:, None], self.sizes),
            "entropy": -(shares * np.log2(shares + _SMALLEST)).sum(axis=(1, 2)),
            "low": by_level @ (1 / levels2) / total,
            "high": by_level @ levels2 / total,
            "small_low": (self.counts @ (1 / sizes2)) @ (1 / levels2) / total,
            "small_high": (self.counts @ (1 / sizes2)) @ levels2 / total,
            "large_low": (self.counts @ sizes2) @ (1 / levels2) / total,
            "large_high": (self.counts @ sizes2) @ levels2 / total,
        }
        return {name: float(values.mean()) if values.size else float("nan") for name, values in found.items()}


def _variance(shares: np.ndarray, values: np.ndarray) -> np.ndarray:
    mean = shares @ values
    return (shares * (values[None] - mean[:, None]) ** 2).sum(axis=1)


def size_matrix(levels: np.ndarray, ranks: np.ndarray, sizes: np.ndarray, directions: np.ndarray | int = 0,
                count: int = 1) -> SizeMatrix:
    """Return the matrix of runs, zones or dependences.

    :param levels: grey levels (G,) that occur.
    :param ranks: index (R,) into ``levels`` of each run, zone or dependence.
    :param sizes: size (R,) of each, from 1.
    :param directions: direction (R,) of each, from 0 to ``count`` - 1; one number if there is only one matrix.
    :param count: number of directions.
    """
    present = np.flatnonzero(np.bincount(sizes))
    columns = np.searchsorted(present, sizes)
    flat = (directions * len(levels) + ranks) * len(present) + columns
    counts = np.bincount(flat, minlength=count * len(levels) * len(present)).astype(float)
    return SizeMatrix(counts.reshape(count, len(levels), len(present)), levels, present)
