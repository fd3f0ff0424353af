"""Measures of a segmentation as a table node: values, places, the user's edits, and which are out of date.

The table holds everything, so that a saved scene shows and reports the same; markups only show the chosen measure.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.measurements.edits import can_be_edited, carried, derived
from NeuroOrbitLib.measurements.rows import Measured, Row
from NeuroOrbitLib.mrml import tables
from NeuroOrbitLib.mrml.belongings import own
from NeuroOrbitLib.mrml.provenance import PREFIX, record_of

MEASUREMENTS_REFERENCE = f"{PREFIX}.measurements"
MODALITY_ATTRIBUTE, CONTENT_ATTRIBUTE = f"{PREFIX}.Modality", f"{PREFIX}.MeasuredContent"
#: Attribute with the pose of the scan (4x4, voxel index to RAS mm) that the places of the user's values belong to.
POSE_ATTRIBUTE = f"{PREFIX}.PoseOfDrawnValues"
EDITED, OUT_OF_DATE = "edited", "out of date"
_STATE, _DATA, _AUTOMATIC = range(5, 8)


@dataclass(frozen=True)
class TableRow:
    """A row of the table.

    :param row: the measure.
    :param states: those of the states :data:`EDITED` and :data:`OUT_OF_DATE` that apply.
    :param automatic: the automatic measurement if the user has edited the value, else None.
    """

    row: Row
    states: frozenset[str] = frozenset()
    automatic: Measured | None = None

    @property
    def is_edited(self) -> bool:
        """Whether the value is the user's."""
        return self.automatic is not None

    @property
    def is_out_of_date(self) -> bool:
        """Whether the segmentation has changed since it was measured."""
        return OUT_OF_DATE in self.states


def _columns() -> list[tables.Column]:
    return [
        tables.Column("measure", _("Measure")),
        tables.Column("value", _("Value"), "", "", 4),
        tables.Column("uncertainty", _("Uncertainty"), "", _("One standard deviation."), 4),
        tables.Column("unit", _("Unit")),
        tables.Column("method", _("Method or reason"), "",
                      _("How it was measured where there is more than one way, what must be known of it, or why it "
                        "could not be measured.")),
        tables.Column("state", _("State"), "",
                      _("Edited by the user, or out of date because the segmentation changed.")),
        tables.Column("data", _("Row"), "", _("Everything about the measure, with its place, as JSON.")),
        tables.Column("automatic", _("Automatic"), "", _("What was measured before the user changed it, as JSON.")),
    ]


def add_measurement_table(name: str, rows: Iterable[TableRow], modality: str) -> slicer.vtkMRMLTableNode:
    """Add a table node with these rows to the scene.

    :param name: name of the node.
    :param rows: rows of the table.
    :param modality: modality of the scan, "CT" or "MRI".
    """
    table = tables.add_table(name, _columns(), [_cells(row) for row in rows])
    table.SetAttribute(MODALITY_ATTRIBUTE, modality)
    return table


def is_measurement_table(table: slicer.vtkMRMLTableNode) -> bool:
    """Return whether a table was made by :func:`add_measurement_table`."""
    return table.GetAttribute(MODALITY_ATTRIBUTE) is not None


def measurements_of(segmentation: slicer.vtkMRMLSegmentationNode | None) -> slicer.vtkMRMLTableNode | None:
    """Return the table with the measures of a segmentation; ``None`` if it was not measured."""
    return own(segmentation, MEASUREMENTS_REFERENCE)


def rows_of(table: slicer.vtkMRMLTableNode | None) -> list[TableRow]:
    """Return the rows of a table of measures; none if it cannot be read, see :func:`why_unreadable`."""
    try:
        return [] if table is None else [_row(table, index) for index in range(table.GetNumberOfRows())]
    except ValueError:
        return []


def why_unreadable(table: slicer.vtkMRMLTableNode | None) -> str:
    """Return why a table of measures has no rows; "" if it has some or if there is no table.

    A newer version may know more quantities, earlier ones kept rows in a form that Slicer's table files lose, and a
    script may have saved the .mrml file without the tables.
    """
    return "" if table is None or rows_of(table) else _(
        "The measures of this segmentation cannot be read: the scene was saved by another version, or without its "
        "tables. Press Measure again; values that were corrected by hand are lost.")


def set_row(table: slicer.vtkMRMLTableNode, index: int, row: TableRow) -> None:
    """Replace the row with a number (from 0) in a table of measures."""
    for column, text in enumerate(_cells(row).values()):
        table.SetCellText(index, column, "nan" if text is None else tables.fit_text(str(text)))
    table.Modified()


class MeasurementEdits:
    """The user's edits of a table of measures, which can be undone one after another."""

    def __init__(self, table: slicer.vtkMRMLTableNode) -> None:
        self.table = table
        self._before: list[tuple[int, TableRow, np.ndarray | None]] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._before)

    def edit(self, index: int, measured: Measured, begin: bool = True) -> None:
        """Set the value of a row to that of the user.

        :param index: number of the row.
        :param measured: the user's measurement.
        :param begin: whether this is a new edit to be undone separately, instead of a further step of the previous one.
        """
        before = rows_of(self.table)[index]
        automatic = before.automatic or before.row.measured
        self._replace(index, before, TableRow(replace(before.row, measured=measured), before.states | {EDITED},
                                              automatic), begin)

    def reset(self, index: int) -> None:
        """Restore the automatic value of a row."""
        before = rows_of(self.table)[index]
        if before.is_edited:
            self._replace(index, before, TableRow(replace(before.row, measured=before.automatic),
                                                  before.states - {EDITED}), True)

    def undo(self) -> int | None:
        """Undo the last edit and return the number of its row; ``None`` if there is none."""
        if not self._before:
            return None
        index, row, pose = self._before.pop()
        now, row = rows_of(self.table)[index], _carried(row, pose, _pose_of(self.table))
        set_row(self.table, index, replace(row, states=(row.states - {OUT_OF_DATE}) | (now.states & {OUT_OF_DATE})))
        _let_derived_follow(self.table)
        return index

    def _replace(self, index: int, before: TableRow, after: TableRow, begin: bool) -> None:
        if begin:
            self._before.append((index, before, _pose_of(self.table)))
        set_row(self.table, index, after)
        _let_derived_follow(self.table)


