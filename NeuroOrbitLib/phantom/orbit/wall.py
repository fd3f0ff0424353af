"""The bone around an orbit: paper-thin medially, thick laterally and at the rim."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.cavity import cavity_level, septum_depth, wall_sections
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape

RIM_LENGTH = 7.0


def wall_bone(shape: HeadShape, orbit: OrbitShape, local: np.ndarray) -> np.ndarray:
    """Return whether points (P, 3) of the right-eye frame lie in the orbit's bony wall; bool (P,)."""
    depth = septum_depth(orbit.cavity, local, 0.0)
    distance, right, up = _distance_to_wall(orbit, local)
    thickness = _wall_thickness(shape, right, up)
    # The strong rim: thicker towards the front, except at the nose.
    rim = np.clip(1 - depth / RIM_LENGTH, 0, 1) * np.clip(1.6 + right, 0.4, 1.0) * 4.0
    behind_rim = (depth > -1.0) & (local[:, 1] > orbit.cavity.apex_y - 3.0)
    return (behind_rim & (distance < thickness + rim)) & ~_in_openings(local, distance)


def in_or_near_cavity(orbit: OrbitShape, local: np.ndarray) -> np.ndarray:
    """Return whether points (P, 3) lie between the walls of the orbit, extended forward, or close to these."""
    return cavity_level(orbit.cavity, local) < 1.05


def _distance_to_wall(orbit: OrbitShape, local: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distance from the cavity (mm, negative inside) and the direction (lateral, up) from its middle."""
    center_x, center_z, _, _ = wall_sections(orbit.cavity, local[:, 1])
    offset_x, offset_z = local[:, 0] - center_x, local[:, 2] - center_z
    radius = np.maximum(np.hypot(offset_x, offset_z), 1e-3)
    level = np.maximum(cavity_level(orbit.cavity, local), 1e-3)
    return radius * (1 - 1 / level), offset_x / radius, offset_z / radius


def _wall_thickness(shape: HeadShape, right: np.ndarray, up: np.ndarray) -> np.ndarray:
    lateral, medial = np.clip(right, 0, 1) ** 2, np.clip(-right, 0, 1) ** 2
    roof, floor = np.clip(up, 0, 1) ** 2, np.clip(-up, 0, 1) ** 2
    # Sections are coronal; the lateral wall runs at 45 degrees to them.
    return (1.4 * shape.lateral_wall * lateral + shape.medial_wall * medial + shape.roof_wall * roof
            + shape.floor_wall * floor)


def _in_openings(local: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Return whether points lie in the cavity itself, the superior orbital fissure or the mouth of the optic canal."""
    fissure = (local[:, 1] < -28.0) & (local[:, 2] > -3.0) & (local[:, 2] < 8.0) & (local[:, 0] > -14.0)
    fissure &= distance < 2.5
    return (distance < 0) | fissure
