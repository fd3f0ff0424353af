"""True sizes of a phantom's extra-ocular muscles, from the bands of which they consist."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.measure import find_contours
from skimage.morphology import disk

from NeuroOrbitLib.measurements.calliper import polygon_area, smallest_width
from NeuroOrbitLib.measurements.curve import Curve, evenly_spaced, smoothed
from NeuroOrbitLib.measurements.definitions import BEHIND_GLOBE_MM, BELLY, THINNEST_MUSCLE_MM
from NeuroOrbitLib.phantom.orbit.muscle import muscle_tube
from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.orbit.tube import Tube

#: For each muscle of the vocabulary, the bands of the phantom of which it consists.
BANDS = {
    "superior_rectus": ("superior rectus", "levator palpebrae superioris"),
    "inferior_rectus": ("inferior rectus",),
    "medial_rectus": ("medial rectus",),
    "lateral_rectus": ("lateral rectus",),
    "superior_oblique": ("superior oblique",),
    "inferior_oblique": ("inferior oblique",),
}
_OUTLINE = np.linspace(0.0, 2.0 * np.pi, 361)[:-1]
_WINDOW_MM, _STEP_MM = 13.0, 0.2


@dataclass(frozen=True)
class TrueMuscle:
    """A muscle's centre line and the sizes of its sections at every point of it.

    :param line: centre line from origin to insertion (right-eye frame, mm).
    :param diameter: smallest calliper width of each section (N,) in mm.
    :param area: area of each section (N,) in mm2.
    """

    line: Curve
    diameter: np.ndarray
    area: np.ndarray

    def at(self, place: float) -> tuple[float, float]:
        """Return diameter (mm) and area (mm2) at ``place`` mm from the origin."""
        return (float(np.interp(place, self.line.places, self.diameter)),
                float(np.interp(place, self.line.places, self.area)))


def true_muscle(shape: OrbitShape, key: str) -> TrueMuscle:
    """Return the sections of the muscle with this key of the vocabulary."""
    tubes = [muscle_tube(shape.muscle(name), shape) for name in BANDS[key]]
    return _single(tubes[0]) if len(tubes) == 1 else _union(tubes)


def muscle_truth(muscle: TrueMuscle, back: np.ndarray | None, forward: np.ndarray) -> dict[str, float]:
    """Return a muscle's true measures by quantity.

    :param muscle: sections of the muscle.
    :param back: rearmost point (3,) of the globe in the right-eye frame; ``None`` for an eye that was removed.
    :param forward: forward direction (3,) of the head in the right-eye frame.
    """
    share = muscle.line.places / muscle.line.length
    belly = (share >= BELLY[0]) & (share <= BELLY[1])
    truth = {"greatest_diameter": float(muscle.diameter[belly].max()), "greatest_area": float(muscle.area[belly].max()),
             "length": muscle.line.length}
    if back is None:
        return truth
    for name, behind in (("at_globe", 0.0), ("behind_globe", BEHIND_GLOBE_MM)):
        place = muscle.line.crossing(back - behind * forward, forward)
        if place is not None:
            truth[f"diameter_{name}"], truth[f"area_{name}"] = muscle.at(place)
    return truth


def _single(tube: Tube) -> TrueMuscle:
    """Return the sections of one band: ellipses that bend around the globe, perpendicular to its own line."""
    across = tube.half_width[:, None] * np.sin(_OUTLINE)
    height = tube.half_thickness[:, None] * np.cos(_OUTLINE) - tube.bend[:, None] * across**2 / 2
    outlines = np.stack([across, height], axis=2)
    return TrueMuscle(Curve(tube.samples), np.array([smallest_width(outline).value for outline in outlines]),
                      np.array([polygon_area(outline) for outline in outlines]))


def _union(tubes: list[Tube]) -> TrueMuscle:
    """Return the sections of several bands together, perpendicular to the line through the middles of these."""
    share = np.linspace(0.0, 1.0, 200)
    lines, areas = [], []
    for tube in tubes:
        own = np.linspace(0.0, 1.0, len(tube.samples))
        lines.append(np.stack([np.interp(share, own, tube.samples[:, axis]) for axis in range(3)], axis=1))
        areas.append(np.interp(share, own, tube.half_thickness * tube.half_width))
    middle = np.average(lines, axis=0, weights=np.broadcast_to(np.array(areas)[:, :, None], np.shape(lines)))
    line = evenly_spaced(smoothed(middle, 6.0))
    ends = [line.part(-8.0, line.length + 8.0).along(tube.samples)[0] - 8.0 for tube in tubes]
    line = evenly_spaced(line.part(min(end.min() for end in ends), max(end.max() for end in ends)).points, 1.0)
    sizes = np.array([_section(tubes, point, tangent)
                      for point, tangent in zip(line.points, line.tangents, strict=True)])
    return TrueMuscle(line, sizes[:, 0], sizes[:, 1])


def _section(tubes: list[Tube], point: np.ndarray, tangent: np.ndarray) -> tuple[float, float]:
    """Return the smallest width (mm) and the area (mm2) of all bands in a plane through a point, on a 0.25 mm grid."""
    first = np.cross(tangent, [0.0, 0.0, 1.0])
    first /= np.linalg.norm(first)
    second = np.cross(tangent, first)
    steps = np.arange(-_WINDOW_MM, _WINDOW_MM, _STEP_MM)
    flat = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    points = point + flat[:, :1] * first + flat[:, 1:] * second
    lowest = np.full(len(points), 2.0)
    for tube in tubes:
        near, level, _ = tube.level(points)
        lowest[near] = np.minimum(lowest[near], level)
    lowest = np.minimum(lowest, 2.0).reshape(len(steps), len(steps))
    # The levator's aponeurosis, which voxels hardly show, must not determine the diameter.
    thick = ndimage.binary_opening(lowest < 1, disk(int(THINNEST_MUSCLE_MM / 2 / _STEP_MM)))
    outlines = find_contours(np.where(ndimage.binary_dilation(thick), lowest, 2.0), 1.0)
    width = smallest_width(np.concatenate(outlines) * _STEP_MM).value if outlines else 0.0
    return width, float(np.count_nonzero(lowest < 1) * _STEP_MM**2)
