"""How foreground and background look: intensity models from a handful of seeds, for any modality.

Both models are histograms smoothed by the noise of the image (Parzen windows), so that one seed voxel is enough.
Background is what surrounds the seeds; its own seeds need not show all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BINS = 96
_LEAST_WIDTH = 0.02  # of the range of intensities: finer differences are no evidence
_UNSEEN = 0.05  # added to the voxels of each bin, so that the evidence of empty bins stays finite
_STRONGEST = 4.0  # one voxel is never more than this (natural logarithm of odds): seeds can be wrong


@dataclass(frozen=True)
class AppearanceModel:
    """What the intensity of a voxel says about its class.

    :param lower, upper: ends of the range of intensities.
    :param noise: standard deviation of the noise, as a fraction of the range.
    :param evidence: log odds of foreground for each of equal parts of the range, shape (bins,).
    """

    lower: float
    upper: float
    noise: float
    evidence: np.ndarray

    def scaled(self, image: np.ndarray) -> np.ndarray:
        """Intensities as fractions of the range, 0 to 1; float32."""
        return _scaled(image, self.lower, self.upper)

    def log_odds(self, image: np.ndarray) -> np.ndarray:
        """Natural logarithm of the odds that a voxel is foreground, from its intensity; float32, shape of the image."""
        return self.evidence[_bins(self.scaled(image))]


def fit_appearance(image: np.ndarray, foreground: np.ndarray, background: np.ndarray) -> AppearanceModel:
    """Fit both models to seeds within their region.

    :param image: intensities of the region (K, J, I).
    :param foreground: voxels to learn the foreground from, at least one; bool, same shape.
    :param background: voxels to learn the background from; where there are none, every intensity is as likely.
    """
    lower, upper = np.percentile(image, (1.0, 99.0))
    seeds = image[foreground]
    lower, upper = min(float(lower), float(seeds.min())), max(float(upper), float(seeds.max()))
    scaled = _scaled(image, lower, upper)
    noise = noise_level(scaled)
    width = max(noise, _LEAST_WIDTH) * _BINS
    bins = _bins(scaled)
    odds = np.log(_density(bins[foreground], width)) - np.log(_density(bins[background], width))
    return AppearanceModel(lower, upper, noise, np.clip(odds, -_STRONGEST, _STRONGEST).astype(np.float32))


def noise_level(image: np.ndarray) -> float:
    """Standard deviation of the noise of an image (K, J, I), from differences of neighbours within slices.

    The median of the differences' sizes does not see edges, which are few.
    """
    differences = [np.abs(np.diff(image, axis=axis)).ravel() for axis in (1, 2)]
    together = np.concatenate(differences)
    return float(np.median(together)) / 0.6745 / np.sqrt(2.0) if together.size else 0.0


def _scaled(image: np.ndarray, lower: float, upper: float) -> np.ndarray:
    """Intensities as fractions of a range, 0 to 1."""
    return np.clip((image.astype(np.float32) - lower) / max(upper - lower, 1e-6), 0.0, 1.0)


def _bins(scaled: np.ndarray) -> np.ndarray:
    """The part of the range that each intensity of 0 to 1 is in."""
    return np.minimum((scaled * _BINS).astype(np.int32), _BINS - 1)


def _density(bins: np.ndarray, width: float) -> np.ndarray:
    """Smoothed histogram that sums to one; shape (bins,). :param width: standard deviation of the smoothing (bins)."""
    from scipy.ndimage import gaussian_filter1d  # not when the application starts

    counts = np.bincount(bins, minlength=_BINS).astype(np.float64)
    share = gaussian_filter1d(counts, width, mode="constant") / max(bins.size, 1)
    return (share + _UNSEEN / _BINS) / (share.sum() + _UNSEEN)
