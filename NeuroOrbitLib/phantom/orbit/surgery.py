"""Eyes after surgery: artificial lenses, removed eyes with or without an implant, silicone oil or gas, and buckles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.phantom.materials import Material
from NeuroOrbitLib.phantom.orbit.muscle import GLOBE_MUSCLES, globe_axes
from NeuroOrbitLib.phantom.tissue import Tissue

if TYPE_CHECKING:
    from NeuroOrbitLib.phantom.orbit.shape import MuscleShape, OrbitShape

#: A prosthesis: radius of its front, half its width and where it begins in front of the removed eye's centre (mm).
_SHELL_RADIUS, _SHELL_HALF_WIDTH, _SHELL_BEGINS = 12.0, 11.5, 2.0
#: Tissue between an implant and the prosthesis in front of it (mm).
_COVER = 2.0
#: Share of their cross-section that the muscles of a removed eye keep, and their retraction without an implant (mm).
_KEPT_AREA, _DRAWN_BACK = 0.65, 6.0
#: Depth that an implant sinks back (mm), share of the nerve's diameter that is left, and start of its stump (mm).
_SUNK, _KEPT_NERVE, _STUMP = 4.0, 0.75, (-5.0, -14.5, 1.8)
#: Distance behind the centre of the eye, as a fraction of its radius, where fluid begins: a vitreous cannot be
#: exchanged completely, and in a supine head oil and gas rise, so that fluid stays behind them.
_FLUID_BEHIND = 0.7
#: An artificial lens: diameter and thickness of its optic (mm), and depth of its middle behind the cornea's front (mm),
#: where the capsule of the removed lens holds it.
OPTIC_DIAMETER, OPTIC_THICKNESS, OPTIC_DEPTH = 6.0, 0.9, 5.0


@dataclass(frozen=True)
class Buckle:
    """A scleral buckle: silicone around the eye, under the recti.

    :param thickness, width: size of its section (mm).
    :param place: position of its middle in front of the eye's centre (mm).
    :param start, length: part of the circumference that it covers, in turns, from lateral over above.
    :param material: material of the buckle.
    """

    thickness: float = 1.2
    width: float = 3.5
    place: float = -1.0
    start: float = 0.0
    length: float = 1.0
    material: Material = Material.SILICONE_RUBBER


@dataclass(frozen=True)
class EyeSurgery:
    """The surgery of an eye: what was removed from the orbit and what was left in it.

    :param removed: whether the eyeball was removed; the globe of the orbit's shape is then the implant in its place.
    :param implant: material of the ball in the muscles' cone; ``None`` for an empty socket.
    :param has_prosthesis: whether an acrylic prosthesis is worn in front.
    :param filling: material in the eye in place of the vitreous; ``None`` for the vitreous.
    :param buckle: scleral buckle; ``None`` for none.
    :param has_artificial_lens: whether an acrylic lens took the place of the lens, as after cataract surgery.
    """

    removed: bool = False
    implant: Material | None = None
    has_prosthesis: bool = False
    filling: Material | None = None
    buckle: Buckle | None = None
    has_artificial_lens: bool = False


def pseudophakic(shape: OrbitShape) -> OrbitShape:
    """Return the orbit after cataract surgery: an artificial lens in place of the lens; earlier surgery stays."""
    return _further(shape, has_artificial_lens=True)


def filled(shape: OrbitShape, material: Material = Material.SILICONE_OIL) -> OrbitShape:
    """Return the orbit with silicone oil or gas in place of the vitreous; earlier surgery stays."""
    return _further(shape, filling=material)


def buckled(shape: OrbitShape, buckle: Buckle | None = None) -> OrbitShape:
    """Return the orbit with a scleral buckle, by default an encircling band; earlier surgery stays."""
    return _further(shape, buckle=buckle or Buckle())


def _further(shape: OrbitShape, **change: Material | Buckle | bool) -> OrbitShape:
    """Return the orbit with one more surgery of an eye that is still there.

    :raises ValueError: for an eye that was removed.
    """
    before = shape.surgery or EyeSurgery()
    if before.removed:
        raise ValueError("This eye was removed. Operate on it before it is removed.")
    return replace(shape, surgery=replace(before, **change))


def enucleated(shape: OrbitShape, implant: Material | None = None, diameter: float = 19.0,
               has_prosthesis: bool = False) -> OrbitShape:
    """Return the orbit after removal of the eye, with thin muscles and a thin nerve that ends as a stump.

    :param shape: orbit before surgery.
    :param implant: material of the ball in the muscles' cone; ``None`` leaves the socket empty.
    :param diameter: diameter of the ball (mm).
    :param has_prosthesis: whether a prosthesis is worn in front.
    """
    radius = diameter / 2 if implant is not None else 0.5
    globe = replace(shape.globe, radius=radius, transverse_ratio=1.0, vertical_ratio=1.0, cornea_bulge=0.0,
                    nerve_head=(-0.3 * radius, -0.9 * radius, 0.1 * radius) if implant is not None else _STUMP)
    nerve = replace(shape.nerve, nerve_diameter=_KEPT_NERVE * shape.nerve.nerve_diameter,
                    fluid_thickness=0.5 * shape.nerve.fluid_thickness)
    share = radius / shape.globe.radius if implant is not None else None
    muscles = tuple(_unused(muscle, share) for muscle in shape.muscles)
    cavity = shape.cavity if has_prosthesis else replace(shape.cavity, septum_bow=-3.0)
    return replace(shape, globe=globe, nerve=nerve, muscles=muscles, cavity=cavity, gaze=(0.0, 0.0),
                   proptosis=-_SUNK if implant is not None else 0.0,
                   surgery=EyeSurgery(True, implant, has_prosthesis))


def _unused(muscle: MuscleShape, share: float | None) -> MuscleShape:
    """Return a muscle of a removed eye.

    :param muscle: muscle before surgery.
    :param share: radius of the implant relative to the eye's; ``None`` without an implant.
    """
    thin = replace(muscle, thickness=muscle.thickness * _KEPT_AREA**0.6, width=muscle.width * _KEPT_AREA**0.4)
    if muscle.tissue not in GLOBE_MUSCLES:
        return thin
    *way, end = muscle.path
    if share is not None:
        return replace(thin, path=(*way, tuple(share * value for value in end)))
    before = np.array(way[-1])
    back = np.array(end) - before
    length = max(float(np.linalg.norm(back)), 1e-6)
    end = before + back / length * max(length - _DRAWN_BACK, 1.0)
    return replace(thin, path=(*way, tuple(float(value) for value in end)), insertion_width=0.7 * muscle.width)


def front_of(shape: OrbitShape) -> tuple[np.ndarray, float]:
    """Return the centre (mm) and radius (mm) of the ball that the lids lie on, the eye or a prosthesis."""
    if shape.surgery is not None and shape.surgery.has_prosthesis:
        return np.zeros(3), _SHELL_RADIUS
    return np.array(shape.globe_center), shape.globe.radius


def paint_implants(shape: OrbitShape, points: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> None:
    """Paint the ball and the prosthesis of a removed eye, which are not structures of the label map.

    :param shape: orbit with its surgery.
    :param points: positions (P, 3) in the right-eye frame (mm).
    :param labels, parts: label values and tissues (P,), changed in place.
    """
    surgery = shape.surgery
    if surgery is None or not surgery.removed:
        return
    from_ball = np.linalg.norm(points - shape.globe_center, axis=1) - shape.globe.radius
    if surgery.has_prosthesis:
        front = (points[:, 1] > _SHELL_BEGINS) & (np.hypot(points[:, 0], points[:, 2]) < _SHELL_HALF_WIDTH)
        front &= np.linalg.norm(points, axis=1) < _SHELL_RADIUS
        covered = from_ball < _COVER if surgery.implant is not None else points[:, 1] < _SHELL_BEGINS + _COVER
        labels[front] = 0
        parts[front] = np.where(covered[front], Tissue.EYELID, Material.ACRYLIC)
    if surgery.implant is not None:
        labels[from_ball < 0], parts[from_ball < 0] = 0, surgery.implant


def with_artificial_lens(shape: OrbitShape, local: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Return the tissues of points (P, 3) in the eye's own frame, with the artificial lens, if it has one."""
    if shape.surgery is None or not shape.surgery.has_artificial_lens:
        return tissue
    front = shape.globe.radius + shape.globe.cornea_bulge
    depth = np.abs(front - OPTIC_DEPTH - local[:, 1])
    optic = (np.hypot(local[:, 0], local[:, 2]) < OPTIC_DIAMETER / 2) & (depth < OPTIC_THICKNESS / 2)
    without = np.where(tissue == Tissue.LENS, np.uint8(Tissue.VITREOUS), tissue)
    return np.where(optic, np.uint8(Material.ACRYLIC), without)


