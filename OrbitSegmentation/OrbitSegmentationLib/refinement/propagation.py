"""Propagation of a filled slice to the next slices, each seeded by the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from OrbitSegmentationLib.refinement.appearance import finite
from OrbitSegmentationLib.refinement.graph_cut import DEFAULT_SMOOTHNESS, SmartFillSolver

_CORE = 1.5  # mm inside the border of the last slice from where voxels are inside in the next one
_BEYOND = 3.0  # mm outside of the border from where voxels are outside in the next one
_DEEPEST = 0.6  # fraction of the largest depth used instead, where a structure is too thin for a core
_LIKE = 2.0  # multiple of the spread of the last slice's core: voxels that differ more are not seeds
_SHRUNK = 0.2  # fraction of the last slice's area at which the structure has ended


def propagate(
    first: np.ndarray,
    first_image: np.ndarray,
    images: Iterable[np.ndarray],
    spacing: tuple[float, float],
    smoothness: float = DEFAULT_SMOOTHNESS,
    others: Iterable[np.ndarray] | None = None,
) -> Iterator[np.ndarray]:
    """Yield the structure in one slice after the other, until it ends.

    :param first: filled structure in the slice to begin with; bool (rows, columns).
    :param first_image: intensities of that slice (rows, columns).
    :param images: intensities of the next slices, on the same pixels.
    :param spacing: pixel size (mm) along rows and columns.
    :param smoothness: cost of a border (mm), as for :class:`.graph_cut.SmartFillSolver`.
    :param others: for each of the next slices, the mask of certain background, e.g. of other segments; ``None`` for
        none.
    :return: structure in each of the next slices, bool (rows, columns); fewer than ``images`` if the structure ends.
    """
    images = [finite(image) for image in images]
    last, last_image = first, finite(first_image)
    taken = iter(others) if others is not None else iter(np.zeros_like(first) for _ in images)
    for image, other in zip(images, taken, strict=True):
        found = _next_slice(last, last_image, image, spacing, smoothness, other)
        if found.sum() <= _SHRUNK * last.sum():
            return
        yield found
        last, last_image = found, image


def _next_slice(last: np.ndarray, last_image: np.ndarray, image: np.ndarray, spacing: tuple[float, float],
                smoothness: float, other: np.ndarray) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt  # imported here, so that Slicer starts without it

    if not last.any():
        return last
    depth = distance_transform_edt(last, sampling=spacing)
    core = depth > min(_CORE, _DEEPEST * float(depth.max()))
    seeds = core & _alike(image, last_image[core]) & ~other
    outside = distance_transform_edt(~last, sampling=spacing) > _BEYOND
    solver = SmartFillSolver(image[None], (max(spacing), *spacing), smoothness)
    solver.set_seeds(seeds[None], (outside | other)[None])
    return solver.solve()[0]


def _alike(image: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Return the mask of the voxels whose intensities are similar to those of a sample."""
    middle = np.median(sample)
    spread = 1.4826 * np.median(np.abs(sample - middle))
    tolerance = max(_LIKE * spread, 0.05 * float(np.ptp(image)))
    return np.abs(image - middle) <= tolerance
