"""Positions of patches on an image, and maps from values per patch."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Value that fills a patch: the image's mean, the patch's own mean, or a number.
Fill = str | float
FILLS = ("image mean", "patch mean")


@dataclass(frozen=True)
class OcclusionSettings:
    """Settings of the patches that cover an image.

    :param patch: size of the patch in pixels, one number or one per spatial axis.
    :param stride: step between patches in pixels, one number or one per spatial axis.
    :param fill: value that fills a patch: one of :data:`FILLS`, or a number.
    :param each_channel: whether to cover the channels one by one instead of all at once, which shows which one matters
        and takes as many times as long.
    """

    patch: int | tuple[int, ...] = 16
    stride: int | tuple[int, ...] = 4
    fill: Fill = "image mean"
    each_channel: bool = False

    def sizes(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return patch and stride along each axis of an image of spatial ``shape``.

        :raises Problem: if they do not fit the image.
        """
        patch, stride = (tuple(int(n) for n in np.broadcast_to(value, len(shape)))
                         for value in (self.patch, self.stride))
        if any(size < 1 for size in stride) or any(not 1 <= p <= n for p, n in zip(patch, shape, strict=True)):
            raise Problem(_("A patch of {patch} with stride {stride} does not fit an image of {shape}. Choose a "
                            "patch from 1 pixel to the image's size and a stride of at least 1.").format(
                patch=patch, stride=stride, shape=shape))
        return patch, stride


def patch_starts(shape: tuple[int, ...], patch: tuple[int, ...], stride: tuple[int, ...]) -> np.ndarray:
    """Return the first pixel of every patch, int (patches, axes); the last ones end exactly at the image's edge."""
    axes = [_starts(*sizes) for sizes in zip(shape, patch, stride, strict=True)]
    return np.array(list(product(*axes)), dtype=int)


def mean_over_patches(values: np.ndarray, starts: np.ndarray, patch: tuple[int, ...],
                      shape: tuple[int, ...]) -> np.ndarray:
    """Return the map of the mean value of the patches that cover each pixel; NaN where none does.

    :param values: value of each patch, (patches,).
    :param starts: first pixel of each patch, int (patches, axes).
    :param patch: size of a patch along each axis.
    :param shape: shape of the map.
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
