"""Resampling of slices to the network's pixels, and of its output back to the slices' own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from OrbitSegmentationLib.refinement.correction.network_input import PIXEL

#: Margin (mm) that the network sees beyond the reach of the border.
CONTEXT = 6.0
_SMALLEST, _LARGEST = 64, 320


@dataclass(frozen=True)
class WorkingGrid:
    """A grid of square pixels over a part of a stack of slices.

    :param shape: number of rows and columns of the grid.
    :param slice_shape: number of rows and columns of the slices.
    :param start: position (row, column) of the grid's first pixel, in pixels of the slices.
    :param step: size of the grid's pixels along rows and columns, in pixels of the slices.
    """

    shape: tuple[int, int]
    slice_shape: tuple[int, int]
    start: tuple[float, float]
    step: tuple[float, float]

    @classmethod
    def around(cls, mask: np.ndarray, spacing: tuple[float, float], reach: float, multiple: int) -> WorkingGrid:
        """Return the grid around a mask; structures larger than any in the orbit get larger pixels.

        :param mask: mask on the slices' own pixels, bool (rows, columns), not empty.
        :param spacing: pixel size of the slices (mm) along rows and columns.
        :param reach: distance (mm) that the border may move, which is added around the mask, with :data:`CONTEXT`.
        :param multiple: number that the grid's rows and columns must be multiples of.
        """
        ends = [(np.flatnonzero(mask.any(axis=1 - axis))[[0, -1]]) * spacing[axis] for axis in (0, 1)]
        lengths = [end[1] - end[0] + spacing[axis] + 2 * (reach + CONTEXT) for axis, end in enumerate(ends)]
        pixel = max(PIXEL, max(lengths) / _LARGEST)
        counts = [int(-(-max(length / pixel, _SMALLEST) // multiple) * multiple) for length in lengths]
        start = [(end.mean() - (count - 1) / 2 * pixel) / spacing[axis]
                 for axis, (end, count) in enumerate(zip(ends, counts, strict=True))]
        return cls(tuple(counts), mask.shape, tuple(start), tuple(pixel / size for size in spacing))

    def pixels(self, slices: np.ndarray, order: int) -> np.ndarray:
        """Return slices (n, rows, columns) on the network's pixels, with edges repeated.

        :param slices: slices on their own pixels, (n, rows, columns).
        :param order: 0 for masks (nearest pixel), 1 for images (linear, smoothed where pixels get larger).
        """
        if order and max(self.step) > 1:
            slices = ndimage.gaussian_filter(slices, (0, *(0.4 * max(step - 1, 0) for step in self.step)))
        index = [np.clip(start + step * np.arange(count), 0, size - 1) for start, step, count, size
                 in zip(self.start, self.step, self.shape, self.slice_shape, strict=True)]
        return _sampled(slices, index, order)

    def back(self, probabilities: np.ndarray) -> tuple[np.ndarray, tuple[slice, slice]]:
        """Return probabilities on the slices' own pixels, and the part (rows, columns) of the slices they cover."""
        sigma = tuple(0.3 * max(1 / step - 1, 0) for step in self.step)
        smooth = ndimage.gaussian_filter(probabilities, (0, *sigma)) if any(sigma) else probabilities
        parts, index = [], []
        for start, step, count, size in zip(self.start, self.step, self.shape, self.slice_shape, strict=True):
            low, high = max(int(np.ceil(start)), 0), min(int(start + step * (count - 1)) + 1, size)
            parts.append(slice(low, high))
            index.append((np.arange(low, high) - start) / step)
        return _sampled(smooth, index, 1), tuple(parts)


def _sampled(slices: np.ndarray, index: list[np.ndarray], order: int) -> np.ndarray:
    """Return the values at all pairs of a row and a column position, nearest or linear, clipped to the array."""
    if order == 0:
        rows, columns = (np.rint(positions).astype(int) for positions in index)
        return slices[:, rows[:, None], columns]
    result = slices.astype(np.float32, copy=False)
    for axis, positions in zip((1, 2), index, strict=True):
        low = np.clip(np.floor(positions).astype(int), 0, max(result.shape[axis] - 2, 0))
        high = np.minimum(low + 1, result.shape[axis] - 1)
        share = np.clip(positions - low, 0, 1).astype(np.float32)
        share = share[:, None] if axis == 1 else share
        result = result.take(low, axis) * (1 - share) + result.take(high, axis) * share
    return result
