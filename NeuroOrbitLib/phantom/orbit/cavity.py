"""The limits of the bony orbit: the level of a point between the four walls, and the septum that closes it."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.phantom.orbit.shape import CavityShape


def wall_sections(cavity: CavityShape, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the cavity's section at depth ``y`` (mm): centre x, centre z, half width, half height, shaped as y."""
    y = np.asarray(y)
    depth = np.clip((y - cavity.apex_y) / cavity.depth, 0.0, 1.0)
    medial = cavity.medial_rim[0] + cavity.medial_apex_shift * (1 - depth) ** 2
    lateral = np.minimum(cavity.lateral_apex_x + cavity.lateral_slope * (y - cavity.apex_y), cavity.lateral_rim[0])
    # The rims lie a little lower than the roof and higher than the floor behind them.
    height = np.minimum(depth, cavity.highest)
    roof = cavity.roof_apex + cavity.roof_rise * height**0.65
    floor = cavity.floor_apex - cavity.floor_drop * height**1.15
    half_width = np.maximum((lateral - medial) / 2, 0.1) * cavity.scale
    return (lateral + medial) / 2, (roof + floor) / 2, half_width, (roof - floor) / 2 * cavity.scale


def cavity_level(cavity: CavityShape, points: np.ndarray) -> np.ndarray:
    """Return the superellipse level of ``points`` (..., 3) in coronal sections: < 1 between the walls, 1 on them."""
    x, y, z = np.moveaxis(points, -1, 0)
    center_x, center_z, half_width, half_height = wall_sections(cavity, y)
    across = np.abs((x - center_x) / half_width) ** cavity.exponent
    up = np.abs((z - center_z) / half_height) ** cavity.exponent
    return (across + up) ** (1 / cavity.exponent)


def septum_depth(cavity: CavityShape, points: np.ndarray, bow: float | None = None) -> np.ndarray:
    """Return the distance (mm) of points (..., 3) behind the orbital septum; negative in front of it.

    :param cavity: shape of the bony orbit.
    :param points: points (..., 3) in the right-eye frame (mm).
    :param bow: distance (mm) by which the septum bows forward in the middle; the cavity's own by default.
    """
    x, y, z = np.moveaxis(points, -1, 0)
    (x0, y0, _), (x1, y1, _) = cavity.medial_rim, cavity.lateral_rim
    across = (x - x0) / (x1 - x0)
    radius_squared = (2 * across - 1) ** 2 + (z / 18.0) ** 2
    bulge = (cavity.septum_bow if bow is None else bow) * np.clip(1 - radius_squared, 0, 1)
    return y0 + (y1 - y0) * np.clip(across, 0, 1) + cavity.rim_tilt * np.maximum(z, 0) + bulge - y


def keep_between_walls(cavity: CavityShape, points: np.ndarray, clearance: np.ndarray) -> np.ndarray:
    """Return a centre line (N, 3) moved towards the middle until ``clearance`` (N,) mm fit between it and the wall."""
    center_x, center_z, _, _ = wall_sections(cavity, points[:, 1])
    level = cavity_level(cavity, points)
    offset = np.stack([points[:, 0] - center_x, points[:, 2] - center_z], axis=1)
    distance = np.linalg.norm(offset, axis=1)
    to_wall = distance / np.maximum(level, 1e-3)
    # Close to the apex the cavity is narrower than the ring of muscles: points are moved half-way at most.
    allowed = np.maximum(to_wall - clearance, 0.5 * to_wall)
    factor = np.minimum(1.0, allowed / np.maximum(distance, 1e-6))
    inside = points.copy()
    inside[:, 0] = center_x + offset[:, 0] * factor
    inside[:, 2] = center_z + offset[:, 1] * factor
    return inside
