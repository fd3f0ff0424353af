"""The user with nothing but a brush: paints and erases slice by slice, and knows how to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

from Testing.Experiments.annotation.hand import Hand, brushed, centre_line, largest_part, loop
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.slice_by_slice import SliceBySlice
from Testing.Experiments.annotation.view import SliceView

#: Brush sizes that the user chooses among, relative to the widest place of the structure.
RELATIVE_RADII = (0.9, 0.65, 0.45, 0.3, 0.2)
#: How far the brush may stick out of the structure while its user leads it (share of its radius).
OVERLAP = 0.15


@dataclass(frozen=True)
class Drag:
    """A planned stroke."""

    gain: float
    path: np.ndarray
    paint: bool


class Brush(SliceBySlice):
    """Starts with the size that suits the structure; takes a smaller one when this has done what it can."""

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        super().__init__(session, view, hand)
        self.sizes = brush_radii(session, view)
        self.size = self._suitable_size()

    def plan(self, k: int) -> Drag | None:
        """Painting or erasing, along the middle or around, whichever mends most."""
        return max(self._drags(k, self.sizes[self.size]), key=lambda drag: drag.gain, default=None)

    def perform(self, k: int, plan: Drag) -> None:
        """Paint or erase on slice ``k``."""
        travel = self.hand.travel_mm(plan.path)
        self.session.interact("stroke" if travel else "click", travel)
        path = self.hand.follow(plan.path)
        with self.session.computing():
            covered = brushed(path, self.sizes[self.size], self.view.shape, self.hand.pixel_mm)
        self.change(k, covered, plan.paint)

    def refine(self) -> bool:
        """The next smaller brush; choosing it is an interaction."""
        if self.size + 1 == len(self.sizes):
            return False
        self.session.interact("slider")
        self.size += 1
        return True

    def _suitable_size(self) -> int:
        """The size that does most on some slices."""
        widest = np.argsort(-np.abs(self.session.wrong()).sum(axis=(1, 2)))[:8:3]

        def benefit(size: int) -> float:
            return sum(max((drag.gain for drag in self._drags(k, self.sizes[size])), default=0.0) for k in widest)

        return max(range(len(self.sizes)), key=benefit)

    def _drags(self, k: int, radius: float) -> Iterator[Drag]:
        for paint, (harmless, wanted) in zip((True, False), self.planes(k), strict=True):
            if wanted.any():
                yield from drags(harmless, wanted, radius, self.hand.pixel_mm, paint)


def brush_radii(session: Session, view: SliceView) -> tuple[float, ...]:
    """Radii in mm that fit the structure, not below half a voxel."""
    depth = max(distance_transform_edt(view.pixels(plane), sampling=view.pixel_mm).max()
                for plane in session.case.reference if plane.any())
    return tuple(max(share * depth, 0.5 * min(session.case.spacing[1:])) for share in RELATIVE_RADII)


def drags(harmless: np.ndarray, wanted: np.ndarray, radius: float, pixel_mm: tuple[float, float],
          paint: bool = True) -> Iterator[Drag]:
    """Strokes with a brush of this size that change the largest wanted part."""
    part = largest_part(wanted)
    window, corner = window_around(part, 2 * radius / min(pixel_mm))
    harmless, wanted, part = harmless[window], wanted[window], part[window]
    depth = distance_transform_edt(harmless, sampling=pixel_mm)
    away = distance_transform_edt(~part, sampling=pixel_mm)
    for path in _ways(depth, away, radius):
        covered = brushed(path, radius, part.shape, pixel_mm)
        yield Drag(float((covered & wanted).sum() - (covered & ~harmless).sum()), path + corner, paint)


def window_around(region: np.ndarray, margin: float) -> tuple[tuple[slice, slice], np.ndarray]:
    """The part of the plane around a region, and its first row and column."""
    places = np.argwhere(region)
    low = np.maximum(places.min(axis=0) - int(margin) - 1, 0)
    high = places.max(axis=0) + int(margin) + 2
    return (slice(low[0], high[0]), slice(low[1], high[1])), low


def _ways(depth: np.ndarray, away: np.ndarray, radius: float) -> Iterator[np.ndarray]:
    """Along the middle and around, with the brush's centre where it does little harm and reaches what is wanted."""
    near = away <= radius
    part = largest_part(near & (depth >= min((1 - OVERLAP) * radius, 0.9 * depth[near].max())))
    yield centre_line(part)
    if part.sum() > 8:
        yield loop(part)
