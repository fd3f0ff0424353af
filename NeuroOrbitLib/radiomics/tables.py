"""Features as CSV files, with a record beside them of how they were computed."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from NeuroOrbitLib.files.safe import write_json, write_rows
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.radiomics.extraction import Feature
from NeuroOrbitLib.sentences import sentence as _

COLUMNS = ("region", "name", "value", "unit", "reason")


def feature_rows(features: Iterable[Feature]) -> list[list[str]]:
    """Return the rows of a table; values have all their digits, and are empty if there is none."""
    return [[row.region, row.name, "" if row.value is None else repr(row.value), row.unit, row.reason]
            for row in features]


def record_path(table: Path) -> Path:
    """Return the path of the record of a table: ``features.json`` beside ``features.csv``."""
    return table.with_suffix(".json")


def check_table_path(table: Path) -> None:
    """Make sure, before a long computation, that a table can be written.

    :raises Problem: if the name does not end with .csv, or the folder cannot be written to.
    """
    if table.suffix.lower() != ".csv":
        raise Problem(_("{name}: give the table a name that ends with .csv.").format(name=table.name))
    existing = next(folder for folder in table.absolute().parents if folder.exists())
    if table.is_dir() or not existing.is_dir() or not os.access(existing, os.W_OK):
        raise Problem(_("{table} cannot be written. Check its name and the folder's permissions.").format(table=table))


def write_table(table: Path, header: Sequence[str], rows: Iterable[Sequence[str]], record: dict[str, Any]) -> None:
    """Write first the record of a table and then the table, each completely or not at all.

    :param table: CSV file to write.
    :param header: names of the columns.
    :param rows: the rows.
    :param record: plain data for the JSON file beside the table.
    """
    write_json(record_path(table), record)
    write_rows(table, header, rows)


def read_rows(table: Path) -> list[list[str]]:
    """Read the rows of a table without its header."""
    with table.open(newline="", encoding="utf-8") as stream:
        return list(csv.reader(stream))[1:]
