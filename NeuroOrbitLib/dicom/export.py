"""Results of a scan as DICOM objects in the patient's study: segmentation, measures, heat maps and report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.dicom.derived import file_header, heat_map_object, report_object
from NeuroOrbitLib.dicom.preflight import check_exportable, filled
from NeuroOrbitLib.dicom.segmentation import on_original_slices, original_slices, segmentation_of
from NeuroOrbitLib.files.safe import Writer, write_files
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.headers import Header
    from NeuroOrbitLib.dicom.series import SeriesVolume
    from NeuroOrbitLib.imaging.image import Image
    from NeuroOrbitLib.measurements.rows import Row

SEGMENTATION_NAME, MEASUREMENTS_NAME, REPORT_NAME = "segmentation.dcm", "measurements.dcm", "report.dcm"
_EXPLICIT = "1.2.840.10008.1.2.1"
#: Voxels of a volume that was saved and loaded again may be rounded by so much.
_ROUNDED = 0.51
#: Share of a heat map that lies within the scan it belongs to, at least: crops may reach beyond an edge.
_HEAT_INSIDE = 0.5


def export_results(series: str, labels: str, output: str, measures: str | None = None,
                   heat_maps: Mapping[str, str] | None = None, report: str | None = None, observer: str = "",
                   model: Mapping[str, str] | None = None, corrected: bool = False, pseudonym: str | None = None,
                   nerve_with_sheath: bool = True, scan: str | None = None,
                   progress: Progress = silent) -> dict[str, Any]:
    """Write the results of a scan as DICOM files into a folder: all of them, or, if something is missing, none.

    :param series: folder of the series. :param labels: label map on its grid, in the vocabulary's values.
    :param output: folder to write to.
    :param measures: JSON file of ``measure --json``; measured from the labels by default.
    :param heat_maps: files by what they show, on any grid within the series: a classifier sees a part of the scan.
    :param report: PDF file.
    :param observer: person who answers for the segmentation; :param corrected: whether that person went over it.
    :param model: ``name`` and ``version`` of the model that labelled, if one did.
    :param pseudonym: writes everything de-identified under this name, with a copy of the images.
    :param nerve_with_sheath: whether the optic nerve's label holds its sheath.
    :param scan: file of the volume that was labelled, where the series may be another one: it must show the same.
    :return: ``files`` (paths), ``segments``, ``measures`` (numbers of each) and ``notices``.
    :raises Problem: that lists what is missing or does not fit; nothing is written then.
    """
    progress(0.0, _("Checking the DICOM series"))
    if pseudonym is not None and report is not None:
        raise Problem(_("A report may name the patient: it cannot be part of a de-identified export. Leave it out."))
    headers = _headers(Path(series))
    check_exportable(_datasets(headers), patient_needed=pseudonym is None)
    progress(0.1, _("Reading the DICOM series"))
    volume, label_map = _read(headers, labels)
    if scan is not None:
        _check_shows(volume.image, scan)
    images, slices = on_original_slices(label_map, volume)
    rows = _rows(measures, label_map, volume, nerve_with_sheath, progress)
    maps = {name: _heat(path, volume) for name, path in (heat_maps or {}).items()}
    objects = _copies(images, pseudonym) if pseudonym is not None else {}
    images = list(objects.values()) or images
    filled(images)
    progress(0.6, _("Writing the DICOM files"))
    objects.update(_objects(images, slices, rows, maps, report, observer, model, corrected))
    files = write_files({Path(output) / name: _writer(one) for name, one in objects.items()})
    segments = len(objects[SEGMENTATION_NAME].SegmentSequence)
    return {"files": [str(path) for path in files], "segments": segments,
            "measures": sum(row.value is not None for row in rows), "notices": list(volume.notices)}


def _headers(series: Path) -> list[Header]:
    """The headers of a series that a segmentation can refer to."""
    from NeuroOrbitLib.dicom.segmentation import reason_against
    from NeuroOrbitLib.dicom.series import only_series

    reason = reason_against(series)
    if reason:
        raise Problem(_("Nothing was written. {reasons}").format(reasons=reason))
    return only_series(series)


def _datasets(headers: list[Header]) -> list[Dataset]:
    """The data sets of the images of a series, without pixels."""
    import pydicom

    from NeuroOrbitLib.dicom.series import is_localizer

    return [pydicom.dcmread(header.path, stop_before_pixels=True, force=True) for header in headers
            if not header.fault and not is_localizer(header)]


def _read(headers: list[Header], labels: str) -> tuple[SeriesVolume, Image]:
    from NeuroOrbitLib.dicom.series import volume_of
    from NeuroOrbitLib.label_maps.mapping import mapping_for, read_labels

    return volume_of(headers), read_labels(Path(labels), mapping_for(Path(labels)))


def _check_shows(image: Image, scan: str) -> None:
    """Refuse a series that is not the volume in a file."""
    from NeuroOrbitLib.imaging.files import load_image

    other = load_image(scan)
    if not image.grid.same_as(other.grid, tolerance=0.01) or np.abs(
            image.array.astype(np.float32) - other.array.astype(np.float32)).max() > _ROUNDED:
        raise Problem(_("The DICOM series in this folder is not the scan that was segmented: it lies elsewhere or "
                        "shows something else. Choose the folder of the series that the scan was made of. Nothing was "
                        "written."))


def _rows(measures: str | None, labels: Image, scan: SeriesVolume, nerve_with_sheath: bool,
          progress: Progress) -> list[Row]:
    if measures is not None:
        from NeuroOrbitLib.measurements.reading import rows_from_file

        return rows_from_file(Path(measures), labels)
    from NeuroOrbitLib.imaging.intensity import looks_like_ct
    from NeuroOrbitLib.measurements.measure import measure

    progress(0.3, _("Measuring"))
    return measure(labels, scan.image, looks_like_ct(scan.image), nerve_with_sheath)


def _heat(path: str, scan: SeriesVolume) -> np.ndarray:
    """A heat map on the original slices; where it shows a part of the scan, as classifiers see it, 0 elsewhere."""
    from NeuroOrbitLib.imaging.files import load_image
    from NeuroOrbitLib.imaging.resampling import resample

    image, grid = load_image(path), scan.image.grid
    if image.grid.same_as(grid, tolerance=0.01):
        return original_slices(image.array, scan)
    places = grid.ijk_from_ras(image.grid.ras_from_ijk(np.argwhere(np.ones(image.grid.shape, bool))[:, ::-1]))
    inside = ((places >= -0.5) & (places <= np.array(grid.shape[::-1]) - 0.5)).all(axis=1)
    if inside.mean() < _HEAT_INSIDE:
        raise Problem(_("The heat map {name} does not lie on the DICOM series: it is of another scan. Nothing was "
                        "written.").format(name=Path(path).name))
    return original_slices(resample(image, grid).array, scan)


def _copies(images: list[Dataset], pseudonym: str) -> dict[str, Dataset]:
    """De-identified copies of the images with their pixels, by file name."""
    import pydicom

    from NeuroOrbitLib.dicom.deidentified import deidentified

    if not pseudonym.strip():
        raise Problem(_("Give a pseudonym for the patient. Nothing was written."))
    whole = [pydicom.dcmread(image.filename) for image in images]
    copies = deidentified(whole, pseudonym.strip())
    for original, copy in zip(whole, copies, strict=True):
        copy.file_meta = file_header(copy, original.file_meta.get("TransferSyntaxUID", _EXPLICIT))
    return {f"image_{number:04d}.dcm": copy for number, copy in enumerate(copies, start=1)}


def _objects(images: list[Dataset], slices: np.ndarray, rows: list[Row], maps: Mapping[str, np.ndarray],
             report: str | None, observer: str, model: Mapping[str, str] | None,
             corrected: bool) -> dict[str, Dataset]:
    """What is written, by file name."""
    from NeuroOrbitLib.dicom.measurement_report import measurement_report

    segmentation = segmentation_of(images, slices, observer, model, corrected)
    objects = {SEGMENTATION_NAME: segmentation}
    if any(row.value is not None for row in rows):
        objects[MEASUREMENTS_NAME] = measurement_report(images, segmentation, rows, observer, model)
    for number, (name, heat) in enumerate(maps.items()):
        objects[f"heat_map_{number + 1}.dcm"] = heat_map_object(images, heat, name, number)
    if report is not None:
        objects[REPORT_NAME] = report_object(images[0], Path(report).read_bytes(), "Orbit report")
    for one in objects.values():
        one.SpecificCharacterSet = "ISO_IR 192"
    return objects


def _writer(dataset: Dataset) -> Writer:
    return lambda path: dataset.save_as(path, enforce_file_format=True)
