"""The head's own axes, free of gaze and tilt: from the orbits' lateral rims and the mouths of the optic canals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class HeadFrame:
    """Axes of the head in the coordinates of the scan.

    :param origin: a point (3,) of the head's plane, RAS mm.
    :param right: unit vector (3,) to the patient's right, along the line between the lateral rims.
    :param forward: unit vector (3,) to the front, within the head's plane.
    :param up: unit vector (3,) perpendicular to the head's plane.
    :param method: method by which the axes were found, for the user to read.
    """

    origin: np.ndarray
    right: np.ndarray
    forward: np.ndarray
    up: np.ndarray
    method: str = _("lateral rims and mouths of the optic canals")

    @property
    def rotation(self) -> np.ndarray:
        """3x3 matrix with the rows right, forward and up, which turns RAS directions into the head's."""
        return np.stack([self.right, self.forward, self.up])

    def local(self, ras: np.ndarray) -> np.ndarray:
        """Return RAS points (..., 3) in the head's axes: right, forward, up from the origin (mm)."""
        return (np.asarray(ras) - self.origin) @ self.rotation.T

    def ras(self, local: np.ndarray) -> np.ndarray:
        """Return points (..., 3) of the head's axes in RAS mm; the inverse of :meth:`local`."""
        return np.asarray(local) @ self.rotation + self.origin

    def lateral(self, side: Side) -> np.ndarray:
        """Return the unit vector (3,) that points away from the midline on a side."""
        return self.right * side.x_sign


def frame_from_rims(rims: Mapping[Side, np.ndarray], mouths: Mapping[Side, np.ndarray]) -> HeadFrame:
    """Return the head's axes from one lateral rim and one canal mouth per side (RAS mm, each (3,)).

    The plane is fitted to the four points by least squares; right runs along the line between the rims.
    """
    points = np.array([*rims.values(), *mouths.values()])
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle)[2][2]
    across = rims[Side.RIGHT] - rims[Side.LEFT]
    back = np.mean([*rims.values()], axis=0) - np.mean([*mouths.values()], axis=0)
    return frame_from_directions(middle, across, back, normal)


def frame_from_directions(origin: np.ndarray, right: np.ndarray, forward: np.ndarray,
                          normal: np.ndarray | None = None,
                          method: str = HeadFrame.method) -> HeadFrame:
    """Return orthonormal axes from directions (3,) that are only roughly perpendicular.

    :param origin: point (3,) of the head's plane, RAS mm.
    :param right: direction (3,) to the patient's right, which is kept except for its part across the plane.
    :param forward: direction (3,) to the front.
    :param normal: normal of the head's plane, with either sign; perpendicular to ``right`` and ``forward`` by default.
    :param method: method by which the axes were found, for the user to read.
    """
    up = np.cross(right, forward) if normal is None else normal
    up = up / np.linalg.norm(up)
    up = up * (1.0 if np.cross(right, forward) @ up > 0 else -1.0)
    right = right - (right @ up) * up
    right = right / np.linalg.norm(right)
    return HeadFrame(np.asarray(origin, dtype=float), right, np.cross(up, right), up, method)
