"""What changed between the dates of a follow-up, as a table as wide as the panel."""

from __future__ import annotations

from collections.abc import Sequence

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.measurements.changes import VERDICTS
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.follow_up import Course
from NeuroOrbitLib.measurements.pairs import Pair
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import fixed, signed
from NeuroOrbitLib.widgets.measurement_grid import ROW_PIXELS, set_columns

_ROWS_SHOWN = 14
_NAME, _FIRST, _LAST, _CHANGE, _BAND, _VERDICT = range(6)
_WIDTHS = {_FIRST: 70, _LAST: 70, _CHANGE: 50, _BAND: 46, _VERDICT: 74}
_COLORS, _TEXT = {"increased": "#f4b183", "decreased": "#9dc3e6"}, "#000000"


class FollowUpGrid(qt.QTableWidget):
    """Shows first and last value of each measure, the change, how much it may vary, and what that means."""

    def __init__(self) -> None:
        qt.QTableWidget.__init__(self)
        self.objectName = "followUpTable"
        self._lines: list[Course | str] = []
        self.setColumnCount(len(_WIDTHS) + 1)
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        set_columns(self, _WIDTHS)

    def show_courses(self, courses: Sequence[Course], dates: Sequence[str], everything: bool) -> None:
        """Show measures over time.

        :param dates: days, the earliest first. :param everything: or the main measures and those that changed.
        """
        first, last = (dates[0], dates[-1]) if dates else ("", "")
        self.setHorizontalHeaderLabels([_("Measure"), first, last, _("Change"), "±", _("Verdict")])
        self.horizontalHeaderItem(_BAND).setToolTip(_("Up to so much two measures of the same thing differ."))
        self._lines = _lines([course for course in courses if everything or course.is_main])
        self.clearSpans()
        self.setRowCount(len(self._lines))
        for number, line in enumerate(self._lines):
            self._fill_heading(number, line) if isinstance(line, str) else self._fill(number, line, dates)
        header = self.horizontalHeader().sizeHint.height()
        self.setFixedHeight(header + min(max(len(self._lines), 1), _ROWS_SHOWN) * ROW_PIXELS + 6)

    def current(self) -> Course | None:
        """Return the chosen measure; the first one if none is chosen."""
        chosen = self._lines[self.currentRow()] if 0 <= self.currentRow() < len(self._lines) else ""
        first = next((line for line in self._lines if not isinstance(line, str)), None)
        return first if isinstance(chosen, str) else chosen

    def texts(self, structure_key: str, side: str, quantity_key: str) -> list[str]:
        """Return the cells of a measure as they are shown."""
        number = next(number for number, line in enumerate(self._lines)
                      if not isinstance(line, str) and line.row.key == (structure_key, side, quantity_key))
        return [self.item(number, column).text() for column in range(len(_WIDTHS) + 1)]

    def _fill_heading(self, number: int, text: str) -> None:
        item = qt.QTableWidgetItem(text)
        font = qt.QFont(item.font())
        font.setBold(True)
        item.setFont(font)
        item.setFlags(qt.Qt.ItemIsEnabled)
        self.setItem(number, _NAME, item)
        self.setSpan(number, _NAME, 1, len(_WIDTHS) + 1)

    def _fill(self, number: int, course: Course, dates: Sequence[str]) -> None:
        change, decimals = course.change, quantity(course.row.quantity).decimals
        verdict = change.verdict if change else ""
        texts = [_name(course.row), _value(course.rows[0]), _value(course.rows[-1]),
                 signed(change.difference, decimals) if change else "",
                 f"{change.band:.{decimals}f}" if change and change.band is not None else "",
                 translated(VERDICTS[verdict]) if verdict else ""]
        tip = "\n".join(f"{date}: {'–' if row is None else row.text}"
                        for date, row in zip(dates, course.rows, strict=True))
        for column, text in enumerate(texts):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(f"{course.row.name}\n{tip}")
            if column in (_FIRST, _LAST, _CHANGE, _BAND):
                item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
            if column == _VERDICT and verdict in _COLORS:
                item.setBackground(qt.QBrush(qt.QColor(_COLORS[verdict])))
                item.setForeground(qt.QBrush(qt.QColor(_TEXT)))
            self.setItem(number, column, item)


def _lines(courses: Sequence[Course]) -> list[Course | str]:
    """Measures under the headings of their structures."""
    lines, before = [], None
    for course in courses:
        if course.row.structure != before:
            before = course.row.structure
            lines.append(_("Head") if before == HEAD else structure(before).name.capitalize())
        lines.append(course)
    return lines


def _name(row: Row) -> str:
    name = Pair(row.structure, row.quantity).short_name
    return f"{name}, {row.side.word}" if row.side else name


def _value(row: Row | None) -> str:
    return "–" if row is None else fixed(row.value, quantity(row.quantity).decimals)
