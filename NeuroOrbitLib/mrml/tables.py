"""Measurements as table nodes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import slicer
import vtk

from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.number_text import fixed, signed
from NeuroOrbitLib.sentences import from_plain, to_plain

#: Key of the column with the reason why a row needs attention.
REMARK = "remark"
#: Key of the column that explains a row; a panel shows it as the row's tool tip.
HELP = "help"
_DECIMALS, _SIGNED = "decimals", "signed"
#: Slicer's table files treat a double quote as the end of a text and lose what follows or precedes it.
_UNFIT = str.maketrans({'"': "\u201d", "\t": " ", "\n": " ", "\r": " "})


@dataclass(frozen=True)
class Column:
    """One column of a table.

    :param key: name of the value in each row; also the column's name in files and for programs.
    :param title: heading for the user, translated; Slicer adds the unit.
    :param unit: unit of the values; "" if there is none.
    :param description: definition of the values, shown as tool tip and stored with the table.
    :param decimals: number of digits after the decimal point; ``None`` for text.
    :param optional: whether the column is left out of tables in which no row has a value.
    :param signed: whether the numbers are changes, so that positive ones are shown with a plus sign.
    """

    key: str
    title: str
    unit: str = ""
    description: str = ""
    decimals: int | None = None
    optional: bool = False
    signed: bool = False


def add_table(name: str, columns: Sequence[Column],
              rows: Sequence[Mapping[str, object]]) -> slicer.vtkMRMLTableNode:
    """Add a table node with one row per mapping to the scene; missing values are empty texts or NaN.

    Numbers are rounded to the column's decimals, so that table, file and report show the same value.
    """
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", slicer.mrmlScene.GenerateUniqueName(name))
    was_modifying = node.StartModify()
    for column in columns:
        if column.optional and all(row.get(column.key) is None for row in rows):
            continue
        node.AddColumn(_column_array(column, rows))
        node.SetColumnTitle(column.key, column.title)
        node.SetColumnUnitLabel(column.key, column.unit)
        node.SetColumnDescription(column.key, column.description)
        if column.decimals is not None:
            node.SetColumnProperty(column.key, _DECIMALS, str(column.decimals))
        if column.signed:
            node.SetColumnProperty(column.key, _SIGNED, "yes")
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetLocked(True)
    node.EndModify(was_modifying)
    return node


def _column_array(column: Column, rows: Sequence[Mapping[str, object]]) -> vtk.vtkAbstractArray:
    array = vtk.vtkStringArray() if column.decimals is None else vtk.vtkDoubleArray()
    array.SetName(column.key)
    for row in rows:
        array.InsertNextValue(_cell(column, row.get(column.key)))
    return array


def _cell(column: Column, value: object) -> str | float:
    if column.decimals is None:
        return "" if value is None else fit_text(translated(str(value)))
    return float("nan") if value is None else round(float(value), column.decimals)


def fit_text(text: str) -> str:
    """Return a text without the characters that are lost or changed when a scene is saved and opened again."""
    return text.translate(_UNFIT)


def cell_of(data: Any) -> str:
    """Return plain data, including sentences, as the text of a cell that survives saving the scene."""
    return json.dumps(to_plain(data)).replace("%", "%25").replace('"', "%22")


def data_of(cell: str) -> Any:
    """Return the plain data in a cell that :func:`cell_of` made.

    :raises ValueError: if the cell holds something else.
    """
    return json.loads(cell.replace("%22", '"').replace("%25", "%"), object_hook=from_plain)


def table_text(table: slicer.vtkMRMLTableNode) -> str:
    """Return the table as tab-separated text for a spreadsheet, with the headings (and units) in the first line."""
    columns = range(table.GetNumberOfColumns())
    lines = [[heading(table, table.GetColumnName(column)) for column in columns]]
    lines += [[shown_text(table, row, column) for column in columns] for row in range(table.GetNumberOfRows())]
    return "\n".join("\t".join(line) for line in lines)


def shown_text(table: slicer.vtkMRMLTableNode, row: int, column: int) -> str:
    """Return the text of a cell for the user: numbers with the decimals of their column, empty for NaN."""
    cell = table.GetCellText(row, column)
    name = table.GetColumnName(column)
    decimals = table.GetColumnProperty(name, _DECIMALS)
    if cell == "nan" or not decimals:
        return "" if cell == "nan" else cell
    return (signed if table.GetColumnProperty(name, _SIGNED) else fixed)(float(cell), int(decimals))


def heading(table: slicer.vtkMRMLTableNode, name: str) -> str:
    """Return a column's title with its unit."""
    title, unit = table.GetColumnTitle(name) or name, table.GetColumnUnitLabel(name)
    return f"{title} [{unit}]" if unit else title
