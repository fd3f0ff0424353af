"""Extra-ocular muscles: diameters, cross-sections and length along the line through their middles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from NeuroOrbitLib.measurements.curve import Curve
from NeuroOrbitLib.measurements.definitions import BEHIND_GLOBE_MM, BELLY
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.reasons import across_slices, section_across_slices
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.sections import RADIUS_MM, Section, sections
from NeuroOrbitLib.sentences import sentence as _

_STEP_MM = 0.75
_SMOOTHING_MM = 1.5
#: Sections around a place whose mean stands for it (mm).
_AROUND_MM = np.array([-0.75, 0.0, 0.75])


@dataclass(frozen=True)
class Profile:
    """The sections of a muscle's belly from back to front.

    :param places: mm from the origin, (N,). :param diameters: smallest calliper widths (N,) in mm, smoothed along
        the muscle. :param areas: mm2, likewise.
    """

    places: np.ndarray
    sections: list[Section]
    diameters: np.ndarray
    areas: np.ndarray


def profile(field: Field, line: Curve, radius: float) -> Profile:
    """Return diameters and areas along the part of a muscle in which its belly lies."""
    places = np.arange(BELLY[0] * line.length, BELLY[1] * line.length, _STEP_MM)
    cuts = sections(field, line.at(places), line.tangent_at(places), radius)
    widths = [cut.width() for cut in cuts]
    sigma = _SMOOTHING_MM / _STEP_MM
    diameters = np.array([width.value if width else 0.0 for width in widths])
    areas = np.array([cut.area for cut in cuts])
    return Profile(places, cuts, gaussian_filter1d(diameters, sigma, mode="nearest"),
                   gaussian_filter1d(areas, sigma, mode="nearest"))


def muscle_measures(field: Field, line: Curve, back: np.ndarray | None, forward: np.ndarray | None,
                    sigma: float, radius: float = RADIUS_MM) -> dict[str, Measured]:
    """Return the measures of one muscle by quantity.

    :param line: from origin to insertion. :param back: the globe's rearmost point (3,) and :param forward: the head's
        forward direction (3,), or ``None`` for what is not measured there.
    :param sigma: how far the outline may lie off (mm). :param radius: how far from its line the muscle may reach (mm).
    """
    belly = profile(field, line, radius)
    found = {"greatest_diameter": _greatest_diameter(field, belly, sigma),
             "greatest_area": _greatest_area(field, belly, sigma),
             "length": _length(field, line)}
    if back is None or forward is None:
        return found
    for name, behind in (("at_globe", 0.0), ("behind_globe", BEHIND_GLOBE_MM)):
        place = line.crossing(back - behind * forward, forward)
        found[f"diameter_{name}"], found[f"area_{name}"] = _at(field, line, place, radius, sigma)
    return found


def _greatest_diameter(field: Field, belly: Profile, sigma: float) -> Measured:
    thickest = int(belly.diameters.argmax())
    return _diameter(field, belly.sections[thickest], sigma, float(belly.diameters[thickest]))


def _greatest_area(field: Field, belly: Profile, sigma: float) -> Measured:
    largest = int(belly.areas.argmax())
    return _area(field, belly.sections[largest], sigma, float(belly.areas[largest]))


def _diameter(field: Field, cut: Section, sigma: float, value: float) -> Measured:
    """A section's diameter; ``value`` is what it is taken as, from the sections around it."""
    width = cut.width()
    if width is None:
        return Measured.missing(_("the muscle has a gap there."))
    extent = float(np.ptp(cut.ras(np.concatenate(cut.outlines())) @ field.slices.normal))
    reason = (across_slices(field, cut.direction(width.direction))
              or section_across_slices(field, cut.normal, extent))
    if reason:
        return Measured.missing(reason)
    # Both sides of the outline may lie off.
    return Measured(value, 2 * sigma, Place("line", cut.ras(width.ends), cut.normal))


def _area(field: Field, cut: Section, sigma: float, value: float) -> Measured:
    reason = section_across_slices(field, cut.normal)
    if reason:
        return Measured.missing(reason)
    outlines = cut.outlines()
    if not outlines:
        return Measured.missing(_("the muscle has a gap there."))
    return Measured(value, sigma * cut.perimeter, Place("polyline", cut.ras(max(outlines, key=len)), cut.normal))


def _at(field: Field, line: Curve, place: float | None, radius: float, sigma: float) -> tuple[Measured, Measured]:
    if place is None:
        missing = Measured.missing(_("the muscle does not reach this place."))
        return missing, missing
    around = np.clip(place + _AROUND_MM, 0.0, line.length)
    cuts = sections(field, line.at(around), line.tangent_at(around), radius)
    widths = [width.value for width in (cut.width() for cut in cuts) if width]
    if not widths:
        missing = Measured.missing(_("the muscle has a gap there."))
        return missing, missing
    area = float(np.mean([cut.area for cut in cuts]))
    return (_diameter(field, cuts[1], sigma, float(np.mean(widths))), _area(field, cuts[1], sigma, area))


def _length(field: Field, line: Curve) -> Measured:
    return Measured(line.length, field.contour_error * 2 / 3**0.5, Place("polyline", line.points))
