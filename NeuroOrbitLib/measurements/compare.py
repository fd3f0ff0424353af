"""Compares the measures of one patient on two or more dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side
from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.imaging.geometry import same_voxels
from NeuroOrbitLib.imaging.image import Image, sizes_without_noise
from NeuroOrbitLib.imaging.intensity import clean_ct_padding, without_padding
from NeuroOrbitLib.imaging.registration import register_rigidly
from NeuroOrbitLib.measurements.changes import Change, changes_between
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.definitions import THICKEST_SLICE_MM
from NeuroOrbitLib.measurements.follow_up import Course, courses_of
from NeuroOrbitLib.measurements.growth import Growth, muscle_growth
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.measure import Measuring
from NeuroOrbitLib.measurements.rows import Row, by_key, notes_of
from NeuroOrbitLib.measurements.sequences import notices_about_sequences, rows_of_dates
from NeuroOrbitLib.number_text import fixed, signed, with_band
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Distances that do not change in an adult, with the change (mm) above which it may be another patient.
_FIXED_DISTANCES = {"interorbital_distance": 4.0, "interzygomatic_distance": 6.0}
#: Distance (mm) around the orbits within which voxels do not count for the alignment.
_AROUND_ORBITS_MM = 4.0
#: Ratio of slice distances from which on outlines of the two scans differ.
_UNLIKE = 1.5
#: Largest mean distance (mm) between the rims and canal mouths of two scans of one head after alignment.
_LANDMARKS_MM = 5.0
_TWO = 2
#: Marks of a change that is larger than the variation of repeated measurements.
_MARKS = {"increased": "▲ ", "decreased": "▼ "}
NOT_ALIGNED = _("The skulls of both dates could not be aligned, so that the growth of the muscles is not shown. Check "
                "that both scans are of the same patient.")


@dataclass(frozen=True)
class Comparison:
    """The comparison of a patient's dates.

    :param changes: changes from the first date to the last.
    :param courses: measures on all dates.
    :param growth: movement of the surface of each muscle from the first date to the last.
    :param matrix: (4, 4) from RAS mm of the first scan to RAS mm of the last.
    :param left_out: names of measures that could not be compared.
    :param notices: sentences that the user should read.
    """

    changes: list[Change]
    courses: list[Course]
    growth: list[Growth]
    matrix: np.ndarray
    left_out: list[str]
    notices: list[str]


def compare(*dates: Measuring) -> Comparison:
    """Compare two or more dates; the first and the last need their scans for the alignment.

    :param dates: measures of at least two dates, the earliest first.
    """
    rows, (first, *between, last) = rows_of_dates(dates), dates
    changes, left_out = changes_between(rows[0], rows[-1])
    courses = courses_of(rows)
    if between:
        known = {course.row.key for course in courses}
        left_out = [row.name for row in by_key(row for each in rows for row in each).values() if row.key not in known]
    matrix, growth, notices = aligned_growth(first, last)
    return Comparison(changes, courses, growth, matrix, left_out, [*notices_of_dates(dates, rows), *notices])


def check_that_they_differ(scans: Sequence[Image]) -> None:
    """Make sure that no scan is a copy of another one, which would pass for a patient in whom nothing changed.

    :param scans: scans of all dates, the earliest first.
    :raises Problem: if two of them hold the same voxels.
    """
    for (number, first), (other, second) in combinations(enumerate(scans, start=1), 2):
        if same_voxels(first, second):
            raise Problem(_("Both scans hold the same image: there is nothing to compare. Give two scans of different "
                            "dates.") if len(scans) == _TWO else
                          _("Scans {number} and {other} hold the same image. Give scans of different dates.").format(
                              number=number, other=other))


def aligned_growth(first: Measuring, second: Measuring) -> tuple[np.ndarray, list[Growth], list[str]]:
    """Return the alignment of two dates (see :func:`alignment`), the growth of the muscles, and notices.

    If the skulls cannot be aligned, the list of growth is empty, and a notice says so.
    """
    try:
        matrix = alignment(first, second)
    except RuntimeError:  # the parts of the head that the scans show do not overlap
        return _start(first, second), [], [str(NOT_ALIGNED)]
    apart = _landmarks_apart(first, second, matrix)
    if apart > _LANDMARKS_MM:
        return matrix, [], [str(_("{reason} Rims and optic canals lie {apart:.1f} mm apart after alignment.").format(
            reason=NOT_ALIGNED, apart=apart))]
    return matrix, muscle_growth(first, second, matrix), []


def alignment(first: Measuring, second: Measuring) -> np.ndarray:
    """Return the matrix (4x4) from RAS mm of the first scan to the second: by the head's axes, then by the skull.

    The orbits are left out, since their contents may have changed. If one of the scans is missing, the skull is not
    used.

    :param first, second: measures of the two dates.
    :raises RuntimeError: if the parts of the head that the scans show do not overlap.
    """
    start = _start(first, second)
    if first.scan is None or second.scan is None:
        return start
    reach = [max(round(_AROUND_ORBITS_MM / size), 1) for size in first.labels.spacing[::-1]]
    orbits = ndimage.maximum_filter(first.labels.array > 0, [2 * number + 1 for number in reach])
    return register_rigidly(*map(_without_padding, (first, second)), start, ~orbits)


def _without_padding(date: Measuring) -> Image:
    """Return the scan of a date without the values of padding, beside which all tissues would look alike."""
    return date.scan.with_array(clean_ct_padding(date.scan.array)) if date.is_ct else without_padding(date.scan)


def comparison_as_text(comparison: Comparison) -> str:
    """Return the changes as a table for people."""
    rows = [["Measure", "First", "Second", "Change", "%", "May vary by", "Verdict"]]
    for change in comparison.changes:
        decimals = quantity(change.first.quantity).decimals
        percent = "" if change.percent is None else signed(change.percent, 0)
        difference, band = with_band(change.difference, change.band, decimals)
        unit = f" {change.first.unit}" if change.first.unit else ""
        rows.append([f"{change.first.name}{',' + unit if unit else ''}", fixed(change.first.value, decimals),
                     fixed(change.second.value, decimals), difference, percent, band, change.verdict])
    return aligned(rows, (0, 6))


def courses_as_text(courses: Sequence[Course], dates: Sequence[str]) -> str:
    """Return measures over time as a table for people.

    For each date after the first, the table shows the value, the change since the first date that has a value, and the
    variation to be expected; larger changes are marked.

    :param courses: measures on all dates.
    :param dates: names of the dates, the earliest first.
    """
    heading = ["Measure", dates[0]]
    for date in dates[1:]:
        heading += [date, "Change", "May vary by"]
    return aligned([heading, *(_course_cells(course) for course in courses)])


def _course_cells(course: Course) -> list[str]:
    decimals, unit = quantity(course.row.quantity).decimals, course.row.unit
    cells = [f"{course.row.name}, {unit}" if unit else course.row.name, _value(course.rows[0], decimals)]
    for row, change in zip(course.rows[1:], course.changes, strict=True):
        cells.append(_value(row, decimals))
        difference, band = with_band(change.difference, change.band, decimals) if change else ("", "")
        cells += [f"{_MARKS.get(change.verdict, '') if change else ''}{difference}", band]
    return cells


def _value(row: Row | None, decimals: int) -> str:
    return "-" if row is None else fixed(row.value, decimals)


def _landmarks_apart(first: Measuring, second: Measuring, matrix: np.ndarray) -> float:
    """Return the mean distance (mm) between the rims and canal mouths of two dates; 0 if they are not known."""
    before, after = _landmarks(first), _landmarks(second)
    apart = [np.linalg.norm(matrix[:3, :3] @ before[key] + matrix[:3, 3] - after[key]) for key in before.keys() & after]
    return float(np.mean(apart)) if apart else 0.0


def _landmarks(measuring: Measuring) -> dict[tuple[str, Side], np.ndarray]:
    mouths = {side: orbit.canal_mouth for side, orbit in measuring.shapes.items() if orbit.canal_mouth is not None}
    return {**{("rim", side): point for side, point in measuring.rims.points.items()},
            **{("canal", side): point for side, point in mouths.items()}}


def _start(first: Measuring, second: Measuring) -> np.ndarray:
    """Return the initial alignment: by the head's axes, or by the eyes if a date shows only one orbit."""
    eyes = [{side: orbit.globe_center for side, orbit in each.shapes.items() if orbit.has("eyeball")}
            for each in (first, second)]
    both = eyes[0].keys() & eyes[1].keys()
    if len(eyes[0]) == len(eyes[1]) or not both:
        return _from_axes(first.rims.frame, second.rims.frame)
    matrix = np.eye(4)
    matrix[:3, 3] = np.mean([eyes[1][side] - eyes[0][side] for side in both], axis=0)
    return matrix


