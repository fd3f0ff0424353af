"""Reading of a recalibration file that the user has chosen, for the worker's steps."""

from __future__ import annotations

import json
from pathlib import Path

from slicer.i18n import tr as _

from NeuroOrbitLib.problem import Problem


def recalibration_content(path: str) -> object:
    """Return the content of a recalibration file; None for an empty path. The worker checks whether it fits the model.

    :raises Problem: if it cannot be read.
    """
    if not path:
        return None
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(_("The recalibration '{path}' cannot be read. Choose a file that the command 'recalibrate' "
                        "wrote, or leave the field empty.").format(path=path)) from error
