"""The outcome of one scan: plain data between the application, the scoring and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from Testing.Demo.cases import DemonstrationCase


@dataclass(frozen=True)
class Picture:
    """A picture in the report, with its title and file."""

    title: str
    file: Path


@dataclass(frozen=True)
class Outcome:
    """The outcome of one scan.

    :param case: the scan.
    :param error: reason why there is no result; "" if there is one.
    :param record: record of the result in the scene.
    :param rows: measurements with norms and scores, see :func:`Testing.Demo.scoring.report_rows`.
    :param pictures: pictures, in the order of the report.
    :param seconds: time (s) from the press of Apply until the result was on the screen.
    """

    case: DemonstrationCase
    error: str = ""
    record: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Mapping[str, Any]] = ()
    pictures: Sequence[Picture] = ()
    seconds: float = 0.0

    @property
    def notices(self) -> list[str]:
        """Notices about the result that the module showed the user."""
        return [notice["text"] for notice in self.record.get("notices", [])]
