"""A user with SmartPencil, who clicks regions of the slice or drags through several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

from OrbitSegmentationLib.refinement.superpixels import LEVELS, Superpixels, slice_superpixels
from Testing.Experiments.annotation.brush import brush_radii
from Testing.Experiments.annotation.hand import Hand, centre_line, largest_part, loop, visited
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.slice_by_slice import SliceBySlice
from Testing.Experiments.annotation.view import SliceView

#: Width of suitable regions relative to the largest depth of the structure.
RELATIVE_WIDTH = 0.6


@dataclass(frozen=True)
class Pick:
    """A planned click or drag."""

    gain: float
    path: np.ndarray
    add: bool


class Pencil(SliceBySlice):
    """Starts with the level whose regions suit the structure, and takes finer ones when these no longer help."""

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        super().__init__(session, view, hand)
        self.level = suitable_level(session, view)
        self.regions: dict[tuple[int, int], Superpixels] = {}

    def superpixels(self, k: int) -> Superpixels:
        """Return the regions of slice ``k``, cached as by the effect."""
        key = (k, self.level)
        if key not in self.regions:
            image = self.view.image(k)
            with self.session.computing():
                self.regions[key] = slice_superpixels(image, self.view.pixel_mm, self.level,
                                                      window=self.session.case.window)
        return self.regions[key]

    def plan(self, k: int) -> Pick | None:
        """Return the better of adding and removing."""
        return max(self._picks(k), key=lambda pick: pick.gain, default=None)

    def perform(self, k: int, plan: Pick) -> None:
        """Click or drag on slice ``k``."""
        travel = self.hand.travel_mm(plan.path)
        self.session.interact("stroke" if travel else "click", travel)
        path, regions = self.hand.follow(plan.path), self.superpixels(k)
        with self.session.computing():
            chosen = _passed(regions, path)
        self.change(k, chosen, plan.add)

    def refine(self) -> bool:
        """Return whether there is a finer level, and choose it, which is an interaction."""
        finer = [level for level in LEVELS if level > self.level]
        if not finer:
            return False
        self.session.interact("slider")
        self.level = finer[0]
        return True

    def _picks(self, k: int) -> Iterator[Pick]:
        regions = self.superpixels(k)
        for add, (harmless, wanted) in zip((True, False), self.planes(k), strict=True):
            worth = _per_region(regions, wanted) - _per_region(regions, ~harmless & ~self._done(k, add))
            useful = np.flatnonzero(worth > 0)
            if useful.size:
                for path in ways_through(regions.mask_of(useful)):
                    passed = np.unique(regions.labels[visited(path, regions.labels.shape)])
                    yield Pick(float(worth[passed].sum()), path, add)

    def _done(self, k: int, add: bool) -> np.ndarray:
        """Return the pixels that adding (or removing) leaves unchanged."""
        mask = self.view.pixels(self.session.mask[k])
        return mask if add else ~mask


def suitable_level(session: Session, view: SliceView) -> int:
    """Return the level whose regions suit the structure."""
    depth = brush_radii(session, view)[0]
    wanted = np.prod(view.shape) * np.prod(view.pixel_mm) / (RELATIVE_WIDTH * depth) ** 2
    return min(LEVELS, key=lambda level: abs(np.log(level / wanted)))


def ways_through(area: np.ndarray) -> Iterator[np.ndarray]:
    """Yield strokes through the largest part of an area: through the middle, and around inside it."""
    part = largest_part(area)
    yield centre_line(part)
    inner = largest_part(distance_transform_edt(part) >= 0.4 * distance_transform_edt(part).max())
    if binary_erosion(inner).any():
        yield loop(inner)


def _per_region(regions: Superpixels, pixels: np.ndarray) -> np.ndarray:
    return np.bincount(regions.labels[pixels], minlength=regions.count).astype(float)


def _passed(regions: Superpixels, path: np.ndarray) -> np.ndarray:
    return regions.mask_of(np.unique(regions.labels[visited(path, regions.labels.shape)]))
