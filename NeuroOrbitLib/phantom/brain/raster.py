"""Lesions drawn into a brain: shapes of exact volume, with the locations and directions of their patterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.phantom.brain.plan import LesionPlan, PatientPlan, Pattern
from NeuroOrbitLib.phantom.brain.zones import Zones
from NeuroOrbitLib.phantom.pattern import wave_pattern

#: Patterns whose long axis is perpendicular to the ventricle's surface.
_UPRIGHT = (Pattern.DAWSON, Pattern.PERIVENTRICULAR, Pattern.CALLOSAL)
#: Depth (mm) that a linear ependymal lesion reaches into the brain.
_LINING = 3.0
_IRREGULARITY = 0.18
_LARGEST_REACH = 60.0
#: A logistic edge falls from 90 to 10 % within this many times its scale.
_EDGE_WIDTHS = 4.4


@dataclass(frozen=True)
class DrawnLesion:
    """A lesion in the label map.

    :param number: label value of the lesion.
    :param plan: lesion as planned.
    :param volume: volume (mm3) of its voxels; later lesions do not overwrite earlier ones.
    :param center: voxel index (K, J, I) of its seed.
    """

    number: int
    plan: LesionPlan
    volume: float
    center: tuple[int, int, int]


@dataclass(frozen=True)
class LesionMap:
    """Maps of all lesions of a patient.

    :param numbers: number of the lesion of each voxel, 0 for none, int16 (K, J, I).
    :param share: share (0 to 1) of the lesion's signal in each voxel, soft at the edges.
    :param t1, t2: relaxation times (ms) of the lesion at each voxel, 0 without a lesion.
    :param caps: share (0 to 1) of the bright caps of the ventricles' horns, which are not lesions.
    :param lesions: lesions that were drawn.
    """

    numbers: np.ndarray
    share: np.ndarray
    t1: np.ndarray
    t2: np.ndarray
    caps: np.ndarray
    lesions: tuple[DrawnLesion, ...]

    @property
    def mask(self) -> np.ndarray:
        """Mask of the lesions, bool (K, J, I)."""
        return self.numbers > 0

    def within(self, box: tuple[slice, slice, slice]) -> LesionMap:
        """Return the maps inside a box (K, J, I), with the same list of lesions."""
        return LesionMap(self.numbers[box], self.share[box], self.t1[box], self.t2[box], self.caps[box], self.lesions)


def draw_lesions(plan: PatientPlan, zones: Zones, seed: int) -> LesionMap:
    """Return a patient's lesions drawn into a brain, the largest first, so that smaller ones find free places.

    Lesions for which the brain has no suitable place are left out.
    """
    rng = np.random.default_rng(seed)
    shape = zones.parts.shape
    numbers = np.zeros(shape, np.int16)
    share, t1, t2 = (np.zeros(shape, np.float32) for _ in range(3))
    drawn: list[DrawnLesion] = []
    places_of = {pattern: np.flatnonzero(zones.seeds(pattern)) for pattern in {each.pattern for each in plan.lesions}}
    allowed_of = {pattern: zones.allowed(pattern) for pattern in places_of}
    for lesion in sorted(plan.lesions, key=lambda each: -each.volume):
        places = places_of[lesion.pattern]
        places = places[numbers.ravel()[places] == 0]
        if not len(places):
            continue
        center = tuple(int(index) for index in np.unravel_index(places[rng.integers(len(places))], shape))
        box = _box(lesion, zones, center)
        inside, soft = _shape(lesion, zones, center, allowed_of[lesion.pattern][box], numbers[box] == 0,
                              int(rng.integers(2**31)))
        number = len(drawn) + 1
        numbers[box][inside] = number
        better = soft > share[box]
        share[box][better] = soft[better]
        t1[box][better], t2[box][better] = lesion.t1, lesion.t2
        drawn.append(DrawnLesion(number, lesion, np.count_nonzero(inside) * float(np.prod(zones.spacing)), center))
    return LesionMap(numbers, share, t1, t2, horn_caps(zones, plan.caps), tuple(drawn))


def horn_caps(zones: Zones, thickness: float) -> np.ndarray:
    """Return the share (0 to 1) of age-related bright caps of ``thickness`` mm at the ends of the horns."""
    inside = np.argwhere(zones.parts == BrainPart.LATERAL_VENTRICLE)
    result = np.zeros(zones.parts.shape, np.float32)
    if thickness < 0.3 or not len(inside):
        return result
    j = np.arange(result.shape[1])[None, :, None]
    back, front = np.percentile(inside[:, 1], (6, 94))
    ends = (j > front - 3) | (j < back + 3)
    rim = np.clip(1.5 - np.abs(zones.to_lateral) / thickness, 0, 1)
    return np.where(zones.white() & ends, rim, 0).astype(np.float32)


def _shape(lesion: LesionPlan, zones: Zones, center: tuple[int, int, int], allowed: np.ndarray, untaken: np.ndarray,
           seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mask of a lesion and its soft share, both in its box.

    A field grows from the seed, and the voxels with its lowest values, as many as the volume requires, are the lesion.
    """
    box = _box(lesion, zones, center)
    field, free = _field(lesion, zones, center, box, seed), allowed & untaken
    wanted = max(round(lesion.volume / float(np.prod(zones.spacing))), 1)
    values = field[free]
    if not len(values):
        return np.zeros(free.shape, bool), np.zeros(free.shape, np.float32)
    level = float(np.partition(values, min(wanted, len(values)) - 1)[min(wanted, len(values)) - 1])
    inside = free & (field <= level)
    if lesion.pattern is not Pattern.CONFLUENT_BAND:
        inside = _connected(inside, center, box)
    scale = lesion.edge / _EDGE_WIDTHS
    if _is_ellipsoid(lesion):
        scale = max(scale / _radius(lesion.volume), 0.05)
    soft = 1.0 / (1.0 + np.exp(np.clip((field - level) / scale, -20, 20)))
    soft = np.where(inside, np.maximum(soft, 0.5), np.minimum(soft, 0.5))
    return inside, np.where(allowed, soft, 0).astype(np.float32)


