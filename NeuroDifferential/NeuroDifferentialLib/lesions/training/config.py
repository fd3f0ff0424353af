"""Settings of the training of the lesion network."""

from __future__ import annotations

from dataclasses import dataclass

from NeuroDifferentialLib.slices.training import SliceTraining


@dataclass(frozen=True)
class LesionTraining(SliceTraining):
    """Settings of one training.

    :param ms_share: share of patients with lesions of multiple sclerosis, 0 to 1; the others have lesions of NMOSD.
    """

    widths: tuple[int, ...] = (20, 40, 80, 128)
    patients: int = 208
    loads_ml: tuple[float, float] = (0.5, 70.0)
    t1_share: float = 0.4
    steps: int = 9000
    ms_share: float = 0.65

    def check(self) -> None:
        """Refuse settings that make no sense.

        :raises Problem: naming the setting.
        """
        super().check()
        self.check_share("ms_share")
