"""Chemical shift of fat, and where a reader sees the borders of structures that lie in displaced fat.

Fat precesses more slowly than water, so an MR image shows it some voxels away along the frequency direction. On one
side of a muscle the bright fat then covers it, on the other side it leaves a dark gap that looks like muscle; a reader
outlines the muscle between the fat that the image shows. The functions take arrays of numpy or torch alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

_Array = TypeVar("_Array", np.ndarray, "Tensor")
#: SD and largest displacement (mm) of random shifts: 220 Hz at 1.5 T and 440 Hz at 3 T at usual bandwidths.
_SPREAD, _LARGEST = 1.6, 4.0


@dataclass(frozen=True)
class FatShift:
    """A displacement of fat by whole voxels.

    :param axis: axis of the array along which fat is displaced.
    :param steps: number of voxels, with its sign.
    """

    axis: int
    steps: int

    @classmethod
    def random(cls, spacing: float, rng: np.random.Generator) -> FatShift:
        """Return a displacement of up to 4 mm along a random axis, for voxels of ``spacing`` mm."""
        millimetres = float(np.clip(rng.normal(0, _SPREAD), -_LARGEST, _LARGEST))
        return cls(int(rng.integers(0, 3)), round(millimetres / spacing))

    def moved(self, image: Tensor) -> Tensor:
        """Return the image displaced; what leaves it on one side enters on the other."""
        import torch  # imported here: the phantoms of Sample Data are made before PyTorch is installed

        return torch.roll(image, self.steps, dims=self.axis)


def shown_in_place_of(water: _Array, fat: _Array, moved_water: _Array, moved_fat: _Array, least: float) -> _Array:
    """Return the voxels that look like the tissue from which the displacement of fat points to them.

    These are voxels in which displaced fat outshines the tissue that lies there, and those that fat has left dark next
    to tissue that is darker than this fat.

    :param water: signal of water.
    :param fat: signal of fat at its true place.
    :param moved_water: signal of water, displaced as the fat is.
    :param moved_fat: signal of fat where the image shows it.
    :param least: smallest difference between fat and other tissue that a reader sees.
    """
    covered = moved_fat - water > least
    left = (fat - moved_water > least) & (2 * moved_fat < fat)
    return covered | left
