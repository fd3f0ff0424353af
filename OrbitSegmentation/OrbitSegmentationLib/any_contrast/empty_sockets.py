"""Removal of the eye that the network invents in the fat of an orbit whose eye was removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value, structure_of
from NeuroOrbitLib.imaging import Image
from NeuroOrbitLib.imaging.geometry import resample
from NeuroOrbitLib.measurements.eye_looks import EyeLook, holds_fat
from OrbitSegmentationLib.any_contrast.classes import LABEL_OF_CLASS
from OrbitSegmentationLib.any_contrast.segment import GLOBE_CLASSES, SegmentedOrbit

_FAT = LABEL_OF_CLASS.index(label_value("orbital_fat", Side.RIGHT))
_RECTI = [number for number, value in enumerate(LABEL_OF_CLASS) if value and structure_of(value).group == "rectus"]
#: Probability above which the network is sure.
_SURE = 0.9
#: Voxel size (mm) that is fine enough to distinguish fat from vitreous.
_LOOKED_AT = 1.2
#: Grey value of vitreous in CT (HU).
_VITREOUS_HU = 10.0


def without_invented_eyes(orbits: Sequence[SegmentedOrbit], image: Image, is_ct: bool,
                          air: float) -> tuple[list[SegmentedOrbit], frozenset[Side]]:
    """Return the orbits without invented eyes, and the sides on which the scan shows fat instead of an eye.

    :param orbits: segmented orbits.
    :param image: the scan; CT in HU.
    :param is_ct: whether the scan is a CT.
    :param air: grey value of air in the scan.
    """
    looks = {orbit.frame.side: _look(orbit, image, air) for orbit in orbits}
    empty = frozenset(side for side, look in looks.items() if holds_fat(look, looks.get(side.other), is_ct))
    if not empty:
        return list(orbits), empty
    vitreous = {side: _VITREOUS_HU if is_ct else looks[side.other].inside for side in empty}
    return [_emptied(orbit, image, looks[orbit.frame.side].fat, vitreous[orbit.frame.side])
            if orbit.frame.side in empty else orbit for orbit in orbits], empty


def _look(orbit: SegmentedOrbit, image: Image, air: float) -> EyeLook:
    shares, grid = orbit.at_points(_LOOKED_AT)
    grey = resample(image, grid, fill=air).array
    eye = shares[list(GLOBE_CLASSES)].sum(axis=0) > 0.5
    depth = ndimage.distance_transform_edt(eye, grid.spacing) - ndimage.distance_transform_edt(~eye, grid.spacing)
    fat, recti = grey[shares[_FAT] > _SURE], grey[shares[_RECTI].max(axis=0) > _SURE]
    return EyeLook.of(grey, depth, fat, recti, air)


def _emptied(orbit: SegmentedOrbit, image: Image, fat: float, vitreous: float) -> SegmentedOrbit:
    """Return the orbit without its eye: fat where the image is closer to fat than to vitreous, else nothing."""
    grey = resample(image, orbit.grid, fill=vitreous).array
    shares, eyes = orbit.probabilities.copy(), list(GLOBE_CLASSES)
    eye = shares[eyes].sum(axis=0)
    is_fat = np.abs(grey - fat) < np.abs(grey - vitreous)
    shares[_FAT] += np.where(is_fat, eye, 0.0)
    shares[0] += np.where(is_fat, 0.0, eye)
    shares[eyes] = 0.0
    return replace(orbit, probabilities=shares)
