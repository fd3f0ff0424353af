"""SmartFill from slices: a structure drawn roughly on some slices is filled on all, along the edges of the image."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box, box_around
from OrbitSegmentationLib.refinement.appearance import AppearanceModel, fit_appearance
from OrbitSegmentationLib.refinement.expected_shape import distance_to_known, expected_depth
from OrbitSegmentationLib.refinement.graph_cut import DEFAULT_SMOOTHNESS, Seeds, edge_links, finite
from OrbitSegmentationLib.refinement.minimum_cut import as_cost, minimum_cut
from OrbitSegmentationLib.refinement.proposed_shape import proposed_deviations

_ROOM = 8.0  # mm around what was drawn that matter
_SPREAD = 0.8  # mm, standard deviation of the expected border on a drawn slice, which the hand has led
_DRIFT = 0.12  # mm more for each mm away from it
_WIDEST = 2.0  # mm
_TRUST = 2.0  # log odds of a voxel one standard deviation within the expected border
_TRUST_IN_PROPOSAL = 2.0  # the same for a proposed border
_LEARNED = 4.0  # mm from a drawn slice from where a proposal counts in full
_LOOKED = 5.0  # mm from a drawn slice up to which a proposal yields to the image; at least the next slice does
_CERTAIN = 3.0  # standard deviations outside of it where nothing is sought
_INSIDE, _OUTSIDE = 0.4, (1.0, 6.0)  # mm from the drawn border: what teaches how both sides look


class DrawnSlicesSolver:
    """Fills a structure from some of its slices; the first axis leads from slice to slice.

    :param image: intensities (slices, rows, columns) of any modality.
    :param spacing_mm: mm from slice to slice, row to row, column to column.
    :param smoothness: what a border costs (mm), as for :class:`.graph_cut.SmartFillSolver`.
    :param seeds: what is certain, e.g. another segment, is background; slices with foreground are drawn exactly.
    :param proposal: an outline that is not certain, e.g. a model's; bool, shape of ``image``. The drawn slices correct
        it on the slices around them, as the image shows, and move and resize it between them. Beyond it stays as it is.
    """

    def __init__(self, image: np.ndarray, spacing_mm: tuple[float, float, float],
                 smoothness: float = DEFAULT_SMOOTHNESS, seeds: Seeds | None = None,
                 proposal: np.ndarray | None = None) -> None:
        self._image, self._smoothness = image, float(smoothness)
        self._spacing = tuple(float(step) for step in spacing_mm)
        seeds = seeds or Seeds.of(np.zeros(image.shape, dtype=bool), None, image.shape)
        self._drawn, self._known = seeds.foreground.copy(), seeds.foreground.any(axis=(1, 2))
        self._fixed = np.where(seeds.background, -1, 0).astype(np.int8)
        self._fixed[self._known] = np.where(seeds.foreground[self._known], 1, -1)
        self._proposal = proposal if proposal is not None and proposal.any() else None
        self._filled: np.ndarray | None = None

    def set_smoothness(self, smoothness: float) -> None:
        """Another cost of borders from the next solution on."""
        self._smoothness, self._filled = float(smoothness), None

    def draw(self, voxels: np.ndarray, remove: bool = False) -> None:
        """Draw on one or several slices, bool (slices, rows, columns), or take back there what was filled too much.

        On a slice where nothing was filled yet this is the rough structure, whose border will move to the edge. A slice
        that was filled already is corrected: what was drawn stays, and the whole slice guides its neighbours.
        """
        filled = self.solve()
        for number in np.flatnonzero(voxels.any(axis=(1, 2))):
            plane, before = voxels[number], filled[number] if filled[number].any() else self._drawn[number]
            if before.any():
                self._fixed[number][plane] = -1 if remove else 1
            elif remove:
                continue
            self._drawn[number] = before & ~plane if remove else before | plane
            self._known[number] = True
        self._known &= _guides(self._drawn)
        self._filled = None

    def solve(self) -> np.ndarray:
        """The filled structure; bool (slices, rows, columns). Where nothing is drawn: what is proposed, or nothing."""
        if self._filled is None:
            self._filled = np.zeros(self._image.shape, dtype=bool)
            if self._drawn.any():
                room = tuple(int(np.ceil(_ROOM / step)) for step in self._spacing)
                outlines = self._drawn if self._proposal is None else self._drawn | self._proposal
                box = box_around(outlines).grown(room).inside(self._image.shape)
                self._filled[box.slices] = self._cut(box)
            elif self._proposal is not None:
                self._filled |= self._proposal & (self._fixed >= 0)
        return self._filled

    def _cut(self, box: Box) -> np.ndarray:
        """The cheapest border within a box."""
        image, known = finite(self._image[box.slices]), self._known[box.slices[0]]
        depth = expected_depth(self._drawn[box.slices], known, self._spacing)
        away = distance_to_known(known, self._spacing[0])
        deviations = depth / np.minimum(_SPREAD + _DRIFT * away, _WIDEST)[:, None, None]
        model = _appearance(image, depth, known)
        odds = model.log_odds(image) + _TRUST * deviations
        decided = self._fixed[box.slices].copy()
        decided[(deviations < -_CERTAIN) & (decided == 0)] = -1
        if self._proposal is not None:
            proposed = proposed_deviations(self._proposal[box.slices], self._drawn[box.slices], known, self._spacing)
            odds += _TRUST_IN_PROPOSAL * np.minimum(away / _LEARNED, 1.0)[:, None, None] * proposed
            far = (away > max(_LOOKED, 1.01 * self._spacing[0]))[:, None, None] & (self._fixed[box.slices] == 0)
            decided[far] = np.where(proposed > 0, 1, -1)[far]
        return minimum_cut(as_cost(odds), edge_links(image, model, self._spacing, self._smoothness), decided)


def _guides(drawn: np.ndarray) -> np.ndarray:
    """Slices that say something about others, if they were drawn: an empty one between others is a mere gap."""
    full = np.flatnonzero(drawn.any(axis=(1, 2)))
    guides = np.ones(len(drawn), dtype=bool)
    if full.size:
        guides[full[0] : full[-1]] = drawn[full[0] : full[-1]].any(axis=(1, 2))
    return guides


def _appearance(image: np.ndarray, depth: np.ndarray, known: np.ndarray) -> AppearanceModel:
    """What the drawn slices show inside of the drawn border, and around it."""
    deepest = depth.max(axis=(1, 2), keepdims=True)
    inside = (depth > np.minimum(_INSIDE, 0.5 * deepest)) & (deepest > 0)
    outside = (depth < -_OUTSIDE[0]) & (depth > -_OUTSIDE[1])
    drawn = known[:, None, None]
    return fit_appearance(image, inside & drawn, outside & drawn)
