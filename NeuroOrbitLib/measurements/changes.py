"""Changes between two dates, compared with the variation of repeated measurements."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from NeuroOrbitLib.measurements.edits import are_comparable
from NeuroOrbitLib.measurements.repeatability import repeat_share, repeat_spread
from NeuroOrbitLib.measurements.rows import Row, by_key
from NeuroOrbitLib.sentences import sentence as _

#: Largest relative difference in volume between repeated scans of healthy muscles (J Neuromuscul Dis 2023, jnd230023).
VOLUME_BAND = 0.08
#: Two standard deviations of the difference of two measures.
_COVERAGE = 2.0
#: Names of the verdicts.
VERDICTS = {"increased": _("increased"), "decreased": _("decreased"), "no change": _("no change")}


@dataclass(frozen=True)
class Change:
    """A measure on two dates.

    :param first: row of the earlier date.
    :param second: row of the later date.
    :param band: largest difference (in the measure's unit) that may occur without a change; None if it is not known.
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
        """Difference in percent of the first value.

        ``None`` where a share of the first value says nothing: it is 0, or negative as the position of an eye behind
        the rims, or in percent itself.
        """
        if self.first.value <= 0 or self.first.unit == "%":
            return None
        return 100 * self.difference / self.first.value

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


def changes_between(first: Sequence[Row], second: Sequence[Row]) -> tuple[list[Change], list[str]]:
    """Return the changes of all measures that both dates have, and the names of the first date's other measures.

    Measures taken by different methods are not compared, and belong to the others; values that the user has drawn are
    compared with any.
    """
    later = by_key(second)
    changes, left_out = [], []
    for row in first:
        other = later.get(row.key)
        known = None not in (row.value, other and other.value)
        if known and are_comparable(row.measured, other.measured):
            changes.append(Change(row, other, noise_band(row, other)))
        else:
            left_out.append(row.name)
    return changes, left_out


def noise_band(first: Row, second: Row) -> float | None:
    """Return the largest difference that may occur without a change: twice its SD in repeated scans.

    The SD is the one that follows from both uncertainties, times the quantity's
    :func:`~NeuroOrbitLib.measurements.repeatability.repeat_share`, more where few thick slices show the structure. For
    volumes the result is at least 8 %. ``None`` if an uncertainty is not known, and for grey values, which cannot be
    compared between scans.

    :param first, second: rows of the same measure on two dates.
    """
    spreads = tuple(repeat_spread(row.quantity, row.measured.uncertainty) for row in (first, second))
    share = repeat_share(first.quantity)
    if share is not None:
        share = max(share, first.measured.least_share, second.measured.least_share)
    band = None if share is None or None in spreads else _COVERAGE * share * math.hypot(*spreads)
    if "volume" in first.quantity:
        return max(band or 0.0, VOLUME_BAND * first.value)
    return band
