"""Decision between muscle and fat by the brightness of each voxel, in addition to the network's output.

In CT nerve and lacrimal gland are about as dense as muscle, so they are told from fat in the same way.

Networks learn how large muscles usually are, so they label the rim of an enlarged muscle as fat, and they see a scan in
voxels of 1 mm, which makes edges coarse. The brightness of the scan's own voxels shows what they contain: a voxel
half-way between fat and muscle contains half of each. The levels of fat and muscle are measured in the scan itself,
where the network is sure, so that contrast medium, the window of an exported CT, and the sequence and shading of an MRI
do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from scipy import ndimage
from torch import Tensor

from NeuroOrbitLib.anatomy.structures import Side, label_value, structure_of
from NeuroOrbitLib.imaging import Grid, Image
from NeuroOrbitLib.imaging.geometry import box_covering, crop_grid, resample
from NeuroOrbitLib.imaging.resampling import antialiased
from NeuroOrbitLib.imaging.thin_slices import has_thick_slices
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.sampling import channels_on_grid, shares_of_voxels
from OrbitSegmentationLib.any_contrast.segment import FINE_SPACING, SegmentedOrbit
from OrbitSegmentationLib.muscle_pieces import PATHS

Values = TypeVar("Values", np.floating, np.ndarray, Tensor)

_FAT = LABEL_OF_CLASS.index(label_value("orbital_fat", Side.RIGHT))
_MUSCLES_AND_NERVE = [number for number, value in enumerate(LABEL_OF_CLASS) if value in PATHS]
_MUSCLES = [number for number in _MUSCLES_AND_NERVE if structure_of(LABEL_OF_CLASS[number]).group != "nerve"]
_AS_DENSE_AS_MUSCLE = [*_MUSCLES_AND_NERVE, LABEL_OF_CLASS.index(label_value("lacrimal_gland", Side.RIGHT))]
#: Probability above which the network is sure, and least volumes (ml) of fat and muscle for their levels to be known.
_SURE, _LEAST_FAT, _LEAST_MUSCLE = 0.9, 0.1, 0.02
#: Distance (mm) of the points at which levels of brightness are measured.
_LOOKED_AT = 1.2
#: Natural logarithms of the odds of muscle that a voxel as bright as fat loses and one as bright as muscle gains.
#: Chosen for Dice and volumes of recti in drawn scans with other seeds than those of the tables. Edges are less certain
#: in thick slices of CT and in MRI, whose fat may be displaced; the last value is added to the gain in an MRI that
#: separates the two clearly.
_THIN_CT, _THICK_CT, _MRI, _CLEAR_MRI = (3.0, 3.0), (1.5, 1.0), (1.5, 0.5), 2.5
#: Brightness as a fraction of the way from fat to muscle: a voxel with half of each, the distance from there at which
#: the evidence is at its maximum, and the range over which voxels become too dense or too bright for a muscle.
_HALF, _TOLD_WITHIN, _TOO_BRIGHT = 0.5, 0.2, (1.6, 2.0)
#: Differences between the levels, in units of the sum of their spreads, at which the evidence begins to count and at
#: which it counts fully.
_TELLS_FROM, _TELLS_ALL = 1.0, 2.0
#: In the same unit, the range over which an MRI comes to separate the two clearly.
_CLEAR = (2.0, 5.0)
#: In MRI, levels vary with place: SD (mm) of the Gaussian around a point, weight of the scan's usual level, and least
#: difference between muscle and fat as a fraction of the usual one.
_AROUND, _USUAL_SHARE, _LEAST_DIFFERENCE = 10.0, 0.02, 0.3
#: A mixture of fat with air, bone or an eye may look like muscle, so a voxel only gains where fat and what may gain
#: fill its surroundings: SD (mm) of the Gaussian, and the fractions from which it gains at all and fully.
_NEAR, _AMONG_THEM = 1.5, (0.5, 0.8)


@dataclass(frozen=True)
class MuscleOrFat:
    """Levels of brightness of muscle and fat in one orbit.

    :param image: the scan around the orbit, without noise that is finer than the orbit's own grid.
    :param levels: maps (3, K, J, I) on ``grid``: level of fat, level of muscle, share (0 to 1) that a voxel may gain.
    :param grid: grid of ``levels``.
    :param structures: numbers of the classes that lose or gain.
    :param against, in_favour: natural logarithms of the odds that a voxel loses or gains at most.
    """

    image: Image
    levels: Tensor
    grid: Grid
    structures: list[int]
    against: float
    in_favour: float

    @classmethod
    def of(cls, orbit: SegmentedOrbit, image: Image, is_ct: bool) -> MuscleOrFat | None:
        """Return the levels of an orbit, or None if they are unknown or too similar, e.g. in a noisy scan.

        :param orbit: orbit as the network segmented it.
        :param image: the scan; CT in HU.
        :param is_ct: whether the scan is a CT.
        """
        near = antialiased(image, orbit.frame.grid(FINE_SPACING))
        shares, grid = _shares_at_points(orbit, image.grid)
        grey = resample(near, grid, fill=float(near.array.min())).array
        fat, muscle = shares[_FAT] > _SURE, shares[_MUSCLES].max(axis=0) > _SURE
        if fat.sum() * grid.voxel_volume < 1000 * _LEAST_FAT or muscle.sum() * grid.voxel_volume < 1000 * _LEAST_MUSCLE:
            return None
        levels = [np.full(grey.shape, np.median(grey[mask]), np.float32) for mask in (fat, muscle)]
        difference = levels[1].flat[0] - levels[0].flat[0]
        if not is_ct:
            levels = [_local_level(grey, mask, np.array(grid.spacing[::-1])) for mask in (fat, muscle)]
            levels[1] = levels[0] + _at_least(levels[1] - levels[0], _LEAST_DIFFERENCE * difference)
        spreads = sum(_spread((grey - level)[mask]) for level, mask in zip(levels, (fat, muscle), strict=True))
        apart = abs(difference) / max(spreads, 1e-6)
        if apart <= _TELLS_FROM:
            return None
        # In MRI the nerve, with fluid around it, and the gland differ in brightness from muscle.
        structures = _AS_DENSE_AS_MUSCLE if is_ct else _MUSCLES
        among = ndimage.gaussian_filter(shares[[_FAT, *structures]].sum(axis=0), _NEAR / np.array(grid.spacing[::-1]))
        fields = torch.from_numpy(np.stack([*levels, _ramp(among, *_AMONG_THEM)]).astype(np.float32))
        return cls(near, fields, grid, structures, *_strengths(apart, is_ct, has_thick_slices(image.spacing)))

    def weighed(self, shares: Tensor, grid: Grid) -> Tensor:
        """Return the classes' shares of each voxel, adjusted by the voxel's brightness.

        The sum of the shares of muscles, nerve, gland and fat stays the same (in MRI of muscles and fat), so globe and
        bone are not affected.

        :param shares: shares of the classes, (C, K, J, I) on ``grid``.
        :param grid: a part of the scan's own grid.
        """
        fat, muscle, may_gain = channels_on_grid(self.levels, self.grid, grid)
        grey = torch.from_numpy(resample(self.image, grid, fill=float(self.image.array.min())).array)
        place = (grey - fat) / (muscle - fat)
        leaning = ((place - _HALF) / _TOLD_WITHIN).clamp(-1.0, 1.0)
        gain = self.in_favour * may_gain * (1.0 - _ramp(place, *_TOO_BRIGHT))
        evidence = torch.where(leaning > 0, gain, torch.tensor(self.against)) * leaning
        weighed, theirs = shares.clone(), [_FAT, *self.structures]
        weighed[self.structures] *= evidence.exp()
        weighed[theirs] *= shares[theirs].sum(dim=0) / weighed[theirs].sum(dim=0).clamp(min=1e-12)
        return weighed


def _strengths(apart: np.floating, is_ct: bool, thick: bool) -> tuple[float, float]:
    """Return the largest evidence against and in favour of muscle (natural logarithms of odds).

    :param apart: difference between the levels of fat and muscle in units of the sum of their spreads.
    """
    if is_ct:
        against, in_favour = _THICK_CT if thick else _THIN_CT
    else:
        against, in_favour = _MRI[0], _MRI[1] + _CLEAR_MRI * _ramp(apart, *_CLEAR)
    telling = _ramp(apart, _TELLS_FROM, _TELLS_ALL)
    return float(telling * against), float(telling * in_favour)


def _shares_at_points(orbit: SegmentedOrbit, scan: Grid) -> tuple[np.ndarray, Grid]:
    """Return the classes' shares (C, K, J, I) at the points where levels of brightness are measured, and their grid.

    In thick slices the points are voxels of the scan, because values interpolated between slices mix both.
    """
    box = box_covering(scan, orbit.grid)
    if box is None or not has_thick_slices(scan.spacing):
        return orbit.at_points(_LOOKED_AT)
    every = np.maximum(_LOOKED_AT / np.array(scan.spacing), 1.0).astype(int)
    part = crop_grid(scan, box)
    shape = tuple(-(-count // step) for count, step in zip(part.shape, every[::-1].tolist(), strict=True))
    grid = Grid(shape, part.affine @ np.diag([*every, 1.0]))
    return shares_of_voxels(torch.from_numpy(orbit.probabilities), orbit.grid, grid).numpy(), grid


def _local_level(grey: np.ndarray, mask: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """Return the level of a tissue around each point (K, J, I), robust against outliers.

    :param grey: grey values of the points, (K, J, I).
    :param mask: mask of the points that certainly belong to the tissue.
    :param spacing: distance of the points along K, J, I, mm.
    """
    usual, spread = float(np.median(grey[mask])), _spread(grey[mask])
    plain = np.clip(grey, usual - 3 * spread, usual + 3 * spread)
    weight, total = (ndimage.gaussian_filter(part.astype(np.float32), _AROUND / spacing, truncate=2.5)
                     for part in (mask, mask * plain))
    least = _USUAL_SHARE * weight.max()
    return (total + least * usual) / (weight + least)


def _spread(values: np.ndarray) -> float:
    """Return a robust estimate of the standard deviation: 1.4826 times the median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _at_least(differences: np.ndarray, least: float) -> np.ndarray:
    """Return the differences where they exceed ``least`` in the direction of its sign, and ``least`` elsewhere."""
    return np.maximum(differences, least) if least > 0 else np.minimum(differences, least)


def _ramp(values: Values, start: float, end: float) -> Values:
    """Return a linear ramp from 0 at ``start`` to 1 at ``end``, constant outside."""
    return ((values - start) / (end - start)).clip(0.0, 1.0)
