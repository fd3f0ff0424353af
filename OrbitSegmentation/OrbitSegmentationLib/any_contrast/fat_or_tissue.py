"""In CT, the density of a voxel tells muscle and nerve from fat better than any network: what it adds to the answer.

Networks learn how large muscles usually are, and leave the rim of one that disease has enlarged to the fat around it.
In CT, muscles and nerves are 100 to 150 HU denser than fat. How dense each is comes from the scan itself, where the
network is sure, so that contrast medium and the window of an exported CT do not matter.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value, structure_of
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.imaging.intensity import AIR_HU
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.segment import SegmentedOrbit
from OrbitSegmentationLib.muscle_pieces import PATHS

_FAT = LABEL_OF_CLASS.index(label_value("orbital_fat", Side.RIGHT))
_STRUCTURES = tuple(number for number, value in enumerate(LABEL_OF_CLASS) if value in PATHS)
_MUSCLES = tuple(number for number in _STRUCTURES if structure_of(LABEL_OF_CLASS[number]).group != "nerve")
#: Natural logarithm of the odds that a voxel as dense as the structure or as fat gains or loses. Of 0 to 4, 3 was the
#: least that did best in drawn CT (Dice of recti and nerve, volumes in thyroid eye disease).
STRONGEST = 3.0
#: The network is sure above this probability; so many voxels must be for a density to be known.
_SURE, _LEAST_SURE = 0.9, 100
#: Fewer sure voxels of fat (of 0.6 mm) are no fat to compare with.
_LEAST_FAT = 500
#: Densities that differ by so many of their own spreads together begin to tell, and tell all they can.
_TELLS_FROM, _TELLS_ALL = 1.0, 2.0
#: In parts of the difference between both: what is this much denser begins to be bone or contrast medium, and is no
#: muscle.
_DENSER, _NO_MORE = 1.3, 1.7


def weighed_by_density(orbit: SegmentedOrbit, image: Image) -> SegmentedOrbit:
    """Return an orbit whose probabilities of muscles and nerve also follow from how dense a CT shows each voxel to be.

    What muscles, nerve and fat have together stays the same: globe, gland and bone lose nothing to them. Half-way
    between a structure's density and that of fat nothing changes. Where the densities cannot be told apart, as in much
    noise or thick slices, the orbit stays as it is.

    :param image: the scan (HU).
    """
    shares = orbit.probabilities
    density = resample(image, orbit.grid, fill=float(AIR_HU), antialias=True).array
    fat = shares[_FAT] > _SURE
    muscle = shares[list(_MUSCLES)].max(axis=0) > _SURE
    if fat.sum() < _LEAST_FAT or muscle.sum() < _LEAST_SURE:
        return orbit
    weighed, of_fat, of_muscle = shares.copy(), _usual(density[fat]), _usual(density[muscle])
    for number in _STRUCTURES:
        sure = shares[number] > _SURE
        own = _usual(density[sure]) if sure.sum() > _LEAST_SURE else of_muscle
        weighed[number] *= np.exp(_evidence(density, own, of_fat))
    theirs = [_FAT, *_STRUCTURES]
    weighed[theirs] *= shares[theirs].sum(axis=0) / np.maximum(weighed[theirs].sum(axis=0), 1e-12)
    return replace(orbit, probabilities=weighed)


def _usual(density: np.ndarray) -> tuple[float, float]:
    """Median and spread (as a standard deviation) of densities; neither minds a few that are quite different."""
    median = float(np.median(density))
    return median, 1.4826 * float(np.median(np.abs(density - median)))


def _evidence(density: np.ndarray, own: tuple[float, float], of_fat: tuple[float, float]) -> np.ndarray:
    """What each density adds to the logarithm of the odds of a structure; float32.

    :param own, of_fat: median and spread of the structure and of fat.
    """
    apart = abs(own[0] - of_fat[0]) / max(own[1] + of_fat[1], 1e-6)
    telling = np.clip((apart - _TELLS_FROM) / (_TELLS_ALL - _TELLS_FROM), 0.0, 1.0)
    if not telling:
        return np.zeros_like(density)
    place = (density - of_fat[0]) / (own[0] - of_fat[0])
    for_it = np.minimum(2.0 * place - 1.0, 1.0 - np.maximum(place - _DENSER, 0.0) / (_NO_MORE - _DENSER))
    return (STRONGEST * telling * np.clip(for_it, -1.0, 1.0)).astype(np.float32)
