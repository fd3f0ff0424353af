"""The fit of a parametric orbit into a real head: the space between the real walls, and the gland in its fossa.

The label maps were made by programs and have faults. In one of them, air of the ethmoid lies within eyeballs and recti.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.phantom.head.labelmaps import EYE_MUSCLES, EYEBALL, OPTIC_NERVE
from NeuroOrbitLib.phantom.orbit.cavity import septum_depth
from NeuroOrbitLib.phantom.orbit.raster import FAT, LACRIMAL_GLAND, fat_bow, gland_plate_level
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.tissue import Tissue
from OrbitSegmentationLib.any_contrast.training.head_labels import SOFT_TISSUE

_AIR, _BONE, _MARROW = 0, 515, 516
#: Right-eye labels of what surrounds the cone of the recti.
_AROUND_CONE = [structure(key).right for key in ("eyeball", "lens", "optic_nerve", "superior_rectus", "inferior_rectus",
                                                 "medial_rectus", "lateral_rectus")]
#: Largest distance (mm) of the real wall outside of the parametric one.
_WIDEST_GAP = 2.0
#: Half the thickness (mm) of the thinnest bridge; parts connected by a thinner one lie behind a gap in the wall.
_BRIDGE = 1.2
#: Largest outward shift (mm) of the gland to reach its wall.
_GLAND_MOVE = 1.5
#: Largest distance (mm) of the septum of a real orbit in front of the parametric one.
_SEPTUM_TOLERANCE = 1.5


def without_air_in_cone(head: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the labels of a head with soft tissue in place of air among eyeball, optic nerve and recti.

    There is none in anatomy. A voxel lies among them if it lies in their convex hull in its coronal slice.

    :param head: SynthSeg labels around the orbit, (K, J, I).
    :param labels: right-eye labels of the parametric orbit, same shape.
    """
    result = head.copy()
    around = np.isin(labels, _AROUND_CONE)
    for j in np.flatnonzero(around.any(axis=(0, 2))):
        cone, air = np.argwhere(around[:, j]), np.argwhere(head[:, j] == _AIR)
        try:
            sides = ConvexHull(cone).equations
        except (QhullError, ValueError):  # one point, or all on a line
            continue
        inside = air[(air @ sides[:, :2].T + sides[:, 2] <= 0).all(axis=1)]
        result[inside[:, 0], j, inside[:, 1]] = SOFT_TISSUE
    return result


def orbit_interior(head: np.ndarray, labels: np.ndarray, shape: OrbitShape, points: np.ndarray,
                   spacing: float) -> np.ndarray:
    """Return the mask (bool, K, J, I) of the space between the walls of the real head and behind the septum.

    :param head: SynthSeg labels around the orbit, (K, J, I).
    :param labels: right-eye labels of the parametric orbit, same shape.
    :param shape: the parametric orbit.
    :param points: positions of the voxels in the parametric orbit, (K, J, I, 3) mm.
    :param spacing: voxel size in mm.
    """
    soft = np.isin(head, (SOFT_TISSUE, EYE_MUSCLES, OPTIC_NERVE, EYEBALL))
    painted = soft & (labels > 0)
    orbit = painted | np.isin(head, (EYE_MUSCLES, OPTIC_NERVE))
    behind_septum = septum_depth(shape.cavity, points, fat_bow(shape)) > -_SEPTUM_TOLERANCE
    # Soft tissue of the coarse labels between the parametric wall and the real bone is also orbital fat.
    filled = ndimage.binary_dilation(painted, iterations=round(_WIDEST_GAP / spacing), mask=soft)
    return _without_bridges(orbit | (filled & behind_septum), round(_BRIDGE / spacing))


def _without_bridges(mask: np.ndarray, steps: int) -> np.ndarray:
    """Return the largest piece of a mask (K, J, I) that stays connected when its surface is removed."""
    pieces, count = ndimage.label(ndimage.binary_erosion(mask, iterations=steps))
    if count == 0:
        return mask
    largest = pieces == np.bincount(pieces.ravel())[1:].argmax() + 1
    return ndimage.binary_dilation(largest, iterations=steps + 1, mask=mask)


def lean_gland_on_wall(labels: np.ndarray, tissues: np.ndarray, interior: np.ndarray, head: np.ndarray,
                       shape: OrbitShape, points: np.ndarray, spacing: float) -> None:
    """Move the parametric lacrimal gland onto the real bone of its fossa, changing ``labels`` and ``tissues`` in place.

    At a fixed distance from the globe it would lie in the bone of one head and away from the wall of another. It stays
    if the wall has room for less than half of its volume. Other parameters are those of :func:`orbit_interior`.

    :param tissues: tissue classes of the parametric orbit, (K, J, I).
    :param interior: mask that :func:`orbit_interior` returned.
    """
    before = labels == LACRIMAL_GLAND
    to_bone = ndimage.distance_transform_edt(~np.isin(head, (_BONE, _MARROW))) * spacing
    thickness = shape.gland.thickness * np.sqrt(np.clip(1 - gland_plate_level(shape, points), 0, None))
    shell = np.linalg.norm(points, axis=-1) - np.linalg.norm(shape.gland.center)
    in_fossa = (points @ np.array(shape.gland.center) > 0) & (shell < thickness / 2 + _GLAND_MOVE)
    gland = interior & in_fossa & (to_bone < thickness) & np.isin(labels, (0, FAT, LACRIMAL_GLAND))
    if gland.sum() < 0.5 * before.sum():
        return
    labels[before], tissues[before] = FAT, Tissue.ORBITAL_FAT
    labels[gland], tissues[gland] = LACRIMAL_GLAND, Tissue.LACRIMAL_GLAND
