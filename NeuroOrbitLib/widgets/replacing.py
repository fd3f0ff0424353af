"""The question before files are replaced."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import slicer
from slicer.i18n import tr as _


def ask_to_replace(paths: Iterable[Path]) -> bool:
    """Ask the user whether existing files may be replaced, and return the answer."""
    names = "\n".join(str(path) for path in paths)
    question = _("These files exist already:\n{names}\n\nReplace them?").format(names=names)
    return slicer.util.confirmYesNoDisplay(question, windowTitle=_("Replace files?"))
