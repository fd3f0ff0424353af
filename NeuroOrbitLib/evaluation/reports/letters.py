"""Fonts in which all letters of a PDF can be drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Font that comes with matplotlib, and one that has a box for every letter there is.
_OWN, _OF_BOXES = "DejaVu Sans", "Last Resort"
#: Number of missing letters that a message names.
_MOST_NAMED = 8
_VARIATIONS = range(0xFE00, 0xFE10)


def draw_all_letters(figure: Figure) -> None:
    """Choose fonts for the texts of a figure, so that all of their letters are drawn.

    The font of matplotlib has Latin, Greek and Cyrillic letters; others are drawn in fonts of this computer.

    :raises Problem: naming letters that no font has; matplotlib would draw boxes in their place.
    """
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if text.get_text()]
    families = _families_for("".join(text.get_text() for text in texts))
    if len(families) > 1:
        for text in texts:
            text.set_fontfamily(families)


def _families_for(text: str) -> list[str]:
    """Return the font of matplotlib, and as many others as it takes to draw a text."""
    from matplotlib import font_manager

    missing = {ord(letter) for letter in text if _is_drawn(letter)} - _letters_of(font_manager.findfont(_OWN))
    families = [_OWN]
    fonts = [font for font in font_manager.fontManager.ttflist if not font.name.startswith(_OF_BOXES)] \
        if missing else []
    while missing:
        best = max(fonts, key=lambda font: len(missing & _letters_of(font.fname)))
        found = missing & _letters_of(best.fname)
        if not found:
            raise Problem(_("No font on this computer has the letters {letters}, so the PDF would show boxes in their "
                            "place. Install a font that has them, or write the report as a web page (.html).").format(
                letters=" ".join(map(chr, sorted(missing)[:_MOST_NAMED]))))
        families.append(best.name)
        missing = missing - found
    return families


def _is_drawn(letter: str) -> bool:
    """Return whether a character needs a picture in the font: no blank, control character or variation does."""
    return unicodedata.category(letter)[0] not in "CZ" and ord(letter) not in _VARIATIONS


@cache
def _letters_of(path: str) -> frozenset[int]:
    """Return the code points in a font file; none if it cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        codes: Iterable[int] = get_font(path).get_charmap()
    except (OSError, RuntimeError):
        return frozenset()
    return frozenset(codes)
