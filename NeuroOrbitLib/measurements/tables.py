"""Measures as text for people and as files for machines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.measurements.codes import quantity
from NeuroOrbitLib.measurements.normal import Judgement
from NeuroOrbitLib.measurements.rows import Row, notes_of
from NeuroOrbitLib.number_text import fixed

COLUMNS = ("structure", "side", "quantity", "name", "value", "unit", "uncertainty", "method", "reason", "note",
           "code_value", "code_scheme", "code_meaning")


def rows_as_data(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows as plain data for JSON."""
    return [row.as_data() for row in rows]


def rows_as_csv(rows: Iterable[Row]) -> str:
    """Return the rows as text in CSV, one line each; places are left out."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        data = row.as_data()
        writer.writerow(data | {f"code_{part}": data["code"][part] for part in ("value", "scheme", "meaning")})
    return text.getvalue()


def rows_as_text(rows: Sequence[Row], judgements: Sequence[Judgement | None] | None = None) -> str:
    """Return a table of all values, followed by notes on them and by the measures that could not be taken.

    :param rows: measures to be shown.
    :param judgements: comparison of each row with a normative table, if one was chosen.
    """
    known = judgements or [None] * len(rows)
    header = ["Measure", "Value", "Uncertainty", "Unit"] + (["Compared with normal"] if judgements else [])
    lines = [_cells(row) + ([judged.text if judged else ""] if judgements else [])
             for row, judged in zip(rows, known, strict=True) if row.value is not None]
    left = (0, 3, 4) if judgements else (0, 3)
    missing = [f"{row.name}: {row.text}" for row in rows if row.value is None]
    notes = notes_of(rows)
    return "\n".join([aligned([header, *lines], left), *([""] if notes else []), *notes,
                      *([""] if missing else []), *missing])


def _cells(row: Row) -> list[str]:
    decimals = quantity(row.quantity).decimals
    spread = "" if row.measured.uncertainty is None else f"± {row.measured.uncertainty:.{decimals}f}"
    return [row.name, fixed(row.value, decimals), spread, row.unit]
