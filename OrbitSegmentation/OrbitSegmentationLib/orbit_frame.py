"""The right-eye frame, in which every orbit looks like a right one to the networks, whatever its side and scan.

Its origin is the centre of the globe; x points laterally, y anteriorly, z superiorly along the axes of the head (mm;
of a small head, mm of an adult one). For a right orbit of an upright head these are the RAS axes; a left orbit is
mirrored by the affine, never by moving voxels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid
from OrbitSegmentationLib.head_pose import UPRIGHT, HeadPose

#: Corner of the box (x, y, z; mm) around the globe's centre that contains an orbit from the lids to the apex.
BOX_LOW = (-28.0, -45.0, -24.0)
BOX_HIGH = (28.0, 19.0, 24.0)


@dataclass(frozen=True)
class OrbitFrame:
    """The right-eye frame of an orbit.

    :param center: centre of the globe (R, A, S; mm).
    :param side: side of the patient (also as "right" or "left").
    :param pose: pose of the head in the scan.

    :raises ValueError: for any other side.
    """

    center: tuple[float, float, float]
    side: Side
    pose: HeadPose = UPRIGHT

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "center", tuple(float(value) for value in self.center))

    @property
    def affine(self) -> np.ndarray:
        """Affine matrix (4, 4) from the right-eye frame (mm) to RAS (mm)."""
        affine = np.eye(4)
        affine[:3, :3] = self.pose.scale * self.pose.matrix * np.array([self.side.x_sign, 1.0, 1.0])
        affine[:3, 3] = self.center
        return affine

    def grid(self, spacing: float, low: tuple[float, ...] = BOX_LOW, high: tuple[float, ...] = BOX_HIGH) -> Grid:
        """Return the isotropic grid, in RAS, over a box.

        :param spacing: voxel size (mm of this frame).
        :param low, high: corners of the box (x, y, z; mm of this frame).
        """
        step = np.diag([spacing, spacing, spacing, 1.0])
        step[:3, 3] = np.array(low) + spacing / 2
        return Grid(box_shape(spacing, low, high), self.affine @ step)


def box_shape(spacing: float, low: tuple[float, ...] = BOX_LOW, high: tuple[float, ...] = BOX_HIGH) -> (
        tuple[int, int, int]):
    """Return the shape (K, J, I) of the isotropic grid over the box from ``low`` to ``high`` (x, y, z; mm)."""
    i, j, k = (round((upper - lower) / spacing) for lower, upper in zip(low, high, strict=True))
    return k, j, i
