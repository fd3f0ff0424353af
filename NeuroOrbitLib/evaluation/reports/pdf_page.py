"""A report as a PDF of A4 sheets, with the same methods as :class:`~NeuroOrbitLib.evaluation.reports.page.Page`."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from NeuroOrbitLib.evaluation.reports.letters import draw_all_letters
from NeuroOrbitLib.evaluation.reports.line_breaks import letters_in, wrapped
from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.files.safe import write_bytes
from NeuroOrbitLib.research_use import RESEARCH_USE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Width and height of A4, margins, height of a line and of a picture in points; mean width of a letter per size.
_WIDTH, _HEIGHT, _MARGIN, _LINE, _PICTURE, _LETTER = 595.0, 842.0, 45.0, 11.5, 150.0, 0.56
_TEXT, _SMALL = 8.5, 7.5
_BLUE, _GREY, _ORANGE, _RULE = "#24527a", "#5b6673", "#c8621a", "#dddddd"
_MOST_PICTURE_SHARE = 0.5


def page_for(path: Path, title: str, notice: str = "", say: Callable[[str], str] = str) -> Page | PdfPage:
    """Return an empty page to be written to a file of this name: a PDF for ``.pdf``, otherwise HTML.

    :param path: file of the report.
    :param title, notice, say: see :class:`~NeuroOrbitLib.evaluation.reports.page.Page`.
    """
    return (PdfPage if path.suffix.lower() == ".pdf" else Page)(title, notice, say)


class PdfPage:
    """A report that is filled from top to bottom; a new sheet begins when one is full.

    :param title, notice, say: see :class:`~NeuroOrbitLib.evaluation.reports.page.Page`.
    """

    def __init__(self, title: str, notice: str = "", say: Callable[[str], str] = str) -> None:
        self.title, self.say, self.sheets = say(title), say, []
        self._y, self._x, self._row = 0.0, 0.0, 0.0
        self._begin_sheet()
        self._lines(title, 15.0, weight="bold")
        for text in filter(None, (RESEARCH_USE, notice)):
            self._lines(text, _SMALL, color=_ORANGE)

    def heading(self, text: str) -> None:
        """Begin a section with a heading."""
        self._end_row()
        self._make_room(40.0)
        self._y -= 8.0
        self._lines(text, 11.0, weight="bold", color=_BLUE)

    def paragraph(self, text: str) -> None:
        """Add a paragraph."""
        self._end_row()
        self._lines(text, _TEXT)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> None:
        """Add a table with an optional caption; long cells are broken into lines."""
        self._end_row()
        if caption:
            self._lines(caption, _SMALL, color=_GREY)
        header, *rows = ([self.say(cell) for cell in cells] for cells in (header, *rows))
        places, letters = _columns([header, *rows])
        for number, cells in enumerate([header, *rows] if any(header) else rows):
            broken = [wrapped(cell, most) or [""] for cell, most in zip(cells, letters, strict=True)]
            is_head = number == 0 and any(header)
            self._make_room(_LINE * max(map(len, broken)))
            for line in range(max(map(len, broken))):
                self._y -= _LINE
                for place, lines in zip(places, broken, strict=True):
                    if line < len(lines):
                        self._put(place, lines[line], _SMALL, weight="bold" if is_head else "normal")
            self._rule()

    def picture(self, data_url: str, caption: str) -> None:
        """Add a picture (a data URL of a PNG file) with its caption, beside the previous one if there is room."""
        from matplotlib import image

        pixels = image.imread(BytesIO(base64.b64decode(data_url.partition(",")[2])), format="png")
        shape = pixels.shape[1] / pixels.shape[0]
        width = min(_PICTURE * shape, _MOST_PICTURE_SHARE * (_WIDTH - 2 * _MARGIN) - 6)
        if self._x + width > _WIDTH - _MARGIN:
            self._end_row()
        height = width / shape
        if self._row < height + 14:
            self._make_room(height + 20)
            self._row = max(self._row, height + 14)
        axes = self.sheets[-1].add_axes((self._x / _WIDTH, (self._y - height - 4) / _HEIGHT, width / _WIDTH,
                                         height / _HEIGHT))
        axes.imshow(pixels, interpolation="none")
        axes.axis("off")
        self.sheets[-1].text(self._x / _WIDTH, (self._y - height - 13) / _HEIGHT, self.say(caption), fontsize=6.5,
                             color=_GREY)
        self._x += width + 10

    def write(self, path: Path) -> Path:
        """Write the PDF and return its path; its folder is created.

        :raises NotWritten: if it cannot be written.
        :raises Problem: if no font of this computer has a letter in it.
        """
        from matplotlib.backends.backend_pdf import PdfPages

        stream = BytesIO()
        # Without dates, so that the same results give the same file.
        with PdfPages(stream, metadata={"CreationDate": None, "Title": self.title}) as pages:
            for number, sheet in enumerate(self.sheets, 1):
                sheet.text(1 - _MARGIN / _WIDTH, 22 / _HEIGHT, f"{number} / {len(self.sheets)}", fontsize=6.5,
                           color=_GREY, ha="right")
                draw_all_letters(sheet)
                pages.savefig(sheet)
        return write_bytes(path, stream.getvalue())

    def _begin_sheet(self) -> None:
        from matplotlib.figure import Figure

        self.sheets: list[Figure] = [*self.sheets, Figure(figsize=(_WIDTH / 72, _HEIGHT / 72), facecolor="white")]
        self._y, self._x, self._row = _HEIGHT - _MARGIN, _MARGIN, 0.0

    def _make_room(self, points: float) -> None:
        if self._y - points < _MARGIN:
            self._begin_sheet()

    def _end_row(self) -> None:
        """Move below the row of pictures."""
        self._y -= self._row
        self._x, self._row = _MARGIN, 0.0

    def _lines(self, text: str, size: float, **style: object) -> None:
        height = _LINE * max(size / _TEXT, 1.0)
        for line in wrapped(self.say(text), int((_WIDTH - 2 * _MARGIN) / (_LETTER * size))):
            self._make_room(height)
            self._y -= height
            self._put(_MARGIN, line, size, **style)
        self._y -= 2.0

    def _put(self, x: float, text: str, size: float, **style: object) -> None:
        self.sheets[-1].text(x / _WIDTH, self._y / _HEIGHT, text.replace("$", r"\$"), fontsize=size, **style)

    def _rule(self) -> None:
        from matplotlib.lines import Line2D

        y = (self._y - 3.0) / _HEIGHT
        ends = (_MARGIN / _WIDTH, 1 - _MARGIN / _WIDTH)
        self.sheets[-1].add_artist(Line2D(ends, (y, y), color=_RULE, linewidth=0.5))
        self._y -= 1.0


def _columns(rows: Sequence[Sequence[str]]) -> tuple[list[float], list[int]]:
    """Return the start of each column (points) and the number of letters that fit into it.

    The width is distributed by the longest cell of each column, up to half of the page.
    """
    total = (_WIDTH - 2 * _MARGIN) / (_LETTER * _SMALL)
    longest = [min(max(map(letters_in, cells)) + 3, total / 2) for cells in zip(*rows, strict=True)]
    letters = [max(length * min(total / sum(longest), 1.0), 6.0) for length in longest]
    if sum(letters) < total:
        letters[-1] += total - sum(letters)
    places = [_MARGIN + _LETTER * _SMALL * sum(letters[:column]) for column in range(len(letters))]
    return places, [max(int(count) - 1, 4) for count in letters]
