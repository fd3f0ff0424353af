"""A slice as the annotator sees it, enlarged to pixels finer than the voxels, and its conversion back to voxels."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.ndimage import map_coordinates

from Testing.Experiments.annotation.cases import AnnotatedHead

PIXEL_MM = 0.25


class SliceView:
    """Enlarged slices of a case, each pixel a whole fraction of a voxel."""

    def __init__(self, case: AnnotatedHead) -> None:
        self.case = case
        self.factors = tuple(max(round(step / PIXEL_MM), 1) for step in case.spacing[1:])
        self.pixel_mm = tuple(step / factor for step, factor in zip(case.spacing[1:], self.factors, strict=True))
        self.shape = tuple(size * factor for size, factor in zip(case.image.shape[1:], self.factors, strict=True))
        self.image = lru_cache(maxsize=None)(self._image)

    def _image(self, k: int) -> np.ndarray:
        """Return the interpolated intensities of slice ``k``: float32 (rows, columns) of pixels."""
        plane = self.case.image[k]
        axes = [(np.arange(size * factor) + 0.5) / factor - 0.5
                for size, factor in zip(plane.shape, self.factors, strict=True)]
        return map_coordinates(plane, np.meshgrid(*axes, indexing="ij"), order=1, mode="nearest")

    def pixels(self, plane: np.ndarray) -> np.ndarray:
        """Return the voxels of a slice as pixels (each voxel a block)."""
        return plane.repeat(self.factors[0], axis=0).repeat(self.factors[1], axis=1)

    def voxels(self, pixels: np.ndarray) -> np.ndarray:
        """Return a mask of pixels as voxels: those that it covers by at least half."""
        (fine_rows, fine_columns), (rows, columns) = self.factors, self.case.reference.shape[1:]
        return pixels.reshape(rows, fine_rows, columns, fine_columns).mean(axis=(1, 3)) >= 0.5
