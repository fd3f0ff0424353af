"""The structure and the tissue at given points of an orbit (right-eye frame, mm)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.phantom.materials import Material
from NeuroOrbitLib.phantom.orbit.cavity import cavity_level, septum_depth
from NeuroOrbitLib.phantom.orbit.muscle import globe_axes, is_tendon, muscle_tube
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.surgery import (
    filling_tissue,
    front_of,
    paint_buckle,
    paint_implants,
    with_artificial_lens,
)
from NeuroOrbitLib.phantom.orbit.tube import Tube, indices_in_box, path_length, round_tube, smooth_path
from NeuroOrbitLib.phantom.orbit.vessels import vessel_tubes
from NeuroOrbitLib.phantom.tissue import Tissue

EYEBALL, OPTIC_NERVE, LACRIMAL_GLAND, SUPERIOR_OBLIQUE, LENS, FAT = (
    label_value(key, "right") for key in ("eyeball", "optic_nerve", "lacrimal_gland", "superior_oblique", "lens",
                                          "orbital_fat"))
#: Label value of vessels, the other contents of the cavity. Label maps of whole heads leave them out, as readers do.
CAVITY = label_value("bony_orbit", "right")
#: Tissues of the optic nerve with its sheath, in the orbit and in the optic canal.
NERVE_TISSUES = (Tissue.DURA, Tissue.SHEATH_FLUID, Tissue.OPTIC_NERVE)
#: Distance (mm) from the annulus of Zinn within which swollen muscles press on the nerve.
_CROWDED_MM = 8.0


def rasterise_orbit(shape: OrbitShape, points: np.ndarray) -> np.ndarray:
    """Return the right-eye label value at each point.

    :param shape: the orbit.
    :param points: positions (..., 3) in the right-eye frame (mm), on any grid.
    :return: label values of the right orbit (left = value + 1), uint8 of shape ``points.shape[:-1]``; the cavity's
        value marks vessels.
    """
    return _rasterise(shape, points)[0]


def rasterise_orbit_parts(shape: OrbitShape, points: np.ndarray) -> np.ndarray:
    """Return the tissue class (:class:`Tissue`) at each point; parameters as for :func:`rasterise_orbit`.

    Points outside the orbit are ``Tissue.AIR``.
    """
    return _rasterise(shape, points)[1]


def rasterise_orbit_with_parts(shape: OrbitShape, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and tissue classes at each point; parameters as for :func:`rasterise_orbit`."""
    return _rasterise(shape, points)


