"""The pose of a head in a scan: the directions of its right, front and top, and its size.

Heads are tilted, turned and nodded in scans, but the networks know upright ones best. Boxes are therefore sampled
along the head's own axes, directly from the scan, and the results are resampled directly to the scan's grid.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

Rows = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

#: Angle (degrees) between the line through the eyes and the horizontal below which the pose is not changed.
LEAST_TURN = 5.0
#: Distance between the centres of the globes (mm) of the adult heads that the networks know; SD is 4 mm.
ADULT_EYE_DISTANCE = 64.0
#: Distance of the eyes (mm), five SD below that of adults, below which heads are enlarged for the networks.
SMALLEST_ADULT_EYE_DISTANCE = 44.0


@dataclass(frozen=True)
class HeadPose:
    """The axes of a head and its size.

    :param axes: rotation matrix (3, 3) from the head's axes (right, anterior, superior) to RAS, by rows.
    :param scale: size of the head relative to an adult's.
    """

    axes: Rows = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    scale: float = 1.0

    @property
    def matrix(self) -> np.ndarray:
        """Rotation matrix (3, 3) from the head's axes to RAS."""
        return np.array(self.axes)

    @classmethod
    def from_matrix(cls, matrix: np.ndarray, scale: float = 1.0) -> HeadPose:
        """Return the pose with these axes in its columns.

        :param matrix: rotation matrix (3, 3) from the head's axes to RAS.
        :param scale: size of the head relative to an adult's.
        :raises ValueError: if the matrix is not a rotation.
        """
        if not np.allclose(matrix @ matrix.T, np.eye(3), atol=1e-6) or np.linalg.det(matrix) < 0:
            raise ValueError("The axes of a head are a rotation of the axes right, anterior, superior.")
        return cls(tuple(tuple(float(value) for value in row) for row in matrix), float(scale))

    @classmethod
    def turned(cls, nod: float = 0.0, roll: float = 0.0, yaw: float = 0.0) -> HeadPose:
        """Return the pose of an adult head turned (degrees) about the RAS axes x (nod), y (roll) and then z (yaw)."""
        return cls.from_matrix(Rotation.from_euler("xyz", (nod, roll, yaw), degrees=True).as_matrix())

    def along(self, ras: np.ndarray) -> np.ndarray:
        """Return RAS vectors (..., 3; mm) along the head's axes, in mm of an adult head."""
        return np.asarray(ras) @ self.matrix / self.scale

    def nodded(self, degrees: float) -> HeadPose:
        """Return the pose turned by an angle (degrees) about the head's own left-right axis; upwards if positive."""
        nod = Rotation.from_euler("x", degrees, degrees=True).as_matrix()
        return HeadPose.from_matrix(self.matrix @ nod, self.scale)

    def degrees_from(self, other: HeadPose) -> float:
        """Return the angle (degrees) between two poses."""
        return float(np.rad2deg(Rotation.from_matrix(self.matrix.T @ other.matrix).magnitude()))


#: Pose of a head that lies straight in the scan.
UPRIGHT = HeadPose()


def pose_of_eyes(right: np.ndarray, left: np.ndarray, before: HeadPose = UPRIGHT) -> HeadPose:
    """Return the pose in which the eyes are level; the nod, which the eyes do not determine, is kept.

    :param right, left: centres of the globes (R, A, S; mm).
    :param before: pose known so far, which is returned unchanged if the eyes are level in it already.
    """
    offset = np.asarray(right, dtype=float) - np.asarray(left, dtype=float)
    distance = float(np.linalg.norm(offset))
    scale = 1.0 if distance >= SMALLEST_ADULT_EYE_DISTANCE else distance / ADULT_EYE_DISTANCE
    lateral, axes = offset / distance, before.matrix
    if np.rad2deg(np.arccos(np.clip(lateral @ axes[:, 0], -1.0, 1.0))) < LEAST_TURN:
        return before if scale == before.scale else replace(before, scale=scale)
    anterior = axes[:, 1] - (axes[:, 1] @ lateral) * lateral
    anterior /= np.linalg.norm(anterior)
    return HeadPose.from_matrix(np.column_stack([lateral, anterior, np.cross(lateral, anterior)]), scale)
