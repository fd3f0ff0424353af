"""The true values of everything that is measured on a head, from the geometry of the phantom."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.truth import globe as true_globe
from NeuroOrbitLib.phantom.truth import head as true_head
from NeuroOrbitLib.phantom.truth.head import TrueOrbit
from NeuroOrbitLib.phantom.truth.muscles import BANDS, muscle_truth, true_muscle


def true_measures(head: HeadShape) -> dict:
    """Return the true measures of a head as plain numbers, in the units of docs/measurements.md.

    They are those of the head in its own size; a child's, which a pose makes smaller, are not known. An eye that was
    removed has none, nor has anything that is measured from it.

    :return: ``head`` maps quantities to values; ``sides`` maps "right" and "left" to structures (keys of the
        vocabulary), and these to quantities.
    """
    frame = true_head.true_frame(head)
    orbits = {side: TrueOrbit(head, side) for side in Side}
    rims = {side: true_head.bony_rim(orbit, frame) for side, orbit in orbits.items()}
    edges = {side: true_head.cavity_edges(orbit, frame) for side, orbit in orbits.items()}
    contents, through_contents = true_head.refined(orbits, frame, true_head.lateral_contents)
    sides = {side: _side(orbit, frame, rims) for side, orbit in orbits.items()}
    for side, orbit in orbits.items():
        if not orbit.shape.lacks_eye:
            # Without visible bone, the front ends of the orbits' contents stand for the rims, with axes through them.
            sides[side]["eyeball"]["exophthalmos_of_contents"] = true_head.exophthalmos(orbit, contents,
                                                                                       through_contents)
    return _rounded({
        "head": {
            **_between_eyes(orbits, sides),
            "interorbital_distance": float(np.linalg.norm(edges[Side.RIGHT]["medial"] - edges[Side.LEFT]["medial"])),
            "interzygomatic_distance": float(np.linalg.norm(rims[Side.RIGHT] - rims[Side.LEFT])),
            "interzygomatic_distance_of_contents": float(np.linalg.norm(contents[Side.RIGHT] - contents[Side.LEFT])),
        },
        "sides": {side.value: values for side, values in sides.items()},
    })


def _between_eyes(orbits: dict[Side, TrueOrbit], sides: dict[Side, dict[str, dict[str, float]]]) -> dict[str, float]:
    """Return what is measured from one eye to the other; nothing if one of them was removed."""
    if any(orbit.shape.lacks_eye for orbit in orbits.values()):
        return {}
    forward = [sides[side]["eyeball"]["exophthalmos"] for side in Side]
    lenses = [orbit.to_head(true_globe.lens_center(orbit.shape)) for orbit in orbits.values()]
    return {"exophthalmos_difference": abs(forward[0] - forward[1]),
            "interpupillary_distance": float(np.linalg.norm(lenses[0] - lenses[1]))}


def _side(orbit: TrueOrbit, frame: HeadFrame, rims: dict[Side, np.ndarray]) -> dict[str, dict[str, float]]:
    shape = orbit.shape
    right, forward, up = (orbit.direction(axis) for axis in (frame.right, frame.forward, frame.up))
    back = None if shape.lacks_eye else orbit.to_orbit(true_head.globe_back(orbit, frame))
    found = {key: muscle_truth(true_muscle(shape, key), back, forward) for key in BANDS}
    found["lacrimal_gland"] = true_globe.gland_truth(shape, np.stack([right, forward, up]), orbit.is_shown)
    found["bony_orbit"] = {
        "volume": true_head.cavity_volume(orbit, frame, true_head.bony_edges(orbit, frame)),
        "volume_of_contents": true_head.cavity_volume(orbit, frame, true_head.cavity_edges(orbit, frame))}
    if shape.lacks_eye:
        return found
    found["bony_orbit"] |= true_head.barrett(orbit, frame)
    return found | {
        "eyeball": true_globe.globe_truth(shape)
        | {"globe_tent_angle": true_globe.tent_angle(shape, forward, up),
           "exophthalmos": true_head.exophthalmos(orbit, rims, frame)},
        "lens": {"thickness": true_globe.lens_depths(shape)[1]},
        "optic_nerve": true_globe.nerve_truth(shape),
    }


def _rounded(value: dict | float) -> dict | float:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return round(float(value), 4)