def _rasterise(shape: OrbitShape, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    flat = np.asarray(points, dtype=np.float32).reshape(-1, 3)
    labels = np.zeros(len(flat), dtype=np.uint8)
    parts = np.zeros(len(flat), dtype=np.uint8)
    low, high = orbit_bounds(shape)
    near = indices_in_box(flat, low, high)
    if len(near):
        labels[near], parts[near] = _paint(shape, flat[near].astype(np.float64))
    return labels.reshape(points.shape[:-1]), parts.reshape(points.shape[:-1])


def orbit_bounds(shape: OrbitShape) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and upper corner (mm) of the box that contains the whole orbit."""
    middle, radius = front_of(shape)
    front = max(float(middle[1]) + radius + 3.0, shape.cavity.medial_rim[1] + 8.0)
    half_height = 22.0 * shape.cavity.scale
    low = np.array([min(shape.nerve.canal_exit[0], -22.0 * shape.cavity.scale) - 4.0,
                    shape.nerve.canal_exit[1] - 4.0, -half_height])
    return low, np.array([22.0 * shape.cavity.scale + 2.0, front, half_height])


def _paint(shape: OrbitShape, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return labels and tissues of points (P, 3), painted from the background to the structures on top."""
    labels = np.zeros(len(points), dtype=np.uint8)
    parts = np.zeros(len(points), dtype=np.uint8)
    behind_septum = _paint_fat(shape, points, labels, parts)
    _paint_gland(shape, points, behind_septum, labels, parts)
    _paint_vessels(shape, points, labels, parts)
    _paint_bands(shape, points, labels, parts)
    if not shape.lacks_eye:
        _paint_globe(shape, points, labels, parts)
    paint_implants(shape, points, labels, parts)
    paint_buckle(shape, points, labels, parts)
    return labels, parts


def _paint_fat(shape: OrbitShape, points: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    inside = (points[:, 1] > shape.cavity.apex_y) & (cavity_level(shape.cavity, points) < 1)
    inside &= septum_depth(shape.cavity, points, fat_bow(shape)) > 0
    labels[inside], parts[inside] = FAT, Tissue.ORBITAL_FAT
    return inside


def fat_bow(shape: OrbitShape) -> float:
    """Return the distance (mm) by which the septum bows forward in the middle, pushed by the fat and the globe."""
    return shape.cavity.septum_bow + 6.0 * (shape.fat_factor - 1.0) + 0.4 * shape.proptosis


def _paint_gland(shape: OrbitShape, points: np.ndarray, inside: np.ndarray, labels: np.ndarray,
                 parts: np.ndarray) -> None:
    center = np.array(shape.gland.center)
    candidates = indices_in_box(points, center - 12.0, center + 12.0)
    offset = points[candidates]
    depth = (np.linalg.norm(offset, axis=1) - np.linalg.norm(center)) / (shape.gland.thickness / 2)
    level = depth**2 + gland_plate_level(shape, offset)
    hit = candidates[(level < 1) & (cavity_level(shape.cavity, offset) < 0.98)]
    labels[hit], parts[hit] = LACRIMAL_GLAND, Tissue.LACRIMAL_GLAND


def gland_plate_level(shape: OrbitShape, points: np.ndarray) -> np.ndarray:
    """Return the level of points (..., 3) in the plate of the lacrimal gland, at any depth: below 1 within its edge.

    The plate is curved around the origin (the globe at rest); the level is the square of the relative distance from
    its middle.
    """
    gland = shape.gland
    center = np.array(gland.center)
    radius = np.linalg.norm(center)
    distance = np.linalg.norm(points, axis=-1, keepdims=True)
    on_shell = points / np.maximum(distance, 1e-6) * radius - center
    # Two directions on the shell: forward along the wall, and around the globe.
    forward = np.array([0.0, 1.0, 0.0]) - center[1] / radius**2 * center
    forward /= np.linalg.norm(forward)
    around = np.cross(center / radius, forward)
    return (on_shell @ forward / (gland.height / 2)) ** 2 + (on_shell @ around / (gland.length / 2)) ** 2


@lru_cache(maxsize=8)
def _muscle_tubes(shape: OrbitShape) -> dict[str, Tube]:
    """Return the muscles' solids, cached because scans need the same orbit slice by slice."""
    return {muscle.name: muscle_tube(muscle, shape) for muscle in shape.muscles}


def _paint_vessels(shape: OrbitShape, points: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> None:
    for tube, tissue in vessel_tubes(shape):
        near, level, _ = tube.level(points)
        hit = near[level < 1]
        labels[hit], parts[hit] = CAVITY, tissue


def nerve_path(shape: OrbitShape) -> np.ndarray:
    """Return the centre line (N, 3) of the optic nerve from its head through the optic canal."""
    nerve = shape.nerve
    head = shape.gaze_rotation @ np.array(shape.globe.nerve_head) + shape.globe_center
    annulus = np.array(nerve.annulus)
    # Slack is used up as the globe comes forward.
    slack = np.clip(1 - shape.proptosis / 6.0, 0.0, 1.0)
    away = head + 3.0 * (head - shape.globe_center) / np.linalg.norm(head - shape.globe_center)
    third, two_thirds = (2 * away + annulus) / 3, (away + 2 * annulus) / 3
    third = third + slack * np.array([nerve.lateral_bow, 0, nerve.sag]) + nerve.third_shift
    two_thirds = two_thirds + slack * np.array([-0.4 * nerve.lateral_bow, 0, 0.6 * nerve.sag]) + nerve.two_thirds_shift
    return smooth_path(np.array([head, away, third, two_thirds, annulus, nerve.canal_entrance, nerve.canal_exit]), 3.0)


@lru_cache(maxsize=8)
def nerve_tubes(shape: OrbitShape) -> tuple[Tube, Tube, Tube]:
    """Return the nerve as three nested solids: outside of the dura, outside of the fluid, the nerve itself."""
    nerve = shape.nerve
    samples = nerve_path(shape)
    from_globe = np.linspace(0, path_length(samples), len(samples))
    bulb = nerve.bulb * np.exp(-((from_globe - 2.0) / 2.0) ** 2)
    orbital = np.clip((samples[:, 1] - shape.nerve.canal_entrance[1]) / 6.0, 0, 1)
    pressed = nerve.crowding * np.exp(-(((samples[:, 1] - nerve.annulus[1]) / _CROWDED_MM) ** 2))
    core = nerve.nerve_diameter * np.clip(0.55 + from_globe / 2.5, 0, 1) * (1 - 0.3 * pressed)
    fluid = core + 2 * nerve.fluid_thickness * (0.3 + 0.7 * orbital) * (1 - 0.9 * pressed) + bulb
    return (round_tube(samples, fluid + 2 * nerve.dura_thickness), round_tube(samples, fluid),
            round_tube(samples, core))


def _paint_bands(shape: OrbitShape, points: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> None:
    """Paint muscles and nerve; where two touch, a point belongs to the one whose centre line is nearer.

    The nerve's label ends at the mouth of the optic canal, where readers of orbits stop; its tissue continues.
    """
    best = np.ones(len(points))
    for muscle in shape.muscles:
        tube = _muscle_tubes(shape)[muscle.name]
        near, level, sample = tube.level(points)
        won = level < best[near]
        hit = near[won]
        best[hit], labels[hit] = level[won], muscle.label
        parts[hit] = np.where(is_tendon(muscle, tube.samples)[sample[won]], Tissue.TENDON, muscle.tissue)
    _paint_oblique_tendon(shape, points, best, labels, parts)
    nerve = np.zeros(len(points), dtype=bool)
    for tube, tissue in zip(nerve_tubes(shape), NERVE_TISSUES, strict=True):
        near, level, sample = tube.level(points)
        won = (level < 1) & ((level < best[near]) | nerve[near])
        hit = near[won]
        in_orbit = tube.samples[sample[won], 1] > shape.nerve.canal_entrance[1]
        nerve[hit], labels[hit], parts[hit] = True, np.where(in_orbit, OPTIC_NERVE, 0), tissue


@lru_cache(maxsize=8)
def oblique_tendon_tube(shape: OrbitShape) -> Tube:
    """Return the superior oblique's tendon from the trochlea back to the globe, under the superior rectus."""
    trochlea = np.array(shape.muscle("superior oblique").path[-1])
    insertion = shape.gaze_rotation @ np.array([2.5, -4.0, 11.0]) + shape.globe_center
    middle = (trochlea + insertion) / 2 + np.array([0.0, 0.5, 1.0])
    local = smooth_path(np.array([trochlea, middle, insertion])) - shape.globe_center
    distance = np.linalg.norm(local, axis=1, keepdims=True)
    samples = local * np.maximum(1, (globe_axes(shape).max() + 0.7) / distance) + shape.globe_center
    return Tube(samples, np.full(len(samples), 0.6), np.linspace(1.0, 3.5, len(samples)), local,
                np.zeros(len(samples)))


def _paint_oblique_tendon(shape: OrbitShape, points: np.ndarray, best: np.ndarray, labels: np.ndarray,
                          parts: np.ndarray) -> None:
    near, level, _ = oblique_tendon_tube(shape).level(points)
    won = level < best[near]
    hit = near[won]
    best[hit], labels[hit], parts[hit] = level[won], SUPERIOR_OBLIQUE, Tissue.TENDON


def _paint_globe(shape: OrbitShape, points: np.ndarray, labels: np.ndarray, parts: np.ndarray) -> None:
    globe = shape.globe
    reach = globe.radius + globe.cornea_bulge + 0.5
    center = np.array(shape.globe_center)
    near = indices_in_box(points, center - reach, center + reach)
    local = (points[near] - center) @ shape.gaze_rotation
    tissue = filling_tissue(shape, local, with_artificial_lens(shape, local, globe_tissue(shape, local)))
    inside = tissue > 0
    hit = near[inside]
    parts[hit] = tissue[inside]
    labels[hit] = np.where(np.isin(tissue[inside], (Tissue.LENS, Material.ACRYLIC)), LENS, EYEBALL)


def globe_tissue(shape: OrbitShape, local: np.ndarray) -> np.ndarray:
    """Return the tissue (P,) of points (P, 3) in the globe's own frame; 0 outside the globe."""
    globe = shape.globe
    axes = globe_axes(shape)
    level = np.linalg.norm(local / axes, axis=1)
    depth = (1 - level) * globe.radius
    forward = local[:, 1] / globe.radius
    coat = np.where(forward < 0, globe.coat_equator + (globe.coat_posterior - globe.coat_equator) * forward**2,
                    globe.coat_equator + (globe.coat_limbus - globe.coat_equator) * forward**2)
    apex_y = globe.radius + globe.cornea_bulge
    from_cornea = globe.cornea_radius - np.linalg.norm(local - [0, apex_y - globe.cornea_radius, 0], axis=1)
    iris_y = apex_y - globe.cornea_thickness - globe.chamber_depth
    in_chamber = (local[:, 1] > iris_y) & (from_cornea > 0)
    tissue = np.zeros(len(local), dtype=np.uint8)
    tissue[depth > 0] = Tissue.SCLERA
    tissue[depth > coat] = Tissue.VITREOUS
    ring = np.hypot(local[:, 0], local[:, 2])
    tissue[(depth > coat) & (local[:, 1] > iris_y - 2.5) & (ring > 0.42 * globe.radius)] = Tissue.CILIARY_BODY
    tissue[in_chamber] = np.where(from_cornea > globe.cornea_thickness, Tissue.AQUEOUS, Tissue.CORNEA)[in_chamber]
    lens_y = iris_y + 0.2 - globe.lens_thickness / 2
    in_lens = (2 * ring / globe.lens_diameter) ** 2 + (2 * (local[:, 1] - lens_y) / globe.lens_thickness) ** 2 < 1
    tissue[in_lens & (depth > coat)] = Tissue.LENS
    return tissue
