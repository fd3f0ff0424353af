"""Export of results of a scan into the patient's study in DICOM: segmentation, measures, heat maps and report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.dicom.beside_series import checked_series, source_of, write_beside
from NeuroOrbitLib.dicom.derived import heat_map_object, report_object
from NeuroOrbitLib.dicom.segmentation import original_slices, segmentation_of
from NeuroOrbitLib.imaging.geometry import stored_as
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.label_maps.mapping import mapping_for, read_labels
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.series import SeriesVolume
    from NeuroOrbitLib.imaging.image import Image
    from NeuroOrbitLib.measurements.rows import Row

SEGMENTATION_NAME, MEASUREMENTS_NAME, REPORT_NAME = "segmentation.dcm", "measurements.dcm", "report.dcm"
#: Least share of a heat map that must lie within its scan, since crops may extend beyond an edge.
_HEAT_INSIDE = 0.5


def export_results(series: str, labels: str, output: str, measures: str | None = None,
                   heat_maps: Mapping[str, str] | None = None, report: str | None = None, observer: str = "",
                   model: Mapping[str, str] | None = None, corrected: bool = False, pseudonym: str | None = None,
                   nerve_with_sheath: bool = True, scan: str | None = None, replace: bool = False,
                   progress: Progress = silent) -> dict[str, Any]:
    """Write the results of a scan as DICOM files into a folder: all of them, or none if something is missing.

    :param series: folder of the series.
    :param labels: file of a label map on the grid of the series, in any axis order, in the vocabulary's values.
    :param output: folder to write to.
    :param measures: JSON file of ``measure --json``; by default, measures are taken from the labels.
    :param heat_maps: files of heat maps by name, on any grid within the series, since a classifier sees only a part of
        the scan.
    :param report: PDF file of a report to be written as well.
    :param observer: name of the person responsible for the segmentation.
    :param model: ``name`` and ``version`` of the model that made the labels; ``None`` if they were drawn by hand.
    :param corrected: whether a person corrected the model's labels.
    :param pseudonym: pseudonym of the patient for a de-identified export with copies of the images; ``None`` for an
        ordinary one.
    :param nerve_with_sheath: whether the optic nerve's label includes its sheath.
    :param scan: file of the volume that was labelled; if given, the series must show the same.
    :param replace: whether the user agreed to the replacement of files that are no earlier export of the series.
    :param progress: receives the fraction done and a message.
    :return: ``files`` (paths), ``segments`` and ``measures`` (number of each), and ``notices``.
    :raises Problem: listing what is missing or does not fit; nothing is written then.
    """
    volume = checked_series(series, pseudonym, report, scan, progress, output=output)
    label_map = stored_as(read_labels(Path(labels), mapping_for(Path(labels))), volume.image.grid)
    source = source_of(label_map, volume, pseudonym)
    rows = _rows(measures, label_map, volume, nerve_with_sheath, progress)
    maps = {name: _heat(path, volume) for name, path in (heat_maps or {}).items()}
    progress(0.6, _("Writing the DICOM files"))
    objects = _objects(source.images, source.labels, rows, maps, report, observer, model, corrected)
    files = write_beside(source, objects, output, replace)
    return {"files": files, "segments": len(objects[SEGMENTATION_NAME].SegmentSequence),
            "measures": sum(row.value is not None for row in rows), "notices": list(volume.notices)}


def _rows(measures: str | None, labels: Image, scan: SeriesVolume, nerve_with_sheath: bool,
          progress: Progress) -> list[Row]:
    if measures is not None:
        from NeuroOrbitLib.measurements.reading import rows_from_file

        return rows_from_file(Path(measures), labels)
    from NeuroOrbitLib.measurements.measure import measure

    progress(0.3, _("Measuring"))
    return measure(labels, scan.image, nerve_with_sheath=nerve_with_sheath)


def _heat(path: str, scan: SeriesVolume) -> np.ndarray:
    """Return a heat map on the original slices; 0 outside of the part of the scan that the classifier saw."""
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


def _objects(images: Sequence[Dataset], slices: np.ndarray, rows: list[Row], maps: Mapping[str, np.ndarray],
             report: str | None, observer: str, model: Mapping[str, str] | None,
             corrected: bool) -> dict[str, Dataset]:
    """Return the DICOM objects to be written, by file name."""
    from NeuroOrbitLib.dicom.measurement_report import measurement_report
    from NeuroOrbitLib.dicom.report_groups import orbit_groups

    segmentation = segmentation_of(images, slices, observer, model, corrected)
    objects = {SEGMENTATION_NAME: segmentation}
    groups = orbit_groups(rows)
    if groups:
        objects[MEASUREMENTS_NAME] = measurement_report(images, segmentation, groups, observer, model)
    for number, (name, heat) in enumerate(maps.items()):
        objects[f"heat_map_{number + 1}.dcm"] = heat_map_object(images, heat, name, number)
    if report is not None:
        objects[REPORT_NAME] = report_object(images[0], Path(report).read_bytes(), "Orbit report")
    return objects
