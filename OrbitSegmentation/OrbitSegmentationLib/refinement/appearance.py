"""Intensity models of foreground and background, learned from a handful of seeds, for any modality.

Both models are histograms smoothed by the noise of the image (Parzen windows), so that one seed voxel is enough.
The background is learned from the surroundings of the seeds, as background seeds need not show all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_BINS = 96
_LEAST_WIDTH = 0.02  # fraction of the range of intensities: finer differences are no evidence
_UNSEEN = 0.05  # added to the voxels of each bin, so that the evidence of empty bins stays finite
_STRONGEST = 4.0  # largest evidence of one voxel (natural logarithm of odds), as seeds can be wrong
_LEAST_LINEAR = 0.05  # the same as a fraction of the range, for images without noise
_LINEAR = 12.0  # noise levels from the seeds within which intensities count in full; beyond, as their logarithm


@dataclass(frozen=True)
class IntensityScale:
    """A scale of intensities from 0 to 1, finest around those of the seeds and logarithmic far from them.

    Bone and air beside an eye span 2 000 HU, its vitreous body, muscles and fat 150: on a linear scale they would lie
    within a few bins, and a mark in the eyeball would fill nothing on CT.

    :param lower, upper: ends of the range, in the image's unit; intensities beyond count as these.
    :param centre: typical intensity of the seeds.
    :param linear: distance from the centre within which the scale is about linear, positive.
    """

    lower: float
    upper: float
    centre: float
    linear: float

    def of(self, image: np.ndarray) -> np.ndarray:
        """Return intensities on the scale; float32, shape of the image."""
        start, end = self._bent(np.array([self.lower, self.upper], np.float32))
        bent = self._bent(np.clip(image.astype(np.float32), self.lower, self.upper))
        return np.clip((bent - start) / max(end - start, 1e-6), 0.0, 1.0)

    @property
    def slope(self) -> float:
        """Steps of the scale per unit of intensity at the centre."""
        start, end = self._bent(np.array([self.lower, self.upper], np.float32))
        return 1.0 / self.linear / max(float(end - start), 1e-6)

    def _bent(self, image: np.ndarray) -> np.ndarray:
        return np.arcsinh((image - np.float32(self.centre)) / np.float32(self.linear))


@dataclass(frozen=True)
class AppearanceModel:
    """The evidence that the intensity of a voxel gives for its class.

    :param scale: scale of intensities that the bins divide.
    :param noise: standard deviation of the noise, as a fraction of the scale.
    :param evidence: log odds of foreground in each of the equally wide bins of the scale, shape (bins,).
    """

    scale: IntensityScale
    noise: float
    evidence: np.ndarray

    def scaled(self, image: np.ndarray) -> np.ndarray:
        """Return intensities on the scale, 0 to 1; float32."""
        return self.scale.of(image)

    def log_odds(self, scaled: np.ndarray) -> np.ndarray:
        """Return the natural log odds of foreground from intensities on the scale; float32, same shape."""
        return self.evidence[_bins(scaled)]


def finite(image: np.ndarray) -> np.ndarray:
    """Return intensities as float32; values that are not finite become the lowest, as outside of the scan.

    With 0 they would look like soft tissue on CT.
    """
    valid = np.isfinite(image)
    if valid.all():
        return image.astype(np.float32)
    lowest = image[valid].min() if valid.any() else 0
    return np.where(valid, image, lowest).astype(np.float32)


def fit_appearance(image: np.ndarray, foreground: np.ndarray, background: np.ndarray) -> AppearanceModel:
    """Return the model fitted to seeds within their region.

    :param image: intensities of the region (K, J, I).
    :param foreground: voxels to learn the foreground from, at least one; bool, same shape.
    :param background: voxels to learn the background from; without any, all its intensities are equally likely.
    """
    lower, upper = np.percentile(image, (1.0, 99.0))
    seeds = image[foreground]
    lower, upper = min(float(lower), float(seeds.min())), max(float(upper), float(seeds.max()))
    noise = noise_level(image)
    linear = max(_LINEAR * noise, _LEAST_LINEAR * (upper - lower)) or 1.0
    scale = IntensityScale(lower, upper, float(np.median(seeds)), linear)
    scaled, noise = scale.of(image), noise * scale.slope
    width = max(noise, _LEAST_WIDTH) * _BINS
    bins = _bins(scaled)
    odds = np.log(_density(bins[foreground], width)) - np.log(_density(bins[background], width))
    return AppearanceModel(scale, noise, np.clip(odds, -_STRONGEST, _STRONGEST).astype(np.float32))


def noise_level(image: np.ndarray) -> float:
    """Return the standard deviation of an image's noise, from differences of neighbours within slices (K, J, I).

    It is estimated from the median of the absolute differences, which edges hardly affect, as they are few.
    """
    differences = [np.abs(np.diff(image, axis=axis)).ravel() for axis in (1, 2)]
    together = np.concatenate(differences)
    return float(np.median(together)) / 0.6745 / np.sqrt(2.0) if together.size else 0.0


def _bins(scaled: np.ndarray) -> np.ndarray:
    """Return the number of the bin that each scaled intensity (0 to 1) lies in."""
    return np.minimum((scaled * _BINS).astype(np.int32), _BINS - 1)


def _density(bins: np.ndarray, width: float) -> np.ndarray:
    """Return a histogram, smoothed with a standard deviation of ``width`` bins, that sums to one; shape (bins,)."""
    from scipy.ndimage import gaussian_filter1d  # imported here, so that Slicer starts without it

    counts = np.bincount(bins, minlength=_BINS).astype(np.float64)
    share = gaussian_filter1d(counts, width, mode="constant") / max(bins.size, 1)
    return (share + _UNSEEN / _BINS) / (share.sum() + _UNSEEN)
