"""Seeds: strokes with a thin brush in the slice view that shows best what is to be marked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import distance_transform_edt

from Testing.Experiments.annotation.cases import AnnotatedHead
from Testing.Experiments.annotation.hand import Hand, brushed, centre_line, largest_part, loop
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.view import SliceView

#: Radius of the brush for seeds relative to the depth of the marked region, and its limit (mm).
RELATIVE_RADIUS = 0.4
WIDEST_MM = 1.5
#: Distance (mm) from the structure at which a good user draws a line around it.
RING_MM = 2.5


class Scribbler:
    """Draws on slices along any axis of the case's arrays; every stroke is one interaction."""

    def __init__(self, session: Session, random: np.random.Generator) -> None:
        self.session = session
        self.views = [SliceView(turned(session.case, axis)) for axis in range(3)]
        self.hands = [Hand(random, view.pixel_mm) for view in self.views]

    def mark(self, axis: int, k: int, wanted: np.ndarray) -> np.ndarray:
        """Draw a stroke through the middle of ``wanted`` (bool, slice); return the covered voxels (bool, volume)."""
        view, hand = self.views[axis], self.hands[axis]
        part = largest_part(view.pixels(wanted))
        depth = distance_transform_edt(np.pad(part, 1), sampling=hand.pixel_mm)[1:-1, 1:-1]
        radius = min(RELATIVE_RADIUS * float(depth.max()), WIDEST_MM)
        path = centre_line(largest_part(part & (depth >= min(1.5 * radius, 0.9 * depth.max()))))
        return self._drag(axis, k, path, radius)

    def surround(self, axis: int, k: int, distance_mm: float = RING_MM) -> np.ndarray:
        """Draw a stroke around the structure on a slice and return the covered voxels."""
        view, hand = self.views[axis], self.hands[axis]
        away = distance_transform_edt(~view.pixels(view.case.reference[k]), sampling=hand.pixel_mm)
        return self._drag(axis, k, loop(largest_part(away <= distance_mm)), 0.0)

    def _drag(self, axis: int, k: int, path: np.ndarray, radius_mm: float) -> np.ndarray:
        view, hand = self.views[axis], self.hands[axis]
        travel = hand.travel_mm(path)
        self.session.interact("stroke" if travel else "click", travel)
        radius_mm = max(radius_mm, 0.5 * max(view.case.spacing[1:]))
        followed = hand.follow(path)
        marked = np.zeros(view.case.reference.shape, bool)
        with self.session.computing():
            marked[k] = view.voxels(brushed(followed, radius_mm, view.shape, hand.pixel_mm))
        return np.moveaxis(marked, 0, axis)


def turned(case: AnnotatedHead, axis: int) -> AnnotatedHead:
    """Return the case with slices along another axis of its arrays."""
    order = [axis, *[other for other in range(3) if other != axis]]
    volumes = {name: np.ascontiguousarray(np.transpose(getattr(case, name), order))
               for name in ("image", "reference", "ignored")}
    return replace(case, spacing=tuple(case.spacing[other] for other in order), **volumes)


def widest_section(mask: np.ndarray, spacing: tuple[float, float, float]) -> tuple[int, int]:
    """Return axis and number of the slice with the largest section (mm2) of a structure."""
    areas = [mask.sum(axis=tuple(other for other in range(3) if other != axis))
             * np.prod([spacing[other] for other in range(3) if other != axis]) for axis in range(3)]
    axis = int(np.argmax([area.max() for area in areas]))
    return axis, int(np.argmax(areas[axis]))


def middle_section(mask: np.ndarray, axis: int) -> int:
    """Return the slice along an axis that divides a structure into halves."""
    counts = mask.sum(axis=tuple(other for other in range(3) if other != axis))
    return int(np.searchsorted(np.cumsum(counts), counts.sum() / 2))
