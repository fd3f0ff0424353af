"""The subtraction image of two visits, in units of the SD of unchanged regions.

Subtraction shows new lesions better than looking at both scans (Moraal 2009, doi:10.1148/radiol.2503080955), and the
differences elsewhere show whether a difference is significant (Schmidt 2019, doi:10.1016/j.nicl.2019.101849). At steep
edges the slightest misregistration causes a difference, and where blood or fluid flows, every pair of scans differs.
The noise is therefore estimated locally.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.optimize import nnls

from NeuroDifferentialLib.followup.seen_visit import SeenVisit

#: SD (mm) of the Gaussians for smoothing the difference, for the drift of coils and scanners, and for local noise.
_SMOOTHING_MM, _DRIFT_MM, _LOCAL_MM = 1.0, 15.0, 10.0
#: Larger differences (in multiples of white matter, and in SD) are changes or borders and are not used to estimate
#: noise.
_ORDINARY_SHARE, _ORDINARY_SD = 0.25, 4.0
_EDGE_MM = 3.0
_STEPS_OF_STEEPNESS, _ENOUGH_VOXELS = 20, 200_000
_LEAST_NOISE = 1e-3


@dataclass(frozen=True)
class Subtraction:
    """The second visit minus the first, float32 (K, J, I); 0 outside the region that both show.

    :param difference: difference of brightness, in multiples of white matter's brightness.
    :param evidence: difference in units of the local noise (SD).
    """

    difference: np.ndarray
    evidence: np.ndarray

    def reversed(self) -> Subtraction:
        """Return the first visit minus the second."""
        return Subtraction(-self.difference, -self.evidence)


def subtract(first: SeenVisit, second: SeenVisit, spacing: tuple[float, float, float]) -> Subtraction:
    """Return the second visit minus the first, both in one space.

    :param first: first visit.
    :param second: second visit.
    :param spacing: voxel size (mm) along K, J, I.
    """
    seen = first.seen & second.seen
    inside = ndimage.minimum_filter(seen, [2 * int(np.ceil(_EDGE_MM / step)) + 1 for step in spacing],
                                    mode="constant")
    if not inside.any():
        return Subtraction(*np.zeros((2, *seen.shape), np.float32))
    difference = _without_drift(second.flair - first.flair, seen, spacing)
    # The edge of a lesion that only one visit shows must not count as noise there.
    steepness = np.minimum(*(_gradient(each.flair, spacing) for each in (first, second)))
    evidence = difference / _noise_by_steepness(difference, steepness, inside)
    evidence = evidence / _local_noise(evidence, inside, spacing)
    return Subtraction(*(np.where(inside, each, 0.0).astype(np.float32) for each in (difference, evidence)))


def _without_drift(difference: np.ndarray, seen: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the smoothed difference without its slowly varying part, which is gain and coil profile."""
    drift = _mean_of(difference, seen & (np.abs(difference) < _ORDINARY_SHARE), _DRIFT_MM, spacing)
    return ndimage.gaussian_filter(difference - drift, [_SMOOTHING_MM / step for step in spacing])


def _gradient(flair: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    smooth = ndimage.gaussian_filter(flair, [_SMOOTHING_MM / step for step in spacing])
    return np.sqrt(sum(part**2 for part in np.gradient(smooth, *spacing)))


def _noise_by_steepness(difference: np.ndarray, steepness: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the SD of the difference: that of flat regions and, at edges, the effect of misregistration."""
    every = max(np.count_nonzero(inside) // _ENOUGH_VOXELS, 1)
    values, steep = (each[inside][::every] for each in (difference, steepness))
    groups = np.array_split(np.argsort(steep, kind="stable"), _STEPS_OF_STEEPNESS)
    groups = [group for group in groups if len(group)]
    variance = np.array([_ordinary_sd(values[group]) ** 2 for group in groups])
    square = np.array([float(np.mean(steep[group] ** 2)) for group in groups])
    # The variances of all groups have the same relative error.
    variance = np.maximum(variance, _LEAST_NOISE**2)
    flat, shift = nnls(np.stack([1.0 / variance, square / variance], axis=1), np.ones_like(variance))[0]
    return np.maximum(np.sqrt(flat + shift * steepness**2), _LEAST_NOISE)


def _local_noise(evidence: np.ndarray, inside: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the factor, at least 1, by which the visits differ more than usual around a voxel, without outliers."""
    size = np.abs(evidence)
    around = _mean_of(size, inside & (size < _ORDINARY_SD), _LOCAL_MM, spacing)
    return np.maximum(around / max(float(np.median(around[inside])), _LEAST_NOISE), 1.0)


def _mean_of(values: np.ndarray, chosen: np.ndarray, width: float, spacing: tuple[float, ...]) -> np.ndarray:
    sigma, weight = [width / step for step in spacing], chosen.astype(np.float32)
    total = ndimage.gaussian_filter(weight, sigma)
    return ndimage.gaussian_filter(values * weight, sigma) / np.maximum(total, _LEAST_NOISE)


def _ordinary_sd(values: np.ndarray) -> float:
    """Return the SD estimated from the 90 % of the values nearest to their median, as 10 % may be changes."""
    return float(np.quantile(np.abs(values - np.median(values)), 0.9)) / 1.645
