"""What users have in common who mend one slice after another: they go where one interaction mends most."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from Testing.Experiments.annotation.hand import Hand
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.view import SliceView

#: Mending fewer voxels than this is not worth an interaction as long as a finer tool is at hand.
USEFUL_VOXELS = 4


class Plan(Protocol):
    """An interaction on a slice: how many pixels will be right that were wrong, less those spoilt."""

    gain: float


class SliceBySlice:
    """Chooses the slice for the next interaction; a subclass plans and does it, and has finer and finer settings."""

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        self.session, self.view, self.hand = session, view, hand
        self.plans: dict[int, Plan | None] = {}
        self.patience = np.ones(len(session.mask))

    def plan(self, k: int) -> Plan | None:
        """The most useful interaction on slice ``k``; None if there is none."""
        raise NotImplementedError

    def perform(self, k: int, plan: Plan) -> None:
        """Do it: count it and show the segment."""
        raise NotImplementedError

    def refine(self) -> bool:
        """Take the next finer setting, if there is one."""
        raise NotImplementedError

    def run(self) -> None:
        """Until the session is over, or nothing useful is left to do."""
        self.plans.clear()
        while not self.session.over:
            k, gain = self.best_slice()
            if gain < USEFUL_VOXELS * np.prod(self.view.factors):
                if self.refine():
                    self.plans.clear()
                    continue
                if gain <= 0:
                    return
            before = self.session.dice()
            self.perform(k, self.plans.pop(k))
            if self.session.dice() <= before:
                self.patience[k] /= 2  # did no good: the next one here is tried later

    def best_slice(self) -> tuple[int, float]:
        """Plans slice after slice, those with the most wrong first, until none of the others can be better."""
        most = np.abs(self.session.wrong()).sum(axis=(1, 2)) * self.patience * np.prod(self.view.factors)
        best, gain = 0, 0.0
        for k in np.argsort(-most).tolist():
            if most[k] <= gain:
                break
            if k not in self.plans:
                self.plans[k] = self.plan(k)
            if self.plans[k] is not None and self.plans[k].gain * self.patience[k] > gain:
                best, gain = k, self.plans[k].gain * self.patience[k]
        return best, gain

    def planes(self, k: int) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
        """For adding and for removing, as pixels: where it does no harm, and what should be changed."""
        case, wrong = self.session.case, self.session.wrong()[k]
        adding = case.reference[k] | case.ignored[k], wrong > 0
        removing = ~case.reference[k], wrong < 0
        return tuple(tuple(self.view.pixels(plane) for plane in pair) for pair in (adding, removing))

    def change(self, k: int, pixels: np.ndarray, adding: bool) -> None:
        """Add pixels to the segment on slice ``k``, or remove them."""
        changed, voxels = self.session.mask.copy(), self.view.voxels(pixels)
        changed[k] = changed[k] | voxels if adding else changed[k] & ~voxels
        self.session.show(changed)
