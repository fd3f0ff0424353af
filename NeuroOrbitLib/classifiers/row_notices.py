"""Notices about the scans of a cohort's table: the same that an answer about one of them would have."""

from __future__ import annotations

from collections.abc import Iterable

#: Key of the notices (sentences) in the result of a row's preparation.
NOTICES = "notices"


def notices_of(notices_by_case: Iterable[tuple[str, Iterable[str]]]) -> list[str]:
    """Return a line for each different notice, which names the cases that it is about.

    :param notices_by_case: pairs of a case and its notices.
    """
    cases: dict[str, list[str]] = {}
    for case, notices in notices_by_case:
        for text in notices:
            cases.setdefault(str(text), []).append(case)
    return [f"{', '.join(names)}: {text}" for text, names in cases.items()]
