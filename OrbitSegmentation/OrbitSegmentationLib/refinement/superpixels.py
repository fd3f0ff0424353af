"""Superpixels: division of a slice, or of a small block of voxels, into clickable regions of similar intensity.

The regions are computed with scikit-image's SLIC (Achanta et al., IEEE TPAMI 34:2274, 2012) on the intensities as the
window shows them, so that the regions follow the borders that the annotator sees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from OrbitSegmentationLib.refinement.fragments import connected_regions

#: Numbers of regions of a slice that the annotators of SEQ-UNET could choose from, coarse to fine.
LEVELS = (100, 500, 1000, 2000)
#: Fraction of the window that weighs as much as the distance to the next region.
DEFAULT_COMPACTNESS = 0.15

_ITERATIONS = 6  # more iterations hardly move a border
_ANISOTROPIC = 1.5  # slices further apart than this many pixels are thick slices


@dataclass(frozen=True)
class Superpixels:
    """A division of an image into connected regions.

    :param labels: number of the region, 0 to ``count - 1``, of every pixel (rows, columns) or voxel (K, J, I); int32.
    """

    labels: np.ndarray

    @cached_property
    def count(self) -> int:
        """Number of regions."""
        return int(self.labels.max()) + 1

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of pixels of every region, shape (count,)."""
        return np.bincount(self.labels.ravel(), minlength=self.count)

    def boundaries(self) -> np.ndarray:
        """Return the pixels whose next pixel along any axis is in another region; bool, shape of ``labels``."""
        found = np.zeros(self.labels.shape, dtype=bool)
        for axis in range(found.ndim):
            before = np.moveaxis(found, axis, 0)[:-1]
            before |= np.diff(np.moveaxis(self.labels, axis, 0), axis=0) != 0
        return found

    def region_at(self, index: tuple[int, ...]) -> int | None:
        """Return the region of a pixel (row, column) or voxel (k, j, i), or ``None`` outside of the image."""
        if any(not 0 <= place < size for place, size in zip(index, self.labels.shape, strict=True)):
            return None
        return int(self.labels[tuple(index)])

    def mask_of(self, ids: int | Iterable[int]) -> np.ndarray:
        """Return the pixels of one or several regions; bool, shape of ``labels``."""
        if np.isscalar(ids):
            return self.labels == ids
        chosen = np.zeros(self.count, dtype=bool)
        chosen[list(ids)] = True
        return chosen[self.labels]


