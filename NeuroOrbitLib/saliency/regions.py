"""The parts of feature maps that a change of the input affects, as boxes of one size, and their way through layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Window:
    """The window of a convolution or pooling on its input, with one number per spatial axis for each property."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    @property
    def reach(self) -> np.ndarray:
        """Distance in pixels from the first to the last input pixel of one output, along each axis."""
        return np.array(self.dilation) * (np.array(self.kernel) - 1)


@dataclass(frozen=True)
class Regions:
    """The parts of feature maps that differ from those of the unchanged image.

    :param values: values in the box of each variant, (variants, channels, *size).
    :param starts: first pixel of each variant's box, int (variants, axes).
    """

    values: Tensor
    starts: np.ndarray

    @property
    def size(self) -> tuple[int, ...]:
        """Size of the boxes along each axis, in pixels."""
        return tuple(self.values.shape[2:])

    def share_of(self, shape: tuple[int, ...]) -> float:
        """Return the share (0 to 1) of a box in a map of spatial ``shape``."""
        return float(np.prod(self.size) / np.prod(shape))

    def written_over(self, base: Tensor) -> Tensor:
        """Return whole maps (variants, channels, *shape): ``base`` (1, channels, *shape) with the boxes' values."""
        whole = base.repeat(len(self.starts), *[1] * (base.ndim - 1))
        return _overlaid(whole, self.values, self.starts)

    def boxed(self, base: Tensor, starts: np.ndarray, size: tuple[int, ...]) -> Regions:
        """Return the same maps in other boxes, with values outside of the present boxes from ``base``."""
        tiles = _tiles(base, starts, size)
        return Regions(_overlaid(tiles, self.values, self.starts - starts), starts)


def reached_boxes(starts: np.ndarray, size: tuple[int, ...], window: Window,
                  out_shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return the boxes of a window operation's output that depend on the input boxes: their starts and their size.

    Output ``o`` depends on the input from ``o * stride - padding`` to ``reach`` pixels further (Nakandala et al. 2019,
    Krypton, equations 5 to 8).

    :param starts: first pixel of each input box, int (variants, axes).
    :param size: size of the input boxes along each axis.
    :param window: window of the operation.
    :param out_shape: spatial shape of the output.
    """
    stride, padding = np.array(window.stride), np.array(window.padding)
    first = -((-(starts - window.reach + padding)) // stride)
    last = (starts + np.array(size) - 1 + padding) // stride
    first, last = np.maximum(first, 0), np.minimum(last, np.array(out_shape) - 1)
    edges = np.maximum((last - first + 1).max(axis=0), 1)
    return np.minimum(first, np.array(out_shape) - edges), tuple(int(edge) for edge in edges)


def tiles_for(regions: Regions, base: Tensor, starts: np.ndarray, size: tuple[int, ...], window: Window,
              fill: float) -> Tensor:
    """Return the input from which a window operation without padding computes the output boxes.

    :param regions: changed parts of the operation's input.
    :param base: input of the operation for the unchanged image, (1, channels, *shape).
    :param starts: first pixel of each output box, int (variants, axes).
    :param size: size of the output boxes along each axis.
    :param window: window of the operation.
    :param fill: value of the padding.
    """
    stride, padding = np.array(window.stride), np.array(window.padding)
    tile = tuple(int(n) for n in (np.array(size) - 1) * stride + window.reach + 1)
    ends = starts.max(axis=0) * stride + np.array(tile)
    beyond = np.maximum(ends - padding - np.array(base.shape[2:]), 0)
    around = [int(n) for pair in zip(padding[::-1], beyond[::-1], strict=True) for n in pair]
    padded = torch.nn.functional.pad(base, around, value=fill)
    # In padded coordinates the output box starts at start * stride, and the changed box is shifted by the padding.
    moved = Regions(regions.values, regions.starts + padding)
    return moved.boxed(padded, starts * stride, tile).values


def _tiles(base: Tensor, starts: np.ndarray, size: tuple[int, ...]) -> Tensor:
    places = [tuple(slice(first, first + n) for first, n in zip(start, size, strict=True)) for start in starts.tolist()]
    return torch.stack([base[(0, slice(None), *place)] for place in places])


def _overlaid(canvas: Tensor, values: Tensor, offsets: np.ndarray) -> Tensor:
    """Write values at an offset of each canvas, in place and without those outside of it, and return the canvas."""
    different, group_of = np.unique(offsets, axis=0, return_inverse=True)
    for group, offset in enumerate(different):
        members = torch.from_numpy(np.flatnonzero(group_of.reshape(-1) == group))
        to, of = [], []
        for first, n, limit in zip(offset.tolist(), values.shape[2:], canvas.shape[2:], strict=True):
            low, high = max(first, 0), min(first + n, limit)
            to.append(slice(low, high))
            of.append(slice(low - first, high - first))
        canvas[(members, slice(None), *to)] = values[(members, slice(None), *of)]
    return canvas
