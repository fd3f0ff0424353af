"""What the scene keeps about a run: how its results came about, and whether they still fit the scan."""

from __future__ import annotations

from collections.abc import Mapping

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.mrml import segmentations
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.research_use import RESEARCH_USE


def record_of_run(run: VolumeRun, answer: Mapping[str, object], module: str) -> dict[str, object]:
    """Plain data for :func:`NeuroOrbitLib.mrml.provenance.add_record`.

    :param answer: what the pipeline said, without paths of temporary files.
    :param module: name of the module.
    """
    return {
        "module": module,
        "run": run.id,
        "time": run.started.isoformat(timespec="seconds"),
        "research_use": RESEARCH_USE,
        "function": run.function,
        "parameters": run.arguments,
        "input": dict(run.snapshot.identity),
        **answer,
        "application": f"{slicer.app.applicationName} {slicer.app.applicationVersion}",
    }


def changes_since_start(run: VolumeRun) -> list[dict[str, str]]:
    """Notices for the user when the scan was moved or changed while it was being analysed."""
    snapshot = run.snapshot
    if not segmentations.lies_on(snapshot.grid, snapshot.node):
        return [{"level": "warning", "text": _(
            "The scan was moved while it was being analysed. "
            "The result lies where the scan was when Apply was pressed.")}]
    if snapshot.voxels_changed():
        return [{"level": "warning", "text": _(
            "The scan was changed while it was being analysed. "
            "The result belongs to the scan as it was when Apply was pressed.")}]
    return []