def filling_tissue(shape: OrbitShape, local: np.ndarray, tissue: np.ndarray) -> np.ndarray:
    """Return the tissues of points (P, 3) in the eye's own frame, with the filling in place of the vitreous."""
    surgery = shape.surgery
    if surgery is None or surgery.filling is None:
        return tissue
    risen = local[:, 1] > -_FLUID_BEHIND * shape.globe.radius
    return np.where((tissue == Tissue.VITREOUS) & risen, np.uint8(surgery.filling), tissue)


def paint_buckle(shape: OrbitShape, points: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> None:
    """Paint a buckle, which is not a structure of the label map; parameters as for :func:`paint_implants`."""
    buckle = shape.surgery.buckle if shape.surgery is not None else None
    if buckle is None:
        return
    local = (points - shape.globe_center) @ shape.gaze_rotation
    outside = (np.linalg.norm(local / globe_axes(shape), axis=1) - 1) * shape.globe.radius
    turns = np.arctan2(local[:, 2], local[:, 0]) / (2 * np.pi) - buckle.start
    hit = (outside >= 0) & (outside < buckle.thickness) & (np.abs(local[:, 1] - buckle.place) < buckle.width / 2)
    hit &= turns % 1.0 <= buckle.length
    labels[hit], parts[hit] = 0, buckle.material
