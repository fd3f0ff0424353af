"""Counts the outcomes of attempts: tried, right, told (refused with a message), unseen, wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from NeuroOrbitLib.problem import Problem


class Outcome(Enum):
    """How the product handled an attempt."""

    RIGHT = "right"
    TOLD = "told"
    #: Changed voxels in a file without a checksum, which cannot be detected.
    UNSEEN = "unseen"
    WRONG = "wrong"


@dataclass(frozen=True)
class Attempt:
    """One attempt.

    :param area: line of the table that counts it.
    :param name: describes the damage, so that it can be repeated.
    :param run: makes the attempt and judges its result. A Problem counts as told, any other exception as wrong.
    """

    area: str
    name: str
    run: Callable[[], Outcome]


@dataclass
class Tally:
    """Counts by area, and the names of the attempts that went wrong."""

    counts: dict[str, dict[Outcome, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    wrong: list[str] = field(default_factory=list)

    def add_all(self, attempts: Iterable[Attempt]) -> Tally:
        """Make the attempts; returns itself."""
        for attempt in attempts:
            try:
                outcome, why = attempt.run(), "was taken as it was"
            except Problem:
                outcome, why = Outcome.TOLD, ""
            except Exception as error:  # Any other exception would look like a fault of the program to the user.
                outcome, why = Outcome.WRONG, f"{type(error).__name__}: {error}"
            self.counts[attempt.area][outcome] += 1
            if outcome is Outcome.WRONG:
                self.wrong.append(f"{attempt.area}, {attempt.name}: {why}")
        return self

    def table(self) -> str:
        """Return the counts as text: one line per area, and their sum."""
        rows = [("area", "tried", *(outcome.value for outcome in Outcome))]
        rows += [self._row(area, [counts]) for area, counts in self.counts.items()]
        rows.append(self._row("all", list(self.counts.values())))
        return "\n".join(f"{row[0]:34}" + "".join(f"{cell:>8}" for cell in row[1:]) for row in rows)

    @staticmethod
    def _row(area: str, parts: list[dict[Outcome, int]]) -> tuple[str, ...]:
        numbers = [sum(counts.get(outcome, 0) for counts in parts) for outcome in Outcome]
        return (area, *map(str, (sum(numbers), *numbers)))
