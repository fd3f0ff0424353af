"""The solid of a muscle from its parameters: path around the globe, area profile, swelling that spares the tendon."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.orbit.cavity import keep_between_walls
from NeuroOrbitLib.phantom.orbit.shape import MuscleShape, OrbitShape
from NeuroOrbitLib.phantom.orbit.tube import Tube, path_length, resample, smooth, smooth_path
from NeuroOrbitLib.phantom.tissue import Tissue

#: Share of the path that follows the globe when it turns or comes forward, per kind of path.
GLOBE_MUSCLES = (Tissue.SUPERIOR_RECTUS, Tissue.INFERIOR_RECTUS, Tissue.MEDIAL_RECTUS, Tissue.LATERAL_RECTUS,
                 Tissue.INFERIOR_OBLIQUE)
WALL_GAP = 0.5
GLOBE_GAP = 0.1


def area_profile(u: np.ndarray, peak: float, sharpness: float) -> np.ndarray:
    """Return the relative area along a belly, 0 at both ends and 1 at ``peak``; mean 0.566 for 1.5 and 0.45.

    :param u: places along the path, from 0 (origin) to 1 (insertion).
    :param peak: place of the largest area.
    :param sharpness: exponent of the profile.
    """
    fall = sharpness * (1 - peak) / peak
    return (u / peak) ** sharpness * ((1 - u) / (1 - peak)) ** fall


def swelling_weight(u: np.ndarray) -> np.ndarray:
    """Return the share of the swelling at each place ``u`` of the path: 1 in the belly, 0 in the tendon (u = 1)."""
    front = 0.5 + 0.5 * np.cos(np.pi * np.clip((u - 0.72) / 0.23, 0, 1))
    return front * np.clip(0.6 + 2.0 * u, 0, 1)


def section_sizes(muscle: MuscleShape, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return thickness and width (mm) of the muscle at ``u`` (0 origin, 1 insertion), each shaped as u."""
    area = area_profile(np.clip(u, 0, 1), muscle.peak, muscle.sharpness)
    front = np.clip((u - muscle.peak) / (1 - muscle.peak), 0, 1)
    width = np.where(front > 0, muscle.width + (muscle.insertion_width - muscle.width) * front,
                     np.maximum(muscle.width * np.sqrt(area), min(3.0, muscle.width)))
    thickness = muscle.thickness * muscle.width * area / width
    floor = np.where(front > 0, muscle.tendon_thickness, 1.4)
    thickness = np.maximum(thickness, np.minimum(floor, muscle.thickness))
    weight = swelling_weight(u)
    # An enlarged belly grows more in thickness than in width; together they multiply the area by the swelling factor.
    thickness = thickness * (1 + (muscle.swelling**0.6 - 1) * weight)
    return thickness, width * (1 + (muscle.swelling**0.4 - 1) * weight)


def moved_path(muscle: MuscleShape, shape: OrbitShape) -> np.ndarray:
    """Return the muscle's way points (M, 3) after gaze and proptosis moved its insertion and, in part, its pulley."""
    path = np.array(muscle.path, dtype=float)
    if muscle.tissue not in GLOBE_MUSCLES:
        return path
    path[-1] = shape.gaze_rotation @ path[-1] + shape.globe_center
    path[-2] = path[-2] + 0.5 * np.array(shape.globe_center)
    return path


def outside_globe(samples: np.ndarray, clearance: np.ndarray, shape: OrbitShape) -> np.ndarray:
    """Return samples (N, 3) moved outwards until they lie ``clearance`` (N,) mm off the surface of the globe."""
    axes = globe_axes(shape) + GLOBE_GAP
    local = (samples - shape.globe_center) @ shape.gaze_rotation
    level = np.linalg.norm(local / (axes + clearance[:, None]), axis=1, keepdims=True)
    return samples + (local * (np.maximum(1 / np.maximum(level, 1e-6), 1.0) - 1)) @ shape.gaze_rotation.T


def globe_axes(shape: OrbitShape) -> np.ndarray:
    """Return the half axes of the globe (transverse, axial, vertical) in mm."""
    globe = shape.globe
    return globe.radius * np.array([globe.transverse_ratio, 1.0, globe.vertical_ratio])


def muscle_tube(muscle: MuscleShape, shape: OrbitShape) -> Tube:
    """Return the solid of a muscle of an orbit."""
    samples = smooth_path(moved_path(muscle, shape))
    for smoothing in (1.2, 0.6):
        thickness, _ = section_sizes(muscle, np.linspace(0, 1, len(samples)))
        samples = keep_between_walls(shape.cavity, samples, thickness / 2 + WALL_GAP)
        samples = outside_globe(samples, thickness / 2, shape)
        samples = resample(smooth(samples, smoothing))
    thickness, width = section_sizes(muscle, np.linspace(0, 1, len(samples)))
    outward, bend = _orientation(samples, shape)
    return Tube(samples, thickness / 2, width / 2, outward, bend)


def _orientation(samples: np.ndarray, shape: OrbitShape) -> tuple[np.ndarray, np.ndarray]:
    """Return the outward direction from the axis apex-globe, and the bend of the section around the globe (1/mm)."""
    center, apex = np.array(shape.globe_center), np.array(shape.apex)
    axis = apex - center
    along = np.clip((samples - center) @ axis / (axis @ axis), 0, 1)
    outward = samples - (center + along[:, None] * axis)
    distance = np.linalg.norm(samples - center, axis=1)
    closeness = np.clip((20.0 - distance) / 7.0, 0, 1)
    return outward, closeness / np.maximum(distance, 1.0)


def is_tendon(muscle: MuscleShape, samples: np.ndarray) -> np.ndarray:
    """Return which samples of the centre line belong to the tendon, bool (N,)."""
    count = len(samples)
    return np.linspace(0, 1, count) > 1 - muscle.tendon_length / path_length(samples)
