"""Writing of results beside the DICOM series from which they were made: checked first, then all files or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib.dicom.deidentified import METHOD, check_pseudonym, deidentified
from NeuroOrbitLib.dicom.derived import file_header
from NeuroOrbitLib.dicom.headers import read_dataset
from NeuroOrbitLib.dicom.preflight import UNICODE, check_exportable
from NeuroOrbitLib.dicom.result_files import field_of, made_of
from NeuroOrbitLib.dicom.segmentation import MANUFACTURER, on_original_slices, reason_against
from NeuroOrbitLib.dicom.series import is_localizer, only_series, volume_of
from NeuroOrbitLib.files.safe import Writer, write_files
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.headers import Header
    from NeuroOrbitLib.dicom.series import SeriesVolume
    from NeuroOrbitLib.imaging.image import Image

_EXPLICIT = "1.2.840.10008.1.2.1"
_PDF = b"%PDF-"
#: Names of files that not every export writes.
_OPTIONAL, _COPIES = ("heat_map_*.dcm", "measurements.dcm", "report.dcm"), "image_*.dcm"
#: Largest difference by which voxels of a volume that was saved and loaded again may have been rounded.
_ROUNDED = 0.51


@dataclass(frozen=True)
class Source:
    """A series beside which results are written.

    :param images: data sets to which results refer: those of the series without pixels, or its de-identified copies.
    :param labels: label values on the slices of the images, (slices, J, I).
    :param copies: de-identified images to be written as well, by file name.
    """

    images: Sequence[Dataset]
    labels: np.ndarray
    copies: Mapping[str, Dataset]


def checked_series(series: str, pseudonym: str | None = None, report: str | None = None, scan: str | None = None,
                   progress: Progress = silent, find: Callable[[Path], list[Header]] | None = None,
                   output: str | None = None) -> SeriesVolume:
    """Check the series beside which results are to be written, and read it.

    :param series: folder of the series.
    :param pseudonym: pseudonym of the patient for a de-identified export; ``None`` for an ordinary one.
    :param report: PDF file of a report to be written as well, which a de-identified export cannot include.
    :param scan: file of the volume that was labelled; if given, the series must show the same.
    :param progress: receives the fraction done and a message.
    :param find: function that returns the headers of the series in the folder; by default the folder must hold only one
        volume.
    :param output: folder to be written to, if known.
    :raises Problem: listing what is missing or does not fit.
    """
    progress(0.0, _("Checking the DICOM series"))
    if pseudonym is not None and report is not None:
        raise Problem(_("A report may name the patient: it cannot be part of a de-identified export. Leave it out."))
    if pseudonym is not None:
        check_pseudonym(pseudonym.strip())
        _check_no_images_in(output)
    if report is not None:
        _check_report(Path(report))
    headers = _headers(Path(series), find)
    check_exportable(_datasets(headers), patient_needed=pseudonym is None)
    progress(0.1, _("Reading the DICOM series"))
    volume = volume_of(headers)
    if scan is not None:
        _check_shows(volume.image, scan)
    return volume


def source_of(labels: Image, volume: SeriesVolume, pseudonym: str | None = None) -> Source:
    """Return the images of a series to which results refer, with the labels on their slices.

    :param labels: label map on the grid of ``volume``.
    :param volume: the series as :func:`checked_series` read it.
    :param pseudonym: pseudonym of the patient for a de-identified export; ``None`` for an ordinary one.
    :raises Problem: if the labels are empty or on another grid.
    """
    images, slices = on_original_slices(labels, volume)
    copies = _copies(images, pseudonym) if pseudonym is not None else {}
    return Source(list(copies.values()) or images, slices, copies)


def write_beside(source: Source, objects: Mapping[str, Dataset], output: str, replace: bool = False) -> list[str]:
    """Write DICOM objects, and the copies of the images, into a folder: all of them or none.

    :param source: images to which the objects refer.
    :param objects: DICOM objects by file name.
    :param output: folder to write to.
    :param replace: whether the user agreed to the replacement of any file with one of these names.
    :return: paths of the files.
    :raises Problem: if files of an earlier export would stay beside the new ones, or without ``replace`` a file that is
        no earlier export of this series would be replaced.
    """
    _check_no_older(source, objects, Path(output))
    if not replace:
        _check_no_others(objects, Path(output))
    for one in objects.values():
        one.SpecificCharacterSet = UNICODE
    every = {**source.copies, **objects}
    return [str(path) for path in write_files({Path(output) / name: _writer(one) for name, one in every.items()})]


def _headers(series: Path, find: Callable[[Path], list[Header]] | None) -> list[Header]:
    """Return the headers of a series; refuse one to which a segmentation cannot refer."""
    reason = reason_against(series)
    if reason:
        raise Problem(_("Nothing was written. {reasons}").format(reasons=reason))
    return (find or only_series)(series)


def _check_report(report: Path) -> None:
    """Refuse a file that is no PDF, since viewers would open it as one."""
    if not report.is_file():
        raise Problem(_("There is no report {path}. Check the name. Nothing was written.").format(path=report))
    with report.open("rb") as stream:
        if stream.read(len(_PDF)) != _PDF:
            raise Problem(_("The report {name} is no PDF. Write it with a name that ends with .pdf. Nothing was "
                            "written.").format(name=report.name))


def _check_no_images_in(output: str | None) -> None:
    """Refuse a folder with images that the copies would replace, or mix with; they may be those of the series."""
    images = sorted(path.name for path in Path(output).glob("image_*.dcm")) if output else []
    if images:
        raise Problem(_("{folder} holds images already ({name}), which copies under a pseudonym must not replace. "
                        "Choose an empty folder. Nothing was written.").format(folder=output, name=images[0]))


def _check_no_others(objects: Mapping[str, Dataset], output: Path) -> None:
    """Refuse a folder in which new files would replace any file that is not an earlier result of the same series."""
    others = [name for name, one in objects.items()
              if (output / name).exists() and made_of(output / name) != made_of(one)]
    if others:
        raise Problem(_("{folder} holds {names} already, which is not an earlier export of this series: it may be of "
                        "another patient or study, or of another program, and is not replaced. Choose another folder, "
                        "or remove it. Nothing was written.").format(folder=output, names=", ".join(others)))


def _check_no_older(source: Source, objects: Mapping[str, Dataset], output: Path) -> None:
    """Refuse a folder in which results of an earlier export would stay beside the new ones as if they belonged to them.

    They are not deleted: only the user knows whether they are kept elsewhere, too.
    """
    older = [path.name for pattern in _OPTIONAL for path in sorted(output.glob(pattern))
             if path.name not in objects and field_of(path, "Manufacturer") == MANUFACTURER]
    study = str(source.images[0].StudyInstanceUID)
    older += [path.name for path in sorted(output.glob(_COPIES)) if path.name not in source.copies
              and field_of(path, "DeidentificationMethod") == METHOD
              and field_of(path, "StudyInstanceUID") != study][:1]
    if older:
        raise Problem(_("{folder} holds {names} of an earlier export, which would stand beside the new files as if "
                        "they belonged together. Choose another folder, or remove what is older. Nothing was "
                        "written.").format(folder=output, names=", ".join(older)))


def _datasets(headers: list[Header]) -> list[Dataset]:
    """Return the data sets of the images of a series, without pixels, damaged files and localizers."""
    return [read_dataset(header.path, stop_before_pixels=True) for header in headers
            if not header.fault and not is_localizer(header)]


def _check_shows(image: Image, scan: str) -> None:
    """Refuse a series that is not the volume in a file."""
    from NeuroOrbitLib.imaging.files import load_image

    other = load_image(scan)
    if not image.grid.same_as(other.grid, tolerance=0.01) or np.abs(
            image.array.astype(np.float32) - other.array.astype(np.float32)).max() > _ROUNDED:
        raise Problem(_("The DICOM series in this folder is not the scan that was segmented: it lies elsewhere or "
                        "shows something else. Choose the folder of the series that the scan was made of. Nothing was "
                        "written."))


def _copies(images: list[Dataset], pseudonym: str) -> dict[str, Dataset]:
    """Return de-identified copies of the images with their pixels, by file name."""
    whole = [read_dataset(Path(image.filename)) for image in images]
    copies = deidentified(whole, pseudonym.strip())
    for original, copy in zip(whole, copies, strict=True):
        copy.file_meta = file_header(copy, original.file_meta.get("TransferSyntaxUID", _EXPLICIT))
    return {f"image_{number:04d}.dcm": copy for number, copy in enumerate(copies, start=1)}


def _writer(dataset: Dataset) -> Writer:
    return lambda path: dataset.save_as(path, enforce_file_format=True)
