"""Muscles of a synthetic patient: T2 and growth of each rectus, heterogeneity and fat content.

All of these are drawn by class from normal distributions with one covariance, so that the likelihood ratio, and with it
the best performance of a classifier of images, is known. Responders have more oedema (a higher T2), larger and more
patchy muscles and less fat between the fibres than non-responders, in whom fibrosis has begun; signal and size are
published (Hu et al. 2022: lowest signal ratio 1.46 ± 0.34 against 1.18 ± 0.39), their distribution over the muscles is
not. :class:`MuscleEffects` defines it: with ``lead``, medial and lateral rectus differ more between the classes than
superior and inferior rectus, as Zhang et al. 2026 report; with 0, all four differ equally.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.anatomy.structures import RECTI
from NeuroOrbitLib.phantom.orbit.activity import MuscleTissue

HEALTHY_T2 = 65.0
#: Mean over both classes and SD: T2 (ms), logarithm of the growth of a muscle's volume, heterogeneity (ms), fat.
T2, GROWTH = (84.0, 10.0), (0.45, 0.22)
HETEROGENEITY, FAT = (8.0, 2.0), (0.06, 0.03)
#: Correlation of the four recti of a patient, and the shifts of growth, heterogeneity and fat relative to that of T2.
CORRELATION = 0.1
GROWTH_SHARE, HETEROGENEITY_SHARE, FAT_SHARE = 0.5, 0.5, -0.5
_HORIZONTAL = np.array([key in ("medial_rectus", "lateral_rectus") for key in RECTI])
_COUNT = len(RECTI)


@dataclass(frozen=True)
class MuscleEffects:
    """The differences between the classes.

    :param lead: 0 to 1; medial and lateral rectus have the weight 1 + lead, superior and inferior rectus 1 - lead.
    :param distance: Mahalanobis distance of the classes; 1.07 gives an AUC of 0.775 for any lead.
    """

    lead: float = 0.6
    distance: float = 1.07

    def weights(self) -> np.ndarray:
        """Return the weight of each rectus, in the order of :data:`~NeuroOrbitLib.anatomy.structures.RECTI`."""
        return np.where(_HORIZONTAL, 1.0 + self.lead, 1.0 - self.lead)

    def shift(self) -> np.ndarray:
        """Return the difference of the classes' means in SD: T2 and growth of four recti, heterogeneity, fat; (10,)."""
        own = self.weights()
        shape = np.concatenate([own, GROWTH_SHARE * own, [HETEROGENEITY_SHARE, FAT_SHARE]])
        return shape * self.distance / np.sqrt(shape @ np.linalg.solve(covariance(), shape))

    def draw(self, rng: np.random.Generator, labels: np.ndarray) -> np.ndarray:
        """Return the standardised values drawn by class, shape (cases, 10).

        :param rng: generator of random numbers.
        :param labels: 1 for responders, 0 for non-responders, shape (cases,).
        """
        root = np.linalg.cholesky(covariance())
        return rng.normal(size=(len(labels), 2 * _COUNT + 2)) @ root.T + (np.asarray(labels) - 0.5)[:, None] * \
            self.shift()

    def log_ratios(self, drawn: np.ndarray) -> np.ndarray:
        """Return the log likelihood ratio (cases,) of response to no response for drawn values (cases, 10)."""
        return drawn @ np.linalg.solve(covariance(), self.shift())

    def leader(self, drawn: np.ndarray) -> str:
        """Return the rectus that indicates a response most strongly, for the drawn values (10,) of one patient."""
        parts = np.linalg.solve(covariance(), self.shift()) * drawn
        return RECTI[int(np.argmax(parts[:_COUNT] + parts[_COUNT:2 * _COUNT]))]


def covariance() -> np.ndarray:
    """Return the covariance (10, 10) of the drawn values, in which the recti of a patient are correlated."""
    alike = (1 - CORRELATION) * np.eye(_COUNT) + CORRELATION
    found = np.eye(2 * _COUNT + 2)
    found[:_COUNT, :_COUNT] = found[_COUNT:2 * _COUNT, _COUNT:2 * _COUNT] = alike
    return found


def growth_of(drawn: np.ndarray) -> dict[str, float]:
    """Return the growth factor of each rectus's volume, at most 3, for drawn values (10,)."""
    logarithms = GROWTH[0] + GROWTH[1] * drawn[_COUNT:2 * _COUNT]
    return {key: float(np.exp(np.clip(value, -0.2, np.log(3.0)))) for key, value in zip(RECTI, logarithms, strict=True)}


def tissue_of(drawn: np.ndarray) -> MuscleTissue:
    """Return the muscles' tissue; the levator is like the superior rectus, the obliques like the mean of the recti."""
    t2 = dict(zip(RECTI, np.clip(T2[0] + T2[1] * drawn[:_COUNT], 48.0, 125.0).tolist(), strict=True))
    obliques = float(np.mean(list(t2.values())))
    each = np.array([t2["superior_rectus"], t2["superior_rectus"], t2["inferior_rectus"], t2["medial_rectus"],
                     t2["lateral_rectus"], obliques, obliques])
    most = max(float(each.max()), HEALTHY_T2 + 1.0)
    share = (most - HEALTHY_T2) / 27.0
    heterogeneity, fat = (mean + sd * float(value)
                          for (mean, sd), value in zip((HETEROGENEITY, FAT), drawn[2 * _COUNT:], strict=True))
    return MuscleTissue(
        t2=most, t1_increase=float(np.clip(share, -0.2, 1.2)), heterogeneity=float(np.clip(heterogeneity, 1.0, 16.0)),
        fat_fraction=float(np.clip(fat, 0.0, 0.2)), stranding=float(np.clip(share, 0.0, 1.0)),
        involvement=tuple(float(value) for value in (each - HEALTHY_T2) / (most - HEALTHY_T2)))
