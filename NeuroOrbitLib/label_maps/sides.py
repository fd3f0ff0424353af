"""Division of labels without a side into right and left by the position in the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging import Grid
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Smallest and largest distance (mm) between the centres of two globes; those of a globe and its lens are closer.
LEAST_DISTANCE, LARGEST_DISTANCE = 35.0, 95.0
#: Smallest share of the smaller globe in the volume of both; a shrunken eye still has it.
LEAST_SHARE = 0.1
#: Smallest cosine of the angle between the line through the globes and the right-left axis.
_LEAST_ALONG_X = 0.7
#: Share of a connected piece on its smaller side above which the piece cannot be assigned to a side.
_STRADDLING_SHARE = 0.03


@dataclass(frozen=True)
class Midplane:
    """The plane between the eyes.

    :param middle: point on the plane, RAS mm.
    :param direction: unit vector to the patient's right.
    """

    middle: np.ndarray
    direction: np.ndarray

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Return the signed distance (mm) of points (N, 3, RAS mm) to the plane, positive on the patient's right."""
        return (points - self.middle) @ self.direction


def midplane_of_eyes(globes: np.ndarray, grid: Grid) -> Midplane:
    """Return the plane between two globes.

    :param globes: mask (K, J, I) of both eyeballs.
    :param grid: grid of the mask.
    :raises Problem: if they are not two pieces at the distance of two eyes.
    """
    places = [grid.ras_from_ijk(piece[:, ::-1]) for piece in _pieces(globes)]
    places = sorted(places, key=len, reverse=True)
    if len(places) < 2 or len(places[1]) < LEAST_SHARE * (len(places[0]) + len(places[1])):
        raise Problem(_("the eyeballs are one connected piece, or only one eye is labelled: right and left cannot "
                        "be told. Give each side a value of its own"))
    return midplane_between(places[0].mean(axis=0), places[1].mean(axis=0))


def midplane_between(one: np.ndarray, other: np.ndarray) -> Midplane:
    """Return the plane in the middle between two points (RAS mm), one on each side, in any order.

    :raises Problem: if they are too close, too far apart, or not side by side.
    """
    right, left = (one, other) if one[0] > other[0] else (other, one)
    span = float(np.linalg.norm(right - left))
    if not LEAST_DISTANCE <= span <= LARGEST_DISTANCE or (right - left)[0] < _LEAST_ALONG_X * span:
        raise Problem(_("what should be the two sides lies {span:.0f} mm from each other, not side by side like two "
                        "eyes: right and left cannot be told. Give each side a value of its own").format(span=span))
    return Midplane((right + left) / 2, (right - left) / span)


def split_by_side(mask: np.ndarray, grid: Grid, plane: Midplane, name: str) -> Mapping[Side, np.ndarray]:
    """Return the masks (K, J, I) of the right and the left part of a structure, by side.

    :param mask: mask (K, J, I) of the structure.
    :param grid: grid of the mask.
    :param plane: plane between the eyes.
    :param name: name of the structure, for the message.
    :raises Problem: if a connected piece lies on both sides of the plane.
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
    """Return the voxel indices (N, 3; K, J, I) of each connected piece (26 neighbours)."""
    from scipy import ndimage

    numbers, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    voxels = np.argwhere(mask)
    which = numbers[mask]
    order = np.argsort(which, kind="stable")
    return np.split(voxels[order], np.cumsum(np.bincount(which, minlength=count + 1)[1:])[:-1]) if count else []
