"""Random brightness of tissues: any contrast that a network may meet, from plausible CT and MR to pure chance.

Following SynthSeg (Billot 2023, doi:10.1016/j.media.2023.102789), a network that has to cope with every contrast
learns anatomy instead of grey values. Most draws start from physics or from the look of common protocols, so that
real contrasts are seen often enough.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from NeuroOrbitLib.phantom.scanner.physical_contrast import random_signals
from NeuroOrbitLib.phantom.tissue import MUSCLE_TISSUES, Tissue

#: Tissues that look alike in most contrasts; the order is that of the columns of ``_PROTOCOLS``.
GROUPS: dict[str, tuple[int, ...]] = {
    "air": (Tissue.AIR,),
    "vitreous": (Tissue.VITREOUS, Tissue.AQUEOUS),
    "fluid": (Tissue.CSF, Tissue.SHEATH_FLUID),
    "fat": (Tissue.ORBITAL_FAT, Tissue.SUBCUTANEOUS_FAT),
    "muscle": (*MUSCLE_TISSUES, Tissue.MUSCLE, Tissue.TEMPORALIS),
    "nerve": (Tissue.OPTIC_NERVE, Tissue.WHITE_MATTER),
    "gray_matter": (Tissue.GRAY_MATTER,),
    "gland": (Tissue.LACRIMAL_GLAND,),
    "lens": (Tissue.LENS,),
    "coat": (Tissue.SCLERA, Tissue.CORNEA, Tissue.CILIARY_BODY, Tissue.TENDON, Tissue.DURA),
    "bone": (Tissue.BONE, Tissue.THIN_BONE),
    "marrow": (Tissue.MARROW,),
    "skin": (Tissue.SKIN, Tissue.EYELID, Tissue.MUCOSA),
    "vessel": (Tissue.VEIN, Tissue.ARTERY),
}
#: Typical brightness (0 darkest to 1 brightest) of each group: MR as magnitude, CT within a soft-tissue window.
_PROTOCOLS: dict[str, tuple[float, ...]] = {
    #                  air  vitr fluid fat  musc nerv gray glan lens coat bone marr skin vess
    "t1":              (.02, .12, .14, .95, .42, .55, .45, .48, .38, .38, .06, .75, .50, .30),
    "t1_gadolinium":   (.02, .12, .14, .90, .62, .55, .47, .70, .38, .50, .06, .72, .62, .85),
    "t1_fat_saturated": (.02, .20, .22, .18, .62, .65, .55, .72, .45, .50, .05, .20, .55, .45),
    "t1_fs_gadolinium": (.02, .15, .17, .18, .75, .50, .45, .85, .38, .60, .05, .20, .65, .90),
    "t2":              (.02, .98, .98, .72, .20, .40, .50, .55, .25, .22, .05, .50, .40, .12),
    "t2_fat_saturated": (.02, .98, .98, .15, .32, .45, .58, .60, .25, .25, .04, .15, .38, .15),
    "stir":            (.02, .95, .95, .06, .38, .42, .62, .62, .25, .25, .04, .08, .40, .15),
    "proton_density":  (.03, .70, .72, .85, .62, .60, .75, .75, .45, .45, .08, .65, .65, .30),
    "flair":           (.02, .12, .10, .80, .40, .50, .62, .55, .35, .35, .05, .55, .48, .15),
}
#: HU of the groups in the same order.
_HOUNSFIELD = (-1000, 8, 10, -95, 48, 34, 37, 46, 85, 48, 900, 350, 40, 42)
#: Lowest and highest enhancement by iodine in CT (HU), and share of CT scans with iodine.
_IODINE = {"vessel": (40.0, 160.0), "gland": (15.0, 50.0), "skin": (5.0, 30.0), "muscle": (5.0, 25.0)}
_IODINE_SHARE = 0.3
#: Silicone oil in place of the vitreous: share of globes with it, and range of its CT number (HU).
_OIL_SHARE, _OIL = 0.03, (70.0, 140.0)
#: SD of the differences in brightness between the tissues of a group.
_SPREAD = 0.07


@dataclass(frozen=True)
class Contrast:
    """Brightness of every tissue class: mean, SD of its texture, and the part of the signal that comes from fat.

    All of shape (tissue count,). ``is_ct`` tells whether the means are HU.
    """

    mean: np.ndarray
    texture: np.ndarray
    fat_fraction: np.ndarray
    is_ct: bool


def random_contrast(rng: np.random.Generator, tissue_count: int) -> Contrast:
    """Return a random contrast; classes beyond those of :class:`Tissue` look like a random soft tissue."""
    contrast = _without_oil(rng, tissue_count)
    if rng.random() < _OIL_SHARE:
        contrast.mean[Tissue.VITREOUS] = rng.uniform(*_OIL) if contrast.is_ct else rng.uniform(0.02, 1.0)
    return contrast


def _without_oil(rng: np.random.Generator, tissue_count: int) -> Contrast:
    draw = rng.random()
    if draw < 0.25:
        return _random_ct(rng, tissue_count)
    if draw < 0.60:
        return _physical(rng, tissue_count)
    groups = _random_groups(rng) if draw < 0.78 else _protocol_groups(rng)
    mean = _spread_over_tissues(groups, tissue_count)
    mean += rng.normal(0, _SPREAD, tissue_count) * (rng.random() < 0.7) * (mean > 0.05)
    mean[list(_muscles())] += rng.normal(0, 0.02, len(_muscles()))
    texture = np.abs(rng.normal(0, 0.035, tissue_count)) * rng.random()
    return Contrast(np.clip(mean, 0, 1.3), texture, _fat_fraction(tissue_count), False)


def _random_ct(rng: np.random.Generator, tissue_count: int) -> Contrast:
    groups = np.array(_HOUNSFIELD, float)
    groups[1:10] += rng.normal(0, 8, 9)
    groups[3] = rng.normal(-92, 14)
    groups[10:12] *= rng.uniform(0.6, 1.2, 2)
    if rng.random() < _IODINE_SHARE:
        for name, added in _IODINE.items():
            groups[list(GROUPS).index(name)] += rng.uniform(*added)
    mean = _spread_over_tissues(groups, tissue_count)
    texture = np.full(tissue_count, 6.0) * rng.random()
    texture[Tissue.BONE] = texture[Tissue.MARROW] = 120.0
    return Contrast(mean, texture, _fat_fraction(tissue_count), True)


def _physical(rng: np.random.Generator, tissue_count: int) -> Contrast:
    water, fat = random_signals(rng)
    mean = np.full(tissue_count, water[Tissue.MUSCLE] + fat[Tissue.MUSCLE])
    mean[:len(water)] = water + fat
    fraction = np.zeros(tissue_count)
    fraction[:len(water)] = fat / np.maximum(water + fat, 1e-6)
    texture = mean * np.abs(rng.normal(0, 0.05, tissue_count)) * rng.random()
    return Contrast(np.clip(mean, 0, 1.6), texture, fraction, False)


def _random_groups(rng: np.random.Generator) -> np.ndarray:
    groups = rng.random(len(GROUPS))
    if rng.random() < 0.8:
        groups[0] = rng.uniform(0, 0.05)
    return groups


def _protocol_groups(rng: np.random.Generator) -> np.ndarray:
    protocol = np.array(_PROTOCOLS[str(rng.choice(list(_PROTOCOLS)))])
    # Receiver gain and display are arbitrary: a power law keeps the order of the tissues and changes their distances.
    groups = np.clip(protocol + rng.normal(0, 0.06, len(GROUPS)), 0.0, 1.2)
    return groups ** np.exp(rng.normal(0, 0.25))


def _spread_over_tissues(groups: np.ndarray, tissue_count: int) -> np.ndarray:
    mean = np.full(tissue_count, groups[list(GROUPS).index("muscle")], float)
    for value, tissues in zip(groups, GROUPS.values(), strict=True):
        mean[list(tissues)] = value
    return mean


def _muscles() -> tuple[int, ...]:
    return GROUPS["muscle"]


def _fat_fraction(tissue_count: int) -> np.ndarray:
    fraction = np.zeros(tissue_count)
    fraction[list(GROUPS["fat"])] = 1.0
    fraction[Tissue.MARROW] = 0.8
    return fraction
