"""The measures of one patient over several dates, with their changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from NeuroOrbitLib.measurements.changes import Change, changes_between
from NeuroOrbitLib.measurements.edits import EDITED
from NeuroOrbitLib.measurements.pairs import Pair, pairs_of
from NeuroOrbitLib.measurements.rows import Row, by_key

_TWO = 2


@dataclass(frozen=True)
class Course:
    """One measure on all dates, the earliest first.

    :param rows: row of each date; ``None`` if it has no value, or was measured by another method than the last date
        whose value the user has not drawn.
    :param change: change from the first date that has a value to the last date; ``None`` if the last has none.
    """

    rows: tuple[Row | None, ...]
    change: Change | None

    @property
    def changes(self) -> tuple[Change | None, ...]:
        """The change to each date but the first, from the first date that has a value; ``None`` where there is none."""
        return _changes(self.rows)

    @property
    def since(self) -> int:
        """Number of the first date that has a value, from 0."""
        return _first_known(self.rows)

    @property
    def row(self) -> Row:
        """A row that identifies the measure."""
        return next(row for row in reversed(self.rows) if row is not None)

    @property
    def is_main(self) -> bool:
        """Whether a short list shows it, as it does for main measures and for those that changed."""
        changed = self.change is not None and self.change.verdict not in ("", "no change")
        return changed or Pair(self.row.structure, self.row.quantity).is_main

    def as_data(self) -> dict[str, Any]:
        """Return the rows as plain data; :meth:`from_data` computes the change again."""
        return {"rows": [None if row is None else row.as_data() for row in self.rows]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Course:
        """Return the course from the plain data of :meth:`as_data`.

        :raises ValueError: for a quantity that this version does not know.
        """
        return _course([None if row is None else Row.from_data(row) for row in data["rows"]])


def courses_of(dates: Sequence[Sequence[Row]]) -> list[Course]:
    """Return every measure over time, ordered by structure, right before left.

    :param dates: all measures of each date, the earliest first. Measures with a value on one date only are left out.
    """
    known = [by_key(row for row in rows if row.value is not None) for rows in dates]
    courses = []
    for pair in pairs_of(row for rows in reversed(dates) for row in rows if row.value is not None):
        for newest in pair.rows:
            rows = [found.get(newest.key) for found in known]
            methods = [row.measured.method for row in rows if row is not None and row.measured.method != EDITED]
            wanted = (EDITED, *methods[-1:])
            alike = [row if row is not None and row.measured.method in wanted else None for row in rows]
            if sum(row is not None for row in alike) >= _TWO:
                courses.append(_course(alike))
    return courses


def _course(rows: Sequence[Row | None]) -> Course:
    return Course(tuple(rows), _changes(rows)[-1])


def _first_known(rows: Sequence[Row | None]) -> int:
    return next(number for number, row in enumerate(rows) if row is not None)


def _changes(rows: Sequence[Row | None]) -> tuple[Change | None, ...]:
    since = _first_known(rows)
    return tuple(_change(rows[since], row) if number > since else None for number, row in enumerate(rows) if number)


def _change(first: Row | None, later: Row | None) -> Change | None:
    changes = changes_between([first], [later])[0] if first is not None and later is not None else []
    return changes[0] if changes else None
