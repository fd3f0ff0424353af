"""A real head around the orbits, as a label map in the SynthSeg convention shows it.

The contents of the map's orbits are not used: the parametric orbits, with their own walls and lids, are painted in
their place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import binary_fill_holes, distance_transform_edt

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.head.labelmaps import (
    EYE_MUSCLES,
    EYEBALL,
    FLUID,
    OPTIC_NERVE,
    OUTER_TISSUES,
    SOFT_TISSUE,
    VESSELS,
    WHITE_MATTER,
    find_eyes,
)
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.problem import Problem

#: Tissue of the label values within an orbit: fat, into which the orbit's parts are painted.
_IN_ORBIT = dict.fromkeys((EYEBALL, EYE_MUSCLES, OPTIC_NERVE), Tissue.ORBITAL_FAT)
_TISSUES = {**OUTER_TISSUES, **_IN_ORBIT, **dict.fromkeys(WHITE_MATTER, Tissue.WHITE_MATTER),
            **dict.fromkeys(FLUID, Tissue.CSF), **dict.fromkeys(VESSELS, Tissue.ARTERY)}
#: Range of the distance of the globes' centres (mm) in people.
_DISTANCES = (45.0, 80.0)
#: Thickness of the skin with the fat below it (mm).
_FAT_BELOW_SKIN = 6.0
#: Largest label value of such maps, including the parcels of the cortex.
_LARGEST_VALUE = 14_999


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The tissues of a head in its own frame: RAS mm, the origin between the globes and the x axis through both.

    :param tissues: :class:`Tissue` classes, uint8 (K, J, I).
    :param to_ijk: affine matrix (4, 4) from the head's frame (mm) to voxel indices I, J, K.
    :param globe_distance: distance of the centres of both globes (mm).
    """

    tissues: np.ndarray
    to_ijk: np.ndarray
    globe_distance: float

    @classmethod
    def of(cls, labels: Image) -> Surroundings:
        """Return the head of a label map.

        :param labels: label map in the SynthSeg convention, any axis order.
        :raises Problem: when it does not contain two eyeballs at a plausible distance, or has values of another
            convention.
        """
        values = np.rint(labels.array).astype(np.int32)
        right, left = (eye.center for eye in find_eyes(labels.with_array(values)))
        distance = float(np.linalg.norm(right - left))
        if not _DISTANCES[0] <= distance <= _DISTANCES[1]:
            raise Problem(f"The eyeballs of this label map are {distance:.0f} mm apart. Choose the head of an adult, "
                          "in mm.")
        if values.min() < 0 or values.max() > _LARGEST_VALUE:
            raise Problem(f"This label map holds values from {values.min()} to {values.max()}; those of the SynthSeg "
                          f"convention run from 0 to {_LARGEST_VALUE}. Export it again.")
        x = (right - left) / distance
        z = np.array([0.0, 0.0, 1.0]) - x[2] * x
        z /= np.linalg.norm(z)
        to_ras = np.eye(4)
        to_ras[:3, :3], to_ras[:3, 3] = np.stack([x, np.cross(z, x), z], axis=1), (right + left) / 2
        table = np.array([_TISSUES.get(value, Tissue.GRAY_MATTER) for value in range(int(values.max()) + 1)], np.uint8)
        tissues = _with_muscles(table[values], values, labels.spacing)
        return cls(tissues, np.linalg.inv(labels.affine) @ to_ras, distance)

    def at(self, points: np.ndarray) -> np.ndarray:
        """Return the tissue at points (P, 3) of the head's frame, uint8; air outside of the map."""
        kji = np.rint(points @ self.to_ijk[:3, :3].T.astype(points.dtype) + self.to_ijk[:3, 3]).astype(int)[:, ::-1]
        inside = np.all((kji >= 0) & (kji < self.tissues.shape), axis=1)
        found = np.full(len(points), Tissue.AIR, np.uint8)
        found[inside] = self.tissues[tuple(kji[inside].T)]
        return found


def _with_muscles(tissues: np.ndarray, values: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """Return the tissues with muscle deep in the map's soft tissue, as the map does not distinguish muscle from fat.

    The temporal muscles, a reference for the signal of other muscles, lie there.
    """
    head = binary_fill_holes(values > 0)  # single voxels of air are not skin
    deep = distance_transform_edt(head, sampling=tuple(reversed(spacing))) > _FAT_BELOW_SKIN
    return np.where((values == SOFT_TISSUE) & deep, np.uint8(Tissue.TEMPORALIS), tissues)


def read_surroundings(path: Path) -> Surroundings:
    """Return the head of a label map's file.

    :raises Problem: when it cannot be read or is not such a map; the message names the file.
    """
    from NeuroOrbitLib.imaging.files import load_image

    labels = load_image(path)
    try:
        return Surroundings.of(labels)
    except Problem as problem:
        raise Problem(f"{path}: {problem}") from problem
