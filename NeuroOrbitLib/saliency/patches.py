"""Where patches lie on an image, and how values per patch become a map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: What a patch is filled with: the image's mean, the patch's own mean, or a number.
Fill = str | float
FILLS = ("image mean", "patch mean")


@dataclass(frozen=True)
class OcclusionSettings:
    """How an image is covered.

    :param patch: edge of the patch in pixels, one number or one per spatial axis.
    :param stride: step between patches, one number or one per spatial axis.
    :param fill: one of :data:`FILLS`, or a number.
    :param each_channel: cover one channel after the other, which tells which one matters and takes as many times as
        long, instead of all at once.
    """

    patch: int | tuple[int, ...] = 16
    stride: int | tuple[int, ...] = 4
    fill: Fill = "image mean"
    each_channel: bool = False

    def sizes(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Patch and stride along each axis of an image of spatial ``shape``.

        :raises Problem: when they do not fit the image.
        """
        patch, stride = (tuple(int(n) for n in np.broadcast_to(value, len(shape)))
                         for value in (self.patch, self.stride))
        if any(size < 1 for size in stride) or any(not 1 <= p <= n for p, n in zip(patch, shape, strict=True)):
            raise Problem(_("A patch of {patch} with stride {stride} does not fit an image of {shape}. Choose a "
                            "patch from 1 pixel to the image's size and a stride of at least 1.").format(
                patch=patch, stride=stride, shape=shape))
        return patch, stride


def patch_starts(shape: tuple[int, ...], patch: tuple[int, ...], stride: tuple[int, ...]) -> np.ndarray:
    """First pixel of every patch, int (number of patches, axes); the last ones end exactly at the image's edge."""
    axes = [_starts(*sizes) for sizes in zip(shape, patch, stride, strict=True)]
    return np.array(list(product(*axes)), dtype=int)


def mean_over_patches(values: np.ndarray, starts: np.ndarray, patch: tuple[int, ...],
                      shape: tuple[int, ...]) -> np.ndarray:
    """Map of ``shape``: each pixel's mean of the values of the patches that cover it; NaN where none does.

    :param values: one value per patch, (number of patches,).
    """
    total, count = np.zeros(shape), np.zeros(shape)
    for value, start in zip(values, starts, strict=True):
        place = tuple(slice(first, first + size) for first, size in zip(start, patch, strict=True))
        total[place] += value
        count[place] += 1
    return np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)


def _starts(size: int, patch: int, stride: int) -> list[int]:
    last = size - patch
    return sorted({*range(0, last + 1, stride), last})
