"""Thyroid eye disease: the effect of its severity on the shape of an orbit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.phantom.orbit.shape import OrbitShape
from NeuroOrbitLib.phantom.tissue import Tissue

#: Growth of each muscle's volume at severity 1, so that the mean factors match published volumetry of 28 patients
#: (superior complex x2.3, inferior x2.1, superior oblique x1.8, medial x1.7, lateral x1.6, inferior oblique x1.6).
MUSCLE_GROWTH = {
    Tissue.SUPERIOR_RECTUS: 1.1, Tissue.LEVATOR: 1.1, Tissue.INFERIOR_RECTUS: 1.2, Tissue.MEDIAL_RECTUS: 1.0,
    Tissue.SUPERIOR_OBLIQUE: 0.7, Tissue.LATERAL_RECTUS: 0.55, Tissue.INFERIOR_OBLIQUE: 0.5,
}
#: Mean of the belly's cross-section relative to its largest, and globe shift (mm) per ml added behind the globe.
MEAN_AREA_SHARE = 0.566
PROPTOSIS_PER_ML = 0.85
LARGEST_PROPTOSIS = 10.0
#: Largest severity: muscles about three times their volume, and a compressed nerve.
LARGEST_SEVERITY = 1.6
#: Largest shift of the globe (mm) in severe disease beyond that from the added volume, as lids and septum yield.
_SEVERE_PROPTOSIS = 8.0
#: Shares of patients in whom only the fat, only the muscles, or both grow.
FAT_ONLY, MUSCLE_ONLY, BOTH = 0.05, 0.80, 0.15


def ted_orbit(shape: OrbitShape, severity: float, rng: np.random.Generator) -> OrbitShape:
    """Return the orbit after thyroid eye disease of ``severity``: swollen bellies with spared tendons, fat, proptosis.

    :param shape: healthy orbit.
    :param severity: severity of the disease: 0 leaves the orbit unchanged, 1 about doubles the muscles; beyond 1, up to
        :data:`LARGEST_SEVERITY`, the muscles also press on the nerve at the apex.
    :param rng: generator that draws which compartment grows, and by how much per muscle.
    """
    kind = rng.choice(["fat", "muscle", "both"], p=[FAT_ONLY, MUSCLE_ONLY, BOTH])
    growth = severity if kind != "fat" else 0.0
    factors = [1.0 + growth * MUSCLE_GROWTH[muscle.tissue] * rng.lognormal(0.0, 0.3) for muscle in shape.muscles]
    fat = rng.beta(1.0, 2.5) if kind != "muscle" else 0.0
    fat_factor = 1.0 + 0.4 * fat * min(1.0, 2 * severity)
    if severity > 1:
        beyond = (severity - 1) / (LARGEST_SEVERITY - 1)
        crowding, given = rng.uniform(0.3, 1.0) * beyond, rng.uniform(0.0, _SEVERE_PROPTOSIS) * beyond
        shape = replace(shape, nerve=replace(shape.nerve, crowding=float(crowding)),
                        proptosis=shape.proptosis + float(given))
    return swollen(shape, factors, fat_factor, severity)


def swollen(shape: OrbitShape, factors: list[float], fat_factor: float, severity: float) -> OrbitShape:
    """Return the orbit with given growth factors per muscle and for fat, and the proptosis that follows from them."""
    muscles = tuple(replace(muscle, swelling=float(factor))
                    for muscle, factor in zip(shape.muscles, factors, strict=True))
    proptosis = shape.proptosis + min(proptosis_from_growth(shape, factors, fat_factor), LARGEST_PROPTOSIS)
    gland = replace(shape.gland, thickness=shape.gland.thickness * (1 + 0.2 * severity),
                    center=(shape.gland.center[0], shape.gland.center[1] + 2.5 * severity, shape.gland.center[2]))
    return replace(shape, muscles=muscles, fat_factor=fat_factor, proptosis=float(proptosis), gland=gland,
                   vein_diameter=shape.vein_diameter + 0.8 * severity)


def proptosis_from_growth(shape: OrbitShape, factors: list[float], fat_factor: float) -> float:
    """Return the forward shift of the globe (mm) for the volume added behind it."""
    added = sum((factor - 1.0) * muscle.maximum_area * MEAN_AREA_SHARE * _chord(muscle.path) / 1000.0
                for muscle, factor in zip(shape.muscles, factors, strict=True))
    added += (fat_factor - 1.0) * 8.0
    return PROPTOSIS_PER_ML * added


def _chord(path: tuple[tuple[float, float, float], ...]) -> float:
    return float(np.linalg.norm(np.diff(np.array(path), axis=0), axis=1).sum())