def mark_out_of_date(table: slicer.vtkMRMLTableNode, sides: Collection[str]) -> None:
    """Mark the rows of sides ("right", "left") whose segments have changed, and those of the whole head.

    Rows that could not be measured are marked, too, since the reason may no longer apply.
    """
    for index, row in enumerate(rows_of(table)):
        changed = row.row.side is None or row.row.side.value in sides
        if bool(sides) and changed and not row.is_out_of_date:
            set_row(table, index, replace(row, states=row.states | {OUT_OF_DATE}))


def lies_at_drawn_values(table: slicer.vtkMRMLTableNode, ijk_to_world: np.ndarray) -> bool:
    """Return whether the places of the values that the user has drawn fit the present pose of the scan.

    :param ijk_to_world: pose of the scan, 4x4 matrix from voxel index (I, J, K, 1) to RAS mm.
    """
    return _are_one_pose(_pose_of(table), ijk_to_world)


def bring_drawn_values(table: slicer.vtkMRMLTableNode, ijk_to_world: np.ndarray) -> None:
    """Move the places of the values that the user has drawn to the present pose of the scan.

    :param ijk_to_world: pose of the scan, 4x4 matrix from voxel index (I, J, K, 1) to RAS mm.
    """
    pose = _pose_of(table)
    table.SetAttribute(POSE_ATTRIBUTE, json.dumps(np.asarray(ijk_to_world).tolist()))
    for index, row in enumerate(rows_of(table)):
        if row.is_edited:
            set_row(table, index, _carried(row, pose, ijk_to_world))
    _let_derived_follow(table)


def _pose_of(table: slicer.vtkMRMLTableNode) -> np.ndarray | None:
    """Return the pose of the scan that the user's values belong to (else that of the measurement); None if unknown."""
    text = table.GetAttribute(POSE_ATTRIBUTE)
    if text:
        return np.array(json.loads(text))
    record = record_of(table)
    return None if record is None else np.array(record["input"]["ijk_to_world"])


def _are_one_pose(before: np.ndarray | None, now: np.ndarray | None) -> bool:
    return before is None or now is None or np.allclose(before, now, atol=1e-3)


def _carried(row: TableRow, before: np.ndarray | None, now: np.ndarray | None) -> TableRow:
    """Return a row after its scan was moved between two poses; a place that the user has drawn moves with it."""
    if not (row.is_edited and can_be_edited(row.row)) or _are_one_pose(before, now):
        return row
    return replace(row, row=replace(row.row, measured=carried(row.row, now @ np.linalg.inv(before))))


def with_edits_of(rows: Sequence[Row], before: Iterable[TableRow]) -> list[TableRow]:
    """Return newly measured rows in which the user's values of an earlier table are kept."""
    edited = {row.row.key: row.row.measured for row in before if row.is_edited}
    found = [TableRow(replace(row, measured=edited[row.key]), frozenset({EDITED}), row.measured)
             if row.key in edited else TableRow(row) for row in rows]
    for index, row in _derived(found):
        found[index] = row
    return found


def _let_derived_follow(table: slicer.vtkMRMLTableNode) -> None:
    for index, row in _derived(rows_of(table)):
        set_row(table, index, row)


def _derived(rows: Sequence[TableRow]) -> Iterator[tuple[int, TableRow]]:
    """Yield number and content of each row that is derived from others which the user has changed or reset."""
    for index, measured, sources in derived([row.row for row in rows]):
        row = rows[index]
        if any(rows[source].is_edited for source in sources):
            yield index, TableRow(replace(row.row, measured=measured), row.states | {EDITED},
                                  row.automatic or row.row.measured)
        elif row.is_edited:
            yield index, TableRow(replace(row.row, measured=row.automatic), row.states - {EDITED})


def _cells(row: TableRow) -> dict[str, object]:
    measured = row.row.measured
    automatic = _text_of(replace(row.row, measured=row.automatic)) if row.is_edited else ""
    return {"measure": row.row.name, "value": measured.value, "uncertainty": measured.uncertainty,
            "unit": row.row.unit, "method": _explained(measured), "state": ", ".join(sorted(row.states)),
            "data": _text_of(row.row), "automatic": automatic}


def _explained(measured: Measured) -> str:
    """Return the method, or the reason why there is no value, followed by the note of a measure."""
    return "; ".join(filter(None, (measured.method or measured.reason, measured.note)))


def _text_of(row: Row) -> str:
    return tables.cell_of(row.as_data())


def _row_from(text: str) -> Row:
    return Row.from_data(tables.data_of(text))


def _row(table: slicer.vtkMRMLTableNode, index: int) -> TableRow:
    row = _row_from(table.GetCellText(index, _DATA))
    text = table.GetCellText(index, _AUTOMATIC)
    states = frozenset(filter(None, table.GetCellText(index, _STATE).split(", ")))
    return TableRow(row, states, _row_from(text).measured if text else None)

