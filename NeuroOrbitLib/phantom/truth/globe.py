"""True sizes of a phantom's globe, lens, optic nerve and lacrimal gland, from their solids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side, label_value
from NeuroOrbitLib.measurements.calliper import largest_width, smallest_width
from NeuroOrbitLib.measurements.curve import Curve, evenly_spaced
from NeuroOrbitLib.measurements.definitions import APEX, CROWDED_MM, SHEATH_PLACES_MM, TENT_CHORD_MM
from NeuroOrbitLib.phantom.orbit.muscle import globe_axes
from NeuroOrbitLib.phantom.orbit.raster import (
    LACRIMAL_GLAND,
    gland_plate_level,
    nerve_path,
    nerve_tubes,
    rasterise_orbit,
)
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.surgery import OPTIC_DEPTH, OPTIC_THICKNESS
from NeuroOrbitLib.phantom.orbit.tube import Tube

_MUSCLES = tuple(label_value(key, Side.RIGHT) for key in EXTRAOCULAR_MUSCLES)
_STEP_MM = 0.25
#: Distance (mm) of points along the nerve, and largest gap between the globe and the beginning of its path.
_ALONG_NERVE_MM, _GAP_MM = 0.05, 3.0


def globe_surface(shape: OrbitShape) -> np.ndarray:
    """Return points (N, 3) on the whole outer surface of the globe, including the cornea (right-eye frame, mm)."""
    globe = shape.globe
    polar, around = np.meshgrid(np.linspace(0, np.pi, 361), np.linspace(0, 2 * np.pi, 361), indexing="ij")
    unit = np.stack([np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)], axis=-1)
    unit = unit.reshape(-1, 3)
    apex = globe.radius + globe.cornea_bulge
    cornea = unit * globe.cornea_radius + [0, apex - globe.cornea_radius, 0]
    iris = apex - globe.cornea_thickness - globe.chamber_depth
    local = np.concatenate([unit * globe_axes(shape), cornea[cornea[:, 1] > iris]])
    return local @ shape.gaze_rotation.T + shape.globe_center


def globe_truth(shape: OrbitShape) -> dict[str, float]:
    """Return the globe's outer length along its axis and its diameters across it (mm)."""
    globe = shape.globe
    return {"axial_length": 2 * globe.radius + globe.cornea_bulge,
            "transverse_diameter": 2 * globe.radius * globe.transverse_ratio,
            "vertical_diameter": 2 * globe.radius * globe.vertical_ratio}


def lens_depths(shape: OrbitShape) -> tuple[float, float]:
    """Return where the middle of the lens, or of an artificial one, lies on the eye's axis, and its thickness (mm).

    The place is that in the eye's own frame, in front of its centre.
    """
    globe = shape.globe
    apex = globe.radius + globe.cornea_bulge
    if shape.surgery is not None and shape.surgery.has_artificial_lens:
        return apex - OPTIC_DEPTH, OPTIC_THICKNESS
    iris = apex - globe.cornea_thickness - globe.chamber_depth
    return iris + 0.2 - globe.lens_thickness / 2, globe.lens_thickness


def lens_center(shape: OrbitShape) -> np.ndarray:
    """Return the centre (3,) of the lens in the right-eye frame (mm)."""
    return shape.gaze_rotation @ np.array([0, lens_depths(shape)[0], 0]) + shape.globe_center


def nerve_in_orbit(shape: OrbitShape) -> Curve:
    """Return the nerve's line from the globe's surface to the mouth of the optic canal (right-eye frame)."""
    line = evenly_spaced(nerve_path(shape), _ALONG_NERVE_MM)
    # Behind a small globe the nerve's path begins in the fat.
    ahead = line.points[0] - np.arange(_GAP_MM, 0.0, -_ALONG_NERVE_MM)[:, None] * line.tangents[0]
    points = np.concatenate([ahead, line.points])
    local = (points - shape.globe_center) @ shape.gaze_rotation
    outside = np.linalg.norm(local / globe_axes(shape), axis=1) > 1
    in_orbit = points[:, 1] > shape.nerve.canal_entrance[1]
    return Curve(points[outside & in_orbit])


