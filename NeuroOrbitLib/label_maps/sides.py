"""Which voxels of a label without a side are right and which are left: found by position in the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Two globes lie at least so far (mm) apart, and no further than so; the middles of one and its lens do not.
LEAST_DISTANCE, LARGEST_DISTANCE = 35.0, 95.0
#: Of two globes the smaller has at least this share of the volume of both: a shrunken eye still does.
LEAST_SHARE = 0.1
#: The line between the globes is at least so much (cosine) along right and left.
_LEAST_ALONG_X = 0.7
#: A connected piece that lies on both sides by more than this share of it cannot be split.
_STRADDLING_SHARE = 0.03


@dataclass(frozen=True)
class Midplane:
    """The plane between the eyes.

    :param middle: a point of it, RAS mm.
    :param direction: unit vector to the patient's right.
    """

    middle: np.ndarray
    direction: np.ndarray

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Distance (mm) of points (N, 3) to the plane, positive on the right."""
        return (points - self.middle) @ self.direction


def midplane_of_eyes(globes: np.ndarray, grid: Grid) -> Midplane:
    """Return the plane between two globes.

    :param globes: mask (K, J, I) of both eyeballs.
    :raises Problem: when these are not two pieces as far from each other as two eyes.
    """
    places = [grid.ras_from_ijk(piece[:, ::-1]) for piece in _pieces(globes)]
    places = sorted(places, key=len, reverse=True)
    if len(places) < 2 or len(places[1]) < LEAST_SHARE * (len(places[0]) + len(places[1])):
        raise Problem(_("the eyeballs are one connected piece, or only one eye is labelled: right and left cannot "
                        "be told. Give each side a value of its own"))
    return midplane_between(places[0].mean(axis=0), places[1].mean(axis=0))


def midplane_between(one: np.ndarray, other: np.ndarray) -> Midplane:
    """Return the plane in the middle between two places (RAS mm) of the two sides.

    :raises Problem: when they lie too near, too far, or not beside each other.
    """
    right, left = (one, other) if one[0] > other[0] else (other, one)
    span = float(np.linalg.norm(right - left))
    if not LEAST_DISTANCE <= span <= LARGEST_DISTANCE or (right - left)[0] < _LEAST_ALONG_X * span:
        raise Problem(_("what should be the two sides lies {span:.0f} mm from each other, not side by side like two "
                        "eyes: right and left cannot be told. Give each side a value of its own").format(span=span))
    return Midplane((right + left) / 2, (right - left) / span)


def split_by_side(mask: np.ndarray, grid: Grid, plane: Midplane, name: str) -> Mapping[Side, np.ndarray]:
    """Return the masks (K, J, I) of the right and of the left part of a structure.

    :param name: of the structure, for the message.
    :raises Problem: when one piece of it lies on both sides of the plane.
    """
    sides = {side: np.zeros(mask.shape, dtype=bool) for side in Side}
    for voxels in _pieces(mask):
        share = float((plane.distance(grid.ras_from_ijk(voxels[:, ::-1])) > 0).mean())
        if min(share, 1 - share) > _STRADDLING_SHARE:
            raise Problem(_("one connected piece of the {name} lies on both sides of the midline: right and left "
                            "cannot be told. Give each side a value of its own").format(name=name))
        sides[Side.RIGHT if share > 0.5 else Side.LEFT][tuple(voxels.T)] = True
    return sides


def _pieces(mask: np.ndarray) -> list[np.ndarray]:
    """Voxels (N, 3; K, J, I) of each piece whose voxels touch, also at corners."""
    from scipy import ndimage

    numbers, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    voxels = np.argwhere(mask)
    which = numbers[mask]
    order = np.argsort(which, kind="stable")
    return np.split(voxels[order], np.cumsum(np.bincount(which, minlength=count + 1)[1:])[:-1]) if count else []
