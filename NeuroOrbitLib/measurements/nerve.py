"""Optic nerve: diameter at set distances behind the globe, length, straightness, crowding near the apex."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from NeuroOrbitLib.measurements.curve import Curve
from NeuroOrbitLib.measurements.definitions import APEX, CROWDED_MM, SHEATH_PLACES_MM
from NeuroOrbitLib.measurements.field import Field
from NeuroOrbitLib.measurements.reasons import SECOND_PIECE, gap_note, section_across_slices
from NeuroOrbitLib.measurements.rows import Measured, Place
from NeuroOrbitLib.measurements.sections import GAP, gap_in, plane_axes, sections
from NeuroOrbitLib.measurements.uncertainty import edge_sigma
from NeuroOrbitLib.sentences import sentence as _

NERVE_QUANTITIES = (*(f"sheath_diameter_{behind:.0f}mm" for behind in SHEATH_PLACES_MM), "length", "tortuosity",
                    "apical_crowding", "crowding_grade")
#: Those that need the whole of the nerve up to the apex of the orbit.
TO_THE_APEX = ("length", "apical_crowding", "crowding_grade")
_RADIUS_MM = 6.0
_STEP_MM = 0.75
_AROUND_MM = np.array([-0.75, -0.25, 0.25, 0.75])
_DIRECTIONS = np.radians(np.arange(0.0, 360.0, 5.0))
#: Shares of the outline (percent) above which the grades 1, 2 and 3 begin.
_GRADES = (0.0, 25.0, 50.0)
_GAP = _("the nerve's label has a gap there.")
WITHOUT_SHEATH = _("the label map shows the nerve without its sheath.")


def nerve_measures(field: Field, line: Curve, muscles: Iterable[Field], sigma: float,
                   with_sheath: bool = True) -> dict[str, Measured]:
    """Return the measures of the optic nerve by quantity.

    :param field: outline of the nerve.
    :param line: line of the nerve from the globe to the mouth of the optic canal.
    :param muscles: outlines of the muscles of this side.
    :param sigma: standard deviation of the nerve's outline (mm).
    :param with_sheath: whether the label map outlines the nerve with its sheath, or the nerve alone.
    """
    found = {}
    for behind in SHEATH_PLACES_MM:
        diameter = _diameter(field, line, behind, sigma)
        if not with_sheath:
            found[f"nerve_diameter_{behind:.0f}mm"] = diameter
        found[f"sheath_diameter_{behind:.0f}mm"] = diameter if with_sheath else Measured.missing(WITHOUT_SHEATH)
    # Both ends of the nerve lie across its line.
    error = sum(edge_sigma(field, direction, sigma) for direction in line.tangents[[0, -1]])
    chord = float(np.linalg.norm(line.points[-1] - line.points[0]))
    path = Place("polyline", line.points)
    places = np.arange(0.0, line.length, _STEP_MM)
    gap = float(np.count_nonzero(gap_in(_areas(field, line, places))) * _STEP_MM)
    found["length"] = Measured(line.length, error, path, note=gap_note(field, gap))
    found["tortuosity"] = Measured(line.length / max(chord, 1e-6), error / max(chord, 1e-6), path)
    found["apical_crowding"] = crowding = _crowding(field, line, list(muscles))
    found["crowding_grade"] = (Measured.missing(crowding.reason) if crowding.value is None
                               else Measured(float(crowding_grade(crowding.value)), None, crowding.place))
    return found


def crowding_grade(percent: float) -> int:
    """Return Nugent's grade of apical crowding from the share of the nerve's outline that muscles touch (percent)."""
    return int(np.searchsorted(_GRADES, percent, side="left"))


def _diameter(field: Field, line: Curve, behind: float, sigma: float) -> Measured:
    """Return the diameter of the circle that has the section's area, from sections around the place."""
    if line.length < behind + _AROUND_MM[-1]:
        return Measured.missing(_("the nerve ends {length:.1f} mm behind the globe in the label map.").format(
            length=line.length))
    places = behind + _AROUND_MM
    reason = section_across_slices(field, line.tangent_at(behind))
    if reason:
        return Measured.missing(reason)
    cuts = sections(field, line.at(places), line.tangent_at(places), _RADIUS_MM)
    area = float(np.mean([cut.area for cut in cuts]))
    if any(cut.area_beside() > 0 for cut in cuts):
        return Measured.missing(SECOND_PIECE)
    if area < GAP * _areas(field, line, np.linspace(0.2, 0.8, 8) * line.length).mean():
        return Measured.missing(_GAP)
    diameter = 2 * (area / np.pi) ** 0.5
    center = line.at(behind)
    tangent = line.tangent_at(behind)
    across = plane_axes(tangent[None])[0][0] * diameter / 2
    return Measured(diameter, 2 * sigma, Place("line", np.array([center - across, center + across]), tangent),
                    _("circle of the same area"))


def _areas(field: Field, line: Curve, places: np.ndarray) -> np.ndarray:
    """Return the areas (N,) in mm2 of the nerve's sections at ``places`` (N,)."""
    return np.array([cut.area for cut in sections(field, line.at(places), line.tangent_at(places), _RADIUS_MM)])


def _crowding(field: Field, line: Curve, muscles: list[Field]) -> Measured:
    """Return the share of the nerve's outline (percent) that muscles touch, over the posterior part of its length."""
    if not muscles:
        return Measured.missing(_("no muscle of this side is in the label map."))
    places = np.linspace(*APEX, 12) * line.length
    reason = section_across_slices(field, line.tangent_at(float(places.mean())))
    if reason:
        return Measured.missing(reason)
    centers, tangents = line.at(places), line.tangent_at(places)
    first, second = plane_axes(tangents)
    cuts = sections(field, centers, tangents, _RADIUS_MM)
    areas = np.array([cut.area for cut in cuts])
    if (areas < GAP * areas.max()).any():
        return Measured.missing(_GAP)
    if any(cut.area_beside() > 0 for cut in cuts):
        return Measured.missing(SECOND_PIECE)
    radii = np.sqrt(areas / np.pi) + CROWDED_MM
    cosine, sine = np.cos(_DIRECTIONS)[None, :, None], np.sin(_DIRECTIONS)[None, :, None]
    ring = centers[:, None] + radii[:, None, None] * (cosine * first[:, None] + sine * second[:, None])
    touched = np.max([muscle.at(ring) for muscle in muscles], axis=0) > 0
    return Measured(float(100 * touched.mean()), None, Place("polyline", centers))
