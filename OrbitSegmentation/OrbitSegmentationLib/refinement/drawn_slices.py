"""SmartFill from slices: a structure drawn roughly on some slices is filled on all slices, along the image's edges."""

from __future__ import annotations

import numpy as np

from NeuroOrbitLib.imaging.boxes import Box, box_around
from OrbitSegmentationLib.refinement.appearance import AppearanceModel, finite, fit_appearance
from OrbitSegmentationLib.refinement.expected_shape import distance_to_known, expected_depth
from OrbitSegmentationLib.refinement.graph_cut import DEFAULT_SMOOTHNESS, Seeds, edge_links
from OrbitSegmentationLib.refinement.minimum_cut import as_cost, minimum_cut
from OrbitSegmentationLib.refinement.proposed_shape import proposed_deviations

_ROOM = 8.0  # mm around the drawing that are considered
_SPREAD = 0.8  # mm, standard deviation of the expected border on a slice that was drawn by hand
_DRIFT = 0.12  # increase of this standard deviation (mm) per mm from the nearest drawn slice
_WIDEST = 2.0  # mm, largest standard deviation
_TRUST = 2.0  # log odds of a voxel one standard deviation within the expected border
_TRUST_IN_PROPOSAL = 2.0  # the same for a proposed border
_LEARNED = 4.0  # mm from a drawn slice beyond which a proposal has its full weight
_LOOKED = 5.0  # mm from a drawn slice within which the image can overrule a proposal; at least on the next slice
_CERTAIN = 3.0  # standard deviations outside of the expected border beyond which all is background
_INSIDE, _OUTSIDE = 0.4, (1.0, 6.0)  # mm from the drawn border: voxels from which both sides' appearance is learned


class DrawnSlicesSolver:
    """Fills a structure that was drawn on some slices; slices lie along the first axis.

    :param image: intensities (slices, rows, columns) of any modality.
    :param spacing_mm: distance (mm) of slices, rows and columns.
    :param smoothness: cost of a border (mm), as for :class:`.graph_cut.SmartFillSolver`.
    :param seeds: certain voxels: background, e.g. of another segment, and slices with foreground, which are exact.
    :param proposal: uncertain outline, e.g. from a model; bool, shape of ``image``. The drawn slices correct it: on
        slices near them as the image shows, and between them by moving and resizing it. Further away it stays as it is.
    :raises ValueError: if the seeds do not fit the image.
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
        """Set the cost of borders (mm) for the next solutions."""
        self._smoothness, self._filled = float(smoothness), None

    def draw(self, voxels: np.ndarray, remove: bool = False) -> None:
        """Draw on one or several slices, or erase there what was filled too much.

        On a slice where nothing was filled yet, this is the rough structure, whose border will move to the edge. A
        slice that was filled already is corrected: the drawn voxels are fixed, and the whole slice guides its
        neighbours.

        :param voxels: drawn voxels, bool (slices, rows, columns).
        :param remove: whether to erase the voxels rather than add them.
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
        """Return the filled structure, bool (slices, rows, columns); if nothing was drawn, the proposal or nothing."""
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
        """Return the structure with the cheapest border within a box; bool, shape of the box."""
        image, known = finite(self._image[box.slices]), self._known[box.slices[0]]
        depth = expected_depth(self._drawn[box.slices], known, self._spacing)
        away = distance_to_known(known, self._spacing[0])
        deviations = depth / np.minimum(_SPREAD + _DRIFT * away, _WIDEST)[:, None, None]
        model = _appearance(image, depth, known)
        scaled = model.scaled(image)
        odds = model.log_odds(scaled) + _TRUST * deviations
        decided = self._fixed[box.slices].copy()
        decided[(deviations < -_CERTAIN) & (decided == 0)] = -1
        if self._proposal is not None:
            proposed = proposed_deviations(self._proposal[box.slices], self._drawn[box.slices], known, self._spacing)
            odds += _TRUST_IN_PROPOSAL * np.minimum(away / _LEARNED, 1.0)[:, None, None] * proposed
            far = (away > max(_LOOKED, 1.01 * self._spacing[0]))[:, None, None] & (self._fixed[box.slices] == 0)
            decided[far] = np.where(proposed > 0, 1, -1)[far]
        return minimum_cut(as_cost(odds), edge_links(scaled, model, self._spacing, self._smoothness), decided)


def _guides(drawn: np.ndarray) -> np.ndarray:
    """Return which slices guide others once they were drawn; bool (slices,). An empty one between others does not."""
    full = np.flatnonzero(drawn.any(axis=(1, 2)))
    guides = np.ones(len(drawn), dtype=bool)
    if full.size:
        guides[full[0] : full[-1]] = drawn[full[0] : full[-1]].any(axis=(1, 2))
    return guides


def _appearance(image: np.ndarray, depth: np.ndarray, known: np.ndarray) -> AppearanceModel:
    """Return the intensity model learned from the drawn slices, inside of the drawn border and around it."""
    deepest = depth.max(axis=(1, 2), keepdims=True)
    inside = (depth > np.minimum(_INSIDE, 0.5 * deepest)) & (deepest > 0)
    outside = (depth < -_OUTSIDE[0]) & (depth > -_OUTSIDE[1])
    drawn = known[:, None, None]
    return fit_appearance(image, inside & drawn, outside & drawn)
