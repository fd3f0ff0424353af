"""How far a head is nodded, by where nerve and muscles run behind the globes: gaze moves eyes, but not the orbits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from OrbitSegmentationLib.any_contrast.segment import SIDED_CLASSES, SegmentedOrbit

#: Distances (mm) from the middle of the globe between which nerve and recti are behind it.
_BEHIND = (18.0, 40.0)
#: The angle above the horizontal (degrees) under which they lie there: mean over the sixteen heads of the label maps
#: that the networks learn from, whose SD is 12.
USUAL_ANGLE = 2.0
#: The networks know nods of one SD as well as none: that of the label maps, and the 9 degrees that training adds.
LEAST_NOD = 15.0
#: The least probability (voxels) that an angle is read from.
_LEAST_SEEN = 100.0


def nod_of(orbits: Sequence[SegmentedOrbit]) -> float:
    """The degrees by which the orbits point more upwards, seen from behind, than in the pose they were looked at in.

    It is 0 where that is too little to matter, or where too little is seen to tell.
    """
    parts = [part for part in map(_behind, orbits) if part is not None]
    if not parts:
        return 0.0
    _, back, up = np.mean(parts, axis=0)
    # Where a head looks up, what is behind its eyes sinks.
    nod = USUAL_ANGLE - float(np.rad2deg(np.arctan2(up, -back)))
    return nod if abs(nod) > LEAST_NOD else 0.0


def _behind(orbit: SegmentedOrbit) -> np.ndarray | None:
    """The middle (x, y, z mm of its frame) of nerve and recti behind the globe; None where hardly any are seen."""
    shares = orbit.probabilities[list(SIDED_CLASSES)].sum(axis=0)
    into = np.linalg.inv(orbit.frame.affine) @ orbit.grid.affine
    kji = np.argwhere(shares > 0.5)
    places = kji[:, ::-1] @ into[:3, :3].T + into[:3, 3]
    distances = np.linalg.norm(places, axis=1)
    # What lies in front of the globe is none of an orbit, however a head is turned.
    chosen = (distances > _BEHIND[0]) & (distances < _BEHIND[1]) & (places[:, 1] < 0)
    weights = shares[tuple(kji[chosen].T)]
    return None if weights.sum() < _LEAST_SEEN else weights @ places[chosen] / weights.sum()