def slice_superpixels(
    image: np.ndarray,
    spacing: tuple[float, float],
    count: int,
    compactness: float = DEFAULT_COMPACTNESS,
    window: tuple[float, float] | None = None,
    borders: np.ndarray | None = None,
) -> Superpixels:
    """Divide a slice into about ``count`` regions.

    :param image: intensities (rows, columns); NaN and infinities count as the window's lower end.
    :param spacing: pixel size along rows and columns (mm).
    :param count: requested number of regions, see :data:`LEVELS`, limited to the number of pixels.
    :param compactness: fraction of the window that weighs as much as the distance to the next region: small regions
        follow every edge, large ones are round.
    :param window: lowest and highest intensity shown; ``None`` for the 0.5 and 99.5 percentiles.
    :param borders: label map of existing segments (rows, columns), whose borders no region crosses.
    :raises ValueError: if the image is empty or not two-dimensional, or if count or compactness are not positive.
    """
    if image.ndim != 2:
        raise ValueError(f"A slice has two axes; this array has shape {image.shape}.")
    spacing = np.asarray(spacing, dtype=float)
    repeats = np.maximum(1, (spacing / spacing.min()).round().astype(int))
    square = _windowed(image, window).repeat(repeats[0], axis=0).repeat(repeats[1], axis=1)
    labels = _regions(square, spacing / repeats, count, compactness)
    return _divided(labels[repeats[0] // 2 :: repeats[0], repeats[1] // 2 :: repeats[1]], borders)


def block_supervoxels(
    image: np.ndarray,
    spacing: tuple[float, float, float],
    count: int,
    compactness: float = DEFAULT_COMPACTNESS,
    window: tuple[float, float] | None = None,
    borders: np.ndarray | None = None,
) -> Superpixels:
    """Divide a block of voxels into about ``count`` regions that are as long, in mm, across slices as within them.

    If slices are thick, regions of several voxels within a slice are one or a few slices high.

    :param image: intensities (K, J, I); NaN and infinities count as the window's lower end.
    :param spacing: voxel size (mm) along K, J, I.
    :param count: requested number of regions of the block.
    :param compactness, window: as for :func:`slice_superpixels`.
    :param borders: label map of existing segments (K, J, I), whose borders no region crosses.
    :raises ValueError: if the image is empty or not three-dimensional, or if count or compactness are not positive.
    """
    if image.ndim != 3:
        raise ValueError(f"A block has three axes (K, J, I); this array has shape {image.shape}.")
    shown, spacing = _windowed(image, window), np.asarray(spacing, dtype=float)
    labels, following = np.empty(image.shape, dtype=np.int32), 0
    slabs = _slabs(image.shape, spacing, count)
    for slab in slabs:
        labels[slab] = _regions(shown[slab], spacing, max(1, round(count / len(slabs))), compactness) + following
        following = int(labels[slab].max()) + 1
    return _divided(labels, borders)


def _windowed(image: np.ndarray, window: tuple[float, float] | None) -> np.ndarray:
    """Return intensities as shown: float32, 0 at the window's lower end and 1 at its upper end."""
    if image.size == 0:
        raise ValueError("An image without pixels has no regions.")
    finite = np.isfinite(image)
    if window is None or not np.isfinite(window).all():  # a display's automatic window of infinite intensities
        window = np.percentile(image[finite], (0.5, 99.5)) if finite.any() else (0.0, 1.0)
    lower, upper = (float(end) for end in window)
    scaled = (np.where(finite, image, lower).astype(np.float32) - lower) / max(upper - lower, 1e-6)
    return np.clip(scaled, 0.0, 1.0)


def _slabs(shape: tuple[int, int, int], spacing: np.ndarray, count: int) -> list[slice]:
    """Return groups of slices, each as thick as a region is wide (mm); a single group if slices are thin."""
    if spacing[0] <= _ANISOTROPIC * spacing[1:].max():
        return [slice(0, shape[0])]
    width = (np.prod(shape) * np.prod(spacing) / max(count, 1)) ** (1 / 3)
    pieces = max(1, round(shape[0] * spacing[0] / width))
    edges = np.unique(np.linspace(0, shape[0], min(pieces, shape[0]) + 1).round().astype(int))
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _regions(shown: np.ndarray, spacing: np.ndarray, count: int, compactness: float) -> np.ndarray:
    """Return the region numbers of SLIC, int32 from 0, on intensities of 0 to 1."""
    from skimage.segmentation import slic  # imported here, so that Slicer starts without it

    if count <= 0 or compactness <= 0:
        raise ValueError("The number of regions and the compactness must be positive.")
    # As slic stretches intensities to 0..1 once more, compactness would otherwise depend on the content's contrast.
    contrast = float(np.ptp(shown)) or 1.0
    count = min(int(count), shown.size)
    if count == 1:
        return np.zeros(shown.shape, dtype=np.int32)
    labels = slic(
        shown,
        n_segments=count,
        compactness=compactness / contrast,
        max_num_iter=_ITERATIONS,
        spacing=tuple(spacing / spacing[-2:].min()),
        start_label=0,
        channel_axis=None,
    )
    return labels.astype(np.int32, copy=False)


def _divided(labels: np.ndarray, borders: np.ndarray | None) -> Superpixels:
    """Return the regions, connected and numbered without gaps, cut along the borders of existing segments."""
    if borders is None and np.bincount(labels.ravel()).all():
        return Superpixels(labels)
    return Superpixels(connected_regions(labels, np.zeros_like(labels) if borders is None else borders))
