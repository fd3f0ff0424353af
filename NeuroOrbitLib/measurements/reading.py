"""Measures read from the plain data that :func:`~NeuroOrbitLib.measurements.tables.rows_as_data` gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.measurements.rows import HEAD, Row
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


def rows_from_data(measures: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return measures from plain data.

    :raises Problem: if the data are not those of this product's measures.
    """
    try:
        return [_row(data) for data in measures]
    except (KeyError, TypeError, ValueError) as error:
        raise Problem(_("The measures cannot be read ({reason}). Write them again with the command 'measure "
                        "--json'.").format(reason=str(error))) \
            from error


def rows_from_file(path: Path) -> list[Row]:
    """Return the measures in a JSON file that ``measure --json`` wrote.

    :raises Problem: if the file cannot be read or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        measures = data["measures"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(_("{path} holds no measures. Write it with the command 'measure --json'.").format(
            path=str(path))) from error
    return rows_from_data(measures)


def _row(data: Mapping[str, Any]) -> Row:
    row = Row.from_data(data)
    return row if row.structure == HEAD else replace(row, structure=structure(row.structure).key)
