"""True measures of a phantom's orbits in its head: rims, eye position, cavity, Barrett's index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import Side, label_value
from NeuroOrbitLib.measurements.definitions import CHORD_BAND_MM, CHORD_PLANES_MM, CHORD_REACH_MM
from NeuroOrbitLib.measurements.edges import front_of, frontmost_of_outermost, greatest_chord, without_thin
from NeuroOrbitLib.measurements.head_frame import HeadFrame, frame_from_rims
from NeuroOrbitLib.measurements.rims import lateral_end, rims_of_bone
from NeuroOrbitLib.phantom.head.raster import is_in_head, rasterise_head
from NeuroOrbitLib.phantom.head.shape import HeadShape
from NeuroOrbitLib.phantom.orbit.cavity import cavity_level, septum_depth
from NeuroOrbitLib.phantom.orbit.raster import fat_bow, nerve_path, rasterise_orbit
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.tissue import Tissue
from NeuroOrbitLib.phantom.truth.globe import globe_surface

LETTERS = {Side.RIGHT: "R", Side.LEFT: "L"}
_BONE = (Tissue.THIN_BONE, Tissue.BONE, Tissue.MARROW)
_FINE_MM, _COARSE_MM, _VOLUME_STEP_MM = 0.1, 0.4, 0.5


@dataclass(frozen=True)
class TrueOrbit:
    """An orbit of a head, with the geometry that its measures need (head frame, mm)."""

    head: HeadShape
    side: Side

    def to_head(self, points: np.ndarray) -> np.ndarray:
        """Return points (..., 3) of the right-eye frame in the head frame."""
        return self.head.from_orbit(points, LETTERS[self.side])

    def to_orbit(self, points: np.ndarray) -> np.ndarray:
        """Return points (..., 3) of the head frame in the right-eye frame."""
        return self.head.to_orbit(points, LETTERS[self.side])

    def direction(self, vector: np.ndarray) -> np.ndarray:
        """Return a direction (3,) of the head frame in the right-eye frame."""
        return vector * np.array([self.side.x_sign, 1.0, 1.0])

    @property
    def center(self) -> np.ndarray:
        """Centre (3,) of the globe."""
        return self.to_head(np.array(self.shape.globe_center))

    @property
    def shape(self) -> OrbitShape:
        """The shape of the orbit."""
        return self.head.orbit(LETTERS[self.side])

    def is_shown(self, points: np.ndarray) -> np.ndarray:
        """Return whether points (P, 3) of the right-eye frame lie within the head's skin."""
        return is_in_head(self.head, self.to_head(points))

    @property
    def canal_mouth(self) -> np.ndarray:
        """Entrance (3,) of the optic canal, where the nerve's label ends."""
        path = nerve_path(self.shape)
        return self.to_head(path[np.abs(path[:, 1] - self.shape.nerve.canal_entrance[1]).argmin()])

    def in_cavity(self, points: np.ndarray, behind_septum: bool = False) -> np.ndarray:
        """Return whether points (..., 3) of the head lie between the walls (and behind the septum), within the skin."""
        local = self.to_orbit(points)
        inside = cavity_level(self.shape.cavity, local) < 1
        if behind_septum:
            inside &= septum_depth(self.shape.cavity, local, fat_bow(self.shape)) > 0
        inside[inside] = self.is_shown(local[inside])
        return inside


def true_frame(head: HeadShape) -> HeadFrame:
    """Return the head's axes from the bone at the lateral rims and the mouths of the optic canals."""
    frame = HeadFrame(np.zeros(3), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, 1.0]))
    return refined({side: TrueOrbit(head, side) for side in Side}, frame, bony_rim)[1]


def refined(orbits: dict[Side, TrueOrbit], frame: HeadFrame, find_rim: Callable[[TrueOrbit, HeadFrame], np.ndarray]
            ) -> tuple[dict[Side, np.ndarray], HeadFrame]:
    """Return the lateral rims (3,) and the head's axes through them, found alternately from each other.

    :param orbits: both orbits.
    :param frame: axes to begin with.
    :param find_rim: function that returns the rim of an orbit, given the axes.
    """
    mouths = {side: orbit.canal_mouth for side, orbit in orbits.items()}
    for _ in range(3):
        rims = {side: find_rim(orbit, frame) for side, orbit in orbits.items()}
        frame = frame_from_rims(rims, mouths)
    return rims, frame


def bony_rim(orbit: TrueOrbit, frame: HeadFrame) -> np.ndarray:
    """Return the frontmost bone lateral of the globe, in the section along the head's plane through its centre."""
    sideways, ahead = np.meshgrid(np.arange(17.0, 32.0, _FINE_MM), np.arange(-16.0, 8.0, _FINE_MM), indexing="ij")
    points = (orbit.center + sideways[..., None] * frame.lateral(orbit.side) + ahead[..., None] * frame.forward)
    bone = without_thin(_is_bone(orbit, points), _FINE_MM)
    return front_of(points[bone], frame.forward)


