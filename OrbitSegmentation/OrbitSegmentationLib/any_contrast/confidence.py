"""How sure the network is of every structure, over the whole of it and slice by slice.

The measure is the Dice coefficient to be expected if the probabilities are right: twice the probability inside the
outline, over the outline's size plus all probability. It is 1 for a clear structure, and falls where an edge could
as well run elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from NeuroOrbitLib.imaging import Grid
from NeuroOrbitLib.imaging.geometry import Box

#: A scan has thick slices if its voxels are this much longer in one direction.
_THICK = 1.3


def expected_dice(inside: float, everywhere: float, size: float) -> float:
    """Over a whole structure, 0 to 1.

    :param inside: probability inside the outline. :param everywhere: all probability. :param size: of the outline,
        all in voxels.
    """
    return float(2 * inside / max(size + everywhere, 1e-6))


@dataclass(frozen=True)
class StructureConfidence:
    """Sums over the slices of a scan, in voxels, each of shape (slices,).

    :param inside: probability inside the outline. :param everywhere: all probability. :param size: of the outline.
    """

    inside: np.ndarray
    everywhere: np.ndarray
    size: np.ndarray

    @property
    def expected_dice(self) -> float:
        """Over the whole structure, 0 to 1."""
        return expected_dice(self.inside.sum(), self.everywhere.sum(), self.size.sum())

    @property
    def by_slice(self) -> np.ndarray:
        """Expected Dice in every slice, NaN where there is nothing of the structure."""
        total = self.size + self.everywhere
        return np.where(self.size > 0, 2 * self.inside / np.maximum(total, 1e-6), np.nan)


@dataclass
class ScanConfidence:
    """Gathers the confidence in all structures of a scan.

    :param grid: of the scan. :param axis: of the array, across which the slices are counted.
    """

    grid: Grid
    axis: int
    structures: dict[int, StructureConfidence] = field(default_factory=dict)

    @classmethod
    def of(cls, grid: Grid) -> ScanConfidence:
        """For a scan in RAS order, with slices as it was taken: across its thickest direction, else axial."""
        spacing = np.array(grid.spacing[::-1])
        thickest = int(spacing.argmax())
        return cls(grid, thickest if spacing[thickest] > _THICK * np.delete(spacing, thickest).max() else 0)

    def add(self, box: Box, labels: np.ndarray, probabilities: dict[int, np.ndarray]) -> None:
        """Take note of a part of the scan.

        :param labels: label map (K, J, I) of the box.
        :param probabilities: of each label value, on the same grid.
        """
        across = tuple(axis for axis in range(3) if axis != self.axis)
        part = slice(box.start[self.axis], box.stop[self.axis])
        for value, probability in probabilities.items():
            sums = self.structures.setdefault(value, self._empty())
            mask = labels == value
            sums.inside[part] += (probability * mask).sum(axis=across)
            sums.everywhere[part] += probability.sum(axis=across)
            sums.size[part] += mask.sum(axis=across)

    def _empty(self) -> StructureConfidence:
        return StructureConfidence(*(np.zeros(self.grid.shape[self.axis]) for _ in range(3)))
