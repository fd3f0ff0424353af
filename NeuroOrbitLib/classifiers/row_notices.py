"""Notices about the scans of a cohort's table: the same that an answer about one of them would have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Key of the notices (sentences) in the result of a row's preparation.
NOTICES = "notices"


def notices_of(results: Iterable[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return a line for each different notice, which names the cases that it is about.

    :param results: pairs of a case and the result of its preparation.
    """
    cases: dict[str, list[str]] = {}
    for case, result in results:
        for text in result.get(NOTICES, ()):
            cases.setdefault(str(text), []).append(case)
    return [f"{', '.join(names)}: {text}" for text, names in cases.items()]
