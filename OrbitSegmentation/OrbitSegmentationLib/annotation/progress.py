"""Progress of the annotation of a case, and who works on it, stored in small files beside the exports.

A case has two files: ``NAME.annotation.json`` with its progress, written together with the labels, and, while somebody
works on it, ``NAME.open.json`` with their name. Two people thus notice each other in a shared folder.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

from NeuroOrbitLib.anatomy import LABEL_VALUES, segment_id
from NeuroOrbitLib.files.checked_json import checked_text, read_checked_json
from NeuroOrbitLib.files.safe import Writer, why_not_written, write_text, write_whole
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _
from OrbitSegmentationLib.annotation.scan_facts import ScanFacts, facts_from_json
from OrbitSegmentationLib.annotation.writing import file_hash, write_files

STATE_ENDING = ".annotation.json"
CLAIM_ENDING = ".open.json"
_FORMAT, _FORMAT_WITHOUT_CHECKSUM = 2, 1
_VALUE_OF_ID = {segment_id(value): value for value in LABEL_VALUES}


class ChangedByOther(Problem):
    """Somebody else has saved the case since it was opened."""


@dataclass(frozen=True)
class CaseState:
    """The state of the annotation of a case.

    :param case: name of the case.
    :param done: label values that the annotator has marked as done.
    :param annotator: name of the last annotator who saved the case; "" if nobody has.
    :param saved: time of the last save, ISO 8601 with time zone; "" if it was never saved.
    :param revision: number of times the case was saved.
    :param files: SHA-256 of each file that the last save wrote, by file name; files of earlier saves are out of date.
    :param prelabel: the model that made the first labels (``name``, ``version``, ``sha256``) and the ``structures`` it
        labelled; empty if there was none. Ground truth that began with a model's result must say so.
    :param scan: facts about the scan that the labels were drawn on; ``None`` if they were not recorded.
    """

    case: str
    done: frozenset[int] = frozenset()
    annotator: str = ""
    saved: str = ""
    revision: int = 0
    files: Mapping[str, str] = field(default_factory=dict)
    prelabel: Mapping[str, object] = field(default_factory=dict)
    scan: ScanFacts | None = None

    def marked(self, value: int, done: bool) -> CaseState:
        """Return the state with a structure marked as done or not done."""
        return replace(self, done=self.done | {value} if done else self.done - {value})

    def with_prelabels(self, model: Mapping[str, object], values: Iterable[int]) -> CaseState:
        """Return the state with structures that a model has labelled first.

        :param model: facts about the model, with ``name``, ``version`` and ``sha256``.
        :param values: label values of the structures.
        """
        facts = {key: model[key] for key in ("name", "version", "sha256")}
        names = [*self.prelabel.get("structures", ()), *map(segment_id, values)]
        return replace(self, prelabel={**facts, "structures": list(dict.fromkeys(names))})

    def done_of(self, wanted: Iterable[int]) -> int:
        """Return how many of the wanted label values are done."""
        return len(self.done & set(wanted))

    def remaining(self, wanted: Iterable[int]) -> list[int]:
        """Return the wanted label values that are not done yet."""
        return [value for value in wanted if value not in self.done]

    def changed_files(self, folder: Path) -> list[str]:
        """Return the names of files that have been changed or removed since they were written."""
        return [name for name, known in self.files.items()
                if not (folder / name).is_file() or file_hash(folder / name) != known]


def load_state(folder: Path, case: str) -> CaseState:
    """Return the saved state of a case; a new state if it was never saved.

    :raises Problem: if the file is damaged.
    """
    path = state_file(folder, case)
    if not path.exists():
        return CaseState(case)
    try:
        content = read_checked_json(path, lambda content: content.get("format") == _FORMAT_WITHOUT_CHECKSUM)
        done = frozenset(_VALUE_OF_ID[name] for name in content["done"])
        known = {key: content[key] for key in ("annotator", "saved", "revision", "files", "prelabel")}
        scan = facts_from_json(content.get("scan"))
    except (Problem, ValueError, KeyError, TypeError) as error:
        raise Problem(_("{path} is damaged: what is done of {case} is not known. Rename it to begin again; the "
                        "exported labels are not affected.").format(path=path.name, case=case)) from error
    return CaseState(case, done, **known, scan=scan)


def save_state(folder: Path, state: CaseState, annotator: str, writers: Mapping[Path, Writer],
               replace_others: bool = False, replace_files: bool = True) -> CaseState:
    """Write the files of a case and its state, all or none, and return the state as it was written.

    :param folder: folder of the annotations.
    :param state: state as it was loaded, with new marks; its revision shows whether somebody has saved in the meantime.
    :param annotator: name of the annotator who saves.
    :param writers: function that writes each file, by its path in ``folder``; files of earlier saves are no longer
        listed.
    :param replace_others: whether to write although somebody else has saved in the meantime.
    :param replace_files: whether existing files may be replaced.
    :return: the state with the new revision, time, annotator and checksums of the files.
    :raises ChangedByOther: if somebody has saved and ``replace_others`` is false; nothing is written in that case.
    :raises WouldReplace: if a file exists and ``replace_files`` is false; nothing is written in that case.
    :raises Problem: if a file cannot be written; all files are left as they were.
    """
    if not replace_others:
        check_unchanged(folder, state)
    revision = max(state.revision, load_state(folder, state.case).revision) + 1
    saved = replace(state, annotator=annotator, saved=datetime.now().astimezone().isoformat(timespec="seconds"),
                    revision=revision)
    hashes: dict[str, str] = {}

    def write_state(path: Path) -> None:
        hashes.update({file.name: file_hash(path.with_name(file.name)) for file in writers})
        _write_state(path, replace(saved, files=hashes))

    write_files({**writers, state_file(folder, state.case): write_state}, replace_files)
    return replace(saved, files=hashes)


def begin_state(folder: Path, state: CaseState) -> Path:
    """Write the state of a case that nobody has saved yet, and return its file.

    :raises WouldReplace: if the folder already holds a state of the case.
    :raises Problem: if the file cannot be written.
    """
    path = state_file(folder, state.case)
    write_files({path: lambda place: _write_state(place, state)})
    return path


def state_file(folder: Path, case: str) -> Path:
    """Return the path of the file with the state of a case."""
    return folder / f"{case}{STATE_ENDING}"


def _write_state(path: Path, state: CaseState) -> None:
    content = {"format": _FORMAT, **asdict(state), "done": [segment_id(value) for value in sorted(state.done)]}
    write_whole(path, checked_text(content).encode("utf-8"))


def check_unchanged(folder: Path, state: CaseState) -> None:
    """Refuse a case that somebody has saved since ``state`` was loaded.

    :raises ChangedByOther: if somebody has; the message says who and when.
    """
    now = load_state(folder, state.case)
    if now.revision != state.revision:
        raise ChangedByOther(_("{value} saved {case} at {clock_time}, after you opened it. Your labels would "
                               "replace theirs.").format(
            value=now.annotator or "Somebody", case=state.case, clock_time=clock_time(now.saved)))


# Who is at work


@dataclass(frozen=True)
class Claim:
    """The annotator who has opened a case, and since when (ISO 8601)."""

    annotator: str
    since: str

    def __str__(self) -> str:
        return f"{self.annotator} (since {clock_time(self.since)})"


def claim_case(folder: Path, case: str, annotator: str, take_over: bool = False) -> Claim | None:
    """Record that ``annotator`` works on a case, unless another annotator does.

    :param folder: folder of the annotations.
    :param case: name of the case.
    :param annotator: name of the annotator.
    :param take_over: whether to replace the claim of another annotator.
    :return: claim of another annotator, which was left unchanged; ``None`` if the case was claimed.
    :raises Problem: if the folder cannot be written to.
    """
    path = folder / f"{case}{CLAIM_ENDING}"
    claim = Claim(annotator, datetime.now().astimezone().isoformat(timespec="seconds"))
    text = json.dumps(asdict(claim)) + "\n"
    if _create_exclusively(path, text):
        return None
    other = claim_of(folder, case)
    if other is not None and other.annotator != annotator and not take_over:
        return other
    write_text(path, text)
    return None


def claim_of(folder: Path, case: str) -> Claim | None:
    """Return who has a case open now; ``None`` if nobody has, or the claim cannot be read."""
    try:
        return Claim(**json.loads((folder / f"{case}{CLAIM_ENDING}").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def release_case(folder: Path, case: str, annotator: str) -> None:
    """Remove the claim of ``annotator`` on a case; another annotator's claim is kept.

    In a folder that can no longer be written to, the claim is kept as well, and the next annotator is asked.
    """
    claim = claim_of(folder, case)
    if claim is not None and claim.annotator == annotator:
        with contextlib.suppress(OSError):
            (folder / f"{case}{CLAIM_ENDING}").unlink(missing_ok=True)


def is_waiting(folder: Path, case: str, annotator: str, wanted: Iterable[int]) -> bool:
    """Return whether a case has structures left to do and nobody else has it open.

    :param folder: folder of the annotations.
    :param case: name of the case.
    :param annotator: name of the annotator who asks.
    :param wanted: label values of the structures that the task asks for.
    :raises Problem: if the state of the case cannot be read.
    """
    claim = claim_of(folder, case)
    if claim is not None and claim.annotator != annotator:
        return False
    return bool(load_state(folder, case).remaining(wanted))


def clock_time(text: str) -> str:
    """Return an ISO 8601 time as date and time for people, e.g. "2026-03-01 14:05"."""
    return text[:16].replace("T", " ")


def _create_exclusively(path: Path, text: str) -> bool:
    """Create a file in one atomic step and return whether it was created: of two people, only one succeeds.

    :raises Problem: if the file can neither be created nor exists already.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except OSError as error:
        if path.is_file():
            return False
        raise Problem(_("{parent} cannot be written to. Choose another folder for the annotations.").format(
            parent=path.parent)) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        path.unlink()
        raise Problem(why_not_written(path, error, len(text))) from error
    return True
