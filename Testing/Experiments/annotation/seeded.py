"""Users who mark seeds, let the computer fill, and mark more where it was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.ndimage import distance_transform_edt, label
from scipy.ndimage import sum as sum_of

from Testing.Experiments.annotation.scribbles import Scribbler, middle_section, widest_section
from Testing.Experiments.annotation.session import Session

#: Number of seeds without a gain in Dice after which the user continues by other means.
PATIENCE = 4
LEAST_GAIN = 0.002


class Filler(Protocol):
    """Fills from seeds, bool (K, J, I)."""

    def solve(self, foreground: np.ndarray, background: np.ndarray) -> np.ndarray:
        """Return the filled structure; bool (K, J, I)."""


@dataclass
class Seeded:
    """Marks the structure in its largest sections, draws around it, and corrects the preview.

    :param rings: number of slice views (up to three) in which the user draws around the structure at the start.
    :param presses: button presses and slider changes before the first preview, which then follows every seed.
    """

    session: Session
    scribbler: Scribbler
    filler: Filler
    rings: int
    presses: Sequence[str] = ()

    def run(self) -> None:
        """Mark until the session is over or seeds no longer help; the best preview is applied."""
        case = self.session.case
        axis, k = widest_section(case.reference, case.spacing)
        self.foreground = self.scribbler.mark(axis, k, np.take(case.reference, k, axis))
        self.background = np.zeros_like(self.foreground)
        for ring_axis in [axis, *[other for other in range(3) if other != axis]][:self.rings]:
            place = k if ring_axis == axis else middle_section(case.reference, ring_axis)
            self.background |= self.scribbler.surround(ring_axis, place)
        for kind in self.presses:
            self.session.interact(kind)
        self._fill()
        self._correct()
        self.session.interact("button")

    def _correct(self) -> None:
        """Mark more seeds where the preview is most clearly wrong."""
        best, tries = self.session.dice(), 0
        best_mask = self.session.mask
        while not self.session.over and tries < PATIENCE:
            sign, axis, k, plane = clearest_error(self.session.wrong(), self.session.case.spacing)
            marked = self.scribbler.mark(axis, k, plane)
            if sign > 0:
                self.foreground, self.background = self.foreground | marked, self.background & ~marked
            else:
                self.foreground, self.background = self.foreground & ~marked, self.background | marked
            self._fill()
            tries = 0 if self.session.dice() > best + LEAST_GAIN else tries + 1
            if self.session.dice() > best:
                best, best_mask = self.session.dice(), self.session.mask
        self.session.show(best_mask, preview=True)

    def _fill(self) -> None:
        with self.session.computing():
            filled = self.filler.solve(self.foreground, self.background & ~self.foreground)
        self.session.show(filled, preview=True)


def clearest_error(wrong: np.ndarray, spacing: tuple[float, float, float]) -> tuple[int, int, int, np.ndarray]:
    """Return the next error to mark: its sign, axis and number of the slice, and the error on the slice.

    The error with the largest volume far from its border is chosen, and marked in the view that shows most of it.
    """
    best = (0.0, 0, None, None)
    places = np.argwhere(wrong)
    low, high = np.maximum(places.min(axis=0) - 1, 0), places.max(axis=0) + 2
    near = tuple(slice(start, stop) for start, stop in zip(low, high, strict=True))
    for sign in (1, -1):
        depth = distance_transform_edt(wrong[near] == sign, sampling=spacing)
        parts, count = label(depth > 0)
        if count:
            weights = sum_of(depth**2, parts, np.arange(1, count + 1))
            worst = int(np.argmax(weights))
            if weights[worst] > best[0]:
                best = (float(weights[worst]), sign, parts == worst + 1, depth)
    _, sign, part, depth = best
    place = np.unravel_index(np.argmax(np.where(part, depth, 0)), part.shape)
    areas = [np.take(part, place[axis], axis).sum() / spacing[axis] for axis in range(3)]
    axis = int(np.argmax(areas))
    whole = np.zeros(wrong.shape, bool)
    whole[near] = part
    k = int(place[axis] + low[axis])
    return sign, axis, k, np.take(whole, k, axis)
