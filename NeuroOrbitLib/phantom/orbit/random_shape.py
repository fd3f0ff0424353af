"""Random orbits: variation between healthy adults, and the effect of thyroid eye disease of a given severity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from NeuroOrbitLib.phantom.orbit.shape import (
    CavityShape,
    GlandShape,
    GlobeShape,
    MuscleShape,
    NerveShape,
    OrbitShape,
    Vector,
)
from NeuroOrbitLib.phantom.orbit.thyroid_disease import LARGEST_SEVERITY, ted_orbit
from NeuroOrbitLib.phantom.tissue import Tissue


def random_orbit_shape(rng: np.random.Generator, sex: str | None = None, severity: float = 0.0,
                       gaze_sd: float = 5.0) -> OrbitShape:
    """Return a random orbit.

    Between-subject spreads follow published imaging norms (axial length, muscle cross-section, rim distances).

    :param rng: source of randomness; the same state gives the same orbit.
    :param sex: "M", "F" or None to draw it; men have 6 % larger muscles and a larger orbit.
    :param severity: severity of thyroid eye disease, from 0 (healthy) over 1 (muscles about twice their volume) to 1.6
        (three times, with a compressed nerve).
    :param gaze_sd: standard deviation of the gaze angles in degrees.
    :raises ValueError: when sex or severity is out of range.
    """
    if sex not in (None, "M", "F"):
        raise ValueError(f"Sex must be 'M', 'F' or None, not {sex!r}.")
    if not 0.0 <= severity <= LARGEST_SEVERITY:
        raise ValueError(f"Severity runs from 0 to {LARGEST_SEVERITY}, not {severity}.")
    sex = sex or str(rng.choice(["F", "M"]))
    bulk = (1.04 if sex == "M" else 0.98) * rng.lognormal(0.0, 0.10)
    shape = OrbitShape(
        globe=random_globe(rng), nerve=_random_nerve(rng), cavity=_random_cavity(rng, sex), gland=_random_gland(rng),
        muscles=tuple(_random_muscle(rng, muscle, bulk) for muscle in OrbitShape().muscles),
        gaze=(float(rng.normal(0, gaze_sd)), float(rng.normal(0, gaze_sd))),
        vein_diameter=float(np.clip(rng.normal(2.0, 0.3), 1.3, 2.8)),
        artery_diameter=float(np.clip(rng.normal(1.3, 0.15), 0.9, 1.8)),
    )
    return ted_orbit(shape, severity, rng) if severity > 0 else shape


def random_globe(rng: np.random.Generator) -> GlobeShape:
    """Return a random eyeball: axial length 23.8 +- 0.9 mm, slightly flatter from above than from the side."""
    default = GlobeShape()
    return replace(
        default,
        radius=float(np.clip(rng.normal(default.radius, 0.42), 10.8, 13.6)),
        transverse_ratio=float(rng.normal(0.985, 0.02)),
        vertical_ratio=float(rng.normal(0.97, 0.02)),
        chamber_depth=float(np.clip(rng.normal(3.1, 0.35), 2.2, 4.0)),
        lens_diameter=float(rng.normal(9.2, 0.35)),
        lens_thickness=float(np.clip(rng.normal(4.0, 0.4), 3.0, 5.2)),
    )


def _random_nerve(rng: np.random.Generator) -> NerveShape:
    default = NerveShape()
    return replace(
        default,
        nerve_diameter=float(np.clip(rng.normal(3.1, 0.3), 2.3, 4.0)),
        fluid_thickness=float(np.clip(rng.normal(0.55, 0.12), 0.25, 0.95)),
        lateral_bow=float(rng.normal(default.lateral_bow, 1.0)),
        sag=float(rng.normal(default.sag, 0.6)),
    )


def _random_cavity(rng: np.random.Generator, sex: str) -> CavityShape:
    default = CavityShape()
    return replace(
        default,
        scale=float(np.clip(rng.normal(1.03 if sex == "M" else 1.0, 0.025), 0.95, 1.12)),
        medial_rim=_shifted(rng, default.medial_rim, (0.5, 1.5, 0.0)),
        lateral_rim=_shifted(rng, default.lateral_rim, (0.8, 1.8, 0.0)),
        exponent=float(np.clip(rng.normal(2.6, 0.15), 2.2, 3.2)),
        septum_bow=float(np.clip(rng.normal(3.0, 1.0), 1.0, 6.0)),
    )


def _random_gland(rng: np.random.Generator) -> GlandShape:
    default = GlandShape()
    return replace(
        default,
        center=_shifted(rng, default.center, (0.5, 1.5, 0.5)),
        thickness=float(np.clip(rng.normal(default.thickness, 0.7), 3.4, 7.5)),
        length=float(np.clip(rng.normal(default.length, 1.6), 11.0, 21.0)),
        height=float(np.clip(rng.normal(default.height, 1.6), 11.0, 20.0)),
    )


def _random_muscle(rng: np.random.Generator, muscle: MuscleShape, bulk: float) -> MuscleShape:
    area = bulk * rng.lognormal(0.0, 0.10)
    flatness = rng.lognormal(0.0, 0.07)
    path = list(muscle.path)
    fixed_insertion = muscle.tissue in (Tissue.SUPERIOR_OBLIQUE, Tissue.LEVATOR)
    path[1:-1] = [_shifted(rng, point, (0.5, 0.8, 0.5)) for point in path[1:-1]]
    path[-1] = path[-1] if fixed_insertion else _shifted(rng, path[-1], (0.0, 0.6, 0.0))
    return replace(
        muscle, path=tuple(path),
        thickness=float(muscle.thickness * np.sqrt(area) / flatness),
        width=float(muscle.width * np.sqrt(area) * flatness),
        peak=float(np.clip(rng.normal(muscle.peak, 0.04), 0.33, 0.57)),
        insertion_width=float(np.clip(rng.normal(muscle.insertion_width, 0.8), 1.5, 16.0)),
        tendon_length=float(muscle.tendon_length * rng.lognormal(0.0, 0.1)),
    )


def _shifted(rng: np.random.Generator, point: Vector, spread: Vector) -> Vector:
    return tuple(float(value) for value in rng.normal(point, spread))


def vary_side(rng: np.random.Generator, shape: OrbitShape, severity: float) -> OrbitShape:
    """Return the other orbit of the same person: nearly the same, with small random differences and its own disease.

    :param rng: source of randomness.
    :param shape: the first orbit, healthy.
    :param severity: severity of thyroid eye disease of this side, as for :func:`random_orbit_shape`.
    """
    muscles = tuple(replace(muscle, thickness=float(muscle.thickness * rng.lognormal(0.0, 0.03)),
                            width=float(muscle.width * rng.lognormal(0.0, 0.02))) for muscle in shape.muscles)
    globe = replace(shape.globe, radius=float(shape.globe.radius + rng.normal(0, 0.12)))
    nerve = replace(shape.nerve, lateral_bow=float(shape.nerve.lateral_bow + rng.normal(0, 0.4)))
    gland = replace(shape.gland, thickness=float(shape.gland.thickness * rng.lognormal(0.0, 0.06)))
    varied = replace(shape, muscles=muscles, globe=globe, nerve=nerve, gland=gland)
    return ted_orbit(varied, severity, rng) if severity > 0 else varied
