"""Names of reports: what can be written is a web page or a PDF."""

from __future__ import annotations

from pathlib import Path

from NeuroOrbitLib.sentences import sentence as _

#: Of the words of a report. Translators put the code of their language here, so that a page says what it is written in.
LANGUAGE = _("en")
_ENDINGS = (".html", ".htm", ".pdf")


def is_report_name(path: str | Path) -> bool:
    """Return whether a file of that name can hold a report."""
    return Path(path).suffix.lower() in _ENDINGS