def nerve_truth(shape: OrbitShape) -> dict[str, float]:
    """Return diameters with and without the sheath, length, straightness and crowding of the nerve."""
    line = nerve_in_orbit(shape)
    dura, _, core = nerve_tubes(shape)
    truth = {}
    for behind in SHEATH_PLACES_MM:
        point = line.at(behind)
        truth[f"sheath_diameter_{behind:.0f}mm"] = _diameter(dura, point)
        truth[f"nerve_diameter_{behind:.0f}mm"] = _diameter(core, point)
    chord = np.linalg.norm(line.points[-1] - line.points[0])
    return truth | {"length": line.length, "tortuosity": float(line.length / chord),
                    "apical_crowding": _crowding(shape, line, dura)}


def tent_angle(shape: OrbitShape, forward: np.ndarray, up: np.ndarray) -> float:
    """Return the angle (degrees) at the nerve between the globe's back on both sides, in the head's plane."""
    junction = nerve_in_orbit(shape).points[0]
    right = np.cross(forward, up)
    arms = []
    for sideways in (right, -right):
        turn = np.linspace(-np.pi / 3, np.pi / 2, 3001)[:, None]
        arc = junction + TENT_CHORD_MM * (np.cos(turn) * sideways + np.sin(turn) * forward)
        local = (arc - shape.globe_center) @ shape.gaze_rotation
        level = np.linalg.norm(local / globe_axes(shape), axis=1)
        arms.append(arc[np.abs(level - 1).argmin()] - junction)
    return float(np.degrees(np.arccos(arms[0] @ arms[1] / TENT_CHORD_MM**2)))


def gland_truth(shape: OrbitShape, axes: np.ndarray, is_shown: Callable[[np.ndarray], np.ndarray]) -> dict[str, float]:
    """Return length and width (mm) of the lacrimal gland in its largest sections along and across the head.

    :param shape: the orbit.
    :param axes: directions (3, 3) to the right, forward and up of the head, in the right-eye frame.
    :param is_shown: function that returns which points (P, 3) of the right-eye frame its head has room for.
    """
    steps = np.arange(-14.0, 14.0, _STEP_MM)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    points = shape.gland.center + grid @ axes
    inside = np.zeros(points.shape[:-1], dtype=bool)
    near = gland_plate_level(shape, points) < 1
    inside[near] = (rasterise_orbit(shape, points[near]) == LACRIMAL_GLAND) & is_shown(points[near])
    truth = {}
    for name, axis in (("axial", 2), ("coronal", 1)):
        plane = np.moveaxis(inside, axis, 0)
        largest = plane.sum(axis=(1, 2)).argmax()
        flat = np.argwhere(plane[largest]) * _STEP_MM
        truth[f"{name}_length_of_gland"] = largest_width(flat).value + _STEP_MM
        truth[f"{name}_width_of_gland"] = smallest_width(flat).value + _STEP_MM
    return truth


def _diameter(tube: Tube, point: np.ndarray) -> float:
    distance = np.linalg.norm(tube.samples - point, axis=1)
    near = np.argsort(distance)[:2]
    return float(2 * np.average(tube.half_width[near], weights=1 / np.maximum(distance[near], 1e-6)))


def _crowding(shape: OrbitShape, line: Curve, dura: Tube) -> float:
    """Return the share (percent) of the sheath's outline that muscles touch near the apex."""
    touched = []
    for place in np.linspace(*APEX, 12) * line.length:
        point, tangent = line.at(place), line.tangent_at(place)
        first = np.cross(tangent, [0.0, 0.0, 1.0])
        first /= np.linalg.norm(first)
        angle = np.linspace(0, 2 * np.pi, 73)[:-1, None]
        ring = _diameter(dura, point) / 2 + CROWDED_MM
        around = point + ring * (np.cos(angle) * first + np.sin(angle) * np.cross(tangent, first))
        touched.append(np.isin(rasterise_orbit(shape, around), _MUSCLES).mean())
    return float(100 * np.mean(touched))
