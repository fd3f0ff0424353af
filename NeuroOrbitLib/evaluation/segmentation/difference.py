"""Differences between a segmentation and its reference, as a label map to look at."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.image import Image

AGREEMENT = 1
FALSE_POSITIVE = 2
FALSE_NEGATIVE = 3
CONFUSION = 4

MEANINGS = {
    AGREEMENT: "same structure in both",
    FALSE_POSITIVE: "structure only in the prediction",
    FALSE_NEGATIVE: "structure only in the reference",
    CONFUSION: "another structure than in the reference",
}


def difference_map(reference: Image, prediction: Image, ignore: np.ndarray | None = None) -> Image:
    """Return a label map of agreement and disagreement with the values of :data:`MEANINGS`, uint8.

    It is 0 where both are background or voxels are ignored.

    :param reference: label map of the reference.
    :param prediction: label map of the prediction on the same grid.
    :param ignore: mask (K, J, I) of voxels to leave out.
    :raises ValueError: if the grids differ.
    """
    if not reference.grid.same_as(prediction.grid):
        raise ValueError("The prediction lies on another grid than the reference.")
    truth, estimate = reference.array, prediction.array
    result = np.zeros(truth.shape, dtype=np.uint8)
    result[(truth == estimate) & (truth != 0)] = AGREEMENT
    result[(truth == 0) & (estimate != 0)] = FALSE_POSITIVE
    result[(truth != 0) & (estimate == 0)] = FALSE_NEGATIVE
    result[(truth != estimate) & (truth != 0) & (estimate != 0)] = CONFUSION
    if ignore is not None:
        result[np.asarray(ignore, dtype=bool)] = 0
    return Image(result, reference.affine)
