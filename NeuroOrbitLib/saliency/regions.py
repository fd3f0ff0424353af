"""The part of a feature map that a change of the input reaches: boxes of one size, and how windows move them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Window:
    """How a convolution or pooling looks at its input, one number per spatial axis each."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    @property
    def reach(self) -> np.ndarray:
        """Input pixels from the first to the last that one output sees, less one."""
        return np.array(self.dilation) * (np.array(self.kernel) - 1)


@dataclass(frozen=True)
class Regions:
    """Values of a feature map where they differ from those of the unchanged image.

    :param values: (variants, channels, *size).
    :param starts: first pixel of each variant's box, int (variants, axes).
    """

    values: Tensor
    starts: np.ndarray

    @property
    def size(self) -> tuple[int, ...]:
        """Edges of the boxes."""
        return tuple(self.values.shape[2:])

    def share_of(self, shape: tuple[int, ...]) -> float:
        """Which part of a map of spatial ``shape`` a box is."""
        return float(np.prod(self.size) / np.prod(shape))

    def written_over(self, base: Tensor) -> Tensor:
        """Whole maps (variants, channels, *shape): ``base`` (1, channels, *shape) with the values in their boxes."""
        whole = base.repeat(len(self.starts), *[1] * (base.ndim - 1))
        return _overlaid(whole, self.values, self.starts)

    def boxed(self, base: Tensor, starts: np.ndarray, size: tuple[int, ...]) -> Regions:
        """The same maps in other boxes; what lies outside of the present boxes comes from ``base``."""
        tiles = _tiles(base, starts, size)
        return Regions(_overlaid(tiles, self.values, self.starts - starts), starts)


def reached_boxes(starts: np.ndarray, size: tuple[int, ...], window: Window,
                  out_shape: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, ...]]:
    """Boxes of a window operation's output that see any of the input boxes: their starts and their one size.

    Output ``o`` sees the input from ``o * stride - padding`` on, ``reach`` pixels further (Nakandala et al. 2019,
    Krypton, equations 5 to 8).
    """
    stride, padding = np.array(window.stride), np.array(window.padding)
    first = -((-(starts - window.reach + padding)) // stride)
    last = (starts + np.array(size) - 1 + padding) // stride
    first, last = np.maximum(first, 0), np.minimum(last, np.array(out_shape) - 1)
    edges = np.maximum((last - first + 1).max(axis=0), 1)
    return np.minimum(first, np.array(out_shape) - edges), tuple(int(edge) for edge in edges)


def tiles_for(regions: Regions, base: Tensor, starts: np.ndarray, size: tuple[int, ...], window: Window,
              fill: float) -> Tensor:
    """The input that a window operation without padding needs to give the output boxes ``starts``, ``size``.

    :param base: the operation's input for the unchanged image, (1, channels, *shape).
    :param fill: value of the padding.
    """
    stride, padding = np.array(window.stride), np.array(window.padding)
    tile = tuple(int(n) for n in (np.array(size) - 1) * stride + window.reach + 1)
    ends = starts.max(axis=0) * stride + np.array(tile)
    beyond = np.maximum(ends - padding - np.array(base.shape[2:]), 0)
    around = [int(n) for pair in zip(padding[::-1], beyond[::-1], strict=True) for n in pair]
    padded = torch.nn.functional.pad(base, around, value=fill)
    # In padded pixels the output's box starts at start * stride, and the changed box is moved by the padding.
    moved = Regions(regions.values, regions.starts + padding)
    return moved.boxed(padded, starts * stride, tile).values


def _tiles(base: Tensor, starts: np.ndarray, size: tuple[int, ...]) -> Tensor:
    places = [tuple(slice(first, first + n) for first, n in zip(start, size, strict=True)) for start in starts.tolist()]
    return torch.stack([base[(0, slice(None), *place)] for place in places])


def _overlaid(canvas: Tensor, values: Tensor, offsets: np.ndarray) -> Tensor:
    """Write values at ``offsets`` of each canvas, in place; what would fall outside of the canvas is left out."""
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
