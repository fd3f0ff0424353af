"""Grey values tell muscle and nerve from fat where a network only knows how large they usually are.

Networks leave the rim of a muscle that disease has enlarged to the fat around it, and draw edges as coarsely as their
voxels are. How bright muscle, nerve and fat are comes from the scan itself, where the network is sure, so that contrast
medium, the window of an exported CT and the sequence of an MRI do not matter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value, structure_of
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import resample
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.sampling import value_outside
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit

_FAT = LABEL_OF_CLASS.index(label_value("orbital_fat", Side.RIGHT))
_MUSCLES = tuple(number for number, value in enumerate(LABEL_OF_CLASS)
                 if value and structure_of(value).group in ("rectus", "oblique"))
_NERVE = LABEL_OF_CLASS.index(label_value("optic_nerve", Side.RIGHT))
#: Natural logarithm of the odds that a voxel as bright as the structure or as fat gains or loses: of 0 to 4 in CT and
#: 0 to 2 in MRI, what was best in drawn scans (Dice, and volumes in thyroid eye disease). Coils shade an MRI.
STRONGEST_CT, STRONGEST_MRI = 3.0, 1.5
#: In MRI, fat that is brighter than muscle spills over it in voxels longer than this (mm), and by its chemical shift.
_LONGEST_VOXEL = 2.0
#: The network is sure above this probability; so many voxels must be for a brightness to be known.
_SURE, _LEAST_SURE = 0.9, 100
#: Fewer sure voxels of fat (of 0.6 mm) are no fat to compare with.
_LEAST_FAT = 500
#: Brightnesses that differ by so many of their own spreads together begin to tell, and tell all they can.
_TELLS_FROM, _TELLS_ALL = 1.0, 2.0
#: In parts of the difference between both: what is this much further from fat begins to be bone, contrast medium or
#: fluid, and is no muscle.
_FURTHER, _NO_MORE = 1.3, 1.7


def weighed_by_grey_values(orbit: SegmentedOrbit, image: Image, is_ct: bool) -> SegmentedOrbit:
    """Return an orbit whose shares of muscle, nerve and fat also follow from how bright the scan is at each voxel.

    What muscles, nerve and fat have together stays the same: globe, gland and bone lose nothing to them. Half-way
    between a structure's brightness and that of fat nothing changes. Where both cannot be told apart, as in much noise
    or thick slices, the orbit stays as it is. In MRI the nerve does, too: its sheath is as bright as fluid.

    :param image: the scan; CT in HU.
    """
    shares = orbit.probabilities
    grey = resample(image, orbit.grid, fill=value_outside(image, is_ct), antialias=True).array
    fat, muscle = shares[_FAT] > _SURE, shares[list(_MUSCLES)].max(axis=0) > _SURE
    if fat.sum() < _LEAST_FAT or muscle.sum() < _LEAST_SURE:
        return orbit
    weighed, of_fat, of_muscle = shares.copy(), _usual(grey[fat]), _usual(grey[muscle])
    if not is_ct and of_fat[0] > of_muscle[0] and max(image.spacing) > _LONGEST_VOXEL:
        return orbit
    structures = (*_MUSCLES, _NERVE) if is_ct else _MUSCLES
    for number in structures:
        sure = shares[number] > _SURE
        own = _usual(grey[sure]) if sure.sum() > _LEAST_SURE else of_muscle
        weighed[number] *= np.exp((STRONGEST_CT if is_ct else STRONGEST_MRI) * _evidence(grey, own, of_fat))
    theirs = [_FAT, *structures]
    weighed[theirs] *= shares[theirs].sum(axis=0) / np.maximum(weighed[theirs].sum(axis=0), 1e-12)
    return replace(orbit, probabilities=weighed)


def _usual(grey: np.ndarray) -> tuple[float, float]:
    """Median and spread (as a standard deviation) of grey values; neither minds a few that are quite different."""
    median = float(np.median(grey))
    return median, 1.4826 * float(np.median(np.abs(grey - median)))


def _evidence(grey: np.ndarray, own: tuple[float, float], of_fat: tuple[float, float]) -> np.ndarray:
    """How much each grey value speaks for a structure (1) or for fat (-1); float32.

    :param own, of_fat: median and spread of the structure and of fat.
    """
    apart = abs(own[0] - of_fat[0]) / max(own[1] + of_fat[1], 1e-6)
    telling = np.clip((apart - _TELLS_FROM) / (_TELLS_ALL - _TELLS_FROM), 0.0, 1.0)
    if not telling:
        return np.zeros_like(grey)
    place = (grey - of_fat[0]) / (own[0] - of_fat[0])
    for_it = np.minimum(2.0 * place - 1.0, 1.0 - np.maximum(place - _FURTHER, 0.0) / (_NO_MORE - _FURTHER))
    return (telling * np.clip(for_it, -1.0, 1.0)).astype(np.float32)
