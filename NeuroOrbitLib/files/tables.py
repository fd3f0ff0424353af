"""Reading of CSV tables in the encodings and separators that spreadsheet programs use; errors name the line."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from NeuroOrbitLib.problem import Problem

SEPARATORS = (",", ";", "\t")
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
#: First bytes of workbooks (.xlsx and .ods are zip archives; .xls is an OLE file).
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class TableRow:
    """One row of a table.

    :param line: number of the line in the file where the row begins, 1 for the first.
    :param cells: stripped text of each column, by the column's name in small letters; empty where the row is short.
    """

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The columns of a table, as :func:`column_name` spells them, and its rows that are not empty."""

    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]


def read_table_file(path: Path) -> Table:
    """Read a table with a header in UTF-8, UTF-16 or Windows-1252, separated by commas, semicolons or tabs.

    :raises Problem: if the file is not such a table; the message names the line.
    """
    records = read_records(path)
    if not records:
        raise Problem(f"{path} is empty. Give a table whose first row names its columns.")
    (line, header), *rest = records
    columns = [column_name(text) for text in header]
    while columns and not columns[-1]:
        columns.pop()
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise Problem(f"{path}, line {line}: the column {twice[0]} is there twice. Rename or delete one of them.")
    return Table(tuple(filter(None, columns)), tuple(_row(path, number, cells, columns) for number, cells in rest))


def read_records(path: Path) -> list[tuple[int, list[str]]]:
    """Read all rows of a table that are not empty, including the header, as (line number, stripped cells).

    :raises Problem: if the file is not a table in text; the message names the line.
    """
    text = read_text(path)
    start = 0
    separator = _announced_separator(text)
    if separator:
        start, text = 1, text.split("\n", 1)[1] if "\n" in text else ""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator or _separator_of(text), strict=True)
    records, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                records.append((line + start, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        raise Problem(f"{path}, line {line + start}: the row cannot be read ({error}). Check its quotation marks.") \
            from error
    return records


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, UTF-16 (with a byte order mark) or, if it is neither, Windows-1252.

    :raises Problem: if it is a workbook, or not text in any of these encodings.
    """
    content = path.read_bytes()
    if content.startswith(_WORKBOOKS):
        raise Problem(f"{path} is a workbook, not a text table. Save it as CSV (UTF-8) and give that file.")
    marked = next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            line, wrong = content[:error.start].count(b"\n") + 1, encoding
            continue
        if "\0" in text:
            line = text[:text.index("\0")].count("\n") + 1
            raise Problem(f"{path}, line {line}: there are zero bytes. Save the table as CSV (UTF-8).")
        return text
    raise Problem(f"{path}, line {line}: the letters are not in {wrong}. Save the table as CSV (UTF-8).")


def column_name(text: str) -> str:
    """Return a column's name in lower case with ``_`` for spaces and hyphens, e.g. ``scan_date`` for " Scan date"."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKC", text)
                    if unicodedata.category(letter) not in ("Cf", "Cc") or letter.isspace())
    return re.sub(r"[\s\-_]+", "_", plain.strip().casefold())


def require_columns(path: Path, table: Table, columns: Sequence[str], needed: str = "") -> None:
    """Make sure that a table has all of ``columns``.

    :param path: file of the table, for the message.
    :param table: the table.
    :param columns: names of the columns that it must have.
    :param needed: words of the message for what the table needs; the names of the columns by default.
    :raises Problem: if columns are missing; the message names them and those that there are.
    """
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise Problem(f"{path} lacks the column {', '.join(missing)}. It needs {needed or ', '.join(columns)}; it has "
                      f"{', '.join(table.columns)}.")


def number_in(text: str) -> float:
    """Return the number in a cell, written with a decimal point or a decimal comma.

    :raises ValueError: if it is not a number, or has several separators, so that thousands and decimals are ambiguous.
    """
    if "," in text and ("." in text or text.count(",") > 1):
        raise ValueError(f"{text!r} has several decimal marks")
    return float(text.replace(",", "."))


def _announced_separator(text: str) -> str:
    """Return the separator that a spreadsheet announces in a first line such as ``sep=;``, or an empty text."""
    found = re.match(r"\"?sep=([,;\t])\"?\r?(\n|$)", text, re.IGNORECASE)
    return found[1] if found else ""


def _separator_of(text: str) -> str:
    """Return the separator that is most frequent in the first row that is not empty, outside of quotation marks."""
    header = re.sub(r'"[^"]*"', "", text.lstrip("\r\n ")).splitlines() or [""]
    return max(SEPARATORS, key=header[0].count)


def _row(path: Path, line: int, cells: list[str], columns: list[str]) -> TableRow:
    if any(cells[len(columns):]):
        raise Problem(f"{path}, line {line}: there are {len(cells)} cells, but {len(columns)} columns. Put cells that "
                      "hold a separator, such as a decimal comma, between quotation marks.")
    padded = [*cells, *[""] * len(columns)]
    return TableRow(line, {name: cell for name, cell in zip(columns, padded, strict=False) if name})
