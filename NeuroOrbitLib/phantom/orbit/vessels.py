"""Structures that cross the orbital fat: superior ophthalmic vein, ophthalmic artery, smaller vessels and nerves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.phantom.orbit.tube import Tube, at_depth, round_tube, smooth_path
from NeuroOrbitLib.phantom.tissue import Tissue

if TYPE_CHECKING:
    from NeuroOrbitLib.phantom.orbit.shape import OrbitShape, Vector

#: Share of ophthalmic arteries that pass over the optic nerve rather than under it (Hayreh 1962: 83 %).
_OVER_THE_NERVE = 0.83
#: Fewest and most small vessels and nerves around the optic nerve.
_FEWEST_SMALL, _MOST_SMALL = 2, 6


@dataclass(frozen=True)
class Vessel:
    """A vessel or nerve, as a round tube.

    :param path: way points (x, y, z; mm) in the right-eye frame.
    :param diameter: diameter (mm).
    :param tissue: tissue class of the tube.
    """

    path: tuple[Vector, ...]
    diameter: float
    tissue: Tissue


@lru_cache(maxsize=8)
def vessel_tubes(shape: OrbitShape) -> list[tuple[Tube, Tissue]]:
    """Return the solids and tissues of an orbit's vessels, by default the usual ophthalmic vein and artery."""
    return [(round_tube(smooth_path(np.array(vessel.path)), vessel.diameter), vessel.tissue)
            for vessel in shape.vessels or _usual(shape)]


def _usual(shape: OrbitShape) -> tuple[Vessel, ...]:
    vein = ((-13.5, 5, 10.5), (-9.5, -4, 11.5), (0, -14, 7.5), (-3.5, -25, 6.0), (-9, -34, 4.0))
    artery = ((-14, -35, 3.2), (-9.0, -28, 3.5), (-6.8, -22, 7.2), (-13, -15, 6.5), (-16, -4, 5))
    return (Vessel(vein, shape.vein_diameter, Tissue.VEIN), Vessel(artery, shape.artery_diameter, Tissue.ARTERY))


def random_vessels(rng: np.random.Generator, nerve: np.ndarray, superior_rectus: np.ndarray) -> tuple[Vessel, ...]:
    """Return random vessels and nerves with realistic courses around an orbit's optic nerve.

    The artery enters below and lateral to the nerve, winds around it and continues medially; the vein crosses between
    nerve and superior rectus. In many people both touch the nerve, and look like a part of it in thick slices.

    :param rng: random generator.
    :param nerve: centre line (N, 3) of the optic nerve (mm).
    :param superior_rectus: centre line (N, 3) of the superior rectus (mm).
    """
    small = tuple(_small(rng, nerve) for _ in range(int(rng.integers(_FEWEST_SMALL, _MOST_SMALL + 1))))
    return (_vein(rng, nerve, superior_rectus), _artery(rng, nerve), *small)


def _artery(rng: np.random.Generator, nerve: np.ndarray) -> Vessel:
    diameter = float(np.clip(rng.normal(1.6, 0.35), 0.9, 2.6))
    crossing = rng.normal(-21.0, 3.0)
    # Beside the nerve's sheath, whose radius is about 2.3 mm, or a little away from it.
    away = 2.3 + diameter / 2 + rng.uniform(-0.2, 1.5)
    up = away if rng.random() < _OVER_THE_NERVE else -away
    offsets = {-33.0: (2.0, -2.0), crossing - 5.0: (away, 0.3 * up), crossing: (0.0, up),
               crossing + 5.0: (-0.9 * away, 0.8 * up)}
    behind = [_beside(nerve, depth, *offset) for depth, offset in offsets.items()]
    front = [rng.normal((-13.0, -12.0, 6.0), 1.5), rng.normal((-16.0, -3.0, 5.0), 1.0)]
    return _vessel([*behind, *front], diameter, Tissue.ARTERY)


def _vein(rng: np.random.Generator, nerve: np.ndarray, superior_rectus: np.ndarray) -> Vessel:
    front = [rng.normal((-13.5, 5.0, 10.5), 1.0), rng.normal((-9.5, -4.0, 11.5), 1.0)]
    behind = []
    for depth, lateral in ((-13.0, -1.0), (-18.0, 2.5), (-25.0, 4.5)):
        below, above = (at_depth(line, depth) for line in (nerve, superior_rectus))
        height = below[2] + rng.uniform(0.45, 0.85) * (above[2] - below[2])
        behind.append(np.array([below[0] + rng.normal(lateral, 1.5), depth, height]))
    return _vessel([*front, *behind, rng.normal((-9.0, -34.0, 4.0), 0.8)],
                   float(np.clip(rng.normal(2.2, 0.5), 1.2, 3.5)), Tissue.VEIN)


def _small(rng: np.random.Generator, nerve: np.ndarray) -> Vessel:
    """Return a small vessel or nerve that runs forward from near the apex, anywhere around the optic nerve."""
    angle = rng.uniform(0, 2 * np.pi)
    points = []
    for depth, distance in ((-30.0, 2.8), (-23.0, 4.0), (-15.0, 7.0)):
        angle += rng.normal(0, 0.5)
        reach = distance + abs(rng.normal(0, 1.0))
        points.append(_beside(nerve, depth, reach * np.cos(angle), reach * np.sin(angle)))
    tissue = Tissue(int(rng.choice([Tissue.VEIN, Tissue.ARTERY, Tissue.MUSCLE])))
    return _vessel(points, float(rng.uniform(0.5, 1.4)), tissue)


def _beside(line: np.ndarray, depth: float, x: float, z: float) -> np.ndarray:
    """Return the point of a centre line at a depth (y mm), moved by ``x`` and ``z``."""
    return at_depth(line, depth) + np.array([x, 0.0, z])


def _vessel(points: list[np.ndarray], diameter: float, tissue: Tissue) -> Vessel:
    return Vessel(tuple((float(x), float(y), float(z)) for x, y, z in points), diameter, tissue)