def _from_axes(first: HeadFrame, second: HeadFrame) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = second.rotation.T @ first.rotation
    matrix[:3, 3] = second.origin - matrix[:3, :3] @ first.origin
    return matrix


def notices_of_dates(dates: Sequence[Measuring], rows: Sequence[Sequence[Row]]) -> list[str]:
    """Return notices about reasons to doubt the changes since the first date.

    Notices of dates in between are only included if the last date does not give the same notice.

    :param dates: the dates, the earliest first.
    :param rows: all measures of each date.
    """
    first, *between, last = dates
    told = notices_of(changes_between(rows[0], rows[-1])[0], first, last)
    for number, date in enumerate(between, start=1):
        found = notices_of(changes_between(rows[0], rows[number])[0], first, date)
        told += [_("Date {number}: {notice}").format(number=number + 1, notice=notice)
                 for notice in found if notice not in told]
    return told


def notices_of(changes: Sequence[Change], first: Measuring, second: Measuring) -> list[str]:
    """Return notices about reasons to doubt the changes: another patient, another kind of scan."""
    found = [_("{measure}: {first:.1f} mm and {second:.1f} mm. An adult's skull does not change so much: check that "
               "both scans are of the same patient.").format(
                   measure=change.first.name, first=change.first.value, second=change.second.value)
             for change in changes if abs(change.difference) > _FIXED_DISTANCES.get(change.first.quantity, np.inf)]
    if first.is_ct != second.is_ct:
        found.append(_("One scan is a CT, the other an MRI: outlines differ between them, so that small changes of "
                       "size mean nothing."))
    found += notices_about_sequences(first, second)
    found += _about_slices(max(first.labels.spacing), max(second.labels.spacing))
    for earlier, rows in ((True, (change.first for change in changes)), (False, (change.second for change in changes))):
        words = _("Earlier scan: {note}") if earlier else _("Later scan: {note}")
        found += [words.format(note=note) for note in notes_of(row for row in rows if row.quantity == "volume")]
    return found + [_("Only one of the dates has the {side} orbit in its label map: its changes cannot be measured."
                      ).format(side=side.word) for side in Side if _has(first, side) != _has(second, side)]


def _about_slices(first: float, second: float) -> list[str]:
    """Return a notice if two scans have slices of different distances (mm), of which the larger ones are thick."""
    first, second = sizes_without_noise((first, second))
    if max(first, second) <= max(THICKEST_SLICE_MM, _UNLIKE * min(first, second)):
        return []
    return [_("The slices of one scan are {first:.1f} mm apart, those of the other {second:.1f} mm: thick slices lose "
              "thin ends, so that small changes of size mean nothing.").format(first=first, second=second)]


def _has(measuring: Measuring, side: Side) -> bool:
    orbit = measuring.shapes.get(side)
    return orbit is not None and any(map(orbit.has, ("eyeball", "optic_nerve", *EXTRAOCULAR_MUSCLES)))
