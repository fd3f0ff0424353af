"""The report of a volume and its segmentation, written by a worker process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import Event, JobRequest, JobRunner
from NeuroOrbitLib.jobs.request import plain_text
from NeuroOrbitLib.mrml.run import job_answer
from NeuroOrbitLib.mrml.storage_check import whole_image
from NeuroOrbitLib.mrml.translation import all_translated

DRAW_UP, WRITE = (f"NeuroOrbitLib.clinical_report.write:{name}" for name in ("draw_up", "write_drawn_up"))


def write_report(volume: slicer.vtkMRMLScalarVolumeNode, labels: Image, runner: JobRunner, outputs: Sequence[Path],
                 measures: Sequence[Mapping[str, Any]] | None = None, options: Mapping[str, Any] | None = None,
                 on_event: Callable[[Event], None] | None = None) -> list[str]:
    """Write the report of a volume as HTML, PDF or both, in the language of the application.

    Only the application can translate, so the worker first composes the report, and typesets it after its translation.

    :param labels: label map on the volume's grid.
    :param runner: runner of the worker process.
    :param outputs: files to write, each ending in ``.html`` or ``.pdf``.
    :param measures: plain data of the measures, including edited ones; by default the labels are measured.
    :param options: further arguments of :func:`NeuroOrbitLib.clinical_report.write.draw_up`, such as ``normal``,
        ``settings``, ``findings``, ``patient``, ``results``.
    :param on_event: function called with each event, such as progress; an exception that it raises ends the work and
        reaches the caller.
    :return: the findings as they stand in the report.
    :raises Problem: if the input cannot be used; nothing is written then.
    :raises JobFailed: if writing failed for another reason.
    """
    from NeuroOrbitLib.files.safe import write_text
    from NeuroOrbitLib.imaging.files import save_image

    folder = runner.new_folder()
    try:
        arguments = {**all_translated(options or {}), "scan": str(save_image(whole_image(volume), folder / "scan.nii")),
                     "labels": str(save_image(labels, folder / "labels.nii")),
                     "outputs": [str(path) for path in outputs], "folder": str(folder)}
        if measures is not None:
            arguments["measures"] = str(write_text(folder / "measures.json", plain_text({"measures": list(measures)})))
        drawn_up = job_answer(runner.start(JobRequest(DRAW_UP, arguments), folder), on_event)
        said = {"report": all_translated(drawn_up), "outputs": arguments["outputs"]}
        return list(job_answer(runner.start(JobRequest(WRITE, said), folder), on_event)["findings"])
    finally:
        runner.remove_folder(folder)
