"""What a user has done so far: the segment, how many interactions it took, and how long the computer worked."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from Testing.Experiments.annotation.cases import AnnotatedHead

TARGETS = (0.85, 0.90)


@dataclass(frozen=True)
class Step:
    """State after an interaction: how many there were, processor seconds, length of all drags (mm), Dice."""

    interactions: int
    seconds: float
    travel_mm: float
    dice: float


@dataclass
class Session:
    """One user labels one case. Every click, drag, press of a button and change of a slider is one interaction;
    looking at another slice, choosing a tool and holding a modifier key are none, for every method.
    """

    case: AnnotatedHead
    limit: int
    mask: np.ndarray = field(init=False)
    counts: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    travel_mm: float = 0.0
    steps: list[Step] = field(default_factory=list)
    corrected_by: str = ""

    def __post_init__(self) -> None:
        self.mask = np.zeros(self.case.reference.shape, bool)

    @property
    def interactions(self) -> int:
        """All interactions so far."""
        return self.counts.total()

    @property
    def over(self) -> bool:
        """Good enough, or patience at an end."""
        return self.dice() >= TARGETS[-1] or self.interactions >= self.limit

    def interact(self, kind: str, travel_mm: float = 0.0) -> None:
        """Count a "click", "stroke", "button" or "slider"."""
        self.counts[kind] += 1
        self.travel_mm += travel_mm

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Count the processor time of what happens inside."""
        started = time.process_time()
        yield
        self.seconds += time.process_time() - started

    def show(self, mask: np.ndarray, preview: bool = False) -> None:
        """The segment is now ``mask``, or will be after one more press, of Apply."""
        self.mask = mask
        self.steps.append(Step(self.interactions + preview, self.seconds, self.travel_mm, self.dice()))

    def dice(self, mask: np.ndarray | None = None) -> float:
        """Agreement with the reference outside of the ignored voxels."""
        mask, reference = self.mask if mask is None else mask, self.case.reference
        common = np.count_nonzero(mask & reference)
        total = np.count_nonzero(mask) - np.count_nonzero(mask & self.case.ignored) + np.count_nonzero(reference)
        return 2 * common / total if total else 1.0

    def wrong(self) -> np.ndarray:
        """Voxels that the user sees to be wrong: +1 missing, -1 too much; int8 (slices, rows, columns)."""
        return (self.case.reference.view(np.int8) - self.mask.view(np.int8)) * ~self.case.ignored

    def reached(self, target: float) -> Step | None:
        """The first step at which the Dice was at least ``target``; None if it never was."""
        return next((step for step in self.steps if step.dice >= target), None)
