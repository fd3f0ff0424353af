"""Wall and processor time of a piece of work; on a busy machine only the latter can be compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Seconds:
    """Medians over repeats, in seconds."""

    wall: float
    processor: float

    def named(self, name: str) -> dict[str, float]:
        """Return the times as entries ``<name>_s`` and ``<name>_processor_s`` of the results."""
        return {f"{name}_s": self.wall, f"{name}_processor_s": self.processor}


def median_seconds(work: Callable[[], object], repeats: int = 5, warm_up: bool = True) -> Seconds:
    """Return the median wall and processor time of ``work`` in this process."""
    if warm_up:
        work()
    runs = [_time(work) for _ in range(repeats)]
    return Seconds(statistics.median(run.wall for run in runs), statistics.median(run.processor for run in runs))


def _time(work: Callable[[], object]) -> Seconds:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - wall, time.process_time() - processor)
