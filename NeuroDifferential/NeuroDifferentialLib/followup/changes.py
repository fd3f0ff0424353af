"""What became of every lesion between two visits: new, grown, stable, shrunk or vanished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.followup.alignment import HalfWay
from NeuroDifferentialLib.followup.fates import Fate
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.lesions.scan import PreparedScan

_TOUCHING = np.ones((3, 3, 3), dtype=bool)
#: Changed voxels differ in brightness between the visits by so many SD of unchanged white matter.
_CHANGED_SD = 2.0
_SMOOTHING = 1.0
#: What grew so many SD brighter somewhere, and by this share of white matter, is a change also where neither visit's
#: mask has a lesion; it reaches down to half of that, lies in tissue, is brighter than grey matter and no thin sheet.
_STRIKING_SD, _STRIKING_SHARE = 8.0, 0.35
_MOST_FLUID = 0.15
_STRIKING_MM3 = 30.0
#: Where a boundary lies is known to about this share of a voxel in each visit.
_BOUNDARY_SHARE = 0.25
_SMALLEST_MM3 = 9.0


@dataclass(frozen=True)
class ChangedLesion:
    """A lesion of one or both visits.

    :param before, after: its volumes, mm3. :param noise: half the width of the band (mm3) in which a difference means
        nothing. :param center: RAS mm in the space between the visits.
    """

    number: int
    fate: Fate
    before: float
    after: float
    noise: float
    center: tuple[float, float, float]

    def as_row(self) -> dict[str, Any]:
        """Plain data."""
        return {"lesion": self.number, "change": self.fate.name.lower(), "before_mm3": round(self.before, 1),
                "after_mm3": round(self.after, 1), "noise_mm3": round(self.noise, 1),
                **{axis: round(value, 1) for axis, value in zip(("r_mm", "a_mm", "s_mm"), self.center, strict=True)}}


@dataclass(frozen=True)
class Changes:
    """All lesions of two visits.

    :param map: values of :class:`Fate` of the voxels that changed, uint8 (K, J, I) in the space between the visits.
    """

    lesions: tuple[ChangedLesion, ...]
    map: np.ndarray

    def as_dict(self) -> dict[str, Any]:
        """Plain data: counts, volumes with their noise, the table."""
        before, after = (sum(getattr(each, name) for each in self.lesions) / 1000.0 for name in ("before", "after"))
        noise = sum(each.noise for each in self.lesions) / 1000.0
        return {"before_ml": round(before, 3), "after_ml": round(after, 3), "change_ml": round(after - before, 3),
                "noise_ml": round(noise, 3), "beyond_noise": abs(after - before) > noise,
                **{fate.name.lower(): sum(each.fate is fate for each in self.lesions) for fate in Fate},
                "lesions": [each.as_row() for each in self.lesions]}


def find_changes(space: HalfWay, visits: tuple[PreparedScan, PreparedScan], found: tuple[FoundLesions, FoundLesions]
                 ) -> Changes:
    """Return what became of the lesions of two visits.

    A lesion has changed where its mask and its brightness say so both. A change of brightness alone counts if it is a
    large one; a change of the mask alone is noise.
    """
    first, second = (_in_space(space, scan, lesions, number)
                     for number, (scan, lesions) in enumerate(zip(visits, found, strict=True)))
    seen = first.seen & second.seen
    difference, noise = _difference(first, second)
    first_mask = (first.mask | _striking(-difference, noise, first, second)) & seen
    second_mask = (second.mask | _striking(difference, noise, second, first)) & seen
    brighter = second_mask & ~first_mask & (difference > _CHANGED_SD * noise)
    darker = first_mask & ~second_mask & (difference < -_CHANGED_SD * noise)
    pieces, _count = ndimage.label(first_mask | second_mask, structure=_TOUCHING)
    voxel = float(np.prod(space.grid.spacing))
    step = float(np.mean([*visits[0].spacing, *visits[1].spacing]))
    result, lesions = np.zeros(pieces.shape, np.uint8), []
    for number, box in enumerate(ndimage.find_objects(pieces), 1):
        own = pieces[box] == number
        more, less = own & brighter[box], own & darker[box]
        before, after = (float(np.count_nonzero(own & each[box]) * voxel) for each in (first_mask, second_mask))
        changed = tuple(np.count_nonzero(each) * voxel for each in (more, less))
        band = float(np.sqrt(2.0) * _BOUNDARY_SHARE * step * _surface(own) * voxel ** (2 / 3))
        fate = _fate(before, after, changed, band)
        if max(before, after) < _SMALLEST_MM3 or (fate is Fate.STABLE and min(before, after) == 0):
            continue
        if fate is not Fate.STABLE:
            result[box][more if fate in (Fate.NEW, Fate.GROWN) else less] = fate.value
        center = space.grid.ras_from_ijk(np.argwhere(own).mean(axis=0)[::-1] + [part.start for part in box[::-1]])
        lesions.append(ChangedLesion(len(lesions) + 1, fate, before, after, band, tuple(map(float, center))))
    return Changes(tuple(lesions), result)


@dataclass(frozen=True)
class _Visit:
    """One visit in the space between: FLAIR in multiples of white matter, lesions, tissues, what was scanned.

    :param grey: brightness of grey matter.
    """

    flair: np.ndarray
    mask: np.ndarray
    white: np.ndarray
    fluid: np.ndarray
    seen: np.ndarray
    grey: float


def _in_space(space: HalfWay, scan: PreparedScan, found: FoundLesions, number: int) -> _Visit:
    moved = space.of_second if number else space.of_first
    level = float(scan.anatomy.tissues[0].mean[0])
    mask, white, fluid, seen = (moved(scan.flair.with_array(each.astype(np.float32))) for each in (
        found.mask, scan.anatomy.white, scan.anatomy.fluid, scan.anatomy.mask))
    return _Visit(moved(scan.flair) / level, mask > 0.5, white, fluid, seen > 0.5,
                  float(scan.anatomy.tissues[1].mean[0]) / level)


def _difference(first: _Visit, second: _Visit) -> tuple[np.ndarray, float]:
    """Second visit less the first (K, J, I), and the SD of that in white matter without lesions."""
    difference = ndimage.gaussian_filter(second.flair - first.flair, _SMOOTHING)
    ordinary = (first.white > 0.9) & (second.white > 0.9) & ~(first.mask | second.mask)
    values = difference[ordinary] if ordinary.any() else difference[first.seen & second.seen]
    middle = float(np.median(values))
    return difference - middle, max(1.4826 * float(np.median(np.abs(values - middle))), 1e-3)


def _striking(difference: np.ndarray, noise: float, bright: _Visit, other: _Visit) -> np.ndarray:
    """Voxels (bool, K, J, I) that are so much brighter in one visit than in the other that no mask is needed."""
    least = max(_STRIKING_SD * noise, _STRIKING_SHARE)
    above = (difference > 0.5 * least) & (bright.flair > bright.grey) & bright.seen & other.seen
    above = ndimage.binary_opening(above)
    pieces, count = ndimage.label(above, structure=_TOUCHING)
    if not count:
        return above
    numbers = np.arange(1, count + 1)
    fluid = np.maximum(bright.fluid, other.fluid)
    wanted = (ndimage.maximum(difference, pieces, numbers) > least) & (
        ndimage.mean(fluid, pieces, numbers) < _MOST_FLUID) & (np.bincount(pieces.ravel())[1:] >= _STRIKING_MM3)
    return np.concatenate([[False], wanted])[pieces]


def _fate(before: float, after: float, changed: tuple[float, float], band: float) -> Fate:
    """What became of a lesion by its volumes, by what grew brighter and darker (mm3) and by the band of noise."""
    more, less = changed
    if before == 0:
        return Fate.NEW if more >= _SMALLEST_MM3 else Fate.STABLE
    if after == 0:
        return Fate.VANISHED if less >= _SMALLEST_MM3 else Fate.STABLE
    if after - before > band and more >= _SMALLEST_MM3:
        return Fate.GROWN
    return Fate.SHRUNK if before - after > band and less >= _SMALLEST_MM3 else Fate.STABLE


def _surface(mask: np.ndarray) -> float:
    """Number of faces between the mask and what lies around it, less what a staircase has too many."""
    padded = np.pad(mask, 1)
    faces = sum(np.count_nonzero(np.diff(padded.astype(np.int8), axis=axis)) for axis in range(3))
    return faces * 2.0 / 3.0
