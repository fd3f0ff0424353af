"""The parametric head around both orbits, and its variation between people.

Frame: RAS millimetres with the origin midway between the resting centres of the two globes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.phantom.head.loft import Loft
from NeuroOrbitLib.phantom.orbit.random_shape import random_orbit_shape, vary_side
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.thyroid_disease import LARGEST_SEVERITY

if TYPE_CHECKING:
    from NeuroOrbitLib.phantom.head.surroundings import Surroundings

#: Middle (y, z) of the cranial cavity, about which its shells are grown.
CRANIUM_MIDDLE = (-80.0, 35.0)

SKIN_SURFACE = Loft((
    (-95, 52, 6, -95), (-60, 61, 12, -110), (-40, 66, 14, -140), (-20, 70, 15, -165), (0, 74, 16, -175),
    (15, 76, 21, -180), (30, 77, 22, -183), (50, 76, 15, -182), (70, 70, -2, -172), (90, 54, -30, -147),
    (100, 38, -52, -124), (107, 1, -84, -88),
), 2.5, CRANIUM_MIDDLE)

CRANIAL_CAVITY = Loft((
    (-38, 1, -100, -104), (-30, 52, -52, -145), (-20, 62, -42, -158), (0, 66, -37, -166), (12, 66, -18, -168),
    (20, 66, 3, -170), (32, 66, 9, -171), (50, 65, 5, -169), (70, 58, -12, -159), (85, 42, -40, -137),
    (95, 22, -64, -108), (99, 1, -84, -88),
), 2.5, CRANIUM_MIDDLE)


@dataclass(frozen=True)
class HeadShape:
    """A head with two orbits.

    :param right: the right orbit.
    :param left: the left orbit, mirrored to the right-eye frame.
    :param interpupillary_distance: distance of the globes' resting centres (mm).
    :param left_offset: position of the left globe (anterior, superior; mm) relative to the right one.
    :param skull_thickness: thickness of the vault (mm).
    :param scalp_fat: thickness of the fat under the skin (mm).
    :param folds: seed of the pattern of gyri and of the ethmoid cells.
    :param sinus_scale: size of the air sinuses relative to the default.
    :param medial_wall: thickness of the lamina papyracea (mm).
    :param floor_wall, roof_wall, lateral_wall: thickness of the other walls of the orbits (mm).
    :param surroundings: real head around the orbits, in place of the parametric one.
    """

    right: OrbitShape = field(default_factory=OrbitShape)
    left: OrbitShape = field(default_factory=OrbitShape)
    interpupillary_distance: float = 62.0
    left_offset: tuple[float, float] = (0.0, 0.0)
    skull_thickness: float = 6.0
    scalp_fat: float = 3.0
    folds: int = 0
    sinus_scale: float = 1.0
    medial_wall: float = 0.4
    floor_wall: float = 0.8
    roof_wall: float = 1.8
    lateral_wall: float = 3.0
    surroundings: Surroundings | None = None

    def around(self, surroundings: Surroundings) -> HeadShape:
        """Return the same orbits in a real head, as far apart as its globes."""
        return replace(self, surroundings=surroundings, interpupillary_distance=surroundings.globe_distance,
                       left_offset=(0.0, 0.0))

    def orbit(self, side: str) -> OrbitShape:
        """Return the orbit of side "R" or "L"."""
        return {"R": self.right, "L": self.left}[side]

    def to_orbit(self, points: np.ndarray, side: str) -> np.ndarray:
        """Return points (..., 3) of the head frame in the right-eye frame of the orbit of side "R" or "L"."""
        half = self.interpupillary_distance / 2
        if side == "R":
            return points - np.array([half, 0.0, 0.0], dtype=points.dtype)
        mirror = np.array([-1.0, 1.0, 1.0], dtype=points.dtype)
        return points * mirror - np.array([half, *self.left_offset], dtype=points.dtype)

    def from_orbit(self, points: np.ndarray, side: str) -> np.ndarray:
        """Return points (..., 3) of the right-eye frame in the head frame, the inverse of :meth:`to_orbit`."""
        half = self.interpupillary_distance / 2
        if side == "R":
            return np.asarray(points) + np.array([half, 0.0, 0.0])
        return (np.asarray(points) + np.array([half, *self.left_offset])) * np.array([-1.0, 1.0, 1.0])


def random_head_shape(rng: np.random.Generator, sex: str | None = None, severity: float = 0.0,
                      asymmetry: float = 0.35) -> HeadShape:
    """Return a random head, whose two sides are similar but not equal (muscle sizes correlate with about 0.9).

    :param rng: source of randomness.
    :param sex: "M", "F" or None to draw it.
    :param severity: severity of thyroid eye disease (mean of the sides), as for
        :func:`~NeuroOrbitLib.phantom.orbit.random_shape.random_orbit_shape`.
    :param asymmetry: standard deviation of the sides' severities relative to ``severity``.
    """
    sex = sex or str(rng.choice(["F", "M"]))
    healthy = random_orbit_shape(rng, sex, 0.0)
    gaze = healthy.gaze
    sides = []
    most = LARGEST_SEVERITY if severity > 1 else 1.0
    for sign in (1.0, -1.0):
        side_severity = float(np.clip(severity * (1 + rng.normal(0, asymmetry)), 0, most)) if severity > 0 else 0.0
        side = vary_side(rng, healthy, side_severity)
        sides.append(replace(side, gaze=(sign * gaze[0], gaze[1])))
    return HeadShape(
        right=sides[0], left=sides[1],
        interpupillary_distance=float(np.clip(rng.normal(62.5 if sex == "M" else 61.0, 2.5), 55, 70)),
        left_offset=(float(rng.normal(0, 0.7)), float(rng.normal(0, 0.5))),
        skull_thickness=float(np.clip(rng.normal(6.0, 1.0), 4, 9)), scalp_fat=float(np.clip(rng.normal(3, 1), 1, 6)),
        folds=int(rng.integers(1 << 30)), sinus_scale=float(np.clip(rng.normal(1.0, 0.06), 0.85, 1.12)),
        medial_wall=float(np.clip(rng.normal(0.4, 0.08), 0.25, 0.6)),
        floor_wall=float(np.clip(rng.normal(0.8, 0.15), 0.5, 1.2)),
        roof_wall=float(np.clip(rng.normal(1.8, 0.4), 1.0, 3.0)),
        lateral_wall=float(np.clip(rng.normal(3.0, 0.5), 2.0, 4.5)),
    )
