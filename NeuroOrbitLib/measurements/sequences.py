"""Measures of MRIs of one patient that were made with different sequences, whose signals cannot be compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.anatomy.orbit_contrast import tissue_contrast
from NeuroOrbitLib.imaging.boxes import box_around, crop
from NeuroOrbitLib.measurements.rows import Row
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.measurements.measure import Measuring

#: Least factors by which the signals of fat over vitreous and of vitreous over muscles differ between sequences.
#: Swollen muscles are up to half as bright again.
_FAT_TO_VITREOUS, _VITREOUS_TO_MUSCLES = 3.0, 2.5
OTHER_SEQUENCE = _("The MRIs were not made with the same sequence: fat, muscles and the inside of the eyes differ in "
                   "brightness. Signals over brain and over temporal muscle are not compared.")


def rows_of_dates(dates: Sequence[Measuring]) -> list[list[Row]]:
    """Return all measures of each date; ratios of signals from different sequences differ in their methods.

    Only measures by the same method are compared.

    :param dates: measures of one patient on several dates.
    """
    contrasts = [_contrast(date) for date in dates]
    firsts: list[int] = []  # the first date of each sequence
    rows = []
    for number, date in enumerate(dates):
        like = next((place for place, first in enumerate(firsts)
                     if not differ(contrasts[first], contrasts[number])), len(firsts))
        if like == len(firsts):
            firsts.append(number)
        rows.append([_told_apart(row, like) for row in date.rows()])
    return rows


def notices_about_sequences(first: Measuring, second: Measuring) -> list[str]:
    """Return a notice if two MRIs were made with different sequences."""
    return [str(OTHER_SEQUENCE)] if differ(_contrast(first), _contrast(second)) else []


def differ(first: tuple[float, float] | None, second: tuple[float, float] | None) -> bool:
    """Return whether two MRIs were made with different sequences, as far as the brightness of their tissues shows.

    :param first, second: signals of vitreous and fat of each MRI over that of its muscles; ``None`` or NaN if not
        known.
    """
    if first is None or second is None:
        return False
    vitreous = _factor(first[0], second[0])
    return vitreous > _VITREOUS_TO_MUSCLES or _factor(first[1] / first[0], second[1] / second[0]) > _FAT_TO_VITREOUS


def _factor(first: float, second: float) -> float:
    """Return by what factor two positive numbers differ; 1 if one of them is not known."""
    known = math.isfinite(first) and math.isfinite(second) and min(first, second) > 0
    return max(first / second, second / first) if known else 1.0


def _contrast(date: Measuring) -> tuple[float, float] | None:
    if date.scan is None or date.is_ct:
        return None
    box = box_around(date.labels.array).grown(1).inside(date.labels.array.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return tissue_contrast(crop(date.scan, box), crop(date.labels, box))


def _told_apart(row: Row, sequence: int) -> Row:
    """Return a row whose method names the sequence (from 0) if it is a ratio of signals of another than the first."""
    if not sequence or row.value is None or "_to_" not in row.quantity:
        return row
    method = _("{method}; sequence {number} of those compared").format(method=row.measured.method, number=sequence + 1)
    return replace(row, measured=replace(row.measured, method=method))
