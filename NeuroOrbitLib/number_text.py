"""Numbers with fixed decimals as people read them: what is rounded to nothing has no sign."""

from __future__ import annotations

import re

#: A blank between a number and the unit or the word that it belongs to.
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:%|°|mm[²³]?|mL|ml|HU|years)(?!\w))")


def fixed(value: float, decimals: int) -> str:
    """Return a number with a given number of decimals, e.g. "-0.3"; "0.0", never "-0.0"."""
    return f"{_without_sign_of_nothing(value, decimals):.{decimals}f}"


def signed(value: float, decimals: int) -> str:
    """Return a difference with its sign and the given decimals, e.g. "+0.3"; "0.0" where it is rounded to nothing."""
    rounded = _without_sign_of_nothing(value, decimals)
    return f"{rounded:+.{decimals}f}" if rounded else fixed(rounded, decimals)


def reaches(value: float, limit: float, decimals: int = 2) -> bool:
    """Return whether a value is at least ``limit`` when both are rounded to the given decimals.

    Otherwise a reader sees "1.21" beside "at least 1.21: no".
    """
    return round(value, decimals) >= round(limit, decimals)


def unbroken(text: str) -> str:
    """Return text in which no line breaks between a number and its unit, e.g. before "%"."""
    return _BEFORE_UNIT.sub("\u00a0", text)


def _without_sign_of_nothing(value: float, decimals: int) -> float:
    return round(float(value), decimals) + 0.0  # adding 0 turns -0.0 into 0.0
