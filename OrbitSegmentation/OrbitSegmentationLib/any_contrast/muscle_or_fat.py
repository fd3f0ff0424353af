"""Whether a voxel that may be muscle or fat is as bright as one or as the other, and what that adds to the answer.

Networks learn how large muscles usually are and leave the rim of one that disease has enlarged to the fat around it,
and they see a scan in voxels of 1 mm, which make edges coarse. The scan's own voxels show what fills them: one that is
half-way between fat and muscle holds half of each. How bright both are comes from the scan itself, where the network is
sure, so that contrast medium, the window of an exported CT, and the sequence and shading of an MRI do not matter.
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
#: The network is sure above this probability; so much (ml) of fat and of muscle must be for a brightness to be known.
_SURE, _LEAST_FAT, _LEAST_MUSCLE = 0.9, 0.1, 0.02
#: Where levels of brightness are looked for, points lie so many mm apart.
_LOOKED_AT = 1.2
#: Natural logarithm of the odds that a voxel as bright as fat loses, and that one as bright as muscle gains. Chosen in
#: drawn scans of other seeds than those of the tables (Dice and volumes of recti). In thick slices of CT and in MRI,
#: whose fat may be displaced, edges are less certain; an MRI that tells both clearly lets a voxel gain so much more.
_THIN_CT, _THICK_CT, _MRI, _CLEAR_MRI = (3.0, 3.0), (1.5, 1.0), (1.5, 0.5), 2.5
#: Brightness in parts of the way from fat to muscle: half of each, how far from there all is told that can be, and
#: from where to where what is too dense or too bright for a muscle ceases to speak for it.
_HALF, _TOLD_WITHIN, _TOO_BRIGHT = 0.5, 0.2, (1.6, 2.0)
#: Levels that differ by so many of their own spreads together begin to tell, and tell all they can.
_TELLS_FROM, _TELLS_ALL = 1.0, 2.0
#: Likewise, from where to where an MRI becomes a clear one.
_CLEAR = (2.0, 5.0)
#: MRI: how far (mm, an SD) around a point its levels of brightness come from, how much the usual ones of the scan weigh
#: beside them, and which part of the usual difference is left between both at least.
_AROUND, _USUAL_SHARE, _LEAST_DIFFERENCE = 10.0, 0.02, 0.3
#: A mixture of fat with air, bone or an eye may look like muscle: only where so much (least, enough) of what is near
#: (mm, an SD) is muscle, nerve or fat does a voxel gain.
_NEAR, _AMONG_THEM = 1.5, (0.5, 0.8)


@dataclass(frozen=True)
class MuscleOrFat:
    """How bright muscle and fat are in one orbit.

    :param image: the scan around the orbit, without noise that is finer than the orbit's own grid.
    :param levels: (3, K, J, I) on ``grid``: brightness of fat and of muscle, and how much a voxel may gain, 0 to 1.
    :param structures: classes that lose or gain.
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
        """Return how bright both are, or None where they cannot be told apart, as in much noise.

        :param image: the scan; CT in HU.
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
        # In MRI the nerve, with fluid around it, has a brightness of its own.
        structures = _MUSCLES_AND_NERVE if is_ct else _MUSCLES
        among = ndimage.gaussian_filter(shares[[_FAT, *structures]].sum(axis=0), _NEAR / np.array(grid.spacing[::-1]))
        fields = torch.from_numpy(np.stack([*levels, _ramp(among, *_AMONG_THEM)]).astype(np.float32))
        return cls(near, fields, grid, structures, *_strengths(apart, is_ct, has_thick_slices(image.spacing)))

    def weighed(self, shares: Tensor, grid: Grid) -> Tensor:
        """Return shares of the classes that also follow from how bright the scan shows each voxel to be.

        What muscles, nerve and fat have together stays the same: globe, gland and bone lose nothing to them.

        :param shares: (C, K, J, I) on ``grid``, whose voxels are some of the scan's.
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
    """How much at most speaks against and in favour of muscle.

    :param apart: by how many of their spreads the levels of fat and muscle differ.
    """
    if is_ct:
        against, in_favour = _THICK_CT if thick else _THIN_CT
    else:
        against, in_favour = _MRI[0], _MRI[1] + _CLEAR_MRI * _ramp(apart, *_CLEAR)
    telling = _ramp(apart, _TELLS_FROM, _TELLS_ALL)
    return float(telling * against), float(telling * in_favour)


def _shares_at_points(orbit: SegmentedOrbit, scan: Grid) -> tuple[np.ndarray, Grid]:
    """The classes' shares (C, K, J, I) at the points where levels of brightness are looked for, and their grid.

    In thick slices these are some of the scan's own voxels, as what lies between two slices is a mixture of both.
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
    """The brightness of a tissue around each point (K, J, I); a few voxels that are quite different do not matter.

    :param mask: where the tissue is for sure. :param spacing: of the points along K, J, I, mm.
    """
    usual, spread = float(np.median(grey[mask])), _spread(grey[mask])
    plain = np.clip(grey, usual - 3 * spread, usual + 3 * spread)
    weight, total = (ndimage.gaussian_filter(part.astype(np.float32), _AROUND / spacing, truncate=2.5)
                     for part in (mask, mask * plain))
    least = _USUAL_SHARE * weight.max()
    return (total + least * usual) / (weight + least)


def _spread(values: np.ndarray) -> float:
    """Spread of values as a standard deviation that does not mind a few that are quite different."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _at_least(differences: np.ndarray, least: float) -> np.ndarray:
    """The differences, where they have the sign of ``least`` and are larger; else ``least``."""
    return np.maximum(differences, least) if least > 0 else np.minimum(differences, least)


def _ramp(values: Values, start: float, end: float) -> Values:
    """0 up to ``start``, 1 from ``end`` on, and a straight line between them."""
    return ((values - start) / (end - start)).clip(0.0, 1.0)
