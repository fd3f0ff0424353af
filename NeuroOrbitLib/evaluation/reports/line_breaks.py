"""Lines of a text in a PDF; Chinese, Japanese and Korean letters are twice as wide as others."""

from __future__ import annotations

import textwrap
import unicodedata

#: Stands for the second half of a wide letter while a text is broken; no text has this character of private use.
_HALF = "\ue000"


def wrapped(text: str, letters: int) -> list[str]:
    """Return the lines of a text; none if it is blank.

    :param text: one paragraph.
    :param letters: number of ordinary letters on a line.
    """
    halves = _with_halves(text)
    # One place is kept free for the second half of a letter, which may begin the next line.
    return [line.replace(_HALF, "") for line in textwrap.wrap(halves, letters - (_HALF in halves))]


def letters_in(text: str) -> int:
    """Return the number of ordinary letters that are as wide as a text."""
    return len(_with_halves(text))


def _with_halves(text: str) -> str:
    return "".join(letter + _HALF if unicodedata.east_asian_width(letter) in "WF" else letter for letter in text)
