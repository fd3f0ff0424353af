"""A table, as wide as the panel, of the measures of both sides: name, right, left, difference, normal range."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy.structures import Side, structure
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.edits import EDITED_MARK
from NeuroOrbitLib.measurements.normal import Judgement
from NeuroOrbitLib.measurements.pairs import Pair, pairs_of
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.mrml.measurement_table import TableRow
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import fixed, signed
from NeuroOrbitLib.sentences import capitalized

ROW_PIXELS, _ROWS_SHOWN = 21, 16
_NAME, _RIGHT, _LEFT, _DIFFERENCE, _NORMAL = range(5)
_WIDTHS = {_RIGHT: 52, _LEFT: 52, _DIFFERENCE: 44, _NORMAL: 104}
_HIGH, _LOW, _TEXT, _OLD = "#f4b183", "#9dc3e6", "#000000", "#8a8a8a"
Key = tuple[str, str, str]


def set_columns(grid: qt.QTableWidget, widths: Mapping[int, int]) -> None:
    """Lay out a table of measures with rows of equal height and columns of fixed width; the names get the rest.

    :param grid: the table.
    :param widths: width in pixels of every column except that of the names, by the column's number.
    """
    grid.setHorizontalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
    grid.setWordWrap(False)
    grid.verticalHeader().hide()
    grid.verticalHeader().setDefaultSectionSize(ROW_PIXELS)
    grid.horizontalHeader().setSectionResizeMode(_NAME, qt.QHeaderView.Stretch)
    for column, width in widths.items():
        grid.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Fixed)
        grid.setColumnWidth(column, width)


class MeasurementGrid(qt.QTableWidget):
    """Shows measures by structure; a click on a value chooses the measure.

    :param chosen: function called with the key of the chosen measure, or with ``None`` when none is chosen any more.
    """

    def __init__(self, chosen: Callable[[Key | None], None]) -> None:
        qt.QTableWidget.__init__(self)
        self.objectName = "measuresTable"
        self.toolTip = _("Click a value to see where it was measured.")
        self._chosen = chosen
        self._lines: list[Pair | str] = []
        self._rows: dict[Key, TableRow] = {}
        self._judged: dict[Key, Judgement] = {}
        self.setColumnCount(5)
        self.setHorizontalHeaderLabels([_("Measure"), _("Right"), _("Left"), _("R − L"), _("Normal")])
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        set_columns(self, _WIDTHS)
        self.connect("currentCellChanged(int,int,int,int)", self._on_current)

    def show_rows(self, rows: Sequence[TableRow], judged: Sequence[Judgement | None], everything: bool) -> None:
        """Show measures; the chosen one remains chosen.

        :param rows: the measures.
        :param judged: comparison of each measure with the normative table; ``None`` without one.
        :param everything: whether to show all measures, or only the main ones.
        """
        key = self.current_key()
        blocked = self.blockSignals(True)
        self._rows = {row.row.key: row for row in rows}
        self._judged = {row.row.key: judgement for row, judgement in zip(rows, judged, strict=True) if judgement}
        self._lines = _lines(row.row for row in rows) if everything else _lines(
            (row.row for row in rows), lambda pair: pair.is_main)
        self.setColumnHidden(_NORMAL, not self._judged)  # leaves more room for the names
        self.clearSpans()
        self.setRowCount(len(self._lines))
        for number, line in enumerate(self._lines):
            self._fill_heading(number, line) if isinstance(line, str) else self._fill(number, line)
        header = self.horizontalHeader().sizeHint.height()
        self.setFixedHeight(header + min(max(len(self._lines), 1), _ROWS_SHOWN) * ROW_PIXELS + 6)
        self.setCurrentItem(None)
        if key is not None:
            self._select(key)
        self.blockSignals(blocked)

    def current_key(self) -> Key | None:
        """Return the key of the chosen measure; ``None`` if none is chosen."""
        return self._key_at(self.currentRow(), self.currentColumn())

    def choose(self, key: Key) -> None:
        """Choose a measure, as a click on its value does."""
        self._select(key)

    def texts(self, structure_key: str, quantity_key: str) -> list[str]:
        """Return the texts of the cells in a measure's line."""
        number = next(number for number, line in enumerate(self._lines)
                      if not isinstance(line, str) and (line.structure, line.quantity) == (structure_key, quantity_key))
        return [self.item(number, column).text() for column in range(5)]

    def _select(self, key: Key) -> None:
        for number, line in enumerate(self._lines):
            for row in () if isinstance(line, str) else line.rows:
                if row.key == key:
                    self.setCurrentCell(number, _LEFT if row.side is Side.LEFT else _RIGHT)

    def _key_at(self, number: int, column: int) -> Key | None:
        line = self._lines[number] if 0 <= number < len(self._lines) else ""
        if isinstance(line, str):
            return None
        wanted = line.left if column == _LEFT else line.right or line.head
        return (wanted or line.rows[0]).key

    def _on_current(self, number: int, column: int, _before: int, _column_before: int) -> None:
        self._chosen(self._key_at(number, column))

    def _fill_heading(self, number: int, text: str) -> None:
        item = qt.QTableWidgetItem(text)
        font = qt.QFont(item.font())
        font.setBold(True)
        item.setFont(font)
        item.setFlags(qt.Qt.ItemIsEnabled)
        self.setItem(number, _NAME, item)
        self.setSpan(number, _NAME, 1, 5)

    def _fill(self, number: int, pair: Pair) -> None:
        name = qt.QTableWidgetItem(translated(pair.short_name))
        name.setToolTip(translated(quantity(pair.quantity).name))
        self.setItem(number, _NAME, name)
        self.setItem(number, _RIGHT, self._value_item(pair.right or pair.head))
        self.setItem(number, _LEFT, self._value_item(pair.left))
        self.setItem(number, _DIFFERENCE, _right_aligned(pair.difference_text))
        normal = qt.QTableWidgetItem(self._normal_text(pair))
        normal.setToolTip(normal.text())
        self.setItem(number, _NORMAL, normal)

    def _value_item(self, row: Row | None) -> qt.QTableWidgetItem:
        if row is None:
            return _right_aligned("")
        known, judged = self._rows[row.key], self._judged.get(row.key)
        item = _right_aligned(value_text(row) + (f" {EDITED_MARK}" if known.is_edited else ""))
        compared = f"; {translated(judged.text)}" if judged else ""
        item.setToolTip(f"{translated(row.name)}: {translated(row.text)}{compared}")
        color = {"high": _HIGH, "low": _LOW}.get(judged.level) if judged else None
        if color:
            item.setBackground(qt.QBrush(qt.QColor(color)))
            item.setForeground(qt.QBrush(qt.QColor(_TEXT)))
        if known.is_out_of_date:
            font = qt.QFont(item.font())
            font.setItalic(True)
            item.setFont(font)
            item.setForeground(qt.QBrush(qt.QColor(_OLD)))
        return item

    def _normal_text(self, pair: Pair) -> str:
        """Return the published range, and the z-scores of both sides if the source gives an SD."""
        judged = [self._judged.get(row.key) for row in pair.rows]
        known = next(filter(None, judged), None)
        if known is None:
            return ""
        scores = " / ".join(signed(each.z_score, 1) if each and each.z_score is not None else "–" for each in judged)
        return translated(known.range_text(pair.quantity)) + (f"  z {scores}" if known.z_score is not None else "")


def value_text(row: Row) -> str:
    """Return the value without its unit, with the decimals of its quantity; a dash if there is no value."""
    return "–" if row.value is None else fixed(row.value, quantity(row.quantity).decimals)


def _lines(rows: Sequence[Row], wanted: Callable[[Pair], bool] = lambda pair: True) -> list[Pair | str]:
    """Return the pairs of sides under the headings of their structures."""
    lines, before = [], None
    for pair in filter(wanted, pairs_of(rows)):
        if pair.structure != before:
            before = pair.structure
            lines.append(_("Head") if before == HEAD else translated(capitalized(structure(before).name)))
        lines.append(pair)
    return lines


def _right_aligned(text: str) -> qt.QTableWidgetItem:
    item = qt.QTableWidgetItem(text)
    item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
    return item
