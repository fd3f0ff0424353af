"""The lines that a worker and its parent exchange.

Each line is a JSON object. A large object is written to a file in the job's folder, and the line names that file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from NeuroOrbitLib.files.phases import Phase
from NeuroOrbitLib.jobs.events import FailureKind
from NeuroOrbitLib.jobs.request import from_text

#: Longest line (characters) that is sent through the pipe; a longer one is sent as a file.
LARGEST_LINE = 1 << 18
_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "progress": {"fraction": (int, float), "message": str},
    "result": {"value": object},
    "failure": {"kind": str, "message": str, "details": str},
    "cancelled": {},
    "writing": {"place": str, "phase": str},
}
_SHOWN = 80


class Garbage(Exception):
    """Raised for a line on the event channel that does not follow the protocol.

    :param line: the line, of which ``text`` keeps the beginning.
    :param reason: what is wrong with it.
    """

    def __init__(self, line: str, reason: str) -> None:
        self.text = line[:_SHOWN]
        super().__init__(f"{reason}: {self.text!r}")


def event_line(event: Mapping[str, Any], text: str, folder: str | None) -> str:
    """Return the line that sends an event; a large event is written to a file in ``folder``.

    :param event: event with the number of its job under "job".
    :param text: the event as JSON.
    :param folder: the job's folder; None to send events of any size in the line.
    """
    if len(text) <= LARGEST_LINE or folder is None:
        return text
    path = Path(folder) / f"event-{event['job']}.json"
    path.write_text(text, encoding="utf-8")
    return json.dumps({"job": event["job"], "file": path.name})


def read_event(line: str, folder_of_job: Mapping[int, Path]) -> dict[str, Any]:
    """Return the event that a line sends; a file that holds it is removed.

    :param folder_of_job: folder of each job whose events may lie in a file, by the job's number.
    :raises Garbage: if the line is not an event, or its file cannot be read.
    """
    event = _object(line, line)
    if set(event) == {"job", "file"}:
        event = _object(_file_text(event, folder_of_job, line), line)
    fields = _FIELDS.get(event.get("event")) if isinstance(event.get("event"), str) else None
    if fields is None or type(event.get("job")) is not int:
        raise Garbage(line, "not an event")
    if not all(name in event and isinstance(event[name], kind) for name, kind in fields.items()):
        raise Garbage(line, "an event with other content")
    if event["event"] == "progress" and not math.isfinite(event["fraction"]):
        raise Garbage(line, "progress that is no number")
    if event["event"] == "failure" and event["kind"] not in get_args(FailureKind):
        raise Garbage(line, "a failure of no known kind")
    if event["event"] == "writing" and event["phase"] not in get_args(Phase):
        raise Garbage(line, "writing in no known phase")
    return event


def _object(text: str, line: str) -> dict[str, Any]:
    try:
        content = from_text(text)
    except (ValueError, RecursionError) as error:
        raise Garbage(line, "not JSON") from error
    if not isinstance(content, dict):
        raise Garbage(line, "not an event")
    return content


def _file_text(event: Mapping[str, Any], folder_of_job: Mapping[int, Path], line: str) -> str:
    folder, name = folder_of_job.get(event["job"]), str(event["file"])
    if folder is None or Path(name).name != name:
        raise Garbage(line, "a file of no job")
    try:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        path.unlink()
    except (OSError, UnicodeDecodeError) as error:
        raise Garbage(line, f"a file that cannot be read ({error})") from error
    return text
