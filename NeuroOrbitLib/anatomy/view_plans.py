"""Planes through the orbits as a radiologist would choose them, from the positions of the structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

#: Structures of the muscle cone and the eye, on which the views are centred.
CONE = ("eyeball", "optic_nerve", "superior_rectus", "inferior_rectus", "medial_rectus", "lateral_rectus")
#: Margin around the orbits in mm.
MARGIN = 12.0
#: Distance (mm) behind the centres of the eyeballs at which a coronal plane cuts the bellies of the recti.
BELLIES_BEHIND_EYE = 18.0
#: RAS axes along the width and the height of each slice view.
AXES = {"Red": (0, 1), "Green": (0, 2), "Yellow": (1, 2)}


@dataclass(frozen=True)
class Place:
    """Position of a structure in RAS mm: centre of shape (3,), bounds of shape (3, 2)."""

    middle: np.ndarray
    bounds: np.ndarray


@dataclass(frozen=True)
class ViewPlan:
    """Position and field of view of a slice view.

    :param center: centre of the view on the plane, RAS mm.
    :param width: smallest width of the field of view in mm.
    :param height: smallest height of the field of view in mm.
    :param side: side ("right" or "left") that a sagittal plane cuts.
    """

    center: tuple[float, float, float]
    width: float
    height: float
    side: str


def plan_view(view: str, places: Mapping[str, Place]) -> ViewPlan:
    """Return the plane through the orbits that shows their anatomy best, with a field of view that contains them.

    :param view: "Red" (axial), "Green" (coronal) or "Yellow" (sagittal).
    :param places: position of each segment by its identifier, e.g. "right_eyeball"; at least one.
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
    """Return the position of the plane along its normal (RAS mm)."""
    eyes = _middles(cone, "eyeball")
    if view == "Green" and len(eyes):
        return float(eyes[:, 1].mean()) - BELLIES_BEHIND_EYE
    nerves = _middles(cone, "optic_nerve")
    chosen = nerves if len(nerves) else eyes
    if view == "Yellow":
        chosen = np.concatenate([eyes, nerves])  # the nerve runs obliquely: a plane in between cuts eyeball and nerve
    if not len(chosen):
        chosen = np.stack([place.middle for place in cone.values()])
    return float(chosen[:, _normal(view)].mean())


def _middles(cone: Mapping[str, Place], structure: str) -> np.ndarray:
    return np.array([place.middle for name, place in cone.items() if name.endswith(structure)]).reshape(-1, 3)
