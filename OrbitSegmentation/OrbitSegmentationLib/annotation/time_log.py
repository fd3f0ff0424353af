"""Time spent on each structure of each case, without idle time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from NeuroOrbitLib.anatomy import side_of, structure_of
from NeuroOrbitLib.files.safe import NotWritten, table_text, write_bytes
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

#: Longest pause between two actions (seconds) that counts as work.
IDLE_SECONDS = 60.0
_NOT_IN_NAMES = re.compile(r"[^\w-]+")  # letters of any language are allowed
COLUMNS = ("started", "ended", "annotator", "case", "structure", "side", "label", "active_seconds", "actions")


@dataclass(frozen=True)
class Stretch:
    """A period of uninterrupted work on one structure of one case.

    :param case: name of the case.
    :param value: label value of the structure.
    :param started, ended: local times with time zone.
    :param seconds: time of work between them (seconds), without pauses.
    :param actions: number of actions.
    """

    case: str
    value: int
    started: datetime
    ended: datetime
    seconds: float
    actions: int


class WorkClock:
    """A clock that counts only the time between actions in quick succession.

    :param seconds: clock (seconds) that never goes back, such as ``time.monotonic``.
    :param idle_seconds: longest time between two actions that counts; longer ones are pauses, not counted at all.
    :param now: function that returns the time of day.
    """

    def __init__(self, seconds: Callable[[], float], idle_seconds: float = IDLE_SECONDS,
                 now: Callable[[], datetime] = lambda: datetime.now().astimezone()) -> None:
        self._seconds, self._idle_seconds, self._now = seconds, idle_seconds, now
        self._subject: tuple[str, int] | None = None

    def start(self, case: str, value: int) -> None:
        """Begin to count the time on a structure; an earlier one must have been stopped."""
        self._subject = (case, value)
        self._started = self._ended = self._now()
        self._last, self._total, self._actions = self._seconds(), 0.0, 0

    def action(self) -> None:
        """Count an action of the annotator, and the time since the one before unless it was a pause."""
        if self._subject is None:
            return
        self._count()
        self._ended = self._now()
        self._actions += 1

    def stop(self) -> Stretch | None:
        """End the period and return it; ``None`` if there was none, or it had no actions."""
        if self._subject is None:
            return None
        self._count()
        (case, value), self._subject = self._subject, None
        if self._actions == 0:
            return None
        return Stretch(case, value, self._started, self._ended, self._total, self._actions)

    def _count(self) -> None:
        seconds = self._seconds()
        if seconds - self._last <= self._idle_seconds:
            self._total += seconds - self._last
        self._last = seconds


def time_file(folder: Path, annotator: str) -> Path:
    """Return the path of an annotator's table; each has one, so that no lines are lost in a shared folder."""
    name = _NOT_IN_NAMES.sub("-", annotator).strip("-") or "annotator"
    return folder / f"annotation_time_{name}.csv"


def log_stretch(folder: Path, annotator: str, stretch: Stretch) -> None:
    """Add a line to the annotator's table.

    :param folder: folder of the annotations, which is made if needed.
    :param annotator: name of the annotator.
    :param stretch: period of work to record.
    :raises Problem: if the table cannot be written, for example because a spreadsheet program has locked it.
    """
    path = time_file(folder, annotator)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = path.read_bytes() if path.exists() else b""
        lines = [*([] if before else [COLUMNS]), _row(annotator, stretch)]
        write_bytes(path, before + table_text(lines, COLUMNS).encode("utf-8"))
    except (OSError, NotWritten) as error:
        reason = f" {error}" if isinstance(error, NotWritten) else ""
        text = _("The time could not be written to {path}. Close the table if another program has it "
                 "open.{reason}").format(path=path, reason=reason)
        raise Problem(text) from error


def _row(annotator: str, stretch: Stretch) -> dict[str, object]:
    side = side_of(stretch.value)
    return {
        "started": stretch.started.isoformat(timespec="seconds"),
        "ended": stretch.ended.isoformat(timespec="seconds"),
        "annotator": annotator,
        "case": stretch.case,
        "structure": structure_of(stretch.value).key,
        "side": side.value if side else "",
        "label": stretch.value,
        "active_seconds": round(stretch.seconds, 1),
        "actions": stretch.actions,
    }
