"""Export of a scan's lesions as DICOM objects to a folder or to the application's DICOM database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import slicer

from NeuroDifferentialLib.mrml.lesion_nodes import corrected_lesions
from NeuroDifferentialLib.mrml.runs import masks_of
from NeuroOrbitLib.jobs import Event, JobRunner
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.dicom_results import export_by, file_of

FUNCTION = "NeuroDifferentialLib.dicom.export:export_lesions"


def export_lesions(flair: slicer.vtkMRMLScalarVolumeNode, lesions: slicer.vtkMRMLSegmentationNode, runner: JobRunner,
                   output: Path | None = None, series: Path | None = None, pseudonym: str | None = None,
                   on_event: Callable[[Event], None] | None = None, report: Path | None = None) -> list[str]:
    """Write lesions as currently drawn, and their measures, as DICOM in a worker process.

    :param flair: FLAIR.
    :param lesions: lesions of the FLAIR.
    :param runner: runs the worker process.
    :param output: folder to write to; the application's DICOM database by default.
    :param series: folder of the DICOM series that the FLAIR was made from, if the application does not know it.
    :param pseudonym: replaces the patient's name and identifier in de-identified objects.
    :param on_event: called with each event, such as progress; an exception that it raises ends the export and is
        passed on to the caller.
    :param report: PDF file that is added to the study.
    :return: names of the written files.
    :raises Problem: naming what is missing; nothing is written then.
    :raises JobFailed: if the export failed for another reason.
    """
    masks = masks_of(lesions, flair)

    def files_of(folder: Path) -> dict[str, str]:
        return {name: file_of(mask, folder / f"{name}.nii") for name, mask in masks.items()}

    options = {**_origin(lesions, flair), "pseudonym": pseudonym, "report": report and str(report)}
    return export_by(FUNCTION, flair, files_of, runner, output, options, on_event, series)


def _origin(lesions: slicer.vtkMRMLSegmentationNode, flair: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Any]:
    """Return the model that found the lesions and whether a person corrected them; empty if all were drawn by hand."""
    model = (provenance.record_of(lesions) or {}).get("model")
    if not model:
        return {}
    return {"model": {"name": str(model["name"]), "version": str(model["version"])},
            "corrected": bool(corrected_lesions(lesions, flair))}
