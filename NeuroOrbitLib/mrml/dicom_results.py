"""Writing results of a volume as DICOM objects to a folder or into the application's DICOM database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.jobs import Event, JobRequest, JobRunner
from NeuroOrbitLib.mrml.dicom_fields import dicom_files_of, files_in_database
from NeuroOrbitLib.mrml.run import job_answer
from NeuroOrbitLib.mrml.volumes import image_from_node
from NeuroOrbitLib.problem import Problem

FUNCTION = "NeuroOrbitLib.dicom.export:export_results"
_INSTANCE, _SERIES = "0008,0018", "0020,000E"


class UnknownSeries(Problem):
    """The application does not know the DICOM files of a volume; the user may know them."""


def database_is_open() -> bool:
    """Return whether the application has a DICOM database that results can be filed in."""
    database = getattr(slicer, "dicomDatabase", None)
    return database is not None and bool(database.isOpen)


def series_files(volume: slicer.vtkMRMLVolumeNode) -> list[Path]:
    """Return the DICOM files that a volume was loaded from, whether through the application's database or directly.

    :raises UnknownSeries: if the application does not know them.
    :raises Problem: if the database is not open, or the files are gone.
    """
    files = files_in_database(volume)
    if files and not database_is_open():
        raise Problem(_("The DICOM database of the application is not open, so that the files of this volume cannot be "
                        "found. Open the DICOM module and choose the folder of the database."))
    files = files or dicom_files_of(volume)
    if not files:
        raise UnknownSeries(_("This volume does not say which DICOM files it was made of."))
    if not all(path.is_file() for path in files):
        raise Problem(_("Some DICOM files of this volume are no longer where they were. Import the series again."))
    return files


def export_results(volume: slicer.vtkMRMLVolumeNode, labels: Image, runner: JobRunner, output: Path | None = None,
                   measures: Sequence[Mapping[str, Any]] | None = None, options: Mapping[str, Any] | None = None,
                   on_event: Callable[[Event], None] | None = None, series: Path | None = None,
                   heat_maps: Mapping[str, slicer.vtkMRMLVolumeNode] | None = None) -> list[str]:
    """Write segmentation, measures and heat maps of a volume as DICOM, in a worker process.

    :param labels: label map on the volume's grid.
    :param runner: runner of the worker process.
    :param output: folder to write to; the application's DICOM database by default.
    :param measures: plain data of the measures, as :func:`NeuroOrbitLib.measurements.tables.rows_as_data` returns them;
        by default the labels are measured.
    :param options: further arguments of :func:`NeuroOrbitLib.dicom.export.export_results`.
    :param on_event: function called with each event, such as progress; an exception that it raises ends the work and
        reaches the caller.
    :param series: folder of the DICOM series that the volume was made from, if the application does not know it; it
        must hold the same voxels.
    :param heat_maps: heat maps by their titles, see :func:`NeuroOrbitLib.mrml.patient_results.heat_maps_of`.
    :return: names of the files that were written.
    :raises Problem: if something is missing; the message names it, and nothing is written.
    :raises JobFailed: if writing failed for another reason.
    """
    from NeuroOrbitLib.files.safe import write_json

    def files_of(folder: Path) -> dict[str, Any]:
        files = {"labels": file_of(labels, folder / "labels.nii")}
        if measures is not None:
            files["measures"] = str(write_json(folder / "measures.json", {"measures": list(measures)}))
        return {**files, "heat_maps": _heat_files(heat_maps, folder)} if heat_maps else files

    return export_by(FUNCTION, volume, files_of, runner, output, options, on_event, series)


def export_by(function: str, volume: slicer.vtkMRMLVolumeNode, files_of: Callable[[Path], Mapping[str, Any]],
              runner: JobRunner, output: Path | None = None, options: Mapping[str, Any] | None = None,
              on_event: Callable[[Event], None] | None = None, series: Path | None = None) -> list[str]:
    """Write results of a volume as DICOM with a function of the worker process; see :func:`export_results`.

    :param function: function as "package.module:function". It is called with the arguments ``series``, ``output``,
        those in ``options`` and those of ``files_of``, ``replace`` (true if the user was asked about files in the
        folder), and ``scan`` if the user chose the series.
    :param files_of: function that writes further files into a folder and returns the arguments that name them.
    """
    files = series_files(volume) if series is None else []
    folder = runner.new_folder()
    try:
        target = output or folder / "results"
        arguments = {**(options or {}), **files_of(folder)}
        arguments |= {"series": _linked(files, folder)} if series is None else _chosen(series, volume, folder)
        arguments |= {"output": str(target), "replace": True}
        job = runner.start(JobRequest(function, arguments), folder)
        written = job_answer(job, on_event)
        if output is None:
            _file_in_database([Path(name) for name in written["files"]])
        return [Path(name).name for name in written["files"]]
    finally:
        runner.remove_folder(folder)


def file_of(image: Image, path: Path) -> str:
    """Write an image for the worker and return the name of the file."""
    from NeuroOrbitLib.imaging.files import save_image

    return str(save_image(image, path))


def _linked(files: Sequence[Path], folder: Path) -> str:
    """Link the files of a series into a separate folder and return that folder."""
    series = folder / "series"
    series.mkdir()
    for number, path in enumerate(files):
        _link(path, series / f"{number:05d}.dcm")
    return str(series)


def _heat_files(heat_maps: Mapping[str, slicer.vtkMRMLVolumeNode], folder: Path) -> dict[str, str]:
    """Write heat maps, at their place in the patient, to files in the job's folder and return the files."""
    return {name: file_of(image_from_node(node), folder / f"heat{number}.nii")
            for number, (name, node) in enumerate(heat_maps.items())}


def _chosen(series: Path, volume: slicer.vtkMRMLVolumeNode, folder: Path) -> dict[str, str]:
    """Return the arguments for a series that the user chose, with the volume that its voxels must agree with."""
    return {"series": str(series), "scan": file_of(image_from_node(volume), folder / "scan.nii")}


def _link(source: Path, target: Path) -> None:
    """Link a file under another name, or copy it if that is on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _file_in_database(files: Sequence[Path]) -> None:
    """Copy files, each of which is a separate series, into the application's database: all or none.

    The application only logs errors such as a full disk, so this function checks that the copies exist.

    :raises Problem: if the database did not take all files; the message names them, and the database is as before.
    """
    from DICOMLib import DICOMUtils

    DICOMUtils.importDicom(str(files[0].parent), copyFiles=True)
    lost = [path.name for path in files if not _is_filed(path)]
    if lost:
        for path in files:
            slicer.dicomDatabase.removeSeries(slicer.dicomDatabase.fileValue(str(path), _SERIES))
        raise Problem(_("The DICOM database did not accept {files}, so that nothing was filed. Check whether its disk "
                        "is full or protected, or write the results to a folder.").format(files=", ".join(lost)))


def _is_filed(path: Path) -> bool:
    """Return whether the database has a copy of a DICOM file with the same size."""
    copy = Path(slicer.dicomDatabase.fileForInstance(slicer.dicomDatabase.fileValue(str(path), _INSTANCE)) or "missing")
    return copy.is_file() and copy.stat().st_size == path.stat().st_size
