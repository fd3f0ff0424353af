"""How the network of the brain's parts learns: its size, what it is shown, for how long."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroDifferentialLib.slices.training import SliceTraining
from NeuroOrbitLib.problem import Problem


@dataclass(frozen=True)
class PartsTraining(SliceTraining):
    """Settings of one training; patients with a T1 have no FLAIR, unlike in other trainings.

    :param random_share: patients whose tissues have any order of brightness.
    """

    widths: tuple[int, ...] = (16, 32, 64, 96, 128)
    patients: int = 240
    loads_ml: tuple[float, float] = (0.3, 60.0)
    t1_share: float = 0.15
    steps: int = 7000
    random_share: float = 0.15

    def check(self) -> None:
        """Refuse settings that make no sense. :raises Problem: naming what does not."""
        super().check()
        self.check_share("random_share")
        if self.random_share + self.t1_share > 1:
            raise Problem("random_share and t1_share are parts of all patients: at most 1 together.")
