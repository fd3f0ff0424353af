"""SmartFill by the scripted user: one solver that follows each change of the seeds."""

from __future__ import annotations

import numpy as np

from OrbitSegmentationLib.refinement.graph_cut import SmartFillSolver


class SmartFill:
    """Solves from scratch the first time and incrementally afterwards, as the effect does."""

    def __init__(self, image: np.ndarray, spacing: tuple[float, float, float]) -> None:
        self._solver = SmartFillSolver(image, spacing)
        self._started = False

    def solve(self, foreground: np.ndarray, background: np.ndarray) -> np.ndarray:
        """Return the filled structure, bool (K, J, I).

        :param foreground, background: seeds, bool (K, J, I).
        """
        if self._started:
            self._solver.add_seeds(foreground, background)
        else:
            self._solver.set_seeds(foreground, background)
            self._started = True
        return self._solver.solve()
