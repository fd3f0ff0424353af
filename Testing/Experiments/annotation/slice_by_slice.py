"""Common behaviour of users who correct one slice after another, starting where one interaction improves most."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from Testing.Experiments.annotation.hand import Hand
from Testing.Experiments.annotation.session import Session
from Testing.Experiments.annotation.view import SliceView

#: Smallest number of corrected voxels that is worth an interaction while a finer tool is available.
USEFUL_VOXELS = 4


class Plan(Protocol):
    """An interaction on a slice; its gain is the number of corrected pixels minus the number of spoilt ones."""

    gain: float


class SliceBySlice:
    """Chooses the slice for the next interaction, which a subclass plans and performs with ever finer settings."""

    def __init__(self, session: Session, view: SliceView, hand: Hand) -> None:
        self.session, self.view, self.hand = session, view, hand
        self.plans: dict[int, Plan | None] = {}
        self.patience = np.ones(len(session.mask))

    def plan(self, k: int) -> Plan | None:
        """Return the most useful interaction on slice ``k``; ``None`` if there is none."""
        raise NotImplementedError

    def perform(self, k: int, plan: Plan) -> None:
        """Perform the interaction: count it and show the segment."""
        raise NotImplementedError

    def refine(self) -> bool:
        """Take the next finer setting and return whether there is one."""
        raise NotImplementedError

    def run(self) -> None:
        """Interact until the session is over or nothing useful is left to do."""
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
                self.patience[k] /= 2  # did not help: the next one here is tried later

    def best_slice(self) -> tuple[int, float]:
        """Plan slice after slice, the worst first, until no other slice can be better; return the best plan."""
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
        """Return, for adding and for removing, the pixels that may be changed and those that should be changed."""
        case, wrong = self.session.case, self.session.wrong()[k]
        adding = case.reference[k] | case.ignored[k], wrong > 0
        removing = ~case.reference[k], wrong < 0
        return tuple(tuple(self.view.pixels(plane) for plane in pair) for pair in (adding, removing))

    def change(self, k: int, pixels: np.ndarray, adding: bool) -> None:
        """Add pixels to the segment on slice ``k``, or remove them."""
        changed, voxels = self.session.mask.copy(), self.view.voxels(pixels)
        changed[k] = changed[k] | voxels if adding else changed[k] & ~voxels
        self.session.show(changed)
