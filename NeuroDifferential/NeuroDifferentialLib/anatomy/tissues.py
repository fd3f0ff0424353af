"""Parts of the brain in a FLAIR, with or without T1, from priors of their position and the brightness of voxels.

The method is expectation-maximisation with Gaussian tissues and aligned priors, as in unified segmentation (Ashburner
2005, doi:10.1016/j.neuroimage.2005.02.018); bright outliers, the lesions, are left out of the fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.alignment import (
    NODS,
    Alignment,
    align_from_best,
    coarse_grid,
    start_from_nodded_boxes,
)
from NeuroDifferentialLib.anatomy.priors import BrainPriors
from NeuroOrbitLib.anatomy.brain import FLUID, GREY_MATTER_PARTS, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

WHITE, GREY, DARK = range(3)
_ROUNDS = 4
#: Width (mm) of the smoothing of the tissue shares between rounds, by which neighbours are taken into account.
_NEIGHBOURHOOD_MM = 0.8
#: Number of SD above grey matter in FLAIR from which on a voxel is no ordinary tissue.
_OUTLIER = 2.0
#: Largest brightness of fluid in FLAIR relative to the darker of the other tissues; brighter fluid is mixed or flows.
_FLUID_BELOW = 0.75
#: Share by which white matter is brighter than grey matter in a T1.
_T1_LIKE = 0.08
#: Ratio of the SD of a normal distribution to that of its part within two SD of the mean.
_UNCUT = 1.137
#: Blur (mm) of the priors, as an affine map does not fit folds.
_PRIOR_BLUR_MM = 1.5
_SURE = 0.7
#: Smallest share of a tissue with which a voxel is used in the tissue's fit.
_LEAST_SHARE = 0.05


@dataclass(frozen=True)
class Tissue:
    """Brightness of one tissue in every channel: means (C,) and covariance (C, C)."""

    mean: np.ndarray
    covariance: np.ndarray

    def log_density(self, voxels: np.ndarray) -> np.ndarray:
        """Return the log density (N,) of voxels (N, C)."""
        centred = voxels - self.mean
        inverse = np.linalg.inv(self.covariance)
        distance = np.einsum("nc,cd,nd->n", centred, inverse, centred, optimize=True)
        return -0.5 * (distance + np.log(np.linalg.det(2 * np.pi * self.covariance)))


@dataclass(frozen=True)
class BrainAnatomy:
    """The anatomy of a scan apart from lesions.

    :param mask: brain with the fluid in its ventricles and sulci, bool (K, J, I).
    :param parts: most probable part of each voxel of the mask, :class:`BrainPart` values, uint8 (K, J, I); 0 elsewhere.
    :param white: probability of white matter, float32 (K, J, I); lesions have the value of their surroundings.
    :param grey: probability of grey matter, likewise.
    :param fluid: probability of fluid, likewise.
    :param white_prior: probability of white matter by position alone, float32 (K, J, I).
    :param tissues: brightness of white matter, grey matter and fluid.
    :param ventricle_level: brightness in FLAIR of the voxels most certain to be in a lateral ventricle by position.
    """

    mask: np.ndarray
    parts: np.ndarray
    white: np.ndarray
    grey: np.ndarray
    fluid: np.ndarray
    white_prior: np.ndarray
    tissues: tuple[Tissue, Tissue, Tissue]
    ventricle_level: float = 0.0


def align_priors(priors: BrainPriors, scan: Image, mask: np.ndarray) -> Alignment:
    """Return the alignment from the scan's RAS mm to the RAS mm of the priors.

    :param priors: priors of the average head.
    :param scan: FLAIR or other image of the head.
    :param mask: brain in the scan, bool (K, J, I).
    """
    template = priors.template()
    low = resample(template, coarse_grid(template))
    grid = coarse_grid(scan)
    fixed = resample(scan.with_array(np.where(mask, scan.array, 0).astype(np.float32)), grid, antialias=True)
    inside = resample(scan.with_array(mask.astype(np.float32)), grid, antialias=True).array > 0.5
    points, there = _points(Image(inside, grid.affine), 0.5), _points(low, 0.5)
    starts = [start_from_nodded_boxes(points, there, nod) for nod in NODS]
    return align_from_best(fixed, low, starts, ndimage.binary_dilation(inside, iterations=2))


def placed_priors(priors: BrainPriors, alignment: Alignment, grid: Grid) -> np.ndarray:
    """Return the priors (parts, K, J, I), float32, on a grid of the scan."""
    there = alignment.grid_in_moving(grid)
    sigma = _PRIOR_BLUR_MM / np.array(grid.spacing[::-1])
    result = np.empty((len(BrainPart), *grid.shape), dtype=np.float32)
    for part in BrainPart:
        source = Image(priors.probabilities[part], priors.affine)
        values = resample(source, there, fill=float(part == BrainPart.OUTSIDE)).array
        result[part] = ndimage.gaussian_filter(values, sigma, mode="nearest")
    return result / np.maximum(result.sum(axis=0), 1e-6)


def segment_anatomy(channels: list[np.ndarray], priors: np.ndarray, mask: np.ndarray,
                    spacing: tuple[float, ...]) -> BrainAnatomy:
    """Return the anatomy of a scan whose FLAIR is the first of the channels (K, J, I).

    :param channels: FLAIR and, if there is one, T1 (K, J, I).
    :param priors: priors on the scan's grid (parts, K, J, I), see :func:`placed_priors`.
    :param mask: brain and fluid, bool (K, J, I).
    :param spacing: voxel size (mm) along K, J, I.
    :raises Problem: when the scan looks like a T1, or a tissue has no voxels.
    """
    voxels = np.stack([channel[mask] for channel in channels], axis=1).astype(np.float64)
    place = np.stack([priors[list(WHITE_MATTER_PARTS)].sum(axis=0)[mask], _grey(priors)[mask],
                      priors[list(FLUID)].sum(axis=0)[mask] + 0.5 * priors[BrainPart.OUTSIDE][mask]], axis=1)
    place = (place + 0.01) / (place + 0.01).sum(axis=1, keepdims=True)
    tissues, shares, ordinary = _expectation_maximisation(voxels, place, mask, spacing)
    white, grey, fluid = (_filled(shares[:, index], ordinary, mask, spacing) for index in range(3))
    parts = _parts(priors, (white, grey, fluid), mask)
    white_prior = np.where(mask, priors[list(WHITE_MATTER_PARTS)].sum(axis=0), 0).astype(np.float32)
    return BrainAnatomy(mask, parts, white, grey, fluid, white_prior, tissues, _ventricle_level(channels[0], priors))


def _ventricle_level(flair: np.ndarray, priors: np.ndarray) -> float:
    """Return the median brightness where the prior of the lateral ventricles is highest."""
    place = priors[BrainPart.LATERAL_VENTRICLE]
    return float(np.median(flair[place >= np.percentile(place, 99.9)]))


def _expectation_maximisation(voxels: np.ndarray, place: np.ndarray, mask: np.ndarray, spacing: tuple[float, ...]
                              ) -> tuple[tuple[Tissue, ...], np.ndarray, np.ndarray]:
    """Return the tissues, their shares (N, 3), and a mask (N,) of the voxels that are no bright outliers."""
    ordinary, dark = np.ones(len(voxels), dtype=bool), np.zeros(len(voxels), dtype=bool)
    shares = np.where(place > _SURE, place, 0.0)
    for number in range(_ROUNDS):
        # White matter includes the rims of lesions and ventricles; with many of them its spread would hide lesions.
        white = _fitted(voxels, shares[:, WHITE] * ordinary, robust=True)
        white = Tissue(white.mean, white.covariance * (_UNCUT**2 if number else 1.0))
        # Where fluid is black, voxels mixed with it would make grey matter darker, and its spread would hide lesions.
        grey = _fitted(voxels, shares[:, GREY] * (ordinary & ~dark), robust=number == 0)
        if number == 0:
            _refuse_t1(voxels[:, 0], shares)
        dark = voxels[:, 0] < _FLUID_BELOW * min(white.mean[0], grey.mean[0])
        tissues = (white, grey, _fluid(voxels, shares[:, DARK] * dark, white))
        ordinary = voxels[:, 0] < grey.mean[0] + _OUTLIER * np.sqrt(grey.covariance[0, 0])
        density = np.stack([tissue.log_density(voxels) for tissue in tissues], axis=1)
        shares = place * np.exp(density - density.max(axis=1, keepdims=True))
        shares = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
        around = np.stack([_smoothed(shares[:, index], mask, spacing)[mask] for index in range(3)], axis=1)
        shares = shares * (around + 0.02)
        shares = shares / shares.sum(axis=1, keepdims=True)
    return tissues, shares, ordinary


def _fluid(voxels: np.ndarray, weights: np.ndarray, white: Tissue) -> Tissue:
    """Return the fluid, fitted to dark voxels; its variance is at least that of white matter.

    A stripped scan is 0 where it was cut: voxels of 0 are not used in the fit unless all fluid is 0.
    """
    measured = weights * (voxels[:, 0] > 0)
    fluid = _fitted(voxels, measured if (measured > _LEAST_SHARE).any() else weights, robust=True)
    more = np.maximum(np.diag(white.covariance) - np.diag(fluid.covariance), 0)
    return Tissue(fluid.mean, fluid.covariance + np.diag(more))


def _refuse_t1(flair: np.ndarray, shares: np.ndarray) -> None:
    """Refuse a scan in which white matter is brighter than grey matter, which is not so in a FLAIR.

    The most frequent brightness of each is compared, as many lesions, or fluid beside a thin cortex in thick slices,
    shift mean and median.

    :param flair: brightness in FLAIR (N,).
    :param shares: shares of the tissues (N, 3).
    :raises Problem: if white matter is brighter.
    """
    white, grey = (_most_frequent(flair[shares[:, index] > _SURE]) for index in (WHITE, GREY))
    if white > grey * (1 + _T1_LIKE):
        raise Problem(_("White matter is brighter than grey matter in this scan: it looks like a T1, not a FLAIR. "
                        "Choose the FLAIR series."))


def _most_frequent(values: np.ndarray) -> float:
    """Return the peak of a smoothed histogram, or 0 without values."""
    if not len(values):
        return 0.0
    low, high = np.percentile(values, (1, 99))
    counts, edges = np.histogram(values, 64, (low, high + 1e-6))
    peak = int(ndimage.gaussian_filter1d(counts.astype(float), 3.0).argmax())
    return float((edges[peak] + edges[peak + 1]) / 2)


def _fitted(voxels: np.ndarray, weights: np.ndarray, robust: bool) -> Tissue:
    chosen = weights > _LEAST_SHARE
    if not chosen.any():
        raise Problem(_("Grey matter, white matter and fluid cannot be told apart in this scan. Choose a FLAIR series "
                        "that covers the whole brain."))
    some, weight = voxels[chosen], weights[chosen]
    if robust:
        # The first shares come from position alone: only the middle half of the voxels certainly belongs to the tissue.
        middle = np.median(some, axis=0)
        spread = 1.4826 * np.median(np.abs(some - middle), axis=0)
        close = (np.abs(some - middle) < 2.0 * spread + 1e-6).all(axis=1)
        some, weight = some[close], weight[close]
    mean = np.average(some, axis=0, weights=weight)
    centred = some - mean
    covariance = (centred * weight[:, None]).T @ centred / weight.sum()
    return Tissue(mean, covariance + np.eye(len(mean)) * 1e-6)


def _grey(priors: np.ndarray) -> np.ndarray:
    return priors[list(GREY_MATTER_PARTS)].sum(axis=0)


def _smoothed(values: np.ndarray, mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    volume = np.zeros(mask.shape, dtype=np.float32)
    volume[mask] = values
    return ndimage.gaussian_filter(volume, [_NEIGHBOURHOOD_MM / step for step in spacing])


def _filled(shares: np.ndarray, ordinary: np.ndarray, mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    """Return the shares of a tissue, float32 (K, J, I); outliers get the mean of the ordinary voxels around them."""
    volume, known = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, np.float32)
    volume[mask], known[mask] = shares * ordinary, ordinary
    sigma = [3.0 / step for step in spacing]
    around = ndimage.gaussian_filter(volume, sigma) / np.maximum(ndimage.gaussian_filter(known, sigma), 1e-3)
    return np.where(mask & (known == 0), around, volume).astype(np.float32)


def _parts(priors: np.ndarray, tissues: tuple[np.ndarray, ...], mask: np.ndarray) -> np.ndarray:
    """Return the most probable part of each voxel: the share of its tissue, divided among parts by their priors."""
    best, parts = np.zeros(mask.shape, np.float32), np.zeros(mask.shape, np.uint8)
    white, grey, fluid = tissues
    for part in BrainPart:
        if part is BrainPart.OUTSIDE:
            continue
        tissue = fluid if part in FLUID else white if part in WHITE_MATTER_PARTS else grey
        group = [other for other in BrainPart if other is not BrainPart.OUTSIDE and (
            (other in FLUID, other in WHITE_MATTER_PARTS) == (part in FLUID, part in WHITE_MATTER_PARTS))]
        share = tissue * priors[part] / np.maximum(priors[group].sum(axis=0), 1e-3)
        better = mask & (share > best)
        best[better], parts[better] = share[better], part
    return parts


def _points(image: Image, level: float) -> np.ndarray:
    return image.grid.ras_from_ijk(np.argwhere(image.array >= level)[:, ::-1])
