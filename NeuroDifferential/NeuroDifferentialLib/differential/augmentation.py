"""Augmentation of stored lesion images for training: shifting and mirroring, as in the paper."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from NeuroDifferentialLib.differential.lesion_image import FULL

#: Largest shift along each axis (voxels); the paper states none.
SHIFT = 4
#: At strength 1: largest change of the level above which a voxel counts as lesion (share), and edge (voxels) of a
#: block from which lesions are removed.
_LEVEL, _BLOCK = 0.35, 24


def views(images: Tensor) -> Iterator[Tensor]:
    """Yield the views of stored images (cases, 100, 100, 100) to average over: unchanged, and mirrored."""
    yield from (images, images.flip(-1))


def augmented(image: Tensor, random: np.random.Generator, strength: float = 0.0) -> Tensor:
    """Return a shifted lesion image (100, 100, 100), mirrored left to right with a probability of 0.5.

    :param image: stored lesion image.
    :param random: source of randomness.
    :param strength: 0 for the paper's augmentation; above 0 lesions also look larger or smaller and some are removed,
        as by segmentation.
    """
    found = shifted(image, random.integers(-SHIFT, SHIFT + 1, size=3))
    if strength > 0:
        level = strength * _LEVEL * random.uniform(-1, 1)
        found = ((found - FULL * max(level, 0.0)) / (1 - abs(level))).clamp(0, FULL)
        if random.random() < 0.5:
            found = _with_gap(found, random, max(round(strength * _BLOCK), 1))
    return found.flip(-1) if random.random() < 0.5 else found


def shifted(image: Tensor, steps: np.ndarray) -> Tensor:
    """Return the image shifted by whole voxels along each axis; voxels shifted in from outside are 0."""
    result = image.new_zeros(image.shape)
    to = tuple(slice(max(step, 0), size + min(step, 0)) for step, size in zip(steps, image.shape, strict=True))
    of = tuple(slice(max(-step, 0), size + min(-step, 0)) for step, size in zip(steps, image.shape, strict=True))
    result[to] = image[of]
    return result


def _with_gap(image: Tensor, random: np.random.Generator, edge: int) -> Tensor:
    start = [int(random.integers(0, max(size - edge, 1))) for size in image.shape]
    result = image.clone()
    result[tuple(slice(first, first + edge) for first in start)] = 0
    return result
