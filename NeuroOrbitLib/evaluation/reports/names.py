"""File names of reports, which are web pages or PDF."""

from __future__ import annotations

from pathlib import Path

from NeuroOrbitLib.sentences import sentence as _

#: Language of a report's words: translators put the code of their language here, which a page then declares.
LANGUAGE = _("en")
_ENDINGS = (".html", ".htm", ".pdf")


def is_report_name(path: str | Path) -> bool:
    """Return whether a file name has the ending of a report (.html, .htm or .pdf)."""
    return Path(path).suffix.lower() in _ENDINGS
