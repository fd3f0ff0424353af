"""A user who draws a structure on a few slices and lets SmartFill fill the others."""

from __future__ import annotations

import numpy as np

from OrbitSegmentationLib.refinement.drawn_slices import DrawnSlicesSolver
from Testing.Experiments.annotation.brush import Brush, Drag
from Testing.Experiments.annotation.hand import Hand, brushed
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.slice_by_slice import USEFUL_VOXELS
from Testing.Experiments.annotation.view import SliceView

#: Slices that the user draws first, as parts of the range of slices on which the structure is not thin.
FIRST_SLICES = (0.0, 0.5, 1.0)
#: Share of the largest section below which a section counts as thin.
THIN = 0.35
#: Number of strokes without a gain in Dice after which the user continues by other means.
PATIENCE = 4
LEAST_GAIN = 0.002


class KeySlices(Brush):
    """Draws one rough stroke on each of the first slices, then corrects the slice where one stroke improves most.

    Strokes are those of the brush's user, with an equally wide brush and unsteady hand. The user sees a preview.
    """

    #: Whether the result still has to be applied.
    is_preview = True

    def __init__(self, session: Session, view: SliceView, hand: Hand, proposal: np.ndarray | None = None) -> None:
        super().__init__(session, view, hand)
        self.solver = DrawnSlicesSolver(session.case.image, session.case.spacing, proposal=proposal)

    def change(self, k: int, pixels: np.ndarray, adding: bool) -> None:
        """Draw or erase on slice ``k``; all slices follow."""
        drawn = np.zeros(self.session.mask.shape, bool)
        drawn[k] = self.view.voxels(pixels)
        with self.session.computing():
            self.solver.draw(drawn, remove=not adding)
            filled = self.solver.solve()
        self.plans.clear()
        self.session.show(filled, preview=self.is_preview)

    def run(self) -> None:
        """Draw the first slices, then correct; the best preview is applied."""
        self.session.interact("button")  # choosing to fill between slices
        for k in self.first_slices():
            if (stroke := self.plan(k)) is not None:  # the slices before may have filled this one well
                self.perform(k, stroke)
        best, _strokes = self.correct()
        self.session.show(best, preview=True)
        self.session.interact("button")

    def correct(self) -> tuple[np.ndarray, int]:
        """Correct until strokes no longer help; return the best state, and the number of strokes after it."""
        best, tries, strokes = self.session.mask, 0, 0
        while not self.session.over and tries < PATIENCE and self._correct():
            gain = self.session.dice() - self.session.dice(best)
            tries = 0 if gain > LEAST_GAIN else tries + 1
            best, strokes = (self.session.mask, 0) if gain > 0 else (best, strokes + (gain < 0))
        return best, strokes

    def plan(self, k: int) -> Drag | None:
        """Return the best stroke on slice ``k``, if it improves the slice, as its neighbours will follow it."""
        best = super().plan(k)
        if best is None:
            return None
        covered = self.view.voxels(brushed(best.path, self.sizes[self.size], self.view.shape, self.hand.pixel_mm))
        before, reference = self.session.mask[k], self.session.case.reference[k]
        after = before | covered if best.paint else before & ~covered
        return best if _overlap(after, reference) > _overlap(before, reference) else None

    def first_slices(self) -> list[int]:
        """Return a slice near each end, and the slices between them."""
        areas = self.session.case.reference.sum(axis=(1, 2))
        shown = np.flatnonzero(areas > THIN * areas.max())
        return sorted({int(shown[round(share * (len(shown) - 1))]) for share in FIRST_SLICES})

    def _correct(self) -> bool:
        """Do one more stroke, or take a smaller brush; return whether there was anything useful to do."""
        k, gain = self.best_slice()
        if gain < USEFUL_VOXELS * np.prod(self.view.factors):
            return self.refine()
        before = self.session.dice()
        self.perform(k, self.plans[k])
        if self.session.dice() <= before:
            self.patience[k] /= 2
        return True


class Proposed(KeySlices):
    """Has the segment's content treated as a proposal, and corrects the slice where one stroke improves most.

    Every stroke is applied at once.
    """

    is_preview = False

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        super().__init__(session, view, hand, proposal=session.mask)

    def run(self) -> None:
        """Correct until the session is over or strokes no longer help; useless strokes are undone."""
        best, strokes = self.correct()
        for _stroke in range(strokes):
            self.session.interact("button")
        self.session.show(best)


def _overlap(mask: np.ndarray, reference: np.ndarray) -> float:
    return 2 * np.count_nonzero(mask & reference) / max(np.count_nonzero(mask) + np.count_nonzero(reference), 1)
