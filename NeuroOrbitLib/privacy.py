"""Removal of names and folders of scans, which often contain a patient's name, from reports, plans and records."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from NeuroOrbitLib.sentences import Sentence

_T = TypeVar("_T")
#: Entries of a result with paths or names of files.
PATH_KEYS = ("scan", "labels", "doubt", "flair", "t1", "lesions_file", "anatomy_file", "numbers_file", "first",
             "second", "change_file")


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to keep names and folders of scans in the files that a command writes."""
    parser.add_argument("--with-paths", action="store_true",
                        help="keep names and folders of scans in reports and JSON; they are left out otherwise, "
                             "because they often hold a patient's name")


def without_paths(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without the entries in :data:`PATH_KEYS`."""
    return {key: value for key, value in result.items() if key not in PATH_KEYS}


def without_names(text: str, paths: Iterable[str | Path], instead: str) -> str:
    """Return a message without the names and folders of files; a sentence can still be translated.

    :param text: message.
    :param paths: files that the message may name by path, by name, or by the same name with another ending.
    :param instead: replacement for them.
    """
    places = {str(place) for path in map(Path, paths) for place in (path, path.parent) if len(place.parts) > 2}
    names = {Path(path).name for path in paths}
    stems = {name.partition(".")[0] for name in names} - {""}
    # Numbers alone identify nobody, and are frequent.
    whole = [re.escape(word) for word in (*places, *names) if not word.isdigit()]
    beside = [rf"{re.escape(stem)}(?:\.\w+)+" for stem in stems if not stem.isdigit()]
    longest_first = "|".join(sorted((*whole, *beside), key=len, reverse=True))
    return _replaced(text, re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)"), instead) if longest_first else text


def _replaced(text: Any, pattern: re.Pattern[str], instead: str) -> Any:
    """Return a text, sentence or list of these with matches of a pattern replaced; templates of sentences are kept."""
    if isinstance(text, list):
        return [_replaced(part, pattern, instead) for part in text]
    if isinstance(text, Sentence):
        if not text.values:
            return text
        return Sentence(text.template, text.context, {name: _replaced(value, pattern, instead)
                                                      for name, value in text.values.items()})
    return pattern.sub(lambda _found: instead, text) if isinstance(text, str) else text


def numbered_cases(cases: Mapping[str, _T]) -> dict[str, _T]:
    """Return the same values named "case 1", "case 2" and so on, in the order of their names."""
    return {f"case {number}": cases[name] for number, name in enumerate(sorted(cases), start=1)}


def fingerprint(names: Iterable[str]) -> str:
    """Return the SHA-256 of a list of names, by which lists can be compared without revealing a name."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(len(name.encode()).to_bytes(8, "little") + name.encode())
    return digest.hexdigest()
