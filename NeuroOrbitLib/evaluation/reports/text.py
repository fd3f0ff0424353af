"""Tables in plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def aligned(rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Return rows of cells as lines with aligned columns.

    :param rows: cells of each row, equally many; the first row is the heading.
    :param left: indices of the columns that are flush left; the others are flush right.
    """
    table = [list(row) for row in rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return "\n".join("  ".join(_justified(row, widths, left)).rstrip() for row in table)


def _justified(row: Sequence[str], widths: Sequence[int], left: Sequence[int]) -> list[str]:
    cells = enumerate(zip(row, widths, strict=True))
    return [cell.ljust(width) if column in left else cell.rjust(width) for column, (cell, width) in cells]
