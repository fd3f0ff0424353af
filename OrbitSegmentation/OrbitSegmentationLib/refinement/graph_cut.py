"""SmartFill: from a few marked voxels to the whole structure, by the cheapest border between two appearances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box
from OrbitSegmentationLib.refinement.appearance import AppearanceModel, fit_appearance
from OrbitSegmentationLib.refinement.minimum_cut import Links, as_cost, minimum_cut
from OrbitSegmentationLib.refinement.nearness import nearness
from OrbitSegmentationLib.refinement.region import DEFAULT_MARGIN, inner_faces, seed_region

#: What a border costs, in log odds of the voxels within this distance (mm).
DEFAULT_SMOOTHNESS = 0.8
_EDGE = 1.5  # a difference of this many noise levels is an edge
_LEAST_NOISE = 0.02  # of the range of intensities: in images without noise a border still prefers clear edges


@dataclass(frozen=True)
class Seeds:
    """What the annotator marked: foreground and background, bool (K, J, I), of which no voxel is both."""

    foreground: np.ndarray
    background: np.ndarray

    @classmethod
    def of(cls, foreground: np.ndarray, background: np.ndarray | None, shape: tuple[int, ...]) -> Seeds:
        """Seeds of an image; where both are marked it is foreground.

        :raises ValueError: if a mask does not fit the image.
        """
        nothing = np.zeros(shape, dtype=bool)
        marked = [nothing if mask is None else np.asarray(mask) > 0 for mask in (foreground, background)]
        if any(mask.shape != tuple(shape) for mask in marked):
            raise ValueError(f"Seeds must have the shape {tuple(shape)} of the image.")
        return cls(marked[0], marked[1] & ~marked[0])

    def inside(self, box: Box) -> Seeds:
        """The seeds in a box."""
        return Seeds(self.foreground[box.slices], self.background[box.slices])

    def decided(self, faces: np.ndarray) -> np.ndarray:
        """1 for foreground, -1 for background and the faces of the region, else 0; int8."""
        state = np.where(self.background | faces, -1, 0).astype(np.int8)
        state[self.foreground] = 1
        return state


@dataclass
class _Problem:
    """A region with all that stays the same while seeds are added within it."""

    box: Box
    image: np.ndarray
    model: AppearanceModel
    links: Links
    faces: np.ndarray
    division: np.ndarray | None = field(default=None)  # the last answer, in the region


class SmartFillSolver:
    """Fills a structure from seeds, in 3-D or, in an image of one slice, in 2-D.

    :param image: intensities (K, J, I) of any modality; what is not finite counts as 0.
    :param spacing_mm: voxel size along K, J, I.
    :param smoothness: what a border costs (mm): 0 follows every voxel, more gives rounder structures.
    :param margin_mm: how far beyond its seeds the structure may reach.
    :raises ValueError: if the image does not have three axes.
    """

    def __init__(
        self,
        image: np.ndarray,
        spacing_mm: tuple[float, float, float],
        smoothness: float = DEFAULT_SMOOTHNESS,
        margin_mm: float = DEFAULT_MARGIN,
    ) -> None:
        if image.ndim != 3:
            raise ValueError(f"An image has three axes (K, J, I); this array has shape {image.shape}.")
        self._image = image
        self._spacing = tuple(float(step) for step in spacing_mm)
        self._smoothness = float(smoothness)
        self._margin = float(margin_mm)
        self._seeds = Seeds.of(np.zeros(image.shape, dtype=bool), None, image.shape)
        self._solved = self._seeds
        self._problem: _Problem | None = None

    def set_smoothness(self, smoothness: float) -> None:
        """Another cost of borders from the next solution on; the appearance models stay."""
        self._smoothness = float(smoothness)
        if self._problem is not None:
            links = edge_links(self._problem.image, self._problem.model, self._spacing, self._smoothness)
            self._problem = replace(self._problem, links=links, division=None)

    def set_seeds(self, foreground: np.ndarray, background: np.ndarray | None = None) -> None:
        """Start anew from these seeds, bool (K, J, I).

        :raises ValueError: if a mask does not fit the image.
        """
        self._seeds = Seeds.of(foreground, background, self._image.shape)
        self._problem = None

    def add_seeds(self, foreground: np.ndarray | None = None, background: np.ndarray | None = None) -> None:
        """Add seeds, bool (K, J, I); a voxel marked otherwise before is now what it was marked last.

        The next solution starts from the last one, with the same models, and is what solving from scratch with these
        models would give. Models and region are made anew where foreground was added that they do not expect.

        :raises ValueError: if a mask does not fit the image.
        """
        new = Seeds.of(foreground, background, self._image.shape)
        before = self._seeds
        self._seeds = Seeds(
            (before.foreground & ~new.background) | new.foreground,
            (before.background & ~new.foreground) | new.background,
        )
        if self._problem is not None and not self._expected(new.foreground):
            self._problem = None

    def solve(self, from_scratch: bool = False) -> np.ndarray:
        """The filled structure; bool (K, J, I). Nothing without foreground seeds.

        :param from_scratch: do not start from the last solution (the answer is the same).
        """
        result = np.zeros(self._image.shape, dtype=bool)
        if not self._seeds.foreground.any():
            return result
        if self._problem is None:
            self._problem = self._new_problem()
        problem = self._problem
        if problem.division is None or from_scratch:
            problem.division = self._cut(self._seeds.inside(problem.box), problem)
        else:
            problem.division = self._cut_again(problem)
        self._solved = self._seeds
        result[problem.box.slices] = _holding(problem.division, self._seeds.foreground[problem.box.slices])
        return result

    def _expected(self, foreground: np.ndarray) -> bool:
        """Whether the models call most of these seeds foreground, and the region is still the right one."""
        if seed_region(self._seeds.foreground, self._spacing, self._margin) != self._problem.box:
            return False
        added = self._image[foreground]
        return added.size == 0 or float(np.median(self._problem.model.log_odds(finite(added)))) > 0

    def _new_problem(self) -> _Problem:
        """Region, models and links from the present seeds."""
        box = seed_region(self._seeds.foreground, self._spacing, self._margin)
        image = finite(self._image[box.slices])
        seeds = self._seeds.inside(box)
        first = fit_appearance(image, seeds.foreground, ~seeds.foreground)
        likely = first.log_odds(image) + nearness(seeds.foreground, seeds.background, self._spacing) > 0
        model = fit_appearance(image, seeds.foreground, ~_with_rim(seeds.foreground | likely))
        links = edge_links(image, model, self._spacing, self._smoothness)
        return _Problem(box, image, model, links, inner_faces(box, self._image.shape))

    def _wish(self, seeds: Seeds, problem: _Problem) -> np.ndarray:
        """What each voxel of the region gains by being foreground."""
        near = nearness(seeds.foreground, seeds.background, self._spacing)
        return as_cost(problem.model.log_odds(problem.image) + near)

    def _cut(self, seeds: Seeds, problem: _Problem) -> np.ndarray:
        """The division of the region from scratch."""
        return minimum_cut(self._wish(seeds, problem), problem.links, seeds.decided(problem.faces))

    def _cut_again(self, problem: _Problem) -> np.ndarray:
        """The division of the region after seeds were added to those of the last one.

        More foreground seeds never make the cheapest foreground smaller, and more background seeds never make it
        larger, so that in each of two steps only one side of the last border is in question.
        """
        now, before = self._seeds.inside(problem.box), self._solved.inside(problem.box)
        division = problem.division
        more = Seeds(now.foreground | before.foreground, before.background & ~now.foreground)
        if not np.array_equal(more.foreground, before.foreground):
            state = more.decided(problem.faces)
            state[division & (state == 0)] = 1
            division = minimum_cut(self._wish(more, problem), problem.links, state)
        if not np.array_equal(now.background, more.background):
            state = now.decided(problem.faces)
            state[~division & (state == 0)] = -1
            division = minimum_cut(self._wish(now, problem), problem.links, state)
        return division


def edge_links(image: np.ndarray, model: AppearanceModel, spacing: Sequence[float], smoothness: float) -> Links:
    """What a border costs between neighbours: much where they look alike, little across an edge.

    :param image: intensities (K, J, I), all finite; :param spacing: mm along K, J, I.
    :param smoothness: as for :class:`SmartFillSolver`.
    """
    from scipy.ndimage import gaussian_filter  # not when the application starts

    calm = gaussian_filter(model.scaled(image), [0.0 if size == 1 else 0.5 for size in image.shape])
    edge = 2.0 * (_EDGE * max(model.noise, _LEAST_NOISE)) ** 2
    costs = tuple(
        as_cost(smoothness / step * np.exp(-(np.diff(calm, axis=axis) ** 2) / edge))
        for axis, step in enumerate(spacing)
    )
    return Links.from_grid(costs, image.shape)


def finite(image: np.ndarray) -> np.ndarray:
    """Intensities as float32, 0 for what is not finite."""
    return np.nan_to_num(image.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)


def _with_rim(mask: np.ndarray) -> np.ndarray:
    """A mask and the voxels beside it, which hold both tissues and teach neither model anything."""
    grown = mask.copy()
    for axis in range(mask.ndim):
        before, after = np.moveaxis(grown, axis, 0), np.moveaxis(mask, axis, 0)
        before[1:] |= after[:-1]
        before[:-1] |= after[1:]
    return grown


def _holding(division: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The connected parts of a division that hold seeds."""
    from scipy.ndimage import label  # not when the application starts

    parts, count = label(division)
    kept = np.zeros(count + 1, dtype=bool)
    kept[parts[seeds]] = True
    kept[0] = False
    return kept[parts]