def bony_edges(orbit: TrueOrbit, frame: HeadFrame) -> dict[str, np.ndarray]:
    """Return the bony points of lateral, medial, upper and lower rim, each (3,)."""
    others = rims_of_bone(lambda points: _is_bone(orbit, points), orbit.center, frame, orbit.side, 2 * _FINE_MM)
    return {**others, "lateral": bony_rim(orbit, frame)}


def _is_bone(orbit: TrueOrbit, points: np.ndarray) -> np.ndarray:
    return np.isin(rasterise_head(orbit.head, points)[1], _BONE)


def cavity_edges(orbit: TrueOrbit, frame: HeadFrame) -> dict[str, np.ndarray]:
    """Return the points where the four walls end in front: lateral, medial, upper and lower, each (3,)."""
    steps = np.arange(-26.0, 26.0, 2 * _FINE_MM)
    across, ahead = np.meshgrid(steps, np.arange(-30.0, 16.0, 2 * _FINE_MM), indexing="ij")
    lateral = frame.lateral(orbit.side)
    edges = {}
    for names, direction in ((("lateral", "medial"), lateral), (("upper", "lower"), frame.up)):
        points = orbit.center + across[..., None] * direction + ahead[..., None] * frame.forward
        inside = points[orbit.in_cavity(points, behind_septum=True)]
        for name, sign in zip(names, (1.0, -1.0), strict=True):
            edges[name] = frontmost_of_outermost(inside, sign * direction, frame.forward)
    return edges


def lateral_contents(orbit: TrueOrbit, frame: HeadFrame) -> np.ndarray:
    """Return the point (3,) where the orbit's contents end beside the lateral rim."""
    return lateral_end(lambda points: np.where(orbit.in_cavity(points, behind_septum=True), 1.0, -1.0), orbit.center,
                       frame, frame.lateral(orbit.side))


def cavity_volume(orbit: TrueOrbit, frame: HeadFrame, edges: dict[str, np.ndarray]) -> float:
    """Return the volume (ml) between the walls from the plane of the rims to the mouth of the optic canal.

    :param orbit: the orbit.
    :param frame: axes of the head.
    :param edges: points (3,) of the four rims, as from :func:`bony_edges`.
    """
    points = np.array([*edges.values()])
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle)[2][2]
    normal *= np.sign(normal @ frame.forward)
    axes = [np.arange(low, high, _VOLUME_STEP_MM) for low, high in ((-28, 28), (-50, 16), (-26, 26))]
    grid = orbit.center + np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    grid = grid[((grid - middle) @ normal < 0) & ((grid - orbit.canal_mouth) @ frame.forward > 0)]
    return float(np.count_nonzero(orbit.in_cavity(grid)) * _VOLUME_STEP_MM**3 / 1000.0)


def exophthalmos(orbit: TrueOrbit, rims: dict[Side, np.ndarray], frame: HeadFrame) -> float:
    """Return the distance (mm) of the globe's frontmost point in front of the line between the lateral rims."""
    surface = orbit.to_head(globe_surface(orbit.shape))
    return float(((surface - rims[Side.RIGHT]) @ frame.forward).max())


def globe_back(orbit: TrueOrbit, frame: HeadFrame) -> np.ndarray:
    """Return the globe's rearmost point (3,)."""
    surface = orbit.to_head(globe_surface(orbit.shape))
    return surface[(surface @ frame.forward).argmin()]


def barrett(orbit: TrueOrbit, frame: HeadFrame) -> dict[str, float]:
    """Return Barrett's index (percent), horizontal and vertical, half-way between the globe's back and the canal."""
    middle = (globe_back(orbit, frame) + orbit.canal_mouth) / 2
    path = orbit.to_head(nerve_path(orbit.shape))
    nerves = [path[np.abs((path - middle) @ frame.forward - offset).argmin()] for offset in CHORD_PLANES_MM]
    pairs = {"barrett_horizontal": (frame.right, frame.up, ("medial_rectus", "lateral_rectus")),
             "barrett_vertical": (frame.up, frame.right, ("superior_rectus", "inferior_rectus"))}
    return {name: _index(orbit, nerves, *pair) for name, pair in pairs.items()}


def _index(orbit: TrueOrbit, nerves: list[np.ndarray], direction: np.ndarray, sideways: np.ndarray,
           keys: tuple[str, str]) -> float:
    along, beside = np.arange(-30.0, 30.0, _FINE_MM), np.arange(-CHORD_REACH_MM, CHORD_REACH_MM, _COARSE_MM)
    muscles, widths = 0.0, 0.0
    for nerve in nerves:
        points = nerve + along[:, None, None] * direction + beside[None, :, None] * sideways
        labels = rasterise_orbit(orbit.shape, orbit.to_orbit(points))
        muscles += sum(greatest_chord(labels == label_value(key, Side.RIGHT), _FINE_MM, _COARSE_MM) for key in keys)
        widths += orbit.in_cavity(points[:, np.abs(beside) <= CHORD_BAND_MM]).sum(axis=0).mean() * _FINE_MM
    return float(100 * muscles / widths)
