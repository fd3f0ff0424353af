"""Extra-ocular muscles: diameters and cross-sections along their middle line, and its length."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from NeuroOrbitLib.measurements.calliper import Width, polygon_area
from NeuroOrbitLib.measurements.curve import Curve
from NeuroOrbitLib.measurements.definitions import BEHIND_GLOBE_MM, BELLY
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.reasons import (
    SECOND_PIECE,
    across_slices,
    gap_note,
    gap_reason,
    lies_along_slices,
    section_across_slices,
)
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.sections import RADIUS_MM, Section, gap_in, sections
from NeuroOrbitLib.measurements.uncertainty import by_perturbing, edge_sigma
from NeuroOrbitLib.sentences import sentence as _

_STEP_MM = 0.75
_SMOOTHING_MM = 1.5
#: Offsets (mm) along the line of the sections that are averaged at a place.
_AROUND_MM = np.array([-0.75, 0.0, 0.75])
#: Distance (mm) from a gap within which smoothing along the muscle makes it too thin.
_NEAR_GAP_MM = 2 * _SMOOTHING_MM
#: Distance (mm) from a gap within which sections show how thick the muscle would be in it, and the fraction of the
#: greatest value from which one counts as nearly the greatest.
_BESIDE_GAP_MM, _NEARLY = 4.5, 0.85
_GAP = _("the muscle has a gap there.")
_TWO_MUSCLES = _("Taken across two pieces that lie apart, as those of the rectus and its levator may.")


@dataclass(frozen=True)
class Profile:
    """The sections of a muscle's belly from back to front.

    :param places: distances (N,) of the sections from the origin, mm.
    :param sections: the N sections.
    :param diameters: smallest calliper widths (N,), mm, smoothed along the muscle.
    :param areas: areas (N,), mm2, smoothed along the muscle.
    :param gap: whether each section (N,) lies in a gap.
    """

    places: np.ndarray
    sections: list[Section]
    diameters: np.ndarray
    areas: np.ndarray
    gap: np.ndarray

    def near_gap(self, place: float) -> bool:
        """Return whether a gap is so near to a place (mm) that the outline may be too thin there."""
        return bool((np.abs(self.places[self.gap] - place) < _NEAR_GAP_MM).any())

    def gap_hides_greatest(self, values: np.ndarray) -> bool:
        """Return whether one of ``values`` (N,) beside a gap is nearly the greatest, so it may hide a greater one."""
        if not self.gap.any():
            return False
        away = np.abs(self.places[:, None] - self.places[self.gap]).min(axis=1)
        beside = (away > 0) & (away < _BESIDE_GAP_MM)
        return bool(values[beside].max(initial=0.0) > _NEARLY * values.max())

    @property
    def gap_length(self) -> float:
        """Length of all gaps together in mm."""
        return float(np.count_nonzero(self.gap) * _STEP_MM)


def profile(field: Field, line: Curve, radius: float) -> Profile:
    """Return diameters and areas along the belly of a muscle.

    :param field: outline of the muscle.
    :param line: line from the muscle's origin to its insertion.
    :param radius: largest distance of the muscle from the line (mm).
    """
    places = np.arange(BELLY[0] * line.length, BELLY[1] * line.length, _STEP_MM)
    cuts = sections(field, line.at(places), line.tangent_at(places), radius)
    widths = [cut.width() for cut in cuts]
    sigma = _SMOOTHING_MM / _STEP_MM
    diameters = np.array([width.value if width else 0.0 for width in widths])
    areas = np.array([cut.area for cut in cuts])
    return Profile(places, cuts, gaussian_filter1d(diameters, sigma, mode="nearest"),
                   gaussian_filter1d(areas, sigma, mode="nearest"), gap_in(areas))


def muscle_measures(field: Field, line: Curve, back: np.ndarray | None, forward: np.ndarray | None,
                    sigma: float, radius: float = RADIUS_MM, is_double: bool = False) -> dict[str, Measured]:
    """Return the measures of one muscle by quantity.

    :param field: outline of the muscle.
    :param line: line from the muscle's origin to its insertion.
    :param back: the globe's rearmost point, RAS mm (3,), or ``None`` to leave out the measures beside the globe.
    :param forward: the head's forward direction (3,), or ``None`` to leave out the measures beside the globe.
    :param sigma: standard deviation of the outline (mm).
    :param radius: largest distance of the muscle from its line (mm).
    :param is_double: whether the outline holds two muscles, one above the other, which are measured together.
    """
    belly, measured = profile(field, line, radius), _Measured(field, sigma, is_double)
    thickest, largest = int(belly.diameters.argmax()), int(belly.areas.argmax())
    if belly.diameters.max() <= 0.0:  # no section is large enough to be measured
        return dict.fromkeys(("greatest_diameter", "greatest_area", "length"), Measured.missing(_GAP))
    found = {
        "greatest_diameter": _unless(belly.gap_hides_greatest(belly.diameters), measured.diameter(
            belly.sections[thickest], float(belly.diameters[thickest])), field),
        "greatest_area": _unless(belly.gap_hides_greatest(belly.areas), measured.area(
            belly.sections[largest], float(belly.areas[largest])), field),
        "length": Measured(line.length, _uncertainty_of_length(belly, line, sigma), Place("polyline", line.points),
                           note=gap_note(field, belly.gap_length)),
    }
    if back is not None and forward is not None:
        for name, behind in (("at_globe", 0.0), ("behind_globe", BEHIND_GLOBE_MM)):
            place = line.crossing(back - behind * forward, forward)
            diameter, area = measured.at(line, place, radius)
            is_near = place is not None and belly.near_gap(place)
            found[f"diameter_{name}"] = _unless(is_near, diameter, field)
            found[f"area_{name}"] = _unless(is_near, area, field)
    return found


def _uncertainty_of_length(belly: Profile, line: Curve, sigma: float) -> float:
    """Return the SD (mm) of the length; the ends taper so slowly that a small error of the outline moves them far."""
    thickest = float(belly.places[belly.diameters.argmax()])
    return sigma * float(np.hypot(thickest, line.length - thickest) / (belly.diameters.max() / 2))


def _value(width: Width | None) -> float | None:
    return None if width is None else width.value


def _drawn(cut: Section, outlines: list[np.ndarray], area: float) -> np.ndarray:
    """Return the outline (N, 2) that shows an area (mm2), which it encloses if the section is in one piece.

    The outline of a section itself encloses less than the shares of its voxels, since smoothing cuts its corners.
    """
    largest = max(outlines, key=polygon_area)
    if cut.area_beside() > 0.0:
        return largest
    middle = largest.mean(axis=0)
    return middle + (largest - middle) * (area / polygon_area(largest)) ** 0.5


def _unless(in_gap: bool, measured: Measured, field: Field) -> Measured:
    return Measured.missing(gap_reason(field)) if in_gap and measured.value is not None else measured


@dataclass(frozen=True)
class _Measured:
    """Measures in sections of one muscle.

    :param field: outline of the muscle.
    :param sigma: standard deviation of the outline (mm).
    :param is_double: whether the outline holds two muscles, one above the other.
    """

    field: Field
    sigma: float
    is_double: bool

    def diameter(self, cut: Section, value: float) -> Measured:
        """Return the diameter of a section as a measure; ``value`` (mm) is the mean of the sections around it."""
        width, field = cut.width(), self.field
        if width is None:
            return Measured.missing(_GAP)
        reason = (across_slices(field, cut.direction(width.direction))
                  or section_across_slices(field, cut.normal, self._extent(cut)) or self._why_flat(cut, width))
        if reason:
            return Measured.missing(reason)
        place = Place("line", cut.ras(width.line(value)), cut.normal)
        measured = Measured(value, self._uncertainty(cut, width), place)
        return self._checked(measured, width.value - cut.main_width().value, 2 * self.sigma)

    def _uncertainty(self, cut: Section, width: Width) -> float:
        """Return the SD (mm) of a section's diameter, to which the errors of both borders contribute.

        Where a part of the section is nearly cut off, as the levator is by thin fat, a small error of the outline
        decides whether this part counts. Moving the outline shows this.
        """
        edge = edge_sigma(self.field, cut.direction(width.direction), self.sigma)
        _, of_parts = by_perturbing(lambda shift: _value(cut.width(shift)), edge)
        return max(2 * edge, of_parts or 0.0)

    def area(self, cut: Section, value: float) -> Measured:
        """Return the area of a section as a measure; ``value`` (mm2) is the mean of the sections around it."""
        reason = section_across_slices(self.field, cut.normal)
        if reason:
            return Measured.missing(reason)
        outlines, width = cut.outlines(), cut.width()
        if width is None:
            return Measured.missing(_GAP)
        reason = self._why_flat(cut, width)
        if reason:
            return Measured.missing(reason)
        place = Place("polyline", cut.ras(_drawn(cut, outlines, value)), cut.normal)
        measured = Measured(value, self.sigma * cut.perimeter, place)
        return self._checked(measured, cut.area_beside(), measured.uncertainty)

    def _extent(self, cut: Section) -> float:
        """Return the size (mm) of a section across the slices."""
        return float(np.ptp(cut.ras(np.concatenate(cut.outlines())) @ self.field.slices.normal))

    def _why_flat(self, cut: Section, width: Width) -> str:
        return lies_along_slices(self.field, cut.normal, cut.direction(width.direction), self._extent(cut))

    def at(self, line: Curve, place: float | None, radius: float) -> tuple[Measured, Measured]:
        """Return diameter and area at a place of the line (mm)."""
        if place is None:
            missing = Measured.missing(_("the muscle does not reach this place."))
            return missing, missing
        around = np.clip(place + _AROUND_MM, 0.0, line.length)
        cuts = sections(self.field, line.at(around), line.tangent_at(around), radius)
        widths = [width.value for width in (cut.width() for cut in cuts) if width]
        if not widths:
            return Measured.missing(_GAP), Measured.missing(_GAP)
        area = float(np.mean([cut.area for cut in cuts]))
        return self.diameter(cuts[1], float(np.mean(widths))), self.area(cuts[1], area)

    def _checked(self, measured: Measured, of_others: float, most: float) -> Measured:
        """Return the measure; if smaller pieces change it by more than ``most``, add a note or drop the value.

        Two muscles measured together get a note; a single muscle then has no value.

        :param of_others: change of the measure by the smaller pieces.
        """
        if of_others <= most:
            return measured
        if self.is_double:
            return replace(measured, note=_TWO_MUSCLES)
        return Measured.missing(SECOND_PIECE)
