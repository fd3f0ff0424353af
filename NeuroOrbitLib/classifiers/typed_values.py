"""Conversion of a patient's typed values, from a form, a table or the command line, to numbers of a task's columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from NeuroOrbitLib.classifiers.columns import Column
from NeuroOrbitLib.files.tables import Table
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

_UNIT = re.compile(r"^(?P<name>.*?)\s*[(\[](?P<unit>[^)\]]*)[)\]]\s*$")


def column_of_heading(heading: str, columns: Sequence[Column]) -> Column | None:
    """Return the column that a table's heading names by its name or title, with or without its unit; None if none.

    :raises Problem: when the heading states another unit than the column's, as nothing is converted silently.
    """
    found = _UNIT.match(heading)
    if not found:
        return _named(heading, columns)
    column = _named(heading, columns) or _named(found["name"], columns)
    if column is not None and _spelled(found["unit"]) not in ("", _spelled(column.unit)):
        unit = _("in {unit}").format(unit=column.unit) if column.unit else _("without a unit")
        raise Problem(_("{heading!r} states the unit {unit}; {title} is needed {needed}. Convert the values and "
                        "rename the column.").format(
            heading=heading, unit=found["unit"], title=column.title, needed=unit))
    return column


def not_used(headings: Iterable[str], known: Collection[str], means: Callable[[str], bool]) -> list[str]:
    """Return a line that names the columns of a table without a meaning for the task, or an empty list.

    Without it, a feature whose heading is misspelled would be missing in every patient without anybody noticing.

    :param headings: headings of the table.
    :param known: headings that are used.
    :param means: whether another heading has a meaning.
    """
    unused = [heading for heading in headings if heading not in known and not means(heading)]
    return [_("not used of the table: {unused}").format(unused=", ".join(unused))] if unused else []


def check_units(path: Path, table: Table, columns: Sequence[Column]) -> None:
    """Refuse a table with a column in another unit, once for the whole table instead of in every row.

    :param path: path of the table, for the message.
    :param table: the table.
    :param columns: columns of the task.
    :raises Problem: when a heading states another unit than its column's.
    """
    for heading in table.columns:
        try:
            column_of_heading(heading, columns)
        except Problem as problem:
            raise Problem(_("{path}: {problem}").format(path=path, problem=problem)) from problem


def values_of_cells(cells: Mapping[str, str], columns: Sequence[Column]) -> dict[str, float]:
    """Return the value of every column by its name, NaN if the table has no such column or the cell is empty.

    :param cells: texts by the table's headings; headings that name no column are ignored.
    :param columns: columns of the task.
    :raises Problem: for an impossible value, naming the column and the permitted values; or when two headings name
        the same column.
    """
    texts: dict[str, str] = {}
    for heading, text in cells.items():
        column = column_of_heading(heading, columns)
        if column is None:
            continue
        if column.name in texts:
            raise Problem(_("Two columns of the table mean {title}. Keep one of them.").format(title=column.title))
        texts[column.name] = text
    return {column.name: column.read(texts.get(column.name, "")) for column in columns}


def values_of_words(words: Iterable[str], columns: Sequence[Column]) -> dict[str, float]:
    """Return the value of every column from words such as ``age=45``; NaN for columns that are not named.

    :param words: words of the form ``NAME=VALUE``.
    :param columns: columns of the task.
    :raises Problem: for a word of another form, an unknown or repeated name, or an impossible value.
    """
    cells: dict[str, str] = {}
    for word in words:
        name, sign, text = word.partition("=")
        if not sign or _named(name, columns) is None:
            known = ", ".join(column.name for column in columns)
            raise Problem(_("{word!r} does not say what is known of the patient. Write name=value; names are "
                            "{known}.").format(word=word, known=known))
        if name in cells:
            raise Problem(_("{name} is given twice.").format(name=name))
        cells[name] = text
    return values_of_cells(cells, columns)


def _named(text: str, columns: Sequence[Column]) -> Column | None:
    wanted = _spelled(text)
    return next((column for column in columns
                 if wanted in (_spelled(column.name), _spelled(column.title), _spelled(column.heading))), None)


def _spelled(text: str) -> str:
    """Return a text in lower case with single spaces for spaces, hyphens and underscores, for comparison."""
    return re.sub(r"[\s_-]+", " ", text.casefold()).strip()
