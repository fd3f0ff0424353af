"""Evaluation of lesion segmentations: voxel overlap, detection of lesions, volume."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

#: Number of voxels below which a lesion is not counted, neither in the reference nor in the result.
SMALLEST_LESION = 3
_TOUCHING = np.ones((3, 3, 3))


@dataclass(frozen=True)
class LesionScores:
    """Agreement of a lesion mask with its reference.

    :param dice: Dice coefficient of the voxels; 1 if both masks are empty.
    :param f1: harmonic mean of ``found`` and ``true``.
    :param found: share of the reference's lesions that the result touches (sensitivity); 1 without any.
    :param true: share of the result's lesions that touch the reference (precision); 1 without any.
    :param lesions: number of lesions in the result.
    :param reference_lesions: number of lesions in the reference.
    :param volume_ml: total volume of the result, ml.
    :param reference_ml: total volume of the reference, ml.
    """

    dice: float
    f1: float
    found: float
    true: float
    lesions: int
    reference_lesions: int
    volume_ml: float
    reference_ml: float

    def as_dict(self) -> dict[str, float]:
        """Return the scores as plain data."""
        return asdict(self)


def lesion_scores(result: np.ndarray, reference: np.ndarray, voxel_volume: float) -> LesionScores:
    """Return the scores of a lesion mask.

    A lesion is a connected component (26 neighbours) of at least :data:`SMALLEST_LESION` voxels; two lesions touch if
    they share a voxel.

    :param result, reference: lesion masks, bool (K, J, I).
    :param voxel_volume: volume of a voxel in mm3.
    """
    total = np.count_nonzero(result) + np.count_nonzero(reference)
    both = np.count_nonzero(result & reference)
    found, reference_lesions = _touched(reference, result)
    true, lesions = _touched(result, reference)
    return LesionScores(2 * both / total if total else 1.0, 2 * found * true / (found + true) if found + true else 0.0,
                        found, true, lesions, reference_lesions, np.count_nonzero(result) * voxel_volume / 1000.0,
                        np.count_nonzero(reference) * voxel_volume / 1000.0)


def _touched(mask: np.ndarray, other: np.ndarray) -> tuple[float, int]:
    """Return the share of a mask's lesions that share a voxel with the other mask (1 without any), and their number."""
    pieces, count = ndimage.label(mask, structure=_TOUCHING)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    hit = np.bincount(pieces[other], minlength=count + 1)[1:] > 0
    counted = sizes >= SMALLEST_LESION
    number = int(np.count_nonzero(counted))
    return (float(np.count_nonzero(hit & counted) / number) if number else 1.0), number
