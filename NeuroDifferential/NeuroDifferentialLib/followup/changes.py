"""Changes of lesions between two visits: new, grown, shrunk or vanished patches, and stable lesions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.followup.alignment import HalfWay
from NeuroDifferentialLib.followup.drawn import agreed_mask, without_deleted
from NeuroDifferentialLib.followup.fates import Fate
from NeuroDifferentialLib.followup.patches import SMALLEST_MM3, TOUCHING, changed_patches
from NeuroDifferentialLib.followup.seen_visit import SeenVisit, see_visit
from NeuroDifferentialLib.followup.subtraction import subtract
from NeuroDifferentialLib.lesions.classical import FoundLesions
from NeuroDifferentialLib.lesions.scan import PreparedScan
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.sentences import sentence as _

#: Uncertainty of a boundary's position in each visit, as a share of a voxel.
_BOUNDARY_SHARE = 0.25
#: Ratio of volumes above which a patch is a separate lesion and no growth of the lesion that it touches.
_OWN_LESION = 30.0
#: Smallest volume (mm3) that notices mention, as it shows in ml with two decimals.
_LEAST_TOLD = 10.0
#: Share of a visit's volume from which on a notice mentions a volume that is in no mask.
_ADDED_SHARE = 0.05
_ORDER = (Fate.NEW, Fate.GROWN, Fate.SHRUNK, Fate.VANISHED, Fate.STABLE)


@dataclass(frozen=True)
class ChangedLesion:
    """A patch that has changed, or a lesion that has not.

    :param number: number of the row, from 1.
    :param fate: kind of change.
    :param before: volume (mm3) at the first visit of the patch's lesion, or of the patch if it is itself a lesion.
    :param after: the same volume (mm3) at the second visit.
    :param noise: half-width (mm3) of the range in which a difference of the two volumes is not significant.
    :param center: centre, RAS mm in the space between the visits.
    :param changed: volume (mm3) of the patch, 0 if stable.
    :param evidence: largest difference of brightness in the patch, in SD of the noise there.
    """

    number: int
    fate: Fate
    before: float
    after: float
    noise: float
    center: tuple[float, float, float]
    changed: float = 0.0
    evidence: float = 0.0

    def as_row(self) -> dict[str, Any]:
        """Return the row of the table as plain data."""
        return {"lesion": self.number, "change": self.fate.name.lower(), "before_mm3": round(self.before, 1),
                "after_mm3": round(self.after, 1), "noise_mm3": round(self.noise, 1),
                "changed_mm3": round(self.changed, 1), "evidence_sd": round(self.evidence, 1),
                **{axis: round(value, 1) for axis, value in zip(("r_mm", "a_mm", "s_mm"), self.center, strict=True)}}


@dataclass(frozen=True)
class Changes:
    """All changes between two visits.

    :param lesions: changed patches first, then stable lesions.
    :param map: :class:`Fate` values of the changed voxels, uint8 (K, J, I) in the space between the visits.
    :param before: volume (mm3) of all lesions at the first visit.
    :param after: volume (mm3) of all lesions at the second visit.
    :param noise: noise (mm3) of the difference of these volumes.
    :param not_compared: volume (mm3) of further lesions of each visit, found or drawn outside the brain or in the
        outermost slices, where nothing is compared.
    :param added: volume (mm3) in ``before`` and ``after`` that is in no mask, but changed as lesions do.
    """

    lesions: tuple[ChangedLesion, ...]
    map: np.ndarray
    before: float
    after: float
    noise: float
    not_compared: tuple[float, float] = (0.0, 0.0)
    added: tuple[float, float] = (0.0, 0.0)

    def notices(self) -> list[str]:
        """Return notices on why the volumes of the visits differ from those measured in a single scan."""
        visits = (_("earlier"), _("later"))
        left_out = [_("{volume} ml of the lesions of the {visit} visit lie outside the brain or in the outermost "
                      "slices of a scan. They are not compared, and do not count in the volumes.").format(
                          volume=f"{volume / 1000:.2f}", visit=visit)
                    for visit, volume in zip(visits, self.not_compared, strict=True) if volume >= _LEAST_TOLD]
        return left_out + [
            _("{volume} ml of the volume of the {visit} visit were added by the comparison: this tissue is brighter "
              "than in the other visit, but lies in no lesion that was found or drawn.").format(
                  volume=f"{volume / 1000:.2f}", visit=visit)
            for visit, volume, whole in zip(visits, self.added, (self.before, self.after), strict=True)
            if volume >= max(_LEAST_TOLD, _ADDED_SHARE * whole)]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data: counts, volumes with their noise, and the table."""
        before, after, noise = (round(value / 1000.0, 3) for value in (self.before, self.after, self.noise))
        change = round(after - before, 3)
        return {"before_ml": before, "after_ml": after, "change_ml": change, "noise_ml": noise,
                "beyond_noise": abs(change) > noise,  # as rounded, so that the numbers show it
                **{fate.name.lower(): sum(each.fate is fate for each in self.lesions) for fate in Fate},
                "lesions": [each.as_row() for each in self.lesions]}


