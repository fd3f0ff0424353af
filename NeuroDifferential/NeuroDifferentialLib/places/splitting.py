"""Splitting of confluent lesions into objects before they are counted and named."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

_TOUCHING = np.ones((3, 3, 3), dtype=bool)
#: Difference of radius (mm) between two centres of a component and the neck between them that makes two lesions.
_NECK_MM = 1.0
#: Volume (mm3) below which a part stays with its neighbour.
_SMALLEST_PART = 30.0


def split_lesions(mask: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the number of each voxel's lesion, int32 (K, J, I); 0 for none, 1 for the largest lesion.

    Components of touching voxels are split at narrow places, by a watershed on the distance from their border.

    :param mask: lesions, bool (K, J, I).
    :param spacing: voxel size (mm) along K, J, I.
    """
    pieces, count = ndimage.label(mask, structure=_TOUCHING)
    result, number = np.zeros(mask.shape, dtype=np.int32), 0
    for index, box in enumerate(ndimage.find_objects(pieces, count), start=1):
        own = pieces[box] == index
        parts = _parts(own, spacing)
        result[box][own] = parts[own] + number
        number += int(parts.max())
    return _by_size(result)


def _parts(own: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the numbers (from 1) of the parts of one component."""
    # Imported here: the patients of Sample Data are made before the application has installed any package.
    from skimage.segmentation import watershed

    padded = np.pad(own, 1)
    depth = ndimage.distance_transform_edt(padded, spacing)
    middles, count = ndimage.label(_domes(depth, padded), structure=_TOUCHING)
    if count < 2:
        return own.astype(np.int32)
    parts = watershed(-depth, middles, mask=padded)[1:-1, 1:-1, 1:-1]
    return _without_small(parts, own, spacing)


def _domes(depth: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return the centres that stand out from the necks around them: maxima of height at least :data:`_NECK_MM`.

    Lowered by this height and filled up to their necks, two centres without a neck between them form one plateau, even
    if they are equally deep, as voxels along the ridge of a long lesion often are.
    """
    from skimage.morphology import local_maxima, reconstruction

    lowered = np.maximum(depth - _NECK_MM, 0)
    return own & local_maxima(reconstruction(lowered, depth), connectivity=3).astype(bool)


def _without_small(parts: np.ndarray, own: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the parts, numbered from 1, with those that are too small joined to the nearest large one."""
    sizes = np.bincount(parts.ravel()) * float(np.prod(spacing))
    large = np.flatnonzero(sizes >= _SMALLEST_PART)
    large = large[large > 0]
    if len(large) < 2:
        return own.astype(np.int32)
    kept = np.where(np.isin(parts, large), parts, 0)
    nearest = ndimage.distance_transform_edt(kept == 0, spacing, return_distances=False, return_indices=True)
    return np.where(own, np.searchsorted(large, kept[tuple(nearest)]) + 1, 0).astype(np.int32)


def _by_size(numbers: np.ndarray) -> np.ndarray:
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    order = np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)]
    table = np.zeros(len(sizes), dtype=np.int32)
    table[order] = np.arange(1, len(order) + 1)
    return table[numbers]
