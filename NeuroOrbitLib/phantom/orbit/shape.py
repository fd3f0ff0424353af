"""The parametric orbit: every length that describes an eye socket and its contents.

Frame of all coordinates: the **right-eye frame**, millimetres, x to the patient's right (lateral for a right
eye), y anterior, z superior, origin at the resting centre of the globe. A left orbit is the mirror image.
Default values follow published anatomy and imaging norms for healthy adults in primary gaze.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.phantom.orbit.vessels import Vessel
from NeuroOrbitLib.phantom.tissue import Tissue

if TYPE_CHECKING:
    from NeuroOrbitLib.phantom.orbit.surgery import EyeSurgery

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class MuscleShape:
    """An extra-ocular muscle: a band from its origin over its pulley to its insertion.

    :param name: name of the muscle.
    :param tissue: tissue class of its belly.
    :param label: label value of the right muscle.
    :param path: origin, way points and insertion (mm, right-eye frame, eye at rest).
    :param thickness: largest short diameter of the belly (mm).
    :param width: largest long diameter of the belly (mm).
    :param peak: place along the path (0 origin, 1 insertion) where the belly is thickest.
    :param sharpness: exponent of the area profile; 1.5 gives a mean area of 0.566 of the largest.
    :param tendon_length: length of the tendon before the insertion (mm).
    :param insertion_width: width of the tendon at the insertion (mm).
    :param tendon_thickness: thickness of the tendon (mm).
    :param swelling: factor on the belly's cross-sectional area in thyroid eye disease (1 for healthy).
    """

    name: str
    tissue: Tissue
    label: int
    path: tuple[Vector, ...]
    thickness: float
    width: float
    tendon_length: float
    insertion_width: float
    peak: float = 0.45
    sharpness: float = 1.5
    tendon_thickness: float = 0.9
    swelling: float = 1.0

    @property
    def maximum_area(self) -> float:
        """Largest cross-sectional area of the healthy belly in mm2."""
        return float(np.pi / 4 * self.thickness * self.width)


@dataclass(frozen=True)
class GlobeShape:
    """The eyeball, in its own frame (y along the visual axis, origin at the centre of the globe), in mm."""

    radius: float = 12.1
    transverse_ratio: float = 0.985
    vertical_ratio: float = 0.97
    coat_posterior: float = 1.0
    coat_equator: float = 0.5
    coat_limbus: float = 0.8
    cornea_radius: float = 7.8
    cornea_thickness: float = 0.55
    cornea_bulge: float = 0.85
    chamber_depth: float = 3.1
    lens_diameter: float = 9.2
    lens_thickness: float = 4.0
    nerve_head: Vector = (-3.7, -11.3, 1.2)


@dataclass(frozen=True)
class NerveShape:
    """The optic nerve with its sheath, from the globe through the optic canal (mm); its label ends at the entrance.

    ``third_shift`` and ``two_thirds_shift`` move it at a third and two thirds of its course to the apex, as measured in
    one person, whereas bow and sag are those of the population. ``crowding`` (0 to 1) is its compression by swollen
    muscles near the apex.
    """

    nerve_diameter: float = 3.1
    fluid_thickness: float = 0.55
    dura_thickness: float = 0.25
    bulb: float = 0.5
    lateral_bow: float = -1.4
    sag: float = 1.9
    crowding: float = 0.0
    third_shift: Vector = (0.0, 0.0, 0.0)
    two_thirds_shift: Vector = (0.0, 0.0, 0.0)
    annulus: Vector = (-15.5, -33.0, 5.6)
    canal_entrance: Vector = (-16.7, -35.5, 6.2)
    canal_exit: Vector = (-24.0, -44.0, 8.0)


@dataclass(frozen=True)
class CavityShape:
    """The bony orbit: superellipse sections between four walls, closed in front by the septum (mm)."""

    apex_y: float = -36.0
    depth: float = 39.0
    medial_rim: Vector = (-18.4, 8.0, 0.0)
    lateral_rim: Vector = (20.0, -2.5, 0.0)
    medial_apex_shift: float = -0.3
    lateral_apex_x: float = -10.9
    lateral_slope: float = 1.0
    roof_apex: float = 9.0
    roof_rise: float = 9.3
    floor_apex: float = -2.5
    floor_drop: float = 16.5
    highest: float = 0.88
    exponent: float = 2.6
    rim_tilt: float = 0.2
    septum_bow: float = 3.0
    scale: float = 1.0


@dataclass(frozen=True)
class GlandShape:
    """The lacrimal gland: a plate curved around the globe in the upper lateral corner (mm)."""

    center: Vector = (13.8, -2.6, 8.8)
    thickness: float = 5.2
    length: float = 16.3
    height: float = 15.5


def _muscle(name: str, tissue: Tissue, label: int, path: tuple[Vector, ...], **sizes: float) -> MuscleShape:
    return MuscleShape(name, tissue, label, path, **sizes)


def default_muscles() -> tuple[MuscleShape, ...]:
    """Return the seven extra-ocular muscles of a healthy adult orbit."""
    return (
        _muscle("superior rectus", Tissue.SUPERIOR_RECTUS, 5,
                ((-14.3, -33, 8.4), (-10.2, -25, 9.6), (-7.0, -16, 11.4), (-2.5, -7, 11.8), (0, 4.9, 11.0)),
                thickness=3.2, width=9.2, tendon_length=5.8, insertion_width=10.8),
        _muscle("levator palpebrae superioris", Tissue.LEVATOR, 5,
                ((-15.0, -33, 9.9), (-10.4, -25, 12.0), (-7.0, -15, 14.0), (-2.2, -4, 15.4), (0, 4, 15.0)),
                thickness=1.8, width=8.0, tendon_length=3.0, insertion_width=14.0, sharpness=1.0),
        _muscle("inferior rectus", Tissue.INFERIOR_RECTUS, 7,
                ((-14.2, -33, -0.8), (-11.0, -24.5, -3.6), (-7.4, -16, -8.0), (-4.3, -6, -12.7), (0, 6, -10.4)),
                thickness=4.2, width=8.2, tendon_length=6.0, insertion_width=9.8),
        _muscle("medial rectus", Tissue.MEDIAL_RECTUS, 9,
                ((-18.3, -33, 3.6), (-16.6, -21, 2.0), (-15.7, -12, 0.4), (-14.2, -3, -0.3), (-9.9, 6.8, 0)),
                thickness=4.1, width=10.0, tendon_length=4.1, insertion_width=10.3),
        _muscle("lateral rectus", Tissue.LATERAL_RECTUS, 11,
                ((-8.6, -33.5, 2.2), (-1.7, -26, 2.0), (4.2, -18.5, 0.6), (9.6, -9.5, -0.3), (10.6, 5.6, 0)),
                thickness=3.4, width=10.0, tendon_length=8.0, insertion_width=9.2),
        _muscle("superior oblique", Tissue.SUPERIOR_OBLIQUE, 15,
                ((-18.5, -32, 7.0), (-17.5, -14, 10.5), (-15.5, 6, 13.0)),
                thickness=2.6, width=5.5, tendon_length=2.0, insertion_width=2.4, sharpness=1.0,
                tendon_thickness=1.8),
        _muscle("inferior oblique", Tissue.INFERIOR_OBLIQUE, 17,
                ((-16, 7, -14.0), (-1, 2, -15.0), (7.5, -3.5, -11.5), (8.5, -6, -6.5)),
                thickness=2.3, width=7.5, tendon_length=1.0, insertion_width=8.0, sharpness=1.0),
    )


@dataclass(frozen=True)
class OrbitShape:
    """An orbit, in the right-eye frame.

    :param gaze: rotation of the globe in degrees: (abduction, elevation), positive lateral and up.
    :param proptosis: distance of the globe in front of its resting position (mm).
    :param fat_factor: volume of orbital fat relative to health (moves the septum forward).
    :param vein_diameter: diameter of the superior ophthalmic vein (mm).
    :param artery_diameter: diameter of the ophthalmic artery (mm).
    :param vessels: vessels and nerves that cross the fat; if empty, the usual superior ophthalmic vein and ophthalmic
        artery.
    :param apex: centre of the annulus of Zinn (mm).
    :param surgery: surgery of the eye; ``None`` for none.
    """

    globe: GlobeShape = field(default_factory=GlobeShape)
    nerve: NerveShape = field(default_factory=NerveShape)
    cavity: CavityShape = field(default_factory=CavityShape)
    gland: GlandShape = field(default_factory=GlandShape)
    muscles: tuple[MuscleShape, ...] = field(default_factory=default_muscles)
    gaze: tuple[float, float] = (0.0, 0.0)
    proptosis: float = 0.0
    fat_factor: float = 1.0
    vein_diameter: float = 2.0
    artery_diameter: float = 1.3
    vessels: tuple[Vessel, ...] = ()
    apex: Vector = (-14.5, -33.0, 3.6)
    surgery: EyeSurgery | None = None

    @property
    def globe_center(self) -> Vector:
        """Centre of the globe (mm): the origin, moved forward by the proptosis."""
        return (0.0, float(self.proptosis), 0.0)

    @property
    def lacks_eye(self) -> bool:
        """Whether the eye was removed, so that the globe of this shape is at most an implant."""
        return self.surgery is not None and self.surgery.removed

    @property
    def gaze_rotation(self) -> np.ndarray:
        """Matrix (3, 3) that rotates the globe's own frame to the gaze direction."""
        yaw, pitch = np.radians(self.gaze)
        around_z = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
        around_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
        return around_z @ around_x

    def muscle(self, name: str) -> MuscleShape:
        """Return the muscle called ``name``.

        :raises KeyError: when there is none.
        """
        for muscle in self.muscles:
            if muscle.name == name:
                return muscle
        raise KeyError(name)
