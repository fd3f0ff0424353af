"""Numbers with fixed decimals for people; a number that is rounded to zero has no sign."""

from __future__ import annotations

import re

#: A blank between a number and its unit.
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|°|mm[²³]?|mL|ml|HU|years)(?!\w))")
#: Decimals that two numbers get in addition, at most, so that they differ as text.
_MORE_DECIMALS = 3


def fixed(value: float, decimals: int) -> str:
    """Return a number with a given number of decimals, e.g. "-0.3"; "0.0", never "-0.0"."""
    return f"{_without_sign_of_nothing(value, decimals):.{decimals}f}"


def signed(value: float, decimals: int) -> str:
    """Return a difference with its sign and the given decimals, e.g. "+0.3"; "0.0" if it is rounded to zero."""
    rounded = _without_sign_of_nothing(value, decimals)
    return f"{rounded:+.{decimals}f}" if rounded else fixed(rounded, decimals)


def with_band(difference: float, band: float | None, decimals: int) -> tuple[str, str]:
    """Return a difference with its sign, and the band in which a difference is no change, as text.

    Where rounding would hide that the difference exceeds the band ("+0.08", "0.08"), both get up to three decimals
    more.

    :param difference: the difference.
    :param band: largest difference that may occur without a change; None if it is not known, which gives "".
    :param decimals: decimals that suffice otherwise.
    """
    if band is None:
        return signed(difference, decimals), ""
    enough = (number for number in range(decimals, decimals + _MORE_DECIMALS)
              if abs(difference) <= band or round(abs(difference), number) > round(band, number))
    decimals = next(enough, decimals + _MORE_DECIMALS)
    return signed(difference, decimals), fixed(band, decimals)


def with_change(before: float, after: float, band: float, decimals: int) -> tuple[str, str, str, str]:
    """Return two numbers, their change with its sign, and the band in which a change is none, as text that agrees.

    The change is that of the numbers as they are shown: otherwise "0.73" and "3.37" stand beside "+2.63". Where
    rounding would hide whether it exceeds the band, all get up to three decimals more.

    :param before, after: the numbers.
    :param band: largest difference that may occur without a change.
    :param decimals: decimals that suffice otherwise.
    """
    exceeds = abs(after - before) > band
    for number in range(decimals, decimals + _MORE_DECIMALS + 1):
        first, second, limit = (round(value, number) for value in (before, after, band))
        change = round(second - first, number)
        if exceeds == (abs(change) > limit):
            break
    return fixed(first, number), fixed(second, number), signed(change, number), fixed(limit, number)


def reaches(value: float, limit: float, decimals: int = 2) -> bool:
    """Return whether a value is at least ``limit`` when both are rounded to the given decimals.

    Without rounding, a reader might see "1.21" beside "at least 1.21: no".
    """
    return round(value, decimals) >= round(limit, decimals)


def unbroken(text: str) -> str:
    """Return text in which lines cannot break between a number and its unit, e.g. before "%"."""
    return _BEFORE_UNIT.sub("\u00a0", text)


def _without_sign_of_nothing(value: float, decimals: int) -> float:
    return round(float(value), decimals) + 0.0  # adding 0 turns -0.0 into 0.0
