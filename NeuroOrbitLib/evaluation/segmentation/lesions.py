"""How well lesions are found: voxel overlap, lesions by their number, volume."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import ndimage

#: Lesions of fewer voxels are not counted, in the reference as in the result.
SMALLEST_LESION = 3
_TOUCHING = np.ones((3, 3, 3))


@dataclass(frozen=True)
class LesionScores:
    """Agreement of a result with a reference.

    :param dice: of the voxels, 1 where both are empty. :param found: share of the reference's lesions that the result
        touches. :param true: share of the result's lesions that touch the reference. :param f1: harmonic mean of the
        two. :param volume_ml, reference_ml: of result and reference.
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
        """Plain data."""
        return asdict(self)


def lesion_scores(result: np.ndarray, reference: np.ndarray, voxel_volume: float) -> LesionScores:
    """Return the scores of a lesion mask.

    A lesion is a component of touching voxels (26 neighbours) of at least three voxels; one voxel in common counts as
    touching.

    :param result, reference: bool (K, J, I). :param voxel_volume: mm3.
    """
    total = np.count_nonzero(result) + np.count_nonzero(reference)
    both = np.count_nonzero(result & reference)
    found, reference_lesions = _touched(reference, result)
    true, lesions = _touched(result, reference)
    return LesionScores(2 * both / total if total else 1.0, 2 * found * true / (found + true) if found + true else 0.0,
                        found, true, lesions, reference_lesions, np.count_nonzero(result) * voxel_volume / 1000.0,
                        np.count_nonzero(reference) * voxel_volume / 1000.0)


def _touched(mask: np.ndarray, other: np.ndarray) -> tuple[float, int]:
    """Share of the mask's lesions that share a voxel with the other mask, and their number; share 1 without any."""
    pieces, count = ndimage.label(mask, structure=_TOUCHING)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)[1:]
    hit = np.bincount(pieces[other], minlength=count + 1)[1:] > 0
    counted = sizes >= SMALLEST_LESION
    number = int(np.count_nonzero(counted))
    return (float(np.count_nonzero(hit & counted) / number) if number else 1.0), number
