"""The record of a user's session: the segment, the number of interactions, and the computing time."""

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
    """State after an interaction: number of interactions, processor time (s), length of all strokes (mm), Dice."""

    interactions: int
    seconds: float
    travel_mm: float
    dice: float


@dataclass
class Session:
    """The session of one user who labels one case.

    Every click, stroke, button press and slider change is one interaction; looking at another slice, choosing a tool
    and
    holding a modifier key are not, for every method.
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
        """Number of interactions so far."""
        return self.counts.total()

    @property
    def over(self) -> bool:
        """Whether the segment is good enough, or the user has lost patience."""
        return self.dice() >= TARGETS[-1] or self.interactions >= self.limit

    def interact(self, kind: str, travel_mm: float = 0.0) -> None:
        """Count an interaction: a "click", "stroke", "button" or "slider"."""
        self.counts[kind] += 1
        self.travel_mm += travel_mm

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Count the processor time of the ``with`` block."""
        started = time.process_time()
        yield
        self.seconds += time.process_time() - started

    def show(self, mask: np.ndarray, preview: bool = False) -> None:
        """Record that the segment is now ``mask``, or will be after pressing Apply."""
        self.mask = mask
        self.steps.append(Step(self.interactions + preview, self.seconds, self.travel_mm, self.dice()))

    def dice(self, mask: np.ndarray | None = None) -> float:
        """Dice with the reference outside of the ignored voxels."""
        mask, reference = self.mask if mask is None else mask, self.case.reference
        common = np.count_nonzero(mask & reference)
        total = np.count_nonzero(mask) - np.count_nonzero(mask & self.case.ignored) + np.count_nonzero(reference)
        return 2 * common / total if total else 1.0

    def wrong(self) -> np.ndarray:
        """Return the errors that the user sees: +1 missing, -1 too much; int8 (slices, rows, columns)."""
        return (self.case.reference.view(np.int8) - self.mask.view(np.int8)) * ~self.case.ignored

    def reached(self, target: float) -> Step | None:
        """Return the first step with a Dice of at least ``target``; ``None`` if it was never reached."""
        return next((step for step in self.steps if step.dice >= target), None)
