"""What a network sees of a stored lesion image in training: shifted and mirrored, as in the paper."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch import Tensor

from NeuroDifferentialLib.differential.lesion_image import FULL

#: Largest shift along each axis (voxels); the paper gives none.
SHIFT = 4
#: At strength 1: largest change of the level above which a voxel counts as lesion (share), and the edge (voxels) of a
#: block whose lesions were missed.
_LEVEL, _BLOCK = 0.35, 24


def views(images: Tensor) -> Iterator[Tensor]:
    """Return the views of stored images (cases, 100, 100, 100) that are averaged: as they are, and mirrored."""
    yield from (images, images.flip(-1))


def augmented(image: Tensor, random: np.random.Generator, strength: float = 0.0) -> Tensor:
    """Return a shifted lesion image (100, 100, 100), mirrored left to right half of the time.

    :param strength: 0 is the paper's augmentation; more lets lesions look larger or smaller and leaves some out, as
        segmentation does.
    """
    found = shifted(image, random.integers(-SHIFT, SHIFT + 1, size=3))
    if strength > 0:
        level = strength * _LEVEL * random.uniform(-1, 1)
        found = ((found - FULL * max(level, 0.0)) / (1 - abs(level))).clamp(0, FULL)
        if random.random() < 0.5:
            found = _with_gap(found, random, max(round(strength * _BLOCK), 1))
    return found.flip(-1) if random.random() < 0.5 else found


def shifted(image: Tensor, steps: np.ndarray) -> Tensor:
    """Return the image moved by whole voxels along each axis, empty where it came from."""
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
