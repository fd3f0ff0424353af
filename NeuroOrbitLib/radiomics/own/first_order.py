"""First-order features: the distribution of the region's values."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.radiomics.own.region import RegionLevels
from NeuroOrbitLib.radiomics.settings import Settings

_SMALLEST = np.spacing(1.0)


def first_order(values: np.ndarray, region: RegionLevels, settings: Settings) -> dict[str, float]:
    """Return the 18 features of a region.

    :param values: values (N,) of the region.
    :param region: grey levels of the region, for entropy and uniformity.
    :param settings: settings of the extraction.
    """
    values = values.astype(np.float64)
    p10, p25, p75, p90 = np.percentile(values, [10, 25, 75, 90])
    mean = values.mean()
    deviations = values - mean
    robust = values[(values >= p10) & (values <= p90)]
    energy = float(((values + settings.voxel_array_shift) ** 2).sum())
    shares = np.bincount(region.ranks) / len(values)
    found = {
        "10Percentile": p10, "90Percentile": p90, "Energy": energy,
        "Entropy": -(shares * np.log2(shares + _SMALLEST)).sum(), "InterquartileRange": p75 - p25,
        "Maximum": values.max(), "MeanAbsoluteDeviation": np.abs(deviations).mean(), "Mean": mean,
        "Median": np.median(values), "Minimum": values.min(), "Range": values.max() - values.min(),
        "RobustMeanAbsoluteDeviation": np.abs(robust - robust.mean()).mean(),
        "RootMeanSquared": np.sqrt(energy / len(values)), "TotalEnergy": energy * np.prod(region.spacing),
        "Uniformity": (shares**2).sum(), **_moments(deviations, settings.ibsi),
    }  # fmt: skip
    return {name: float(value) for name, value in found.items()}


def _moments(deviations: np.ndarray, excess: bool) -> dict[str, float]:
    squares = deviations * deviations
    second, third, fourth = squares.mean(), (squares * deviations).mean(), (squares * squares).mean()
    divisor = second or 1.0
    kurtosis = fourth / divisor**2
    return {"Variance": second, "Skewness": third / divisor**1.5, "Kurtosis": kurtosis - 3 if excess else kurtosis}
