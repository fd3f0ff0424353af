"""The known facts about a phantom: volumes, proptosis, activity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from NeuroOrbitLib.anatomy import structures as anatomy
from NeuroOrbitLib.phantom.head.raster import is_in_head
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.activity import MuscleTissue
from NeuroOrbitLib.phantom.orbit.raster import orbit_bounds, rasterise_orbit
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape

#: Keys of the structures whose volumes are given, by their right-eye label values.
STRUCTURES = {structure.right: structure.key for structure in anatomy.STRUCTURES
              if structure.left is not None and structure.key != "bony_orbit"}
VOLUME_STEP = 0.5


def head_truth(head: HeadShape, muscles: MuscleTissue) -> dict:
    """Return plain numbers about a head, per side: volumes (ml), proptosis (mm), growth of each muscle.

    They are those of the head in its own size. An eye that was removed has no proptosis (``None``).
    """
    return {
        "muscle_tissue": {name: np.round(value, 4).tolist() for name, value in asdict(muscles).items()},
        "interpupillary_distance_mm": head.interpupillary_distance,
        "sides": {name: _side_truth(head, side) for side, name in (("R", "right"), ("L", "left"))},
    }


def _side_truth(head: HeadShape, side: str) -> dict:
    orbit = head.orbit(side)

    def is_shown(points: np.ndarray) -> np.ndarray:
        return is_in_head(head, head.from_orbit(points, side))

    return {
        "volumes_ml": orbit_volumes(orbit, is_shown),
        "proptosis_mm": None if orbit.lacks_eye else round(corneal_protrusion(head, side), 2),
        "globe_displacement_mm": None if orbit.lacks_eye else round(orbit.proptosis, 2),
        "fat_factor": round(orbit.fat_factor, 3),
        "muscle_growth": {muscle.name: round(muscle.swelling, 3) for muscle in orbit.muscles},
    }


def orbit_volumes(orbit: OrbitShape, is_shown: Callable[[np.ndarray], np.ndarray] | None = None) -> dict[str, float]:
    """Return the volume (ml) of each structure of an orbit, counted on a fine grid; the eyeball includes its lens.

    :param orbit: the orbit.
    :param is_shown: function that returns which points (P, 3) of the right-eye frame its head has room for; by default
        all.
    """
    step = VOLUME_STEP
    low, high = orbit_bounds(orbit)
    axes = [np.arange(start, stop, step, dtype=np.float32) for start, stop in zip(low, high, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    labels = rasterise_orbit(orbit, points)
    if is_shown is not None:
        painted = labels > 0
        labels[painted] *= is_shown(points[painted])
    counts = np.bincount(labels.ravel(), minlength=25) * step**3 / 1000.0
    counts[1] += counts[19]
    return {name: round(float(counts[value]), 4) for value, name in STRUCTURES.items()}


def corneal_protrusion(head: HeadShape, side: str) -> float:
    """Return the distance (mm) of the corneal apex in front of the line between the lateral rims, in axial planes."""
    rims = {name: head.from_orbit(np.array(head.orbit(name).cavity.lateral_rim), name) for name in "RL"}
    orbit = head.orbit(side)
    globe = orbit.globe
    apex = orbit.gaze_rotation @ np.array([0, globe.radius + globe.cornea_bulge, 0]) + orbit.globe_center
    apex = head.from_orbit(apex, side)
    share = (apex[0] - rims["L"][0]) / (rims["R"][0] - rims["L"][0])
    line = rims["L"] + share * (rims["R"] - rims["L"])
    slope = (rims["R"][1] - rims["L"][1]) / (rims["R"][0] - rims["L"][0])
    return float((apex[1] - line[1]) / np.hypot(1.0, slope))
