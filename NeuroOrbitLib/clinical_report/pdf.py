"""The report as one A4 page in PDF, drawn with matplotlib."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from NeuroOrbitLib.clinical_report.content import Line, ReportContent
from NeuroOrbitLib.clinical_report.page import MARKS
from NeuroOrbitLib.evaluation.reports.letters import draw_all_letters
from NeuroOrbitLib.evaluation.reports.line_breaks import wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Width and height of A4, margin, and heights of lines of text and of the table, in points.
_WIDTH, _HEIGHT, _MARGIN, _LINE, _ROW = 595.0, 842.0, 40.0, 10.0, 11.2
_PICTURES = 150.0
#: Distance of a line from the text above it, in points.
_RULE_BELOW = 3.0
_BLUE, _GREY, _RED, _ORANGE = "#24527a", "#5b6673", "#b3261e", "#c8621a"
_COLORS = {"high": _RED, "low": "#1a5fb4"}
#: Right edges of the columns of numbers (the first two begin at the left), as shares of the width.
_COLUMNS = (0.0, 0.273, 0.637, 0.668, 0.763, 0.792, 0.893, 1.0)
#: Number of letters on a line of small text.
_LETTERS = 128


def report_pdf(content: ReportContent) -> bytes:
    """Return the report as a PDF of one page; if not everything fits, its last line says where to find the rest.

    :raises Problem: if no font of this computer has a letter in it.
    """
    stream, figure = BytesIO(), report_figure(content)
    draw_all_letters(figure)
    # No dates inside: the same results give the same file.
    figure.savefig(stream, format="pdf", metadata={"CreationDate": None, "Title": str(content.words["title"])})
    return stream.getvalue()


def report_figure(content: ReportContent) -> Figure:
    """Return the page as a figure, which can also be saved as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH / 72, _HEIGHT / 72), facecolor="white")
    words = content.words
    page = _Page(figure, words["more"])
    _header(page, content)
    _pictures(page, content)
    _texts(page, words["findings"], content.findings, bullet="• ", size=8.2)
    _texts(page, words["compression"], content.compression, bullet="• ")
    _texts(page, words["comparison"], content.comparison, bullet="• ")
    _table(page, content)
    page.text(content.normal, size=6.6, color=_GREY, letters=150)
    if content.results:
        _texts(page, words["results"], [f"{title} {text}" for title, text in content.results])
    for name in ("missing", "notices", "provenance"):
        _texts(page, words[name], getattr(content, name), size=6.6, color=_GREY)
    return figure


class _Page:
    """A page that is filled from top to bottom; all lengths are in points.

    :param more: text of the last line if the page is full.
    """

    def __init__(self, figure: Figure, more: str) -> None:
        self.figure, self.more, self.y, self.full = figure, more, _HEIGHT - _MARGIN, False

    def put(self, x: float, text: str, size: float = 7.6, **style: object) -> None:
        """Write text on the current line, from ``x`` points on."""
        self.figure.text(x / _WIDTH, self.y / _HEIGHT, text.replace("$", r"\$"), fontsize=size, **style)

    def advance(self, points: float) -> bool:
        """Move down; return False, and write on the page that there is more, if it is full."""
        if self.full:
            return False
        self.y -= points
        if self.y < _MARGIN:
            self.full = True
            self.figure.text(_MARGIN / _WIDTH, 0.5 * _MARGIN / _HEIGHT, self.more, fontsize=6.6, color=_GREY)
        return not self.full

    def text(self, text: str, size: float = 7.6, color: str = "black", letters: int = _LETTERS) -> None:
        """Write a paragraph."""
        for line in wrapped(text, letters):
            if self.advance(_LINE * size / 7.6):
                self.put(_MARGIN, line, size, color=color)

    def rule(self, color: str, width: float = 0.5) -> None:
        """Draw a line below the current line."""
        from matplotlib.lines import Line2D

        y = (self.y - _RULE_BELOW) / _HEIGHT
        self.figure.add_artist(Line2D((_MARGIN / _WIDTH, 1 - _MARGIN / _WIDTH), (y, y), color=color, linewidth=width))