def find_changes(space: HalfWay, visits: tuple[PreparedScan, PreparedScan], found: tuple[FoundLesions, FoundLesions],
                 deleted: tuple[np.ndarray | None, np.ndarray | None] = (None, None)) -> Changes:
    """Return the changes of lesions between two visits.

    Every connected patch is judged separately, so that a confluent lesion can grow in one place and shrink in another.
    The judgement is by brightness: a difference of the masks alone is noise, and a lesion that neither mask contains is
    still found. A patch that only lines a lesion, no thicker than a voxel of the scans, is noise as well.

    :param space: space between the visits.
    :param visits: prepared scans of the first and second visit.
    :param found: lesions of both visits.
    :param deleted: voxels of the prepared scan, bool (K, J, I), in which a person deleted lesions of a visit; None for
        a visit whose lesions are unchanged since they were found.
    """
    first, second = (_seen(space, *each) for each in zip(visits, found, deleted, (False, True), strict=True))
    drawn = (deleted[0] is not None, deleted[1] is not None)
    subtraction = subtract(first, second, space.grid.spacing[::-1])
    voxel = space.grid.voxel_volume
    more, _count = changed_patches(subtraction, second, first, voxel)
    less, _count = changed_patches(subtraction.reversed(), first, second, voxel)
    seen = first.seen & second.seen
    first_mask, second_mask = _agreed((first.mask & seen, second.mask & seen), (more > 0) | (less > 0), drawn)
    masks = (first_mask | (less > 0), second_mask | (more > 0))
    step = float(np.mean([*visits[0].spacing, *visits[1].spacing]))
    lesions = list(_lesions(_Compared(masks, (more, less), subtraction.evidence, space.grid, step)))
    left_out = (each.mask & ~seen for each in (first, second))
    added = (whole & ~mask for whole, mask in zip(masks, (first_mask, second_mask), strict=True))
    return replace(_changes_of(lesions, more, less), **{
        name: tuple(float(np.count_nonzero(part) * voxel) for part in parts)
        for name, parts in (("not_compared", left_out), ("added", added))})


def _seen(space: HalfWay, scan: PreparedScan, found: FoundLesions, deleted: np.ndarray | None,
          second: bool) -> SeenVisit:
    visit = see_visit(space, scan, found, second)
    if deleted is None:
        return visit
    to_space = space.of_second if second else space.of_first
    return without_deleted(visit, to_space(scan.flair.with_array(deleted.astype(np.float32))) > 0.5)


def _agreed(masks: tuple[np.ndarray, np.ndarray], changed: np.ndarray, drawn: tuple[bool, bool]
            ) -> tuple[np.ndarray, np.ndarray]:
    """Return the lesions of both visits; if one visit's were drawn, the other's are made to agree with them."""
    first, second = masks
    if drawn == (True, False):
        return first, agreed_mask(second, first, changed)
    return (agreed_mask(first, second, changed), second) if drawn == (False, True) else masks


@dataclass(frozen=True)
class _Compared:
    """Masks of both visits, patches with more and with less lesion, their evidence, grid, and voxel size (mm)."""

    masks: tuple[np.ndarray, np.ndarray]
    patches: tuple[np.ndarray, np.ndarray]
    evidence: np.ndarray
    grid: Grid
    step: float


@dataclass(frozen=True)
class _Lesion:
    """One lesion of either visit.

    :param before: volume (mm3) at the first visit.
    :param after: volume (mm3) at the second visit.
    :param noise: noise (mm3) of their difference.
    :param rows: its changed patches, each with its number in the map of patches, or itself with 0 if it is stable.
    """

    before: float
    after: float
    noise: float
    rows: tuple[tuple[ChangedLesion, int], ...]


