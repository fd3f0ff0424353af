"""A table of the changes between the dates of a follow-up, as wide as the panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy.structures import Side, structure
from NeuroOrbitLib.measurements.changes import VERDICTS
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.follow_up import Course
from NeuroOrbitLib.measurements.pairs import Pair
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import fixed, with_band
from NeuroOrbitLib.sentences import capitalized
from NeuroOrbitLib.widgets.measurement_grid import ROW_PIXELS, set_columns

_ROWS_SHOWN, _VALUE_PIXELS = 10, 36
_NAME, _RIGHT, _LEFT = range(3)
_WIDTHS = {_RIGHT: 104, _LEFT: 104}
_COLORS, _TEXT = {"increased": "#f4b183", "decreased": "#9dc3e6"}, "#000000"
_MARKS = {"increased": "▲ ", "decreased": "▼ "}


class FollowUpGrid(qt.QTableWidget):
    """Shows the first known and the last value of each measure of both sides, the change, and its uncertainty.

    A change that is larger than its uncertainty is marked and coloured.

    :param chosen: function called with the measure that the user has chosen.
    """

    def __init__(self, chosen: Callable[[Course], None]) -> None:
        qt.QTableWidget.__init__(self)
        self._chosen = chosen
        self.objectName = "followUpTable"
        self._lines: list[_Line | str] = []
        self.setColumnCount(len(_WIDTHS) + 1)
        self.setHorizontalHeaderLabels([_("Measure"), _("Right"), _("Left")])
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        set_columns(self, _WIDTHS)
        self.setWordWrap(True)
        self.connect("currentCellChanged(int,int,int,int)", self._on_current)

    def show_courses(self, courses: Sequence[Course], dates: Sequence[str], everything: bool) -> None:
        """Show measures over time.

        :param courses: the measures, each with its values at all dates.
        :param dates: days of the scans, the earliest first.
        :param everything: whether to show all measures, or only the main ones and those that changed.
        """
        blocked = self.blockSignals(True)  # the user has not chosen anything here
        self._lines = _lines([course for course in courses if everything or course.is_main])
        self.clearSpans()
        self.setRowCount(len(self._lines))
        for number, line in enumerate(self._lines):
            self._fill_heading(number, line) if isinstance(line, str) else self._fill(number, line, dates)
            self.setRowHeight(number, ROW_PIXELS if isinstance(line, str) else _VALUE_PIXELS)
        shown = sum(self.rowHeight(number) for number in range(min(len(self._lines), _ROWS_SHOWN)))
        self.setFixedHeight(self.horizontalHeader().sizeHint.height() + max(shown, ROW_PIXELS) + 6)
        self.blockSignals(blocked)

    def current(self) -> Course | None:
        """Return the chosen measure; the first one if none is chosen."""
        chosen = self._lines[self.currentRow()] if 0 <= self.currentRow() < len(self._lines) else ""
        line = next((line for line in self._lines if not isinstance(line, str)), None) if isinstance(chosen, str) \
            else chosen
        return None if line is None else line.at(self.currentColumn()) or line.courses[0]

    def choose(self, structure_key: str, side: str, quantity_key: str) -> None:
        """Choose a measure, as a click on it does."""
        number, line = self._line_of(structure_key, side, quantity_key)
        self.setCurrentCell(number, next(column for column in (_RIGHT, _LEFT) if (course := line.at(column))
                                         and course.row.key == (structure_key, side, quantity_key)))

    def texts(self, structure_key: str, side: str, quantity_key: str) -> tuple[str, str]:
        """Return the texts of a measure's name and cell."""
        number, _line = self._line_of(structure_key, side, quantity_key)
        return self.item(number, _NAME).text(), self.item(number, _LEFT if side == "left" else _RIGHT).text()

    def _on_current(self, number: int, column: int, _before: int, _column_before: int) -> None:
        line = self._lines[number] if 0 <= number < len(self._lines) else ""
        if not isinstance(line, str):
            self._chosen(line.at(column) or line.courses[0])

    def _line_of(self, *key: str) -> tuple[int, _Line]:
        return next((number, line) for number, line in enumerate(self._lines) if not isinstance(line, str)
                    and any(course.row.key == key for course in line.courses))

    def _fill_heading(self, number: int, text: str) -> None:
        item = qt.QTableWidgetItem(text)
        font = qt.QFont(item.font())
        font.setBold(True)
        item.setFont(font)
        item.setFlags(qt.Qt.ItemIsEnabled)
        self.setItem(number, _NAME, item)
        self.setSpan(number, _NAME, 1, len(_WIDTHS) + 1)

    def _fill(self, number: int, line: _Line, dates: Sequence[str]) -> None:
        row = line.courses[0].row
        name = qt.QTableWidgetItem(translated(Pair(row.structure, row.quantity).short_name))
        name.setToolTip(translated(quantity(row.quantity).name))
        self.setItem(number, _NAME, name)
        for column in (_RIGHT, _LEFT):
            self.setItem(number, column, _cell(line.at(column), dates))


@dataclass(frozen=True)
class _Line:
    """A measure of both sides, or of the head as a whole."""

    courses: tuple[Course, ...]

    def at(self, column: int) -> Course | None:
        """Return the course that a column shows; a measure without a side is in the right-hand column of values."""
        return next((course for course in self.courses
                     if column == (_LEFT if course.row.side is Side.LEFT else _RIGHT)), None)


def _lines(courses: Sequence[Course]) -> list[_Line | str]:
    """Return the measures under the headings of their structures, with both sides in one line."""
    lines, before = [], None
    by_measure: dict[tuple[str, str], list[Course]] = {}
    for course in courses:
        by_measure.setdefault((course.row.structure, course.row.quantity), []).append(course)
    for (part, _quantity), both in by_measure.items():
        if part != before:
            before = part
            lines.append(_("Head") if part == HEAD else translated(capitalized(structure(part).name)))
        lines.append(_Line(tuple(both)))
    return lines


def _cell(course: Course | None, dates: Sequence[str]) -> qt.QTableWidgetItem:
    """Return the cell with the first and last value and, below them, the change with its uncertainty."""
    if course is None:
        return qt.QTableWidgetItem("")
    change, decimals = course.change, quantity(course.row.quantity).decimals
    verdict = change.verdict if change else ""
    text = f"{_value(course.rows[course.since])} → {_value(course.rows[-1])}"
    if change:
        difference, band = with_band(change.difference, change.band, decimals)
        text += f"\n{_MARKS.get(verdict, '')}{difference}{f' ± {band}' if band else ''}"
    item = qt.QTableWidgetItem(text)
    item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
    values = [f"{date}: {'–' if row is None else translated(row.text)}"
              for date, row in zip(dates, course.rows, strict=True)]
    since = [_("Change since {date}").format(date=dates[course.since])] if change and course.since else []
    verdicts = [translated(VERDICTS[verdict])] if verdict else []
    item.setToolTip("\n".join([translated(course.row.name), *values, *since, *verdicts]))
    if verdict in _COLORS:
        item.setBackground(qt.QBrush(qt.QColor(_COLORS[verdict])))
        item.setForeground(qt.QBrush(qt.QColor(_TEXT)))
    return item


def _value(row: Row | None) -> str:
    return "–" if row is None else fixed(row.value, quantity(row.quantity).decimals)
