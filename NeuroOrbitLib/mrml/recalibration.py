"""The recalibration file that the user has chosen: its content for the worker, and whether an answer was given it."""

from __future__ import annotations

import json
from pathlib import Path

from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
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


def recalibration_changes(result: ClassifierResult, path: str) -> list[str]:
    """Return a sentence if another recalibration is chosen now than the one an answer was computed with; else nothing.

    :param result: the answer; nothing is known of one of an earlier version.
    :param path: the chosen file; "" for none. One that cannot be read is passed over, since Apply says so.
    """
    given = result.record.get("parameters", {})
    try:
        chosen = recalibration_content(path)
    except Problem:
        return []
    if given.get("recalibration", chosen) == chosen:
        return []
    return [_("This answer was computed without the recalibration that is chosen now. Press Apply for an answer with "
              "it.") if chosen is not None else
            _("This answer was computed with a recalibration, and none is chosen now. Press Apply for an answer "
              "without one.")]
