"""The nod of a head, estimated from the course of nerve and muscles behind the globes, which gaze does not change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from OrbitSegmentationLib.any_contrast.segment import SIDED_CLASSES, SegmentedOrbit

#: Smallest and largest distance (mm) from the centre of the globe of the nerve and recti behind it.
_BEHIND = (18.0, 40.0)
#: Usual angle (degrees) above the horizontal at which they lie: mean over the sixteen heads of the label maps that the
#: networks learn from, with an SD of 12.
USUAL_ANGLE = 2.0
#: Nod (degrees) that the networks tolerate: one SD of the label maps and of the 9 degrees that training adds.
LEAST_NOD = 15.0
#: Smallest sum of probability (voxels) from which an angle is estimated.
_LEAST_SEEN = 100.0


def nod_of(orbits: Sequence[SegmentedOrbit]) -> float:
    """Return the nod of the head, in degrees, relative to the pose in which the orbits were segmented.

    It is positive if the head looks up, and 0 if it is too small to matter or too little is visible to estimate it.
    """
    parts = [part for part in map(_behind, orbits) if part is not None]
    if not parts:
        return 0.0
    _, back, up = np.mean(parts, axis=0)
    # If a head looks up, the structures behind its eyes are lower.
    nod = USUAL_ANGLE - float(np.rad2deg(np.arctan2(up, -back)))
    return nod if abs(nod) > LEAST_NOD else 0.0


def _behind(orbit: SegmentedOrbit) -> np.ndarray | None:
    """Return the centre (x, y, z mm in the frame) of nerve and recti behind the globe; None if hardly visible."""
    shares = orbit.probabilities[list(SIDED_CLASSES)].sum(axis=0)
    into = np.linalg.inv(orbit.frame.affine) @ orbit.grid.affine
    kji = np.argwhere(shares > 0.5)
    places = kji[:, ::-1] @ into[:3, :3].T + into[:3, 3]
    distances = np.linalg.norm(places, axis=1)
    # Whatever lies in front of the globe does not belong to the orbit, however the head is turned.
    chosen = (distances > _BEHIND[0]) & (distances < _BEHIND[1]) & (places[:, 1] < 0)
    weights = shares[tuple(kji[chosen].T)]
    return None if weights.sum() < _LEAST_SEEN else weights @ places[chosen] / weights.sum()
