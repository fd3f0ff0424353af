"""Physically plausible MR contrasts: random sequences, timings, field strengths and tissue properties.

The signal equations and tissue properties are those of the simulated scans
(:mod:`NeuroOrbitLib.phantom.scanner.relaxation`), here without geometry, so that a training can draw a new protocol
for every image.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from NeuroOrbitLib.phantom.orbit.activity import random_muscle_tissue
from NeuroOrbitLib.phantom.scanner.relaxation import FAT, TissueTable, signal, tissue_table
from NeuroOrbitLib.phantom.tissue import Tissue

#: Relative SD of proton density, T1 and T2 between people and between published measurements.
_PROPERTY_SPREAD = (0.04, 0.10, 0.15)
#: Tissues that set the scale of an image's brightness.
_BRIGHT = (Tissue.ORBITAL_FAT, Tissue.VITREOUS, Tissue.WHITE_MATTER, Tissue.MEDIAL_RECTUS, Tissue.GRAY_MATTER)


@dataclass(frozen=True)
class Timing:
    """The ranges of the random parameters of a kind of sequence.

    :param share: relative frequency of the sequence.
    :param repetition: range of repetition times (ms).
    :param echo: range of echo times (ms).
    :param flip: range of flip angles (degrees) of a spoiled gradient echo; ``None`` for a (turbo) spin echo.
    :param inversion: range of inversion times (ms), if the sequence inverts for contrast.
    :param nulled: range of T1 (ms) of the substance (fluid or fat) that the inversion suppresses.
    :param fat_suppressed: probability that fat is suppressed.
    :param contrast_agent: probability that the scan is taken after gadolinium.
    """

    share: float
    repetition: tuple[float, float]
    echo: tuple[float, float]
    flip: tuple[float, float] | None = None
    inversion: tuple[float, float] | None = None
    nulled: tuple[float, float] | None = None
    fat_suppressed: float = 0.0
    contrast_agent: float = 0.0


SEQUENCES: dict[str, Timing] = {
    "t1 spin echo": Timing(0.22, (350, 900), (8, 20), fat_suppressed=0.45, contrast_agent=0.45),
    "t1 gradient echo": Timing(0.14, (5, 30), (1.5, 6), flip=(8, 35), fat_suppressed=0.25, contrast_agent=0.3),
    "t1 inversion-prepared": Timing(0.16, (1600, 2600), (2, 5), inversion=(650, 1150), contrast_agent=0.15),
    "t2 spin echo": Timing(0.22, (2500, 7000), (60, 130), fat_suppressed=0.45),
    "proton density": Timing(0.10, (1800, 5000), (8, 35), fat_suppressed=0.35),
    "stir": Timing(0.08, (3000, 7000), (30, 90), nulled=(270, 400)),
    "flair": Timing(0.08, (5000, 11000), (90, 150), nulled=(3700, 4600), fat_suppressed=0.4),
}


def random_signals(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return random signals of water and of fat of every :class:`Tissue`, two arrays (tissues,), about 0 to 1."""
    timing = _random_sequence(rng)
    contrast_agent = rng.random() < timing.contrast_agent
    table = _random_table(rng, 1.5 if rng.random() < 0.5 else 3.0, contrast_agent)
    times = _random_times(rng, timing)
    water = (1 - table.fat_fraction) * signal(table.proton_density, table.t1, table.t2, **times)
    density, t1, _high, t2 = FAT
    fat = table.fat_fraction * signal(np.array(density), np.array(t1 * rng.normal(1.05, 0.08)), np.array(t2), **times)
    if rng.random() < timing.fat_suppressed:
        fat = fat * (1 - rng.uniform(0.75, 0.99))
    scale = (water + fat)[list(_BRIGHT)].max()
    return water / scale, fat / scale


def _random_sequence(rng: np.random.Generator) -> Timing:
    shares = np.array([timing.share for timing in SEQUENCES.values()])
    return SEQUENCES[list(SEQUENCES)[int(rng.choice(len(shares), p=shares / shares.sum()))]]


def _random_times(rng: np.random.Generator, timing: Timing) -> dict[str, float | None]:
    """Return random arguments of :func:`signal` for a scan."""
    repetition = rng.uniform(*timing.repetition)
    inversion = rng.uniform(*timing.inversion) if timing.inversion else None
    if timing.nulled:
        t1 = rng.uniform(*timing.nulled)
        inversion = t1 * np.log(2 / (1 + np.exp(-repetition / t1)))
    return {"repetition": repetition, "echo": rng.uniform(*timing.echo), "inversion": inversion,
            "flip": rng.uniform(*timing.flip) if timing.flip else None}


def _random_table(rng: np.random.Generator, field_strength: float, contrast_agent: bool) -> TissueTable:
    """Return the properties of a random person's tissues; some have inflamed or scarred muscles."""
    ill = rng.random() < 0.3
    muscles = random_muscle_tissue(rng, float(rng.random()) * ill, float(rng.random()) * ill)
    table = tissue_table(muscles, field_strength, contrast_agent)
    density, t1, t2 = (values * np.exp(rng.normal(0, spread, len(values))) for values, spread in
                       zip((table.proton_density, table.t1, table.t2), _PROPERTY_SPREAD, strict=True))
    return replace(table, proton_density=density, t1=t1, t2=t2)
