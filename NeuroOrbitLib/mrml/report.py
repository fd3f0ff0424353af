"""The report of a volume and its segmentation, written by a worker process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import slicer

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import Event, JobRequest, JobRunner
from NeuroOrbitLib.mrml.run import job_answer
from NeuroOrbitLib.mrml.storage_check import whole_image

FUNCTION = "NeuroOrbitLib.clinical_report.write:write_report"


def write_report(volume: slicer.vtkMRMLScalarVolumeNode, labels: Image, runner: JobRunner, outputs: Sequence[Path],
                 measures: Sequence[Mapping[str, Any]] | None = None, options: Mapping[str, Any] | None = None,
                 on_event: Callable[[Event], None] | None = None) -> list[str]:
    """Write the report of a volume as HTML, PDF or both.

    :param labels: label map on the volume's grid. :param runner: starts the worker.
    :param measures: plain data of the measures, edited ones included; measured from the labels by default.
    :param options: further arguments of :func:`NeuroOrbitLib.clinical_report.write.write_report`, such as ``normal``,
        ``settings``, ``findings``, ``patient``, ``results``.
    :param on_event: told the progress; an exception that it raises ends the work and goes on to the caller.
    :return: the findings as they stand in the report.
    :raises Problem: in plain words, if the input cannot be used; nothing is written then.
    :raises JobFailed: if it failed for another reason.
    """
    from NeuroOrbitLib.files.safe import write_json
    from NeuroOrbitLib.imaging.files import save_image

    folder = runner.new_folder()
    try:
        arguments = {**(options or {}), "scan": str(save_image(whole_image(volume), folder / "scan.nii")),
                     "labels": str(save_image(labels, folder / "labels.nii")),
                     "outputs": [str(path) for path in outputs]}
        if measures is not None:
            arguments["measures"] = str(write_json(folder / "measures.json", {"measures": list(measures)}))
        answer = job_answer(runner.start(JobRequest(FUNCTION, arguments), folder), on_event)
        return list(answer["findings"])
    finally:
        runner.remove_folder(folder)
