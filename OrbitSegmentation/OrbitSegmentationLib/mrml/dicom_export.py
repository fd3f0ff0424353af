"""Export of the open case's labels as a DICOM segmentation, made by a worker process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from NeuroOrbitLib.jobs import Event, JobFailed, JobRequest, JobRunner
from NeuroOrbitLib.mrml.run import follow_job
from NeuroOrbitLib.problem import Problem
from OrbitSegmentationLib.mrml.open_case import OpenCase

FUNCTION = "NeuroOrbitLib.dicom.segmentation:write_dicom_segmentation"


def make_dicom_segmentation(opened: OpenCase, runner: JobRunner, folder: Path,
                            on_event: Callable[[Event], None] | None = None) -> Path:
    """Write the DICOM segmentation of a case whose scan is a DICOM series into a temporary folder.

    :param opened: the open case.
    :param runner: runner that starts the worker.
    :param folder: temporary folder of the runner, which the caller removes.
    :param on_event: called with each event, such as progress; an exception that it raises ends the work and is passed
        on to the caller.
    :return: path of the segmentation.
    :raises Problem: if nothing is labelled or the series cannot be read.
    :raises JobFailed: if the work failed for another reason.
    """
    from NeuroOrbitLib.imaging.files import save_image  # not needed before the first export

    labels, _ = opened.label_map()
    output = folder / "segmentation.dcm"
    model = {key: str(opened.state.prelabel[key]) for key in ("name", "version") if key in opened.state.prelabel}
    arguments = {
        "labels": str(save_image(labels, folder / "labels.nii")),
        "series": str(opened.case.scan),
        "output": str(output),
        "annotator": opened.annotator,
        "model": model or None,
    }
    try:
        follow_job(runner.start(JobRequest(FUNCTION, arguments), folder), on_event)
    except JobFailed as error:
        if error.failure.kind == "problem":
            raise Problem(str(error)) from error
        raise
    return output