def _lesions(compared: _Compared) -> Iterator[_Lesion]:
    either = compared.masks[0] | compared.masks[1]
    pieces, _count = ndimage.label(ndimage.binary_dilation(either, TOUCHING), structure=TOUCHING)
    voxel = compared.grid.voxel_volume
    for number, box in enumerate(ndimage.find_objects(pieces), 1):
        own = (pieces[box] == number) & either[box]
        before, after = (float(np.count_nonzero(own & mask[box]) * voxel) for mask in compared.masks)
        if max(before, after) < SMALLEST_MM3:
            continue
        noise = _noise(own, compared)
        whole = ChangedLesion(0, Fate.STABLE, before, after, noise, _center(own, box, compared.grid))
        yield _Lesion(before, after, noise, tuple(_patches(whole, own, box, compared)) or ((whole, 0),))


def _patches(whole: ChangedLesion, own: np.ndarray, box: tuple[slice, ...], compared: _Compared
             ) -> Iterator[tuple[ChangedLesion, int]]:
    """Yield the changed patches of a lesion, each with its number among those with more or with less lesion."""
    voxel, spacing = compared.grid.voxel_volume, compared.grid.spacing[::-1]
    for less, patches, mask in zip((False, True), compared.patches, compared.masks, strict=True):
        inside = np.where(own, patches[box], 0)
        for number in np.unique(inside[inside > 0]):
            patch = inside == number
            volume, touched = float(np.count_nonzero(patch) * voxel), _touched(patch, mask[box])
            found = replace(whole, fate=Fate.SHRUNK if less else Fate.GROWN, changed=volume,
                            center=_center(patch, box, compared.grid),
                            evidence=float(np.abs(compared.evidence[box][patch]).max()))
            if np.count_nonzero(touched) * voxel * _OWN_LESION < volume:
                yield replace(found, fate=Fate.VANISHED if less else Fate.NEW, before=volume if less else 0.0,
                              after=0.0 if less else volume, noise=_noise(patch, compared)), int(number)
            elif ndimage.distance_transform_edt(~touched, spacing)[patch].max() > compared.step:
                yield found, int(number)


def _touched(patch: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the lesions of a mask (bool) that a patch touches; a voxel may lie between them, as both are blurred."""
    start = ndimage.binary_dilation(patch, TOUCHING, iterations=2) & mask
    return ndimage.binary_propagation(start, structure=TOUCHING, mask=mask)


def _noise(mask: np.ndarray, compared: _Compared) -> float:
    """Return the half-width (mm3) of the range in which a difference of two volumes of this surface is noise."""
    return float(np.sqrt(2.0) * _BOUNDARY_SHARE * compared.step * _surface(mask)
                 * compared.grid.voxel_volume ** (2 / 3))


def _changes_of(lesions: list[_Lesion], more: np.ndarray, less: np.ndarray) -> Changes:
    """Return all changes: the rows, numbered in the order of reading, and their map."""
    rows = sorted((pair for lesion in lesions for pair in lesion.rows),
                  key=lambda pair: (_ORDER.index(pair[0].fate), -pair[0].changed, -pair[0].after))
    values = {Fate.NEW: more, Fate.GROWN: more, Fate.SHRUNK: less, Fate.VANISHED: less}
    changed = np.zeros(more.shape, np.uint8)
    for row, number in rows:
        if number:
            changed[values[row.fate] == number] = row.fate.value
    totals = (sum(getattr(each, name) for each in lesions) for name in ("before", "after", "noise"))
    return Changes(tuple(replace(row, number=place) for place, (row, _number) in enumerate(rows, 1)), changed,
                   *(float(each) for each in totals))


def _center(mask: np.ndarray, box: tuple[slice, ...], grid: Grid) -> tuple[float, float, float]:
    place = np.argwhere(mask).mean(axis=0)[::-1] + [part.start for part in box[::-1]]
    return tuple(float(value) for value in grid.ras_from_ijk(place))


def _surface(mask: np.ndarray) -> float:
    """Return the number of faces of the mask's surface, corrected for the excess of a staircase."""
    padded = np.pad(mask, 1)
    faces = sum(np.count_nonzero(np.diff(padded.astype(np.int8), axis=axis)) for axis in range(3))
    return faces * 2.0 / 3.0
