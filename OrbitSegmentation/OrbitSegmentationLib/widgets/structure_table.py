"""Structures on the patient's right and left: which are drawn, which are done, and which one is being drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib import anatomy
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.sentences import capitalized

_ICON_PIXELS = 12
_ROW_PIXELS, _SIDE_PIXELS, _FRAME_PIXELS = 22, 72, 8
_STRUCTURE, _RIGHT, _LEFT = range(3)


class StructureTable:
    """Fills a table widget with a row per structure and a column per side, as seen when facing the patient.

    :param table: the widget.
    :param picked: function that is called with the label value that the annotator has chosen.
    :param shown: function that is called with the label value that the annotator wants to see in the slices.
    """

    def __init__(self, table: qt.QTableWidget, picked: Callable[[int], None], shown: Callable[[int], None]) -> None:
        self._table, self._picked, self._shown = table, picked, shown
        self._cells: dict[int, tuple[int, int]] = {}
        table.setColumnCount(3)
        table.setHorizontalHeaderLabels([_("Structure"), _("Right"), _("Left")])
        for column in (_RIGHT, _LEFT):
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Fixed)
            table.setColumnWidth(column, _SIDE_PIXELS)
        table.horizontalHeader().setSectionResizeMode(_STRUCTURE, qt.QHeaderView.Stretch)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        table.connect("currentCellChanged(int,int,int,int)", self._on_cell)
        table.connect("cellDoubleClicked(int,int)", self._on_double_click)

    def set_structures(self, structures: Iterable[anatomy.Structure]) -> None:
        """List these structures."""
        blocked = self._table.blockSignals(True)
        self._table.clearSpans()
        structures = tuple(structures)
        self._table.setRowCount(len(structures))
        self._cells = {}
        for row, structure in enumerate(structures):
            self._add_row(row, structure)
        header = self._table.horizontalHeader().sizeHint.height()
        self._table.setFixedHeight(header + len(structures) * _ROW_PIXELS + _FRAME_PIXELS)
        self._table.blockSignals(blocked)

    def _add_row(self, row: int, structure: anatomy.Structure) -> None:
        name = qt.QTableWidgetItem(translated(capitalized(structure.name)))
        name.setFlags(qt.Qt.ItemIsEnabled)
        self._table.setItem(row, _STRUCTURE, name)
        for column, value in zip((_RIGHT, _LEFT), structure.values, strict=False):
            item = qt.QTableWidgetItem("")
            item.setIcon(_swatch(anatomy.label_rgb(value)))
            self._table.setItem(row, column, item)
            self._cells[value] = (row, column)
        if structure.left is None:
            self._table.setSpan(row, _RIGHT, 1, 2)

    def show_progress(self, filled: set[int], done: set[int]) -> None:
        """Show which structures have voxels and which are done."""
        for value, (row, column) in self._cells.items():
            item = self._table.item(row, column)
            item.setText(_status(value in filled, value in done))
            item.setToolTip(f"{anatomy.label_name(value)}: {item.text() or _('nothing drawn yet')}")

    def select(self, value: int) -> None:
        """Select the structure that is being drawn; nothing is selected if it is not listed."""
        blocked = self._table.blockSignals(True)
        if value in self._cells:
            self._table.setCurrentCell(*self._cells[value])
        else:
            self._table.setCurrentItem(None)
        self._table.blockSignals(blocked)

    def text(self, value: int) -> str:
        """Return the text that the table shows for a structure."""
        return self._table.item(*self._cells[value]).text()

    def cell(self, value: int) -> tuple[int, int]:
        """Return the row and column of a structure."""
        return self._cells[value]

    def _value_at(self, row: int, column: int) -> int | None:
        return next((value for value, cell in self._cells.items() if cell == (row, column)), None)

    def _on_cell(self, row: int, column: int, _row: int, _column: int) -> None:
        value = self._value_at(row, column)
        if value is not None:
            self._picked(value)

    def _on_double_click(self, row: int, column: int) -> None:
        value = self._value_at(row, column)
        if value is not None:
            self._shown(value)


def _status(filled: bool, done: bool) -> str:
    if done:
        return _("✓ done") if filled else _("⚠ empty")
    return _("drawn") if filled else ""


def _swatch(rgb: tuple[int, int, int]) -> qt.QIcon:
    pixmap = qt.QPixmap(_ICON_PIXELS, _ICON_PIXELS)
    pixmap.fill(qt.QColor(*rgb))
    return qt.QIcon(pixmap)
