"""The report of a result from what the scene keeps."""

from __future__ import annotations

from pathlib import Path

from slicer.i18n import tr as _

from NeuroOrbitLib.mrml.volumes import image_from_node
from NeuroOrbitLib.problem import Problem
from TAOActivityLib.mrml.activity_results import ActivityResult
from TAOActivityLib.mrml.showing import HeatLook


def write_result_report(result: ActivityResult, path: Path, look: HeatLook) -> None:
    """Write the page, with the heat as it is shown.

    :raises Problem: if the result's images have left the scene or the file cannot be written.
    """
    from TAOActivityLib.report import HeatView, write_report  # not needed before somebody wants a report

    if result.crop is None:
        raise Problem(_("What the classifier saw has left the scene. Press Apply again."))
    heat = HeatView(image_from_node(result.heat), result.explanation, look.threshold, look.opacity) \
        if result.heat else None
    try:
        write_report(path, result.record, image_from_node(result.crop), heat)
    except OSError as error:
        raise Problem(_("{path} cannot be written. Choose another folder.").format(path=path)) from error
