"""Where a radiologist would cut: planes through the orbits from the places of their structures. Pure geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

#: Structures of the orbit's cone, on which the views are centred.
CONE = ("eyeball", "optic_nerve", "superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus")
#: Room around the orbits in mm.
MARGIN = 12.0
#: How far behind the middle of the eyeballs (mm) a coronal plane cuts the bellies of the recti.
BELLIES_BEHIND_EYE = 18.0
#: RAS axes that run along the width and the height of each slice view.
AXES = {"Red": (0, 1), "Green": (0, 2), "Yellow": (1, 2)}


@dataclass(frozen=True)
class Place:
    """Where a structure lies, in RAS mm: middle of shape (3,), bounds of shape (3, 2)."""

    middle: np.ndarray
    bounds: np.ndarray


@dataclass(frozen=True)
class ViewPlan:
    """What a slice view is to show.

    :param center: RAS mm of the middle of the view, on the plane.
    :param width: mm that must be seen; :param height: likewise.
    :param side: the side that a sagittal plane cuts.
    """

    center: tuple[float, float, float]
    width: float
    height: float
    side: str


def plan_view(view: str, places: Mapping[str, Place]) -> ViewPlan:
    """The plane through the orbits where their anatomy shows best, and the field of view that holds them.

    :param view: "Red" (axial), "Green" (coronal) or "Yellow" (sagittal).
    :param places: place of each segment by its identifier, e.g. "right_eyeball"; at least one.
    """
    cone = {name: place for name, place in places.items() if name.partition("_")[2] in CONE} or dict(places)
    side = "right" if any(name.startswith("right") for name in cone) else "left"
    if view == "Yellow":
        cone = {name: place for name, place in cone.items() if name.startswith(side)} or cone
    bounds = np.stack([place.bounds for place in cone.values()])
    low, high = bounds[..., 0].min(axis=0), bounds[..., 1].max(axis=0)
    center = (low + high) / 2
    center[_normal(view)] = _offset(view, cone)
    width, height = (float(high[axis] - low[axis]) + 2 * MARGIN for axis in AXES[view])
    return ViewPlan(tuple(float(value) for value in center), width, height, side)


def _normal(view: str) -> int:
    return next(axis for axis in range(3) if axis not in AXES[view])


def _offset(view: str, cone: Mapping[str, Place]) -> float:
    """Where the plane lies along its normal (RAS mm)."""
    eyes = _middles(cone, "eyeball")
    if view == "Green" and len(eyes):
        return float(eyes[:, 1].mean()) - BELLIES_BEHIND_EYE
    nerves = _middles(cone, "optic_nerve")
    chosen = nerves if len(nerves) else eyes
    if view == "Yellow":
        chosen = np.concatenate([eyes, nerves])  # the nerve runs obliquely: a plane between cuts eyeball and nerve
    if not len(chosen):
        chosen = np.stack([place.middle for place in cone.values()])
    return float(chosen[:, _normal(view)].mean())


def _middles(cone: Mapping[str, Place], structure: str) -> np.ndarray:
    return np.array([place.middle for name, place in cone.items() if name.endswith(structure)]).reshape(-1, 3)