def _header(page: _Page, content: ReportContent) -> None:
    header = content.header
    if header.institution or header.address or header.logo:
        page.put(_MARGIN, header.institution, 10, weight="bold", color=_BLUE)
        if header.logo:
            _logo(page, content)
        page.text(header.address.replace("\n", ", "), 7.2, _GREY)
        page.advance(4)
        page.rule(_BLUE, 1.2)
        page.advance(20)
    page.put(_MARGIN, content.words["heading"], 14, weight="bold")
    facts = [f"{name}: {value}" for name, value in content.patient.items()]
    page.advance(4)
    page.text(" · ".join([*facts, *content.technique]), 7.6, _GREY)
    page.advance(3)
    page.text(content.words["research_use"], 6.6, _ORANGE, letters=150)


def _logo(page: _Page, content: ReportContent) -> None:
    from matplotlib import image

    axes = page.figure.add_axes((1 - (_MARGIN + 110) / _WIDTH, (page.y - 16) / _HEIGHT, 110 / _WIDTH, 32 / _HEIGHT))
    axes.imshow(image.imread(str(content.header.logo)))
    axes.set_anchor("E")
    axes.axis("off")


def _pictures(page: _Page, content: ReportContent) -> None:
    if not content.pictures:
        return
    width = (_WIDTH - 2 * _MARGIN) / len(content.pictures)
    shares = [pixels.shape[0] / pixels.shape[1] for _caption, pixels in content.pictures]
    height = min((width - 8) * max(shares), _PICTURES)
    page.advance(height + 8)
    for number, (caption, pixels) in enumerate(content.pictures):
        left = _MARGIN + number * width
        axes = page.figure.add_axes((left / _WIDTH, page.y / _HEIGHT, (width - 8) / _WIDTH, height / _HEIGHT))
        axes.imshow(pixels, interpolation="lanczos")
        axes.set_anchor("S")
        axes.axis("off")
        page.figure.text(left / _WIDTH, (page.y - 9) / _HEIGHT, caption, fontsize=6.6, color=_GREY)
    page.advance(10)


@contextmanager
def _section(page: _Page, title: str) -> Iterator[None]:
    if page.advance(17):
        page.put(_MARGIN, title, 9, weight="bold", color=_BLUE)
    yield


def _texts(page: _Page, title: str, texts: Sequence[str], bullet: str = "", size: float = 7.6,
           color: str = "black") -> None:
    if texts:
        with _section(page, title):
            page.advance(1)
            for text in texts:
                page.text(bullet + text, size, color, letters=int(_LETTERS * 7.6 / size))


def _table(page: _Page, content: ReportContent) -> None:
    with _section(page, content.words["measures"]):
        page.advance(_ROW + 1)
        for column, word in enumerate(content.columns):
            _cell(page, column, word, color=_GREY, weight="bold")
        page.rule(_GREY)
        group = ""
        for line in content.lines:
            if not page.advance(_ROW):
                return
            first, group = line.group if line.group != group else "", line.group
            _row(page, first, line)


def _row(page: _Page, group: str, line: Line) -> None:
    _cell(page, 0, group, weight="bold")
    if group and line.color:
        page.put(_MARGIN - 9, "■", 7.4, color=line.color)
    _cell(page, 1, line.name)
    for side in range(2):
        level = line.levels[side]
        value = " ".join(filter(None, [line.values[side], MARKS.get(level, "")]))
        style = {"color": _COLORS[level], "weight": "bold"} if level in MARKS else {}
        _cell(page, 2 + 2 * side, value, **style)
        _cell(page, 3 + 2 * side, line.z_scores[side])
    _cell(page, 6, line.normal)
    _cell(page, 7, line.difference)
    page.rule("#e3e8ed", 0.4)


def _cell(page: _Page, column: int, text: str, **style: object) -> None:
    x = _MARGIN + _COLUMNS[column] * (_WIDTH - 2 * _MARGIN)
    page.put(x, text, 7.4, ha="left" if column < 2 else "right", **style)
