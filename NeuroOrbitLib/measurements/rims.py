"""Finds the rims of the orbits from the bone in a CT, or from the front of the orbits' contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import Side
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.measurements.definitions import BONE_HU
from NeuroOrbitLib.measurements.edges import front_of, front_of_wall, frontmost_of_outermost, without_thin
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.head_frame import HeadFrame, frame_from_directions, frame_from_rims
from NeuroOrbitLib.measurements.reasons import is_near_the_edge
from NeuroOrbitLib.measurements.shapes import OrbitShapes
from NeuroOrbitLib.sentences import sentence as _

#: Ranges (mm) in which the lateral rim is looked for: lateral of and in front of the globe's middle.
_SIDEWAYS_MM, _AHEAD_MM = (15.0, 32.0), (-18.0, 10.0)
_FINE_MM, _COARSE_MM = 0.25, 0.4
_FEWEST_POINTS = 20
#: Each other rim is the bone that is farthest in the sum of two directions: to the front and, with this weight, to the
#: orbit's middle. Beside the medial wall the bone of the nose continues to the front.
_TO_THE_MIDDLE = {"medial": 2.0, "upper": 1.0, "lower": 1.0}
#: Ranges (mm) in which these rims are looked for: outwards and in front of the globe's middle.
_OUTWARDS_MM, _NEAR_RIM_MM = (6.0, 30.0), (-20.0, 14.0)
#: Largest distance (mm) of a rim from the end of the contents; otherwise the rim is cut off or has been removed.
_FROM_CONTENTS_MM = 12.0
#: Function that finds the lateral rim (3,) of an orbit, given the head's axes.
FindRim = Callable[[OrbitShapes, HeadFrame], "np.ndarray | None"]
BONE, CONTENTS, NO_RIMS = _("frontmost bone"), _("front ends of the orbit's contents"), _("globes instead of rims")
AXES_OF_THE_SCAN = _("axes of the scan")


@dataclass(frozen=True)
class Rims:
    """The lateral rims and the axes of the head.

    :param points: lateral rims, RAS mm (3,) by side; empty if they are not known.
    :param frame: axes of the head.
    :param method: method by which the rims were found.
    :param are_cut: whether the rims are not known because the scan ends beside one of them.
    """

    points: Mapping[Side, np.ndarray]
    frame: HeadFrame
    method: str
    are_cut: bool = False


def find_rims(shapes: Mapping[Side, OrbitShapes], ct: Image | None = None) -> Rims:
    """Return the lateral rims of both orbits and the head's axes through them.

    :param shapes: structures of each side.
    :param ct: CT on any grid that shows bone in Hounsfield units, or ``None``.
    """
    whole = {side: orbit for side, orbit in shapes.items() if orbit.has("eyeball") and orbit.canal_mouth is not None}
    if len(whole) < 2:
        return Rims({}, _axes_of_the_scan(shapes), AXES_OF_THE_SCAN)
    mouths = {side: orbit.canal_mouth for side, orbit in whole.items()}
    frame = _first_frame(whole, mouths)
    ways = [(partial(bony_rim, ct), BONE)] if ct is not None else []
    are_cut = False
    for find, method in [*ways, (_rim_of_contents, CONTENTS)]:
        found = _refined(whole, mouths, frame, find)
        if found is None:
            continue
        are_cut = any(is_near_the_edge(point, shapes[side].labels.grid) for side, point in found[0].items())
        if not are_cut:
            return Rims(*found, method)
    return Rims({}, frame, NO_RIMS, are_cut)


def _refined(shapes: Mapping[Side, OrbitShapes], mouths: Mapping[Side, np.ndarray], frame: HeadFrame,
             find: FindRim) -> tuple[dict[Side, np.ndarray], HeadFrame] | None:
    """Return rims and axes, found alternately from each other; ``None`` if a rim cannot be found."""
    for _time in range(3):
        points = {side: find(orbit, frame) for side, orbit in shapes.items()}
        if any(point is None for point in points.values()):
            return None
        frame = frame_from_rims(points, mouths)
    return points, frame


def bony_rim(scan: Image, orbit: OrbitShapes, frame: HeadFrame) -> np.ndarray | None:
    """Return the frontmost bone lateral of the globe, in the section along the head's plane through its middle.

    :param scan: CT in Hounsfield units.
    :param orbit: structures of the side.
    :param frame: axes of the head.
    :return: RAS mm (3,); ``None`` if there is too little bone.
    """
    sideways, ahead = np.meshgrid(np.arange(*_SIDEWAYS_MM, _FINE_MM), np.arange(*_AHEAD_MM, _FINE_MM), indexing="ij")
    points = (orbit.globe_center + sideways[..., None] * frame.lateral(orbit.side) + ahead[..., None] * frame.forward)
    bone = points[without_thin(_is_bone(scan, points), _FINE_MM)]
    return front_of(bone, frame.forward) if len(bone) >= _FEWEST_POINTS else None


def bony_edges(scan: Image, orbit: OrbitShapes, rims: Rims) -> dict[str, np.ndarray] | None:
    """Return the rims of lateral, medial, upper and lower wall from the bone of a CT, each RAS mm (3,).

    :param scan: CT in Hounsfield units.
    :param orbit: structures of the side.
    :param rims: lateral rims and axes of the head.
    :return: ``None`` if a rim is not in the scan or has been removed, or the lateral rims were not found in bone.
    """
    if rims.method != BONE:
        return None

    def is_bone(points: np.ndarray) -> np.ndarray:
        # Voxels as dense as bone within the orbit's contents belong to an implant.
        return _is_bone(scan, points) & (orbit.cavity.at(points) < 0.0)

    edges = rims_of_bone(is_bone, orbit.globe_center, rims.frame, orbit.side, _FINE_MM)
    contents = cavity_edges(orbit.cavity, orbit, rims.frame)
    if edges is None or contents is None:
        return None
    edges["lateral"] = rims.points[orbit.side]
    apart = max(float(np.linalg.norm(edges[name] - contents[name])) for name in contents)
    return edges if apart <= _FROM_CONTENTS_MM else None


def rims_of_bone(is_bone: Callable[[np.ndarray], np.ndarray], center: np.ndarray, frame: HeadFrame, side: Side,
                 step: float) -> dict[str, np.ndarray] | None:
    """Return the rims of medial, upper and lower wall in sections through the globe's middle, each (3,).

    :param is_bone: function that returns whether points (..., 3) in RAS mm lie in bone.
    :param center: centre of the globe (3,).
    :param frame: axes of the head.
    :param side: side of the orbit.
    :param step: distance of the sampled points (mm).
    :return: ``None`` if there is no bone beside one of the walls.
    """
    outwards, ahead = np.meshgrid(np.arange(*_OUTWARDS_MM, step), np.arange(*_NEAR_RIM_MM, step), indexing="ij")
    found = {}
    for name, outward in (("medial", -frame.lateral(side)), ("upper", frame.up), ("lower", -frame.up)):
        points = center + outwards[..., None] * outward + ahead[..., None] * frame.forward
        bone = points[is_bone(points)]
        if len(bone) < _FEWEST_POINTS:
            return None
        direction = frame.forward - _TO_THE_MIDDLE[name] * outward
        found[name] = front_of(bone, direction / np.linalg.norm(direction))
    return found


def _is_bone(scan: Image, points: np.ndarray) -> np.ndarray:
    """Return whether points (..., 3) are as dense as bone in a CT."""
    indices = scan.grid.ijk_from_ras(points.reshape(-1, 3))[:, ::-1].T
    values = ndimage.map_coordinates(scan.array, indices, output=np.float32, order=1, cval=-1000.0)
    return values.reshape(points.shape[:-1]) > BONE_HU


def cavity_edges(cavity: Field, orbit: OrbitShapes, frame: HeadFrame) -> dict[str, np.ndarray] | None:
    """Return the front ends of the orbit's lateral, medial, upper and lower walls, each RAS mm (3,).

    :param cavity: outline of the orbit's contents.
    :param orbit: structures of the side.
    :param frame: axes of the head.
    :return: ``None`` if there is too little of the contents around the globe.
    """
    steps = np.arange(-28.0, 28.0, _COARSE_MM)
    across, ahead = np.meshgrid(steps, np.arange(-30.0, 16.0, _COARSE_MM), indexing="ij")
    lateral = frame.lateral(orbit.side)
    edges = {}
    for names, direction in ((("lateral", "medial"), lateral), (("upper", "lower"), frame.up)):
        points = orbit.globe_center + across[..., None] * direction + ahead[..., None] * frame.forward
        inside = points[cavity.at(points) > 0]
        if len(inside) < _FEWEST_POINTS:
            return None
        for name, sign in zip(names, (1.0, -1.0), strict=True):
            edges[name] = frontmost_of_outermost(inside, sign * direction, frame.forward)
    return edges


def lateral_end(depth_at: Callable[[np.ndarray], np.ndarray], center: np.ndarray, frame: HeadFrame,
                lateral: np.ndarray) -> np.ndarray | None:
    """Return the front of an orbit's contents beside the lateral rim, RAS mm (3,); see :func:`front_of_wall`.

    :param depth_at: function that returns the depth of points (..., 3) in the contents (mm), negative outside.
    :param center: centre of the globe (3,).
    :param frame: axes of the head.
    :param lateral: unit vector (3,) away from the midline.
    """
    across, ahead = np.arange(8.0, 28.0, _FINE_MM), np.arange(-30.0, 16.0, _FINE_MM)
    points = center + across[:, None, None] * lateral + ahead[None, :, None] * frame.forward
    found = front_of_wall(depth_at(points), across, ahead)
    return None if found is None else center + found[0] * lateral + found[1] * frame.forward


def _rim_of_contents(orbit: OrbitShapes, frame: HeadFrame) -> np.ndarray | None:
    cavity = orbit.cavity
    return None if cavity is None else lateral_end(cavity.at, orbit.globe_center, frame, frame.lateral(orbit.side))


def _first_frame(shapes: Mapping[Side, OrbitShapes], mouths: Mapping[Side, np.ndarray]) -> HeadFrame:
    globes = {side: orbit.globe_center for side, orbit in shapes.items()}
    middle = np.mean([*globes.values()], axis=0)
    return frame_from_directions(middle, globes[Side.RIGHT] - globes[Side.LEFT],
                                 middle - np.mean([*mouths.values()], axis=0), method=NO_RIMS)


def _axes_of_the_scan(shapes: Mapping[Side, OrbitShapes]) -> HeadFrame:
    centers = [orbit.globe_center for orbit in shapes.values() if orbit.has("eyeball")]
    origin = np.mean(centers, axis=0) if centers else np.zeros(3)
    return frame_from_directions(origin, np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), method=AXES_OF_THE_SCAN)
