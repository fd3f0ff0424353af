"""A user who has only a brush, and paints and erases skilfully slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt

from Testing.Experiments.annotation.hand import Hand, brushed, centre_line, largest_part, loop
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.slice_by_slice import SliceBySlice
from Testing.Experiments.annotation.view import SliceView

#: Brush sizes among which the user chooses, relative to the largest width of the structure.
RELATIVE_RADII = (0.9, 0.65, 0.45, 0.3, 0.2)
#: Share of its radius by which the brush may extend beyond the structure.
OVERLAP = 0.15


@dataclass(frozen=True)
class Drag:
    """A planned stroke."""

    gain: float
    path: np.ndarray
    paint: bool


class Brush(SliceBySlice):
    """Starts with the size that suits the structure, and takes a smaller one when this one no longer helps."""

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        super().__init__(session, view, hand)
        self.sizes = brush_radii(session, view)
        self.size = self._suitable_size()

    def plan(self, k: int) -> Drag | None:
        """Return the best stroke: painting or erasing, along the middle or around."""
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
        """Return whether there is a smaller brush, and choose it, which is an interaction."""
        if self.size + 1 == len(self.sizes):
            return False
        self.session.interact("slider")
        self.size += 1
        return True

    def _suitable_size(self) -> int:
        """Return the size that improves most on some slices."""
        widest = np.argsort(-np.abs(self.session.wrong()).sum(axis=(1, 2)))[:8:3]

        def benefit(size: int) -> float:
            return sum(max((drag.gain for drag in self._drags(k, self.sizes[size])), default=0.0) for k in widest)

        return max(range(len(self.sizes)), key=benefit)

    def _drags(self, k: int, radius: float) -> Iterator[Drag]:
        for paint, (harmless, wanted) in zip((True, False), self.planes(k), strict=True):
            if wanted.any():
                yield from drags(harmless, wanted, radius, self.hand.pixel_mm, paint)


def brush_radii(session: Session, view: SliceView) -> tuple[float, ...]:
    """Return radii (mm) that suit the structure, at least half a voxel."""
    depth = max(distance_transform_edt(view.pixels(plane), sampling=view.pixel_mm).max()
                for plane in session.case.reference if plane.any())
    return tuple(max(share * depth, 0.5 * min(session.case.spacing[1:])) for share in RELATIVE_RADII)


def drags(harmless: np.ndarray, wanted: np.ndarray, radius: float, pixel_mm: tuple[float, float],
          paint: bool = True) -> Iterator[Drag]:
    """Yield strokes with a brush of this size that change the largest wanted part."""
    part = largest_part(wanted)
    window, corner = window_around(part, 2 * radius / min(pixel_mm))
    harmless, wanted, part = harmless[window], wanted[window], part[window]
    depth = distance_transform_edt(harmless, sampling=pixel_mm)
    away = distance_transform_edt(~part, sampling=pixel_mm)
    for path in _ways(depth, away, radius):
        covered = brushed(path, radius, part.shape, pixel_mm)
        yield Drag(float((covered & wanted).sum() - (covered & ~harmless).sum()), path + corner, paint)


def window_around(region: np.ndarray, margin: float) -> tuple[tuple[slice, slice], np.ndarray]:
    """Return the part of the plane around a region, and its first row and column."""
    places = np.argwhere(region)
    low = np.maximum(places.min(axis=0) - int(margin) - 1, 0)
    high = places.max(axis=0) + int(margin) + 2
    return (slice(low[0], high[0]), slice(low[1], high[1])), low


def _ways(depth: np.ndarray, away: np.ndarray, radius: float) -> Iterator[np.ndarray]:
    """Yield paths along the middle and around, on which the brush does little harm and reaches the wanted pixels."""
    near = away <= radius
    part = largest_part(near & (depth >= min((1 - OVERLAP) * radius, 0.9 * depth[near].max())))
    yield centre_line(part)
    if part.sum() > 8:
        yield loop(part)
