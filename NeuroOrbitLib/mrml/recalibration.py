"""A recalibration file that the user has chosen, as the worker's steps take it."""

from __future__ import annotations

import json
from pathlib import Path

from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem


def recalibration_content(path: str) -> object:
    """Return what a recalibration file holds, None for no path; the worker looks whether it fits the model.

    :raises Problem: when it cannot be read.
    """
    if not path:
        return None
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(_("The recalibration '{path}' cannot be read. Choose a file that the command 'recalibrate' "
                        "wrote, or leave the field empty.").format(path=path)) from error
