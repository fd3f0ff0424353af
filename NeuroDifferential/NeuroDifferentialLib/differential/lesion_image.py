"""The lesion image of the paper: lesions cropped to the box of the brain and resampled to 100 x 100 x 100 voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.boxes import box_around, crop_grid
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

EDGE = 100
#: Stored value of a voxel that is entirely lesion.
FULL = 255
#: Brightness in FLAIR, in multiples of the brain's median, that has the largest stored value in FLAIR x lesions.
BRIGHTEST = 3.0


@dataclass(frozen=True)
class LesionImage:
    """The input of a network from one patient.

    :param image: share of each voxel that is lesion, in 1/255, uint8 (100, 100, 100); axes superior, anterior, right.
    :param numbers: number of the nearest lesion for every voxel with a share, 0 elsewhere, int16, on the same grid.
    """

    image: Image
    numbers: np.ndarray

    def without(self, number: int) -> np.ndarray:
        """Return the stored image without one lesion, uint8 (100, 100, 100)."""
        return np.where(self.numbers == number, 0, self.image.array).astype(np.uint8)


def lesion_image(numbers: Image, anatomy: Image) -> LesionImage:
    """Return the lesion image of a patient for any axis order and resolution of the scan.

    :param numbers: number of each voxel's lesion, or a mask of zeros and ones.
    :param anatomy: :class:`BrainPart` values on the same grid.
    :raises Problem: when the anatomy contains no brain.
    """
    grid = brain_grid(anatomy)
    oriented = reorient_to_ras(numbers)
    share = resample(oriented.with_array((oriented.array > 0).astype(np.float32)), grid, antialias=True)
    stored = np.rint(np.clip(share.array, 0, 1) * FULL).astype(np.uint8)
    return LesionImage(Image(stored, grid.affine), _nearest(oriented, grid, stored > 0))


def flair_in_lesions(flair: Image, anatomy: Image, lesions: LesionImage) -> np.ndarray:
    """Return FLAIR times lesion share, stored as uint8 (100, 100, 100): the input that keeps the contrast.

    :param flair: FLAIR on the grid of the anatomy; it is divided by the median of the brain.
    :param anatomy: :class:`BrainPart` values.
    :param lesions: lesion image of the patient.
    """
    brain = anatomy.array != BrainPart.OUTSIDE
    middle = max(float(np.median(flair.array[brain])), 1e-6)
    oriented = reorient_to_ras(flair.with_array((flair.array / middle).astype(np.float32)))
    there = resample(oriented, lesions.image.grid, antialias=True).array
    return np.rint(lesions.image.array * np.clip(there / BRIGHTEST, 0, 1)).astype(np.uint8)


def brain_grid(anatomy: Image) -> Grid:
    """Return the grid of 100 x 100 x 100 voxels over the box of the brain, with axes closest to RAS.

    :param anatomy: :class:`BrainPart` values.
    :raises Problem: when there is no brain.
    """
    oriented = reorient_to_ras(anatomy)
    box = box_around(oriented.array != BrainPart.OUTSIDE)
    if box is None:
        raise Problem(_("There is no brain in the anatomy of this scan. Segment the FLAIR again."))
    cut = crop_grid(oriented.grid, box)
    factors = np.array(cut.shape[::-1]) / EDGE
    affine = cut.affine.copy()
    affine[:3, :3] = cut.affine[:3, :3] * factors
    affine[:3, 3] = cut.ras_from_ijk((factors - 1) / 2)
    return Grid((EDGE, EDGE, EDGE), affine)


def _nearest(oriented: Image, grid: Grid, inside: np.ndarray) -> np.ndarray:
    """Return the number of the lesion that each voxel with a share belongs to: its own, or the nearest one."""
    result = np.zeros(grid.shape, np.int16)
    places = np.argwhere(oriented.array)
    if inside.any() and len(places):
        asked = grid.ras_from_ijk(np.argwhere(inside)[:, ::-1])
        _distance, nearest = cKDTree(oriented.grid.ras_from_ijk(places[:, ::-1])).query(asked)
        result[inside] = oriented.array[tuple(places[nearest].T)]
    return result
