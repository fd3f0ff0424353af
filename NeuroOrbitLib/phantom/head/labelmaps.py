"""Conversion of head label maps in the SynthSeg convention to label maps of the orbit, with sides and recti separated.

Such maps hold one value for both eyeballs, one for all extra-ocular muscles and one for both optic nerves. Sides
follow from where the two eyeballs lie in patient space; the four recti from the angle of each muscle voxel around
the axis from the globe's centre to the orbit's apex.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.problem import Problem

EYEBALL, EYE_MUSCLES, OPTIC_NERVE, OPTIC_CHIASM, SOFT_TISSUE = 506, 508, 530, 85, 507
#: Label values of white matter, fluid and vessels of the brain; its other values are grey matter.
WHITE_MATTER = (2, 7, 16, 28, 41, 46, 60, 85, 192, 251, 252, 253, 254, 255)
FLUID = (4, 5, 14, 15, 24, 31, 43, 44, 63)
VESSELS = (30, 62)
#: Tissues of the label values outside of the brain.
OUTER_TISSUES = {0: Tissue.AIR, 502: Tissue.ARTERY, EYEBALL: Tissue.VITREOUS, SOFT_TISSUE: Tissue.SUBCUTANEOUS_FAT,
                 EYE_MUSCLES: Tissue.MUSCLE, 509: Tissue.MUCOSA, 511: Tissue.SKIN, 512: Tissue.MUSCLE,
                 514: Tissue.VEIN, 515: Tissue.BONE, 516: Tissue.MARROW, OPTIC_NERVE: Tissue.OPTIC_NERVE}
SMALLEST_GLOBE_ML = 2.0
#: Muscle and nerve voxels farther than this from a globe's centre belong to no orbit (mm): the nerve ends at the
#: mouth of the optic canal.
MUSCLE_REACH, NERVE_REACH = 52.0, float(np.linalg.norm(OrbitShape().nerve.canal_entrance))
#: Middles of the recti's sectors around the axis, degrees from lateral (0) over superior (90); clock of a right eye.
RECTUS_ANGLES = {"lateral_rectus": 0.0, "superior_rectus": 90.0, "medial_rectus": 180.0, "inferior_rectus": 270.0}


@dataclass(frozen=True)
class Eye:
    """An eyeball of a label map.

    :param side: side of the patient.
    :param center: centre of the eyeball (R, A, S; mm).
    :param mask: mask of its voxels, bool (K, J, I).
    """

    side: Side
    center: np.ndarray
    mask: np.ndarray


def label_maps_in(folder: Path | None) -> list[Path]:
    """Return the label maps in a folder, sorted by name, or none if no folder is given.

    :raises Problem: when the folder contains none.
    """
    found = [] if folder is None else sorted(folder.glob("*.nii.gz"))
    if folder is not None and not found:
        raise Problem(f"There are no label maps (*.nii.gz) in {folder}. Name a folder that holds some.")
    return found


def import_head_labels(labels: Image) -> Image:
    """Return a head label map of the SynthSeg convention in the product's label values.

    :param labels: label map in any axis order, with the values 506 eyeball, 508 extra-ocular muscles, 530 optic nerve
        and 85 optic chiasm; others are ignored.
    :return: label map on the same grid, uint8.
    :raises Problem: if the map does not contain two eyeballs.
    """
    values = np.rint(labels.array).astype(np.int32)
    result = np.zeros(values.shape, dtype=np.uint8)
    result[values == OPTIC_CHIASM] = label_value("optic_chiasm")
    eyes = find_eyes(labels.with_array(values))
    for eye in eyes:
        result[eye.mask] = label_value("eyeball", eye.side)
    _assign(labels, values == OPTIC_NERVE, eyes, result, _nerve_values, NERVE_REACH)
    _assign(labels, values == EYE_MUSCLES, eyes, result, _rectus_values, MUSCLE_REACH)
    return labels.with_array(result)


def find_eyes(labels: Image) -> tuple[Eye, Eye]:
    """Return the right and the left eyeball: the two largest pieces of label 506, distinguished by their RAS x.

    :raises Problem: if there are not two of at least 2 ml.
    """
    pieces, count = ndimage.label(labels.array == EYEBALL, structure=np.ones((3, 3, 3)))
    volumes = np.bincount(pieces.ravel(), minlength=count + 1)[1:] * labels.grid.voxel_volume / 1000.0
    largest = np.argsort(volumes)[::-1][:2] + 1
    if count < 2 or volumes[largest[1] - 1] < SMALLEST_GLOBE_ML:
        raise Problem(f"This label map does not hold two eyeballs (value {EYEBALL}). "
                      "Choose a head label map in the SynthSeg convention that covers both orbits.")
    centers = [labels.grid.ras_from_ijk(np.array(ndimage.center_of_mass(pieces == piece))[::-1]) for piece in largest]
    right, left = np.argsort([center[0] for center in centers])[::-1]
    return (Eye(Side.RIGHT, centers[right], pieces == largest[right]),
            Eye(Side.LEFT, centers[left], pieces == largest[left]))


def right_eye_frame(ras: np.ndarray, eye: Eye) -> np.ndarray:
    """Return points (..., 3), given in RAS (mm), in the right-eye frame of ``eye``: origin in its centre, x lateral."""
    return (ras - eye.center) * np.array([eye.side.x_sign, 1.0, 1.0])


def rectus_of(local: np.ndarray, apex: np.ndarray) -> np.ndarray:
    """Return the right-side label value (N,) of the rectus to which each muscle point belongs.

    :param local: points (N, 3) in the right-eye frame (mm).
    :param apex: apex of the orbit (3,) in the same frame.
    """
    axis = apex / np.linalg.norm(apex)
    superior = np.array([0.0, 0.0, 1.0]) - axis[2] * axis
    superior /= np.linalg.norm(superior)
    lateral = np.cross(axis, superior)
    lateral *= np.sign(lateral[0])
    # In front of the axis's start at the globe, angles are taken around the globe's centre.
    along = np.clip(local @ axis, 0.0, np.linalg.norm(apex))
    offset = local - along[:, None] * axis
    angle = np.degrees(np.arctan2(offset @ superior, offset @ lateral))
    names = list(RECTUS_ANGLES)
    away = np.stack([np.abs((angle - RECTUS_ANGLES[name] + 180) % 360 - 180) for name in names])
    return np.array([label_value(name, "right") for name in names], dtype=np.uint8)[away.argmin(axis=0)]


def orbit_apex(nerve_local: np.ndarray) -> np.ndarray:
    """Return the apex (3,) of an orbit in the right-eye frame, from the nerve at the depth of the annulus of Zinn.

    :param nerve_local: positions (N, 3) of the optic nerve's voxels (mm); with too few the normal apex is returned.
    """
    norm = OrbitShape()
    default = np.array(norm.apex)
    deep = nerve_local[(nerve_local[:, 1] < -20.0) & (nerve_local[:, 1] > -40.0)]
    if len(deep) < 8:
        return default
    # The nerve's direction is extrapolated to the depth of the annulus.
    slope, start = np.polyfit(deep[:, 1], deep[:, [0, 2]], 1)
    at_annulus = start + slope * default[1]
    # It passes the annulus above and medial of its middle.
    at_annulus += (default - np.array(norm.nerve.annulus))[[0, 2]]
    # A ragged nerve must not pull the apex out of the orbit.
    x, z = np.clip(at_annulus, default[[0, 2]] - 5.0, default[[0, 2]] + 5.0)
    return np.array([x, default[1], z])


def _assign(labels: Image, mask: np.ndarray, eyes: tuple[Eye, Eye], result: np.ndarray,
            values_of: Callable[[Image, Eye, np.ndarray], np.ndarray], reach: float) -> None:
    """Give each masked voxel the value of the orbit whose globe is nearer, if it is within ``reach`` mm."""
    places = np.argwhere(mask)
    if not len(places):
        return
    ras = labels.grid.ras_from_ijk(places[:, ::-1])
    distances = np.stack([np.linalg.norm(ras - eye.center, axis=1) for eye in eyes])
    nearer = distances.argmin(axis=0)
    for index, eye in enumerate(eyes):
        own = (nearer == index) & (distances[index] < reach)
        local = right_eye_frame(ras[own], eye)
        side_offset = 0 if eye.side is Side.RIGHT else 1
        result[tuple(places[own].T)] = values_of(labels, eye, local) + side_offset


def _nerve_values(labels: Image, eye: Eye, local: np.ndarray) -> np.ndarray:
    return np.full(len(local), label_value("optic_nerve", "right"), dtype=np.uint8)


def _rectus_values(labels: Image, eye: Eye, local: np.ndarray) -> np.ndarray:
    nerve = np.argwhere(labels.array == OPTIC_NERVE)
    nerve_local = right_eye_frame(labels.grid.ras_from_ijk(nerve[:, ::-1]), eye)
    near = np.linalg.norm(nerve_local, axis=1) < MUSCLE_REACH
    return rectus_of(local, orbit_apex(nerve_local[near]))
