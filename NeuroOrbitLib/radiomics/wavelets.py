"""Stationary wavelet transform of a part of an image, bit by bit equal to that of PyWavelets on the whole image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Low-pass decomposition filters (Daubechies, Ten Lectures on Wavelets, 1992); others come from PyWavelets.
_LOW_PASS = {
    "haar": (0.7071067811865476, 0.7071067811865476),
    "coif1": (-0.015655728135791993, -0.07273261951252645, 0.3848648468648578, 0.8525720202116004,
              0.3378976624574818, -0.07273261951252645),
}  # fmt: skip
_LOW_PASS["db1"] = _LOW_PASS["haar"]
#: PyWavelets' filters for images of single precision that differ from the rounded filters of double precision.
_SINGLE = {"coif1": (*_LOW_PASS["coif1"][:3], 0.852571964263916, *_LOW_PASS["coif1"][4:])}


def low_pass(name: str, kind: np.dtype | type = np.float64) -> np.ndarray:
    """Return the low-pass decomposition filter (F,) of a wavelet.

    :param name: name of the wavelet, e.g. "coif1".
    :param kind: type of the image's voxels, single or double precision.
    :raises Problem: if the wavelet is unknown here, and PyWavelets is not installed or does not know it either.
    """
    if name in _LOW_PASS:
        taps = _SINGLE.get(name, _LOW_PASS[name]) if kind == np.float32 else _LOW_PASS[name]
        return np.array(taps, dtype=kind)
    try:
        import pywt

        return np.array(pywt.Wavelet(name).dec_lo, dtype=kind)
    except (ImportError, ValueError) as error:
        raise Problem(_("The wavelet {name!r} cannot be used here. Choose {low_pass}, or install PyWavelets and "
                        "choose one of its names.").format(name=name, low_pass=_LOW_PASS)) from error


def high_pass(low: np.ndarray) -> np.ndarray:
    """Return the high-pass filter (F,) of a low-pass filter (F,) (quadrature mirror)."""
    signs = np.where(np.arange(len(low)) % 2 == 0, -1.0, 1.0)
    return signs.astype(low.dtype) * low[::-1]


def wavelet_images(array: np.ndarray, box: Box, wavelet: str, axes: tuple[int, ...],
                   levels: tuple[int, ...]) -> dict[tuple[int, str], np.ndarray]:
    """Return images of the stationary transform of ``array`` within ``box``; beyond its ends the image repeats.

    :param array: the whole image, (K, J, I).
    :param box: part of the image to return.
    :param wavelet: name of the wavelet, see :func:`low_pass`.
    :param axes: array axes to transform, in the order of the letters.
    :param levels: levels to return, from 1; lower levels are computed on the way.
    :return: images of the box's shape by level and letters, such as "LLH" (L and H along each of ``axes``). The image
        with low-pass filters alone is only returned for the last level.
    :raises Problem: if the wavelet is unknown.
    """
    kind = np.float32 if array.dtype == np.float32 else np.float64
    low = low_pass(wavelet, kind)
    filters = {"L": low, "H": high_pass(low)}
    after, before = len(low) // 2, len(low) - 1 - len(low) // 2
    last = max(levels)
    block = _wrapped(array, box, axes, before * last, after * last).astype(kind)
    found: dict[tuple[int, str], np.ndarray] = {}
    for level in range(1, last + 1):
        left = last - level
        ends = {axis: _Ends(box.start[axis] - before * left, _even(array.shape[axis])) for axis in axes}
        images = _decomposed(block, filters, ends)
        block = images["L" * len(axes)]
        if level in levels:
            inner = tuple(slice(before * left, size - after * left) if axis in axes else slice(None)
                          for axis, size in enumerate(block.shape))
            found.update({(level, name): image[inner] for name, image in images.items()
                          if "H" in name or level == last})
    return found


@dataclass(frozen=True)
class _Ends:
    """Position of a block's planes in the repeating image: index of the first one, and period of the repetition."""

    first: int
    period: int


def _even(size: int) -> int:
    return size + size % 2


def _wrapped(array: np.ndarray, box: Box, axes: tuple[int, ...], before: int, after: int) -> np.ndarray:
    """Return the box with margins along ``axes``; the image, padded to even size by its first plane, is periodic."""
    block = array
    for axis, (start, stop) in enumerate(zip(box.start, box.stop, strict=True)):
        if axis in axes:
            size = array.shape[axis]
            places = np.arange(start - before, stop + after) % _even(size)
            block = block.take(np.where(places == size, 0, places), axis=axis)
        else:
            block = block[_along(axis, slice(start, stop))]
    return block


def _decomposed(block: np.ndarray, filters: dict[str, np.ndarray], ends: dict[int, _Ends]) -> dict[str, np.ndarray]:
    images = {"": block}
    for axis, end in ends.items():
        images = {name + letter: _filtered(image, filters[letter], axis, end)
                  for (name, image), letter in product(images.items(), filters)}
    return images


def _filtered(block: np.ndarray, taps: np.ndarray, axis: int, end: _Ends) -> np.ndarray:
    """Return the convolution along an axis where the filter is inside, summed in the order of PyWavelets.

    This order is from the first tap on; near the end of the image, the taps beyond it come first, backwards.
    """
    size = block.shape[axis] - len(taps) + 1
    found = _summed(block, taps, axis, slice(0, size), range(len(taps)))
    for beyond in range(2, len(taps) // 2):  # the order of two does not matter
        order = (*range(beyond, -1, -1), *range(beyond + 1, len(taps)))
        start = (end.period - len(taps) // 2 + beyond - end.first) % end.period
        for plane in range(start, size, end.period):
            here = slice(plane, plane + 1)
            found[_along(axis, here)] = _summed(block, taps, axis, here, order)
    return found


def _summed(block: np.ndarray, taps: np.ndarray, axis: int, planes: slice, order: Iterable[int]) -> np.ndarray:
    total: np.ndarray | None = None
    for number in order:
        shift = len(taps) - 1 - number
        part = block[_along(axis, slice(planes.start + shift, planes.stop + shift))] * taps[number]
        total = part if total is None else np.add(total, part, out=total)
    return total


def _along(axis: int, planes: slice) -> tuple[slice, ...]:
    return tuple(planes if other == axis else slice(None) for other in range(3))
