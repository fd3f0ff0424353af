"""The network's confidence in every structure, as a whole and slice by slice.

The measure is the Dice coefficient to be expected if the probabilities are right: twice the sum of the probability
inside the outline, divided by the outline's size plus the sum of all probability. It is 1 for a clear structure, and
smaller where an edge could as well run elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from NeuroOrbitLib.imaging import Grid
from NeuroOrbitLib.imaging.geometry import Box
from NeuroOrbitLib.imaging.image import sizes_without_noise

#: Ratio of the longest to the second longest voxel edge above which a scan has thick slices.
_THICK = 1.3


def expected_dice(inside: float, everywhere: float, size: float) -> float:
    """Return the expected Dice of a structure, 0 to 1.

    :param inside: sum of the probability inside the outline, in voxels.
    :param everywhere: sum of all probability, in voxels.
    :param size: size of the outline, in voxels.
    """
    return float(2 * inside / max(size + everywhere, 1e-6))


@dataclass(frozen=True)
class StructureConfidence:
    """Sums of a structure's probability in each slice of a scan, in voxels.

    :param inside: sum of the probability inside the outline, (slices,).
    :param everywhere: sum of all probability, (slices,).
    :param size: size of the outline, (slices,).
    """

    inside: np.ndarray
    everywhere: np.ndarray
    size: np.ndarray

    @property
    def expected_dice(self) -> float:
        """Expected Dice of the whole structure, 0 to 1."""
        return expected_dice(self.inside.sum(), self.everywhere.sum(), self.size.sum())

    @property
    def by_slice(self) -> np.ndarray:
        """Expected Dice in every slice, (slices,); NaN in slices without the structure."""
        total = self.size + self.everywhere
        return np.where(self.size > 0, 2 * self.inside / np.maximum(total, 1e-6), np.nan)


@dataclass
class ScanConfidence:
    """Accumulated confidence in all structures of a scan.

    :param grid: grid of the scan.
    :param axis: array axis (0 = K, 1 = J, 2 = I) along which the slices are counted.
    :param structures: confidence in each structure, by label value.
    """

    grid: Grid
    axis: int
    structures: dict[int, StructureConfidence] = field(default_factory=dict)

    @classmethod
    def of(cls, grid: Grid) -> ScanConfidence:
        """Return an empty accumulator for a scan in RAS order, with its slices across the thickest axis, else axial."""
        spacing = np.array(sizes_without_noise(grid.spacing[::-1]))
        thickest = int(spacing.argmax())
        return cls(grid, thickest if spacing[thickest] > _THICK * np.delete(spacing, thickest).max() else 0)

    def add(self, box: Box, labels: np.ndarray, probabilities: dict[int, np.ndarray]) -> None:
        """Add a part of the scan.

        :param box: box of the part in the scan's array.
        :param labels: label map (K, J, I) of the box.
        :param probabilities: probability (K, J, I) of each label value in the box, by label value.
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
