"""Alignment of two visits in a space half-way between them, so that neither is blurred more than the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import sqrtm

from NeuroDifferentialLib.lesions.fit import edge_agreement
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.imaging.geometry import grid_around
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.imaging.registration import register_rigidly
from NeuroOrbitLib.imaging.resampling import resample, resample_labels
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Voxel size (mm) of the space between the visits, and margin (mm) around the brain.
_SPACING, _MARGIN_MM = 1.0, 6.0
#: Smallest overlap (Dice) of two aligned brains of one head, and smallest agreement of their tissue edges: .79 to .98
#: in 24 pairs of scans of one head (slices of 1 to 7 mm in two planes), .64 at most in 50 pairs of two patients.
_LEAST_OVERLAP, _LEAST_AGREEMENT = 0.85, 0.72


@dataclass(frozen=True)
class HalfWay:
    """The space half-way between two visits.

    :param grid: grid of the space.
    :param half: matrix (4x4), in RAS mm, from the first visit to the space, and from the space to the second visit.
    """

    grid: Grid
    half: np.ndarray

    def of_first(self, image: Image) -> np.ndarray:
        """Return an image of the first visit on the grid of the space, float32 (K, J, I)."""
        return resample(image, Grid(self.grid.shape, np.linalg.inv(self.half) @ self.grid.affine)).array

    def of_second(self, image: Image) -> np.ndarray:
        """Return an image of the second visit on the grid of the space, float32 (K, J, I)."""
        return resample(image, Grid(self.grid.shape, self.half @ self.grid.affine)).array

    def onto_second(self, array: np.ndarray, grid: Grid) -> np.ndarray:
        """Return whole numbers in the space (K, J, I) on a grid of the second visit; 0 outside of the space."""
        return resample_labels(Image(array, self.half @ self.grid.affine), grid).array

    def first_on_second(self, image: Image, grid: Grid) -> np.ndarray:
        """Return an image of the first visit on a grid of the second visit, float32 (K, J, I)."""
        back = np.linalg.inv(self.half)
        return resample(image, Grid(grid.shape, back @ back @ grid.affine)).array

    def place_at_second(self, place: tuple[float, float, float]) -> tuple[float, float, float]:
        """Return the position (RAS mm) at the second visit of a point (RAS mm) of the space."""
        moved = self.half[:3, :3] @ np.asarray(place) + self.half[:3, 3]
        return tuple(float(value) for value in moved)


def half_way(first: PreparedScan, second: PreparedScan) -> HalfWay:
    """Return the space between two visits, which are aligned rigidly.

    :raises Problem: if the brains do not match, most likely because the scans are of two patients.
    """
    start = np.eye(4)
    start[:3, 3] = _middle(second) - _middle(first)
    motion = register_rigidly(first.flair, second.flair, start, first.anatomy.mask)
    half = np.real(sqrtm(motion))
    brain = first.flair.grid.ras_from_ijk(np.argwhere(first.anatomy.mask)[:, ::-1])
    places = brain @ half[:3, :3].T + half[:3, 3]
    low, high = places.min(axis=0) - _MARGIN_MM, places.max(axis=0) + _MARGIN_MM
    space = HalfWay(grid_around((low + high) / 2, tuple(high - low), _SPACING), half)
    _refuse_another_head(space, first, second)
    return space


def _middle(scan: PreparedScan) -> np.ndarray:
    return scan.flair.grid.ras_from_ijk(np.argwhere(scan.anatomy.mask)[:, ::-1]).mean(axis=0)


def _refuse_another_head(space: HalfWay, first: PreparedScan, second: PreparedScan) -> None:
    one = space.of_first(first.flair.with_array(first.anatomy.mask.astype(np.float32))) > 0.5
    other = space.of_second(second.flair.with_array(second.anatomy.mask.astype(np.float32))) > 0.5
    # A scan may end above or below the other: only the heights that both show are compared.
    both = one.any(axis=(1, 2)) & other.any(axis=(1, 2))
    total = np.count_nonzero(one[both]) + np.count_nonzero(other[both])
    flairs = (space.of_first(first.flair), space.of_second(second.flair))
    if (2 * np.count_nonzero(one[both] & other[both]) < _LEAST_OVERLAP * max(total, 1)
            or edge_agreement(*flairs, one & other, space.grid.spacing[::-1]) < _LEAST_AGREEMENT):
        raise Problem(_("The brains of the two visits do not match. Check that both scans are of one patient."))