def _field(lesion: LesionPlan, zones: Zones, center: tuple[int, int, int], box: tuple[slice, ...], seed: int
           ) -> np.ndarray:
    spacing = np.array(zones.spacing)
    places = np.stack(np.meshgrid(*[np.arange(part.start, part.stop) for part in box], indexing="ij"), axis=-1)
    offset = (places - np.array(center)) * spacing
    noise = wave_pattern(offset.reshape(-1, 3), max(2.0 * _radius(lesion.volume), 5.0), seed).reshape(offset.shape[:3])
    if not _is_ellipsoid(lesion):
        lining = np.minimum(np.minimum(zones.to_lateral[box], zones.to_third[box]), zones.to_fourth[box])
        if lesion.pattern is Pattern.CONFLUENT_BAND:
            return zones.to_lateral[box] * (1 + 0.45 * noise) + 0.004 * np.linalg.norm(offset, axis=-1)
        # A lining: along the ventricle as far as the volume requires, but never deep.
        return np.linalg.norm(offset, axis=-1) * 0.3 + np.where(lining > _LINING, 1e3, lining)
    along = _direction(lesion, zones, center, seed)
    length = offset @ along
    across = np.sqrt(np.maximum((offset**2).sum(-1) - length**2, 0))
    stretch = lesion.elongation ** (2 / 3)
    radius = _radius(lesion.volume)
    if lesion.pattern is Pattern.U_FIBRE:
        # Flat along the border of cortex and white matter.
        return np.hypot(np.linalg.norm(offset, axis=-1) / (1.5 * radius), zones.to_cortex[box] / max(radius, 1.5))
    shape = np.hypot(length / (radius * stretch), across / (radius / np.sqrt(stretch)))
    return shape * (1 + _IRREGULARITY * noise)


def _is_ellipsoid(lesion: LesionPlan) -> bool:
    return lesion.pattern not in (Pattern.LINEAR_EPENDYMAL, Pattern.CONFLUENT_BAND)


def _direction(lesion: LesionPlan, zones: Zones, center: tuple[int, int, int], seed: int) -> np.ndarray:
    """Return the unit vector (K, J, I in mm) of the long axis."""
    rng = np.random.default_rng(seed)
    if lesion.pattern in _UPRIGHT and np.isfinite(zones.to_lateral[center]):
        vector = zones.toward_ventricle(center) + rng.normal(0, 0.12, 3)
    else:
        vector = rng.normal(size=3)
    return vector / np.linalg.norm(vector)


def _box(lesion: LesionPlan, zones: Zones, center: tuple[int, int, int]) -> tuple[slice, ...]:
    if lesion.pattern is Pattern.CONFLUENT_BAND:
        return tuple(slice(0, size) for size in zones.parts.shape)
    reach = 2.5 * _radius(lesion.volume) * lesion.elongation ** (2 / 3) + 6.0
    if lesion.pattern is Pattern.LINEAR_EPENDYMAL:
        reach = 32.0
    steps = np.ceil(min(reach, _LARGEST_REACH) / np.array(zones.spacing)).astype(int)
    return tuple(slice(max(index - step, 0), min(index + step + 1, size))
                 for index, step, size in zip(center, steps, zones.parts.shape, strict=True))


def _connected(mask: np.ndarray, center: tuple[int, int, int], box: tuple[slice, ...]) -> np.ndarray:
    """Return the connected piece of the mask that contains the seed, or the largest one."""
    pieces, count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
    if count <= 1:
        return mask
    own = pieces[tuple(index - part.start for index, part in zip(center, box, strict=True))]
    return pieces == (own if own else np.bincount(pieces.ravel())[1:].argmax() + 1)


def _radius(volume: float) -> float:
    return float((3.0 * volume / (4.0 * np.pi)) ** (1 / 3))


