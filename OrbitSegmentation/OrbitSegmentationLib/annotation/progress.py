"""How far the annotation of one case is, and who may go on with it: small files beside the exports.

A case has two files: ``NAME.annotation.json`` with what is done, written together with the labels, and, while
somebody works on it, ``NAME.open.json`` with their name. Two people thus notice each other in a shared folder.
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
    """What is known of a case.

    :param case: its name.
    :param done: label values that the annotator has marked as done.
    :param annotator: who saved last ("" if nobody has).
    :param saved: when, ISO 8601 with time zone.
    :param revision: counts the times it was saved.
    :param files: SHA-256 of each file that the last save wrote, by its name; older files are out of date.
    :param prelabel: the model that labelled first (``name``, ``version``, ``sha256``) and ``structures``; empty if
        none did. Ground truth that began with a model's answer must say so.
    :param scan: what it was drawn on; ``None`` if that was not written down.
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
        """The state with a structure marked as done, or not."""
        return replace(self, done=self.done | {value} if done else self.done - {value})

    def done_of(self, wanted: Iterable[int]) -> int:
        """How many of the wanted label values are done."""
        return len(self.done & set(wanted))

    def remaining(self, wanted: Iterable[int]) -> list[int]:
        """The wanted label values that are not done yet."""
        return [value for value in wanted if value not in self.done]

    def changed_files(self, folder: Path) -> list[str]:
        """Names of files that are no longer what was written."""
        return [name for name, known in self.files.items()
                if not (folder / name).is_file() or file_hash(folder / name) != known]


def load_state(folder: Path, case: str) -> CaseState:
    """The state of a case; a fresh one if it was never saved.

    :raises Problem: if the file cannot be understood.
    """
    path = folder / f"{case}{STATE_ENDING}"
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
    """Write the files of a case and its state, all or nothing; returns the state as it was written.

    :param state: as it was loaded, with the new marks; its revision tells whether somebody saved in between.
    :param writers: what writes each file, in ``folder``; files of earlier saves are out of date and forgotten.
    :param replace_others: write although somebody else has saved in between.
    :param replace_files: whether files that exist may be replaced.
    :raises ChangedByOther: if somebody has saved, and ``replace_others`` is false; nothing is written then.
    :raises WouldReplace: if a file exists and ``replace_files`` is false; nothing is written then.
    :raises Problem: if a file cannot be written; all are as before then.
    """
    if not replace_others:
        check_unchanged(folder, state)
    revision = max(state.revision, load_state(folder, state.case).revision) + 1
    saved = replace(state, annotator=annotator, saved=datetime.now().astimezone().isoformat(timespec="seconds"),
                    revision=revision)
    hashes: dict[str, str] = {}

    def write_state(path: Path) -> None:
        hashes.update({file.name: file_hash(path.with_name(file.name)) for file in writers})
        content = {"format": _FORMAT, **asdict(replace(saved, files=hashes)),
                   "done": [segment_id(value) for value in sorted(saved.done)]}
        write_whole(path, checked_text(content).encode("utf-8"))

    write_files({**writers, folder / f"{state.case}{STATE_ENDING}": write_state}, replace_files)
    return replace(saved, files=hashes)


def check_unchanged(folder: Path, state: CaseState) -> None:
    """Make sure that nobody has saved the case since ``state`` was loaded.

    :raises ChangedByOther: saying who and when.
    """
    now = load_state(folder, state.case)
    if now.revision != state.revision:
        raise ChangedByOther(_("{value} saved {case} at {clock_time}, after you opened it. Your labels would "
                               "replace theirs.").format(
            value=now.annotator or "Somebody", case=state.case, clock_time=clock_time(now.saved)))


# Who is at work


@dataclass(frozen=True)
class Claim:
    """Who has opened a case, and since when (ISO 8601)."""

    annotator: str
    since: str

    def __str__(self) -> str:
        return f"{self.annotator} (since {clock_time(self.since)})"


def claim_case(folder: Path, case: str, annotator: str, take_over: bool = False) -> Claim | None:
    """Say that ``annotator`` works on a case; returns the claim of another one who does, and then changes nothing.

    :param take_over: replace the claim of another annotator.
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
    """Who has a case open now, if anybody."""
    try:
        return Claim(**json.loads((folder / f"{case}{CLAIM_ENDING}").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def release_case(folder: Path, case: str, annotator: str) -> None:
    """Say that ``annotator`` no longer works on a case; the claim of another one stays.

    In a folder that cannot be written to any more the claim stays, too: whoever opens the case next is asked.
    """
    claim = claim_of(folder, case)
    if claim is not None and claim.annotator == annotator:
        with contextlib.suppress(OSError):
            (folder / f"{case}{CLAIM_ENDING}").unlink(missing_ok=True)


def is_waiting(folder: Path, case: str, annotator: str, wanted: Iterable[int]) -> bool:
    """Whether a case has structures left to do and nobody else has it open.

    :param wanted: label values of the structures that the task asks for.
    :raises Problem: if what is done of it cannot be read.
    """
    claim = claim_of(folder, case)
    if claim is not None and claim.annotator != annotator:
        return False
    return bool(load_state(folder, case).remaining(wanted))


def clock_time(text: str) -> str:
    """A point in time as people write it, e.g. "2026-03-01 14:05"."""
    return text[:16].replace("T", " ")


def _create_exclusively(path: Path, text: str) -> bool:
    """Create a file unless it exists, in one step, so that of two people only one succeeds."""
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
