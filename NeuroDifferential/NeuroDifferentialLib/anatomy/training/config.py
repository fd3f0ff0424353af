"""Settings of the training of the network of the brain's parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroDifferentialLib.slices.training import SliceTraining
from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class PartsTraining(SliceTraining):
    """Settings of one training, in which patients with a T1 have no FLAIR, unlike in other trainings.

    :param random_share: share of patients whose tissues have a random order of brightness, 0 to 1.
    :param large_share: share of patients with a large lesion load, 0 to 1. Large loads are rare when loads are drawn by
        their logarithm, but they hide the parts.
    :param large_loads_ml: range of these loads (ml), drawn uniformly.
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
        """Refuse settings that make no sense.

        :raises Problem: naming the setting.
        """
        super().check()
        self.check_share("random_share")
        self.check_share("large_share")
        self.check_loads("large_loads_ml")
        if self.random_share + self.t1_share > 1:
            raise Problem("random_share and t1_share are parts of all patients: at most 1 together.")

    def random_load(self, random: np.random.Generator) -> float:
        """Return the lesion load (ml) of a random patient."""
        if random.random() < self.large_share:
            return float(random.uniform(*self.large_loads_ml))
        return super().random_load(random)
