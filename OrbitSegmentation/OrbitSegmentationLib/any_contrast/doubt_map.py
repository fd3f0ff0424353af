"""How likely it is, voxel by voxel, that the model would not stand by what is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import Box, box_around, crop


@dataclass
class DoubtMap:
    """Gathers the doubt about the labels of a scan.

    :param percent: (K, J, I) uint8 on the scan's grid: the probability that what is drawn is wrong. Fat and what is no
        structure count as one, as their border is drawn nowhere else than at the structures'.
    """

    percent: np.ndarray

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> DoubtMap:
        """Return a map without doubt. :param shape: of the scan's array (K, J, I)."""
        return cls(np.zeros(shape, dtype=np.uint8))

    def add(self, slab: Box, drawn: np.ndarray, probabilities: dict[int, np.ndarray]) -> None:
        """Take note of the voxels of a slab where nothing was noted before.

        :param drawn: (K, J, I) label value of a structure, 0 where none (or fat) is drawn.
        :param probabilities: of each structure's label value, same shape.
        """
        wrong = sum(probabilities.values(), np.zeros(drawn.shape, np.float32))
        for value, probability in probabilities.items():
            np.copyto(wrong, 1.0 - probability, where=drawn == value)
        view = self.percent[slab.slices]
        np.copyto(view, np.rint(100.0 * wrong).astype(np.uint8), where=view == 0)

    def settle(self, drawn: np.ndarray, final: np.ndarray, impossible: np.ndarray) -> None:
        """Follow what cleaning changed: a structure taken away or added there is as doubtful as it was sure before.

        :param drawn, final: (K, J, I), where a structure was drawn before and is at the end, boolean.
        :param impossible: where the image shows that there can be none: no doubt.
        """
        changed = drawn != final
        self.percent[changed] = 100 - self.percent[changed]
        self.percent[impossible & ~final] = 0

    def image(self, affine: np.ndarray) -> Image | None:
        """Return the part of the map that is not 0, None if all is. :param affine: of the scan."""
        box = box_around(self.percent)
        return None if box is None else crop(Image(self.percent, affine), box)
