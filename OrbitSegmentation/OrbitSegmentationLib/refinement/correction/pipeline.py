"""Correction of a rough mask: the entry point for the effect, the benchmarks and scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.refinement.appearance import finite
from OrbitSegmentationLib.refinement.correction.classical import walker_probability
from OrbitSegmentationLib.refinement.correction.limits import limited
from OrbitSegmentationLib.refinement.correction.working_grid import CONTEXT, WorkingGrid

if TYPE_CHECKING:
    from OrbitSegmentationLib.refinement.correction.model import CorrectionModel

Method = Literal["network", "classical"]
#: Ratio of length to width above which pixels are too coarse to show a border.
_LONGEST_PIXEL = 2.0


@dataclass(frozen=True)
class Correction:
    """A corrected mask.

    :param mask: corrected mask, bool, shape of the drawn mask.
    :param confidence: confidence in each voxel, float32, same shape, from 0 (a guess, or a border that the limit stops)
        to 1 (certain).
    :param method: ``network`` if a network contributed, otherwise ``classical``.
    """

    mask: np.ndarray
    confidence: np.ndarray
    method: Method


def correct(image: np.ndarray, rough_mask: np.ndarray, spacing_mm: Sequence[float], distance_limit_mm: float,
            model: CorrectionModel | None = None, progress: Progress = silent) -> Correction:
    """Move the border of a rough mask to the edge that the image shows, at most ``distance_limit_mm``.

    The network works on slices: in a volume, on those across every axis whose slices have nearly square pixels. Its
    package contains the weight of the classical method's probability in the result.

    :param image: intensities, 2-D or 3-D (K, J, I), of any modality and unit.
    :param rough_mask: drawn mask, bool, same shape.
    :param spacing_mm: voxel size (mm) along each array axis.
    :param distance_limit_mm: distance (mm) that the border may move, above 0.
    :param model: network; ``None`` to use the classical method alone.
    :param progress: receives the fraction done and a message.
    :raises Problem: when the mask is empty, the limit is not above 0, or the arguments do not fit together.
    """
    rough = np.asarray(rough_mask, dtype=bool)
    _check(image, rough, spacing_mm, distance_limit_mm)
    box = _box(rough, spacing_mm, distance_limit_mm + CONTEXT)
    image_part, rough_part = finite(np.asarray(image[box])), rough[box]
    use_network = model is not None and not rough_part.all()
    walker_share = model.walker_share if use_network else 1.0
    probability = np.zeros(rough_part.shape, np.float32)
    if walker_share > 0:
        probability += walker_share * walker_probability(image_part, rough_part, spacing_mm, distance_limit_mm,
                                                         progress)
    if use_network:
        probability += (1 - walker_share) * _network_probability(image_part, rough_part, spacing_mm,
                                                                 distance_limit_mm, model, progress)
    result = limited(probability > 0.5, rough_part, spacing_mm, distance_limit_mm)
    confidence = _confidence(probability, result, spacing_mm)
    progress(1.0)
    return Correction(_pasted(result, box, np.zeros(rough.shape, bool)),
                      _pasted(confidence, box, np.ones(rough.shape, np.float32)),
                      "network" if use_network else "classical")


def _confidence(probability: np.ndarray, result: np.ndarray, spacing: Sequence[float]) -> np.ndarray:
    """Return the confidence in each voxel: from its own probability or, at the border, from how steeply that falls.

    Where the limit stops the border, both are low.
    """
    size = [3 if step <= _LONGEST_PIXEL * min(spacing) else 1 for step in spacing]
    steepness = ndimage.maximum_filter(probability, size) - ndimage.minimum_filter(probability, size)
    return np.clip(np.maximum((2 * probability - 1) * np.where(result, 1, -1), steepness), 0, 1).astype(np.float32)


def _check(image: np.ndarray, rough: np.ndarray, spacing: Sequence[float], limit: float) -> None:
    if image.shape != rough.shape or image.ndim != len(spacing) or image.ndim not in (2, 3):
        raise Problem(_("Image {shape}, mask {shape_2} and spacing {spacing} do not belong together. Give a slice "
                        "or a volume and a mask of the same size.").format(
            shape=image.shape, shape_2=rough.shape, spacing=tuple(spacing)))
    if not rough.any():
        raise Problem(_("There is nothing to correct: the mask is empty. Draw the structure roughly first."))
    if not limit > 0:
        raise Problem(_("The distance limit is {limit} mm. Choose one above 0.").format(limit=limit))


def _box(rough: np.ndarray, spacing: Sequence[float], margin: float) -> tuple[slice, ...]:
    """Return the part of the image within ``margin`` mm of the mask, so that time depends only on the mask's size."""
    box = []
    for axis, size in enumerate(spacing):
        others = tuple(other for other in range(rough.ndim) if other != axis)
        places = np.flatnonzero(rough.any(axis=others))
        more = int(np.ceil(margin / size))
        box.append(slice(max(int(places[0]) - more, 0), int(places[-1]) + more + 1))
    return tuple(box)


