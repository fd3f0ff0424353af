"""SmartFill: a few marked voxels are grown to the whole structure, by the cheapest border between two appearances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box
from OrbitSegmentationLib.refinement.appearance import AppearanceModel, finite, fit_appearance
from OrbitSegmentationLib.refinement.minimum_cut import Links, as_cost, minimum_cut
from OrbitSegmentationLib.refinement.nearness import nearness
from OrbitSegmentationLib.refinement.region import DEFAULT_MARGIN, inner_faces, seed_region

#: Cost of a border: it equals the log odds of the voxels within this distance (mm).
DEFAULT_SMOOTHNESS = 0.8
_EDGE = 1.5  # a difference of this many noise levels is an edge
_LEAST_NOISE = 0.02  # fraction of the range of intensities: without noise, borders still prefer clear edges


@dataclass(frozen=True)
class Seeds:
    """The voxels that the annotator marked.

    :param foreground: voxels marked as foreground, bool (K, J, I).
    :param background: voxels marked as background, same shape; no voxel is both.
    """

    foreground: np.ndarray
    background: np.ndarray

    @classmethod
    def of(cls, foreground: np.ndarray, background: np.ndarray | None, shape: tuple[int, ...]) -> Seeds:
        """Return the seeds of an image; a voxel in both masks is foreground.

        :param foreground, background: masks (K, J, I), nonzero where marked; ``None`` for no background.
        :param shape: shape of the image.
        :raises ValueError: if a mask does not fit the image.
        """
        nothing = np.zeros(shape, dtype=bool)
        marked = [nothing if mask is None else np.asarray(mask) > 0 for mask in (foreground, background)]
        if any(mask.shape != tuple(shape) for mask in marked):
            raise ValueError(f"Seeds must have the shape {tuple(shape)} of the image.")
        return cls(marked[0], marked[1] & ~marked[0])

    def inside(self, box: Box) -> Seeds:
        """Return the seeds in a box."""
        return Seeds(self.foreground[box.slices], self.background[box.slices])

    def decided(self, faces: np.ndarray) -> np.ndarray:
        """Return 1 for foreground, -1 for background and the faces of the region, and 0 elsewhere; int8 (K, J, I)."""
        state = np.where(self.background | faces, -1, 0).astype(np.int8)
        state[self.foreground] = 1
        return state


@dataclass
class _Problem:
    """A region with everything that does not change while seeds are added within it."""

    box: Box
    scaled: np.ndarray  # intensities of the region on the scale of the model
    model: AppearanceModel
    links: Links
    faces: np.ndarray
    division: np.ndarray | None = field(default=None)  # the last solution, in the region


class SmartFillSolver:
    """Fills a structure from seeds, in 3-D or, in an image of a single slice, in 2-D.

    :param image: intensities (K, J, I) of any modality; values that are not finite count as the lowest.
    :param spacing_mm: voxel size (mm) along K, J, I.
    :param smoothness: cost of a border (mm): with 0 it follows every voxel, larger values give rounder structures.
    :param margin_mm: distance (mm) that the structure may reach beyond its seeds.
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
        """Set the cost of borders (mm) for the next solutions; the appearance models are kept."""
        self._smoothness = float(smoothness)
        if self._problem is not None:
            links = edge_links(self._problem.scaled, self._problem.model, self._spacing, self._smoothness)
            self._problem = replace(self._problem, links=links, division=None)

    def set_seeds(self, foreground: np.ndarray, background: np.ndarray | None = None) -> None:
        """Start anew from these seeds.

        :param foreground, background: masks of the seeds, bool (K, J, I).
        :raises ValueError: if a mask does not fit the image.
        """
        self._seeds = Seeds.of(foreground, background, self._image.shape)
        self._problem = None

    def add_seeds(self, foreground: np.ndarray | None = None, background: np.ndarray | None = None) -> None:
        """Add seeds; a voxel that was marked before gets the class that it is marked with now.

        The next solution starts from the last one, with the same models; the result is the same as from scratch with
        these models. Models and region are computed anew if foreground is added that the models call background, or
        that changes the region.

        :param foreground, background: masks of the seeds to add, bool (K, J, I).
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
        """Return the filled structure, bool (K, J, I), which is empty without foreground seeds.

        :param from_scratch: whether not to start from the last solution (the result is the same).
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
        """Return whether the models call most of these added seeds foreground, and the region has not changed."""
        if seed_region(self._seeds.foreground, self._spacing, self._margin) != self._problem.box:
            return False
        model, added = self._problem.model, finite(self._image[foreground])
        return added.size == 0 or float(np.median(model.log_odds(model.scaled(added)))) > 0

    def _new_problem(self) -> _Problem:
        """Return the region, models and links for the present seeds."""
        box = seed_region(self._seeds.foreground, self._spacing, self._margin)
        image = finite(self._image[box.slices])
        seeds = self._seeds.inside(box)
        first = fit_appearance(image, seeds.foreground, ~seeds.foreground)
        likely = first.log_odds(first.scaled(image)) + nearness(seeds.foreground, seeds.background, self._spacing) > 0
        model = fit_appearance(image, seeds.foreground, ~_with_rim(seeds.foreground | likely))
        scaled = model.scaled(image)
        links = edge_links(scaled, model, self._spacing, self._smoothness)
        return _Problem(box, scaled, model, links, inner_faces(box, self._image.shape))

    def _wish(self, seeds: Seeds, problem: _Problem) -> np.ndarray:
        """Return what each voxel of the region gains by being foreground, as :func:`minimum_cut` takes it."""
        near = nearness(seeds.foreground, seeds.background, self._spacing)
        return as_cost(problem.model.log_odds(problem.scaled) + near)

    def _cut(self, seeds: Seeds, problem: _Problem) -> np.ndarray:
        """Return the division of the region, computed from scratch."""
        return minimum_cut(self._wish(seeds, problem), problem.links, seeds.decided(problem.faces))

    def _cut_again(self, problem: _Problem) -> np.ndarray:
        """Return the division of the region after seeds were added to those of the last one.

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


def edge_links(scaled: np.ndarray, model: AppearanceModel, spacing: Sequence[float], smoothness: float) -> Links:
    """Return the cost of a border between neighbours: high where they look alike, low across an edge.

    :param scaled: intensities (K, J, I) on the scale of the model.
    :param model: intensity model, whose noise defines an edge.
    :param spacing: voxel size (mm) along K, J, I.
    :param smoothness: cost of a border (mm), as for :class:`SmartFillSolver`.
    """
    from scipy.ndimage import gaussian_filter  # imported here, so that Slicer starts without it

    calm = gaussian_filter(scaled, [0.0 if size == 1 else 0.5 for size in scaled.shape])
    edge = 2.0 * (_EDGE * max(model.noise, _LEAST_NOISE)) ** 2
    costs = tuple(
        as_cost(smoothness / step * np.exp(-(np.diff(calm, axis=axis) ** 2) / edge))
        for axis, step in enumerate(spacing)
    )
    return Links.from_grid(costs, scaled.shape)


def _with_rim(mask: np.ndarray) -> np.ndarray:
    """Return a mask grown by the voxels beside it, whose mixture of tissues neither model should learn."""
    grown = mask.copy()
    for axis in range(mask.ndim):
        before, after = np.moveaxis(grown, axis, 0), np.moveaxis(mask, axis, 0)
        before[1:] |= after[:-1]
        before[:-1] |= after[1:]
    return grown


def _holding(division: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Return the connected parts of a division that contain seeds."""
    from scipy.ndimage import label  # imported here, so that Slicer starts without it

    parts, count = label(division)
    kept = np.zeros(count + 1, dtype=bool)
    kept[parts[seeds]] = True
    kept[0] = False
    return kept[parts]
