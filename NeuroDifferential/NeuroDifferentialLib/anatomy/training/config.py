"""How the network of the brain's parts learns: its size, what it is shown, for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroDifferentialLib.slices.training import SliceTraining
from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class PartsTraining(SliceTraining):
    """Settings of one training; patients with a T1 have no FLAIR, unlike in other trainings.

    :param random_share: patients whose tissues have any order of brightness.
    :param large_share: patients with a large load of lesions. Few are large when loads are drawn by their logarithm,
        but it is they that hide the parts. :param large_loads_ml: their loads, drawn evenly.
    """

    widths: tuple[int, ...] = (16, 32, 64, 96, 128)
    patients: int = 240
    loads_ml: tuple[float, float] = (0.3, 60.0)
    t1_share: float = 0.15
    steps: int = 7000
    random_share: float = 0.15
    large_share: float = 1 / 6
    large_loads_ml: tuple[float, float] = (20.0, 60.0)

    def check(self) -> None:
        """Refuse settings that make no sense. :raises Problem: naming what does not."""
        super().check()
        self.check_share("random_share")
        self.check_share("large_share")
        self.check_loads("large_loads_ml")
        if self.random_share + self.t1_share > 1:
            raise Problem("random_share and t1_share are parts of all patients: at most 1 together.")

    def random_load(self, random: np.random.Generator) -> float:
        """Return the load of lesions (ml) of a random patient."""
        if random.random() < self.large_share:
            return float(random.uniform(*self.large_loads_ml))
        return super().random_load(random)
