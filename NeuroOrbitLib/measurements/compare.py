"""Two dates of one patient: what changed by more than measuring itself varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.structures import EXTRAOCULAR_MUSCLES, Side
from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.imaging.registration import register_rigidly
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.head_frame import HeadFrame
from NeuroOrbitLib.measurements.measure import Measuring
from NeuroOrbitLib.measurements.rows import Row, by_key

#: Repeated scans of healthy muscles differ by up to so much in volume (J Neuromuscul Dis 2023, jnd230023).
VOLUME_BAND = 0.08
#: Two standard deviations of the difference of two measures.
_COVERAGE = 2.0
#: Distances that stay the same in an adult's head; a larger change means another patient (mm).
_FIXED_DISTANCES = {"interorbital_distance": 4.0, "interzygomatic_distance": 6.0}
#: The orbits and what moves around them do not count for the alignment (mm).
_AROUND_ORBITS_MM = 4.0


@dataclass(frozen=True)
class Change:
    """A measure on two dates.

    :param band: change (in the measure's unit) up to which the two measures may be the same.
    """

    first: Row
    second: Row
    band: float | None

    @property
    def difference(self) -> float:
        """Second minus first."""
        return self.second.value - self.first.value

    @property
    def percent(self) -> float | None:
        """Difference in percent of the first value; ``None`` where that is 0."""
        return 100 * self.difference / self.first.value if self.first.value else None

    @property
    def verdict(self) -> str:
        """ "increased", "decreased", "no change" within the band, or "" where the band is unknown."""
        if self.band is None:
            return ""
        if abs(self.difference) <= self.band:
            return "no change"
        return "increased" if self.difference > 0 else "decreased"

    def as_data(self) -> dict[str, Any]:
        """Return the change as plain data."""
        structure, side, key = self.first.key
        return {"structure": structure, "side": side or None, "quantity": key, "name": self.first.name,
                "unit": self.first.unit, "first": self.first.value, "second": self.second.value,
                "difference": self.difference, "percent": self.percent, "band": self.band, "verdict": self.verdict}


@dataclass(frozen=True)
class Growth:
    """How far a muscle's surface moved outwards between two dates (mm; negative inwards)."""

    structure: str
    side: Side
    mean: float
    most: float
    place: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """Two dates of one patient.

    :param matrix: 4x4, from RAS mm of the first scan to RAS mm of the second.
    :param left_out: names of measures that only one of the dates has.
    :param notices: what the user should know.
    """

    changes: list[Change]
    growth: list[Growth]
    matrix: np.ndarray
    left_out: list[str]
    notices: list[str]


def compare(first: Measuring, second: Measuring) -> Comparison:
    """Return what changed from the first date to the second; both need their scans for the alignment."""
    before, after = first.rows(), second.rows()
    changes, left_out = changes_between(before, after)
    matrix = alignment(first, second)
    return Comparison(changes, muscle_growth(first, second, matrix), matrix, left_out, _notices(changes, first, second))


def changes_between(first: Sequence[Row], second: Sequence[Row]) -> tuple[list[Change], list[str]]:
    """Return the changes of all measures that both dates have, and the names of the others."""
    later = by_key(second)
    changes, left_out = [], []
    for row in first:
        other = later.get(row.key)
        if row.value is None or other is None or other.value is None or row.measured.method != other.measured.method:
            left_out.append(row.name)
        else:
            changes.append(Change(row, other, noise_band(row, other)))
    return changes, left_out


def noise_band(first: Row, second: Row) -> float | None:
    """Return the change up to which nothing may have changed: from both uncertainties, and at least 8 % of volumes."""
    spreads = (first.measured.uncertainty, second.measured.uncertainty)
    band = None if None in spreads else _COVERAGE * float(np.hypot(*spreads))
    if "volume" in first.quantity:
        return max(band or 0.0, VOLUME_BAND * first.value)
    return band


def alignment(first: Measuring, second: Measuring) -> np.ndarray:
    """Return the matrix (4x4) from RAS mm of the first scan to the second: by the head's axes, then by the skull.

    What lies in the orbits does not count: it is what may have changed.
    """
    start = _from_axes(first.rims.frame, second.rims.frame)
    if first.scan is None or second.scan is None:
        return start
    reach = [max(round(_AROUND_ORBITS_MM / size), 1) for size in first.labels.spacing[::-1]]
    orbits = ndimage.maximum_filter(first.labels.array > 0, [2 * number + 1 for number in reach])
    return register_rigidly(first.scan, second.scan, start, ~orbits)


def muscle_growth(first: Measuring, second: Measuring, matrix: np.ndarray) -> list[Growth]:
    """Return how far the muscles' surfaces lie outside of where they were."""
    found = []
    for side in Side:
        for key in EXTRAOCULAR_MUSCLES:
            before, after = first.shapes[side].field(key), second.shapes[side].field(key)
            if before is None or after is None:
                continue
            surface = after.grid.ras_from_ijk(np.argwhere(np.abs(after.values) < min(after.grid.spacing))[:, ::-1])
            own = after.at(surface)
            at_first = (surface - matrix[:3, 3]) @ np.linalg.inv(matrix[:3, :3]).T
            moved = own - before.at(at_first)
            most = int(np.argmin(np.abs(moved - np.percentile(moved, 95))))
            found.append(Growth(key, side, float(moved.mean()), float(moved[most]), at_first[most]))
    return found


def comparison_as_text(comparison: Comparison) -> str:
    """Return the changes as a table for people."""
    rows = [["Measure", "First", "Second", "Change", "%", "May vary by", "Verdict"]]
    for change in comparison.changes:
        decimals = quantity(change.first.quantity).decimals
        percent = "" if change.percent is None else f"{change.percent:+.0f}"
        band = "" if change.band is None else f"{change.band:.{decimals}f}"
        unit = f" {change.first.unit}" if change.first.unit else ""
        rows.append([f"{change.first.name}{',' + unit if unit else ''}", f"{change.first.value:.{decimals}f}",
                     f"{change.second.value:.{decimals}f}", f"{change.difference:+.{decimals}f}", percent, band,
                     change.verdict])
    return aligned(rows, (0, 6))


def _from_axes(first: HeadFrame, second: HeadFrame) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = second.rotation.T @ first.rotation
    matrix[:3, 3] = second.origin - matrix[:3, :3] @ first.origin
    return matrix


def _notices(changes: Sequence[Change], first: Measuring, second: Measuring) -> list[str]:
    found = [f"{change.first.name}: {change.first.value:.1f} mm and {change.second.value:.1f} mm. An adult's skull "
             "does not change so much: check that both scans are of the same patient."
             for change in changes if abs(change.difference) > _FIXED_DISTANCES.get(change.first.quantity, np.inf)]
    if first.is_ct != second.is_ct:
        found.append("One scan is a CT, the other an MRI: outlines differ between them, so that small changes of size "
                     "mean nothing.")
    return found
