"""The inflammation of a synthetic patient, the doctor's score, and how well any image could predict the score.

Inflammation changes the T2 of the muscles in the image. Active disease has a T2 of 82 ± 12 ms, inactive disease of
63 ± 8 ms (between published T2 maps; the same numbers reproduce the published signal ratios, see docs/phantom.md).
The doctor sees the eye's surface, not the muscles: each sign of the clinical activity score is the likelier the more
inflamed the muscles are, and no sign is certain. Labels come from the score, as in the clinic, and are therefore noisy
to a known degree: no classifier of images can be better than the T2 itself, which is the limit stated here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.phantom.orbit.activity import MuscleTissue
from TAOActivityLib.clinical_score import ACTIVE_FROM, ITEMS

ACTIVE_T2, INACTIVE_T2 = (82.0, 12.0), (63.0, 8.0)
HEALTHY_T2, RANGE_T2 = 65.0, 27.0
#: Log odds of each sign at a T2 of 74 ms, their increase with each 10 ms, and the SD between doctors.
SIGN_LOG_ODDS = (-1.2, -0.9, -0.3, -0.7, -0.1, -1.7, -0.6)
SIGN_SLOPE, DOCTOR_SPREAD = 1.2, 0.5
#: Share of active disease among single visits, and before treatment among treated patients.
SINGLE_ACTIVE, UNTREATED_ACTIVE = 0.30, 0.55
#: Probability that a muscle is the most involved: superior rectus, levator, inferior, medial, lateral rectus, obliques.
MOST_INVOLVED = (0.18, 0.04, 0.42, 0.27, 0.07, 0.01, 0.01)


@dataclass(frozen=True)
class Inflammation:
    """A patient's inflammation at one visit.

    :param t2: effective T2 (ms) of the most involved muscle.
    :param items: the seven signs that the doctor found.
    """

    t2: float
    items: tuple[int, ...]

    @property
    def score(self) -> int:
        """Clinical activity score."""
        return sum(self.items)

    @property
    def active(self) -> bool:
        """Label of the visit: whether the score calls the disease active."""
        return self.score >= ACTIVE_FROM


def draw_t2(rng: np.random.Generator, active_share: float, count: int = 1) -> np.ndarray:
    """Return the T2 (ms), shape (count,), of visits of which a share of ``active_share`` are truly active."""
    active = rng.random(count) < active_share
    means, spreads = (np.where(active, a, i) for a, i in zip(ACTIVE_T2, INACTIVE_T2, strict=True))
    return np.clip(rng.normal(means, spreads), 45.0, 120.0)


def treated_t2(rng: np.random.Generator, t2: np.ndarray) -> np.ndarray:
    """Return the T2 (ms) after treatment, whose excess over the inactive mean shrinks by a share that varies."""
    rest = INACTIVE_T2[0] + (t2 - INACTIVE_T2[0]) * rng.uniform(0.0, 0.7, size=t2.shape)
    return np.clip(rest + rng.normal(0, 5.0, size=t2.shape), 45.0, 120.0)


def draw_items(rng: np.random.Generator, t2: np.ndarray) -> np.ndarray:
    """Return the signs that a doctor finds at these T2 values, 0 or 1, (count, 7)."""
    doctor = rng.normal(0, DOCTOR_SPREAD, size=(len(t2), 1))
    log_odds = np.array(SIGN_LOG_ODDS) + doctor + SIGN_SLOPE * (np.asarray(t2)[:, None] - 74.0) / 10.0
    return (rng.random((len(t2), len(ITEMS))) < 1 / (1 + np.exp(-log_odds))).astype(int)


def muscle_tissue_of(t2: float, severity: float, rng: np.random.Generator) -> MuscleTissue:
    """Return the tissue at a T2 (ms): patchy muscles, one of them most involved, and fat with more water."""
    activity = (t2 - HEALTHY_T2) / RANGE_T2
    leader = int(rng.choice(len(MOST_INVOLVED), p=MOST_INVOLVED))
    involvement = rng.uniform(0.35, 1.0, size=len(MOST_INVOLVED))
    involvement[leader] = 1.0
    fat = rng.uniform(0.02, 0.10) * severity if activity < 0.2 and severity > 0.3 else 0.0
    return MuscleTissue(
        t2=float(t2), t1_increase=float(np.clip(activity, -0.2, 1.2)),
        heterogeneity=float(max(5.0 + 3.0 * np.clip(activity, 0, 1) + rng.normal(0, 1.0), 1.0)),
        fat_fraction=float(fat), stranding=float(np.clip((t2 - 68.0) / 24.0 + rng.normal(0, 0.15), 0, 1)),
        involvement=tuple(float(share) for share in involvement),
    )


def ceiling(count: int = 100_000, seed: int = 0) -> dict[str, float]:
    """Return the best performance that any classifier of images can reach on average, computed from the generator.

    :param count: number of simulated scans, which sets the accuracy.
    :param seed: seed of the random numbers.
    :return: ``auc`` of the T2 itself for the label; ``label_noise``: share of labels that differ from the best decision
        by the T2.
    """
    rng = np.random.default_rng(seed)
    singles = draw_t2(rng, SINGLE_ACTIVE, count * 56 // 160)
    before = draw_t2(rng, UNTREATED_ACTIVE, count * 52 // 160)
    t2 = np.concatenate([singles, before, treated_t2(rng, before)])
    active = draw_items(rng, t2).sum(axis=1) >= ACTIVE_FROM
    step = np.clip((t2 - 40) // 2, 0, 45).astype(int)
    share = np.bincount(step, active, 46) / np.maximum(np.bincount(step, minlength=46), 1)
    return {"auc": area_under_curve(active, t2), "label_noise": float(np.minimum(share, 1 - share)[step].mean())}
