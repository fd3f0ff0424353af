"""Inflammation in thyroid eye disease: the effect of activity and scarring on the muscles in images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class MuscleTissue:
    """The state of the extra-ocular muscles' tissue.

    :param t2: effective transverse relaxation time in ms (65 healthy, 92 active).
    :param t1_increase: longitudinal relaxation between healthy (0) and fully active (1).
    :param heterogeneity: standard deviation of T2 within a muscle (ms).
    :param fat_fraction: share of fat between the fibres, 0 to 1.
    :param stranding: oedema of the orbital fat, 0 to 1.
    :param involvement: share (0 to 1) of the change from healthy in each muscle, in the order of
        :data:`~NeuroOrbitLib.phantom.tissue.MUSCLE_TISSUES`; empty for the full change in every muscle.
    """

    t2: float = 65.0
    t1_increase: float = 0.0
    heterogeneity: float = 3.0
    fat_fraction: float = 0.0
    stranding: float = 0.0
    involvement: tuple[float, ...] = ()

    def of_muscle(self, index: int) -> MuscleTissue:
        """Return the tissue of the muscle with an index in :data:`~NeuroOrbitLib.phantom.tissue.MUSCLE_TISSUES`."""
        share = self.involvement[index] if self.involvement else 1.0
        return replace(self, t2=65.0 + (self.t2 - 65.0) * share, t1_increase=self.t1_increase * share, involvement=())

    @property
    def proton_density(self) -> float:
        """Proton density relative to water."""
        return 0.80 + 0.08 * self.t1_increase

    def t1(self, field_strength: float) -> float:
        """Return the longitudinal relaxation time (ms) at a field strength of 1.5 or 3 tesla."""
        healthy, active = (1450.0, 1800.0) if field_strength > 2 else (1470.0, 1700.0)
        return healthy + (active - healthy) * self.t1_increase

    @property
    def hounsfield_shift(self) -> float:
        """Change of the muscles' CT number (HU): oedema and fat both lower it."""
        return -6.0 * self.t1_increase - 140.0 * self.fat_fraction


HEALTHY = MuscleTissue()
INACTIVE = MuscleTissue(t2=60.0, t1_increase=-0.14, heterogeneity=5.0, fat_fraction=0.0)
MILDLY_ACTIVE = MuscleTissue(t2=80.0, t1_increase=0.6, heterogeneity=7.0, stranding=0.4)
ACTIVE = MuscleTissue(t2=92.0, t1_increase=1.0, heterogeneity=8.0, stranding=1.0)


def muscle_tissue(activity: float) -> MuscleTissue:
    """Return the muscles' tissue at an activity from 0 (none) to 1 (T2 of 92 ms), without random variation.

    :raises ValueError: for an activity outside 0 to 1.
    """
    if not 0.0 <= activity <= 1.0:
        raise ValueError(f"Activity runs from 0 to 1, not {activity}.")
    return MuscleTissue(t2=65.0 + 27.0 * activity, t1_increase=activity, heterogeneity=3.0 + 5.0 * activity,
                        stranding=activity)


def random_muscle_tissue(rng: np.random.Generator, severity: float, activity: float) -> MuscleTissue:
    """Return the muscle tissue of a random patient.

    T2 has an SD of 12 ms in active and 8 ms in inactive patients (published T2 maps); burnt-out disease has a low T2
    and up to 10 % of fat between the fibres.
    """
    mean = muscle_tissue(activity)
    scarring = max(severity - activity, 0.0)
    t2 = rng.normal(mean.t2 - 5.0 * scarring, 3.0 + 4.0 * severity + 3.0 * activity)
    fat = rng.uniform(0.02, 0.10) * scarring if scarring > 0.2 else 0.0
    return MuscleTissue(
        t2=float(np.clip(t2, 48.0, 125.0)), t1_increase=float(np.clip(rng.normal(activity, 0.08), -0.2, 1.2)),
        heterogeneity=mean.heterogeneity + 2.0 * severity, fat_fraction=float(fat), stranding=float(activity))
