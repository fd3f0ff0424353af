"""A table node in a panel, with fixed decimals, units in the headings, and marks on rows that need attention."""

from __future__ import annotations

from collections.abc import Callable

import qt
import slicer

from NeuroOrbitLib.mrml.tables import HELP, REMARK, heading, shown_text

_ROW_PIXELS, _FRAME_PIXELS = 21, 6
_CELL_MARGIN, _LAST_PIXELS = 10, 64
#: Width (pixels) above which a table gets headings of several lines, and largest width that it asks of the panel.
_ROOM, _MOST_ROOM = 425, 520
#: Largest width (pixels) of the names, which are wrapped so that the next columns are visible without scrolling.
_WIDEST_NAME = 130
_MARK, _ON_MARK = "#ffd97a", "#000000"


class NodeTable(qt.QTableWidget):
    """Shows all rows of a table node that :func:`NeuroOrbitLib.mrml.tables.add_table` made, without scrolling.

    Rows with a remark are marked; the remark follows the value that it belongs to, in the preceding column. The
    explanation of a row, if the table has one, is its tool tip.

    :param name: object name of the widget.
    :param tool_tip: tool tip of the table, translated.
    :param chosen: function called with the number of a row when the user clicks it or moves to it with the keyboard.
    """

    def __init__(self, name: str, tool_tip: str, chosen: Callable[[int], None] | None = None) -> None:
        qt.QTableWidget.__init__(self)
        self.objectName = name
        self.toolTip = tool_tip
        self._node: slicer.vtkMRMLTableNode | None = None
        self._chosen = chosen
        self.setEditTriggers(qt.QAbstractItemView.NoEditTriggers)
        self.setSelectionBehavior(qt.QAbstractItemView.SelectRows)
        self.setSelectionMode(qt.QAbstractItemView.SingleSelection)
        self.setVerticalScrollBarPolicy(qt.Qt.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        self.horizontalHeader().setHighlightSections(False)  # headings in bold would be cut off
        if chosen is not None:
            self.connect("cellClicked(int,int)", lambda row, _column: chosen(row))
            self.connect("currentCellChanged(int,int,int,int)", self._on_current)

    def mrmlTableNode(self) -> slicer.vtkMRMLTableNode | None:
        """Return the node that is shown; ``None`` if the table is empty."""
        return self._node

    def setMRMLTableNode(self, node: slicer.vtkMRMLTableNode | None) -> None:
        """Show a node; ``None`` empties the table."""
        if node is self._node:
            return
        was_blocked = self.blockSignals(True)
        self._node = node
        self.setRowCount(node.GetNumberOfRows() if node else 0)
        self.setColumnCount(node.GetNumberOfColumns() if node else 0)
        for column in range(self.columnCount):
            self._fill(column)
        self.setCurrentItem(None)
        self._fit_columns()
        for row in range(self.rowCount):
            self.resizeRowToContents(row)
            self.setRowHeight(row, max(self.rowHeight(row), _ROW_PIXELS))
        bars = self.horizontalHeader().sizeHint.height()
        if self.minimumWidth >= _MOST_ROOM:
            bars += self.horizontalScrollBar().sizeHint.height()
        self.setFixedHeight(bars + sum(self.rowHeight(row) for row in range(self.rowCount)) + _FRAME_PIXELS)
        self.blockSignals(was_blocked)

    def _fit_columns(self) -> None:
        """Fit the width of every column to its content; break headings and long cells if the panel is narrower."""
        self.horizontalHeader().setStretchLastSection(False)
        self._resize_columns()
        if self._width() > _ROOM:
            for column in range(self.columnCount):
                item = self.horizontalHeaderItem(column)
                least = _LAST_PIXELS if column == self.columnCount - 1 else 0  # the last one gets the remaining width
                item.setText(self._broken(item.text(), max(self.sizeHintForColumn(column), least)))
            self._resize_columns()
        if self._width() + _FRAME_PIXELS > _MOST_ROOM:
            for column in range(1, self.columnCount):
                self.setColumnWidth(column, min(self.columnWidth(column), self._widest_word(column)))
        self.setMinimumWidth(min(self._width() + _FRAME_PIXELS, _MOST_ROOM))
        self.horizontalHeader().setStretchLastSection(True)

    def _resize_columns(self) -> None:
        self.resizeColumnsToContents()
        if self.columnCount:
            self.setColumnWidth(0, min(self.columnWidth(0), _WIDEST_NAME))

    def _widest_word(self, column: int) -> int:
        """Return the width that a column needs if its cells are wrapped after blanks and slashes."""
        texts = [self.item(row, column).text().replace("/", "/ ") for row in range(self.rowCount)]
        lines = self.horizontalHeaderItem(column).text().split("\n")
        return max(map(self.fontMetrics().horizontalAdvance, [*lines, *" ".join(texts).split()])) + _CELL_MARGIN

    def _width(self) -> int:
        return sum(self.columnWidth(column) for column in range(self.columnCount))

    def _broken(self, text: str, width: int) -> str:
        """Return a heading broken into lines no wider than the cells below it, unless a single word is wider."""
        words, pixels = text.split(" "), self.horizontalHeader().fontMetrics().horizontalAdvance
        limit, lines = max(width, *map(pixels, words)), [words[0]]
        for word in words[1:]:
            if pixels(f"{lines[-1]} {word}") <= limit:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return "\n".join(lines)

    def _fill(self, column: int) -> None:
        name = self._node.GetColumnName(column)
        header = qt.QTableWidgetItem(heading(self._node, name))
        header.setToolTip(self._node.GetColumnDescription(name))
        self.setHorizontalHeaderItem(column, header)
        self.setColumnHidden(column, name in (REMARK, HELP) and column > 0)
        remarks, helps = self._column_of(REMARK), self._column_of(HELP)
        for row in range(self.rowCount):
            remark = shown_text(self._node, row, remarks) if remarks == column + 1 else ""
            item = qt.QTableWidgetItem(" ".join(filter(None, [shown_text(self._node, row, column), remark])))
            item.setToolTip((self._node.GetCellText(row, helps) if helps is not None else "") or item.text())
            if self._is_marked(row):
                item.setBackground(qt.QBrush(qt.QColor(_MARK)))
                item.setForeground(qt.QBrush(qt.QColor(_ON_MARK)))
            self.setItem(row, column, item)

    def _column_of(self, key: str) -> int | None:
        names = [self._node.GetColumnName(column) for column in range(self._node.GetNumberOfColumns())]
        return names.index(key) if key in names else None

    def _is_marked(self, row: int) -> bool:
        column = self._column_of(REMARK)
        return column is not None and bool(self._node.GetCellText(row, column))

    def _on_current(self, row: int, _column: int, before: int, _column_before: int) -> None:
        if row >= 0 and row != before:
            self._chosen(row)
