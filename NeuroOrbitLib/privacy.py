"""What reports, plans and records leave out unless asked: names and places of scans often hold a patient's name."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

_T = TypeVar("_T")
#: Entries of a result that say where files lie or what they are called.
PATH_KEYS = ("scan", "labels", "doubt", "flair", "t1", "lesions_file", "anatomy_file", "numbers_file", "first",
             "second", "change_file")


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let a command keep names and places of scans in what it writes."""
    parser.add_argument("--with-paths", action="store_true",
                        help="keep names and folders of scans in reports and JSON; they are left out otherwise, "
                             "because they often hold a patient's name")


def without_paths(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result without the entries that say where its files lie."""
    return {key: value for key, value in result.items() if key not in PATH_KEYS}


def numbered_cases(cases: Mapping[str, _T]) -> dict[str, _T]:
    """The same values under "case 1", "case 2" and so on, in the order of the names."""
    return {f"case {number}": cases[name] for number, name in enumerate(sorted(cases), start=1)}


def fingerprint(names: Iterable[str]) -> str:
    """One SHA-256 of a list of names: it tells whether another list is the same one, and nothing about a name."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(len(name.encode()).to_bytes(8, "little") + name.encode())
    return digest.hexdigest()