def _pasted(values: np.ndarray, box: tuple[slice, ...], whole: np.ndarray) -> np.ndarray:
    whole[box] = values
    return whole


def _network_probability(image: np.ndarray, rough: np.ndarray, spacing: Sequence[float], limit: float,
                         model: CorrectionModel, progress: Progress) -> np.ndarray:
    """Return the network's mean probability over the slice directions, or the drawing where no slice was usable."""
    if image.ndim == 2:
        return _along_axis(image[None], rough[None], tuple(spacing), limit, model, progress)[0][0]
    axes = slice_axes(spacing)
    total, votes = np.zeros(image.shape, np.float32), np.zeros(image.shape, np.float32)
    for number, axis in enumerate(axes):
        in_plane = tuple(size for other, size in enumerate(spacing) if other != axis)
        probability, seen = _along_axis(np.moveaxis(image, axis, 0), np.moveaxis(rough, axis, 0), in_plane, limit,
                                        model, part(progress, number / len(axes), (number + 1) / len(axes)))
        total += np.moveaxis(probability * seen[:, None, None], 0, axis)
        votes += np.moveaxis(np.broadcast_to(seen[:, None, None], probability.shape), 0, axis)
    return np.where(votes > 0, total / np.maximum(votes, 1), rough)


def slice_axes(spacing: Sequence[float]) -> list[int]:
    """Return the axes across which a volume's slices have nearly square pixels, and always the one of thickest slices.

    :param spacing: voxel size (mm) along K, J, I.
    """
    thickest = int(np.argmax(spacing))
    return [axis for axis in range(3)
            if axis == thickest or _longest(spacing, axis) <= _LONGEST_PIXEL]


def _longest(spacing: Sequence[float], axis: int) -> float:
    in_plane = [size for other, size in enumerate(spacing) if other != axis]
    return max(in_plane) / min(in_plane)


def _along_axis(images: np.ndarray, rough: np.ndarray, spacing: tuple[float, float], limit: float,
                model: CorrectionModel, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of all slices along the first axis, and which of them the network saw (1, else 0)."""
    result = rough.astype(np.float32)
    seen = rough.any(axis=(1, 2))
    grid = WorkingGrid.around(rough.any(axis=0), spacing, limit, model.size_multiple)
    masks = grid.pixels(rough[seen], 0)
    # A structure thinner than the network's pixels, or larger than its field of view, is left as it is.
    usable = masks.any(axis=(1, 2)) & ~masks.all(axis=(1, 2))
    seen[seen] = usable
    if usable.any():
        answer = model.probabilities(grid.pixels(images[seen], 1), masks[usable], progress)
        back, window = grid.back(answer)
        result[np.flatnonzero(seen)[:, None, None], np.arange(window[0].start, window[0].stop)[:, None],
               np.arange(window[1].start, window[1].stop)] = back
    return result, seen.astype(np.float32)
