"""The probability that a label is wrong, voxel by voxel, according to the model itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import Box, box_around, crop


@dataclass
class DoubtMap:
    """Accumulated doubt about the labels of a scan.

    :param percent: probability in percent that a voxel's label is wrong, uint8 (K, J, I) on the scan's grid. Fat and
        background count as one label, as the border between them is not an outline of its own.
    """

    percent: np.ndarray

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> DoubtMap:
        """Return a map without doubt.

        :param shape: shape of the scan's array (K, J, I).
        """
        return cls(np.zeros(shape, dtype=np.uint8))

    def add(self, slab: Box, drawn: np.ndarray, probabilities: dict[int, np.ndarray]) -> None:
        """Add the voxels of a slab that have no doubt yet.

        :param slab: box of the slab in the scan's array.
        :param drawn: label value of the structure in each voxel, (K, J, I) of the slab; 0 for background and fat.
        :param probabilities: probability of each structure, same shape, by label value.
        """
        wrong = sum(probabilities.values(), np.zeros(drawn.shape, np.float32))
        for value, probability in probabilities.items():
            np.copyto(wrong, 1.0 - probability, where=drawn == value)
        view = self.percent[slab.slices]
        np.copyto(view, np.rint(100.0 * wrong).astype(np.uint8), where=view == 0)

    def settle(self, drawn: np.ndarray, final: np.ndarray, impossible: np.ndarray) -> None:
        """Adapt the doubt to the cleaned labels: reverse it (100 % minus doubt) where a structure was removed or added.

        :param drawn, final: masks (K, J, I) of the voxels with a structure before and after cleaning.
        :param impossible: mask (K, J, I) of the voxels that cannot belong to a structure, according to the image;
            without a structure they get no doubt.
        """
        changed = drawn != final
        self.percent[changed] = 100 - self.percent[changed]
        self.percent[impossible & ~final] = 0

    def image(self, affine: np.ndarray) -> Image | None:
        """Return the part of the map that is not 0; None if all of it is.

        :param affine: 4x4 affine of the scan.
        """
        box = box_around(self.percent)
        return None if box is None else crop(Image(self.percent, affine), box)
