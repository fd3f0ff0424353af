"""Thick slices turned into thin ones that agree with them.

What interpolation puts between two thick slices is a mixture of both: a thin muscle that fills half of a slice stays
half as bright, and oblique edges become stairs. A thick slice, however, is the mean of what lies in it. Of all images
in thin slices whose means are the thick slices, the one with the least total variation has edges where tissue ends.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from NeuroOrbitLib.imaging.image import Image

#: How much an edge costs beside a slice that is missed (both in parts of the contrast). With .003 thick copies of real
#: scans are segmented alike; .01 rounds the optic nerve off.
_EDGE_COST = 0.001
#: Differences below this part of the contrast per mm are noise or shading rather than an edge.
_LEAST_EDGE = 0.05
#: More steps change the Dice of muscles by less than .002.
_STEPS = 20
#: Slices thicker than this (mm) are thick, if they are so many times as thick as their voxels are wide.
THICK_SLICES, _THICKER = 1.5, 1.5


def has_thick_slices(spacing: Sequence[float]) -> bool:
    """Return whether slices are thicker than 1.5 mm and clearly thicker than their voxels are wide.

    :param spacing: of the voxels along the three axes, mm.
    """
    width, thickness = sorted(spacing)[1:]
    return thickness > THICK_SLICES and thickness > _THICKER * width


def has_coarse_voxels(spacing: Sequence[float]) -> bool:
    """Return whether voxels are longer than 1.5 mm along any axis, so that thin bone and muscles share them.

    Unlike :func:`has_thick_slices`, this holds for voxels as long along all axes, too, which cannot be divided. If
    rules for bone and for pieces of muscles asked for thick slices instead, CT in voxels of 1.6 to 2.5 mm would lose up
    to 0.013 of the Dice of the recti and 3 % of their volume.

    :param spacing: of the voxels along the three axes, mm.
    """
    return max(spacing) > THICK_SLICES


def in_thin_slices(image: Image, thickness: float, lowest: float, highest: float) -> Image:
    """Return an image with its thickest slices divided into thin ones whose means are these slices.

    Minimises Huber's variant of total variation by Nesterov's accelerated gradient, starting from linear interpolation.

    :param thickness: about how thick (mm) the thin slices shall be. Each slice is divided into a whole number of them.
    :param lowest, highest: grey values of the darkest and the brightest tissue that matters. Values more than two
        fifths of their difference beyond them are cut off.
    :return: float32; ``image`` itself where its slices are less than one and a half times as thick as wanted, or
        nothing differs from anything else.
    """
    axis = int(np.argmax(image.spacing))
    parts = round(image.spacing[axis] / thickness)
    if parts < 2 or highest <= lowest:
        return image
    order = (2 - axis, *(other for other in range(3) if other != 2 - axis))
    contrast = highest - lowest
    scaled = (image.array.transpose(order).astype(np.float32) - np.float32(lowest)) / np.float32(contrast)
    spacing = [image.spacing[2 - number] for number in order]
    thin = _least_variation(scaled.clip(-0.4, 1.4), parts, [spacing[0] / parts, *spacing[1:]])
    affine = image.affine.copy()
    affine[:3, axis] /= parts
    affine[:3, 3] -= affine[:3, axis] * (parts - 1) / 2.0
    array = (thin * np.float32(contrast) + np.float32(lowest)).transpose(np.argsort(order))
    return Image(np.ascontiguousarray(array), affine)


def _least_variation(slices: np.ndarray, parts: int, spacing: list[float]) -> np.ndarray:
    """The image (slices x parts, ...) of the least variation whose means over ``parts`` are the slices."""
    steepest = 1.0 / parts + 4.0 * _EDGE_COST / _LEAST_EDGE * sum(1.0 / size**2 for size in spacing)
    thin = before = _interpolated(slices, parts)
    for step in range(_STEPS):
        missed = thin.reshape(len(slices), parts, *slices.shape[1:]).mean(axis=1) - slices
        gradient = np.repeat(missed / parts, parts, axis=0)
        _add_variation(gradient, thin, spacing)
        after = thin - gradient / np.float32(steepest)
        thin = after + np.float32(step / (step + 3)) * (after - before)
        before = after
    return before


def _interpolated(slices: np.ndarray, parts: int) -> np.ndarray:
    """Slices divided into parts, by linear interpolation between their middles."""
    places = ((np.arange(len(slices) * parts) + 0.5) / parts - 0.5).clip(0, len(slices) - 1)
    lower = places.astype(int)
    upper = np.minimum(lower + 1, len(slices) - 1)
    share = (places - lower).astype(np.float32).reshape(-1, *[1] * (slices.ndim - 1))
    return slices[lower] * (1 - share) + slices[upper] * share


def _add_variation(gradient: np.ndarray, image: np.ndarray, spacing: list[float]) -> None:
    """Add the gradient of the total variation of an image to ``gradient``, in place."""
    slopes = [np.diff(image, axis=axis, append=image.take([-1], axis=axis)) for axis in range(image.ndim)]
    steepness = np.full_like(image, _LEAST_EDGE**2)
    for slope, size in zip(slopes, spacing, strict=True):
        slope *= np.float32(1.0 / size)
        steepness += slope * slope
    cost = np.float32(_EDGE_COST) / np.sqrt(steepness)
    for axis, (slope, size) in enumerate(zip(slopes, spacing, strict=True)):
        slope *= cost
        slope *= np.float32(1.0 / size)
        gradient -= slope
        behind, front = [slice(None)] * image.ndim, [slice(None)] * image.ndim
        behind[axis], front[axis] = slice(None, -1), slice(1, None)
        gradient[tuple(front)] += slope[tuple(behind)]
