"""Labels as a DICOM segmentation that refers to the series they were drawn on (runs in the worker process).

DICOM PS3.3 A.51 (Segmentation IOD). highdicom, which Slicer 5.12 brings along, writes the object.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib import __version__
from NeuroOrbitLib.anatomy import label_name, label_rgb, side_of, structure_of
from NeuroOrbitLib.anatomy.terminology import CATEGORY, LATERALITY, SCHEME
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentDescription
    from highdicom.sr import CodedConcept
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.series import SeriesVolume

_SERIES_NUMBER = 300
#: Family of the algorithm, CID 7162.
_ARTIFICIAL_INTELLIGENCE = ("123110", "Artificial Intelligence", "DCM")
_TRANSFER_SYNTAX = "1.2.840.10008.1.2.1"  # explicit VR little endian: every reader has it


def reason_against(scan: Path) -> str:
    """Why no DICOM segmentation can be made of labels on this scan; "" if one can."""
    if not scan.is_dir():
        return (_("A DICOM segmentation refers to the images it was drawn on, and this scan is not a DICOM series. "
                  "Annotate the folder with the original DICOM files instead."))
    if importlib.util.find_spec("highdicom") is None:
        return _("The Python package highdicom is missing. Slicer 5.12 and later bring it: use one of those.")
    return ""


def write_dicom_segmentation(labels: str, series: str, output: str, annotator: str = "",
                             model: Mapping[str, str] | None = None,
                             progress: Progress = silent) -> dict[str, object]:
    """Write a label map on a DICOM series as a DICOM segmentation, one segment per structure and side.

    :param labels: label map with the values of the vocabulary, on the grid of the series as
        :func:`NeuroOrbitLib.imaging.files.load_image` reads it.
    :param series: folder of the series.
    :param output: file to write.
    :param annotator: content creator.
    :param model: ``name`` and ``version`` of the model that labelled before the annotator corrected, if one did; the
        segments are then semi-automatic and name it, otherwise they are manual.
    :return: ``file`` and ``segments`` (names).
    :raises Problem: if the labels are empty or do not lie on the series, or the series cannot be read.
    """
    from NeuroOrbitLib.dicom.series import read_series
    from NeuroOrbitLib.imaging.files import load_image

    progress(0.0, _("Reading the DICOM series"))
    label_map, scan = load_image(labels), read_series(Path(series))
    if not label_map.grid.same_as(scan.image.grid, tolerance=0.01):
        raise Problem(_("The labels do not lie on the DICOM series. Open the case again and export anew."))
    images, slices = _on_original_slices(label_map.array, scan)
    values = [int(value) for value in np.unique(slices) if value]
    if not values:
        raise Problem(_("Nothing is labelled yet: there is nothing to write into a DICOM segmentation."))
    progress(0.5, _("Writing the DICOM segmentation"))
    descriptions = [_description(number, value, model) for number, value in enumerate(values, start=1)]
    _segmentation(images, slices, values, descriptions, annotator).save_as(output)
    return {"file": str(output), "segments": [label_name(value) for value in values]}


def _on_original_slices(labels: np.ndarray, scan: SeriesVolume) -> tuple[list[Dataset], np.ndarray]:
    """The images of a series and the labels of each: of the slice of the label map that lies nearest to it."""
    import pydicom

    nearest = np.rint(scan.places).astype(int)
    order = range(len(scan.frames))
    if scan.frames[0].enhanced:  # of a file with several frames, in the order in which it holds them
        order = sorted(order, key=lambda number: (str(scan.frames[number].path), scan.frames[number].index))
    paths = dict.fromkeys(scan.frames[number].path for number in order)
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    if sum(int(image.get("NumberOfFrames", 1)) for image in images) != len(scan.frames):
        raise Problem(_("The DICOM file holds more slices than the labels belong to. Export the series again, one "
                        "stack alone."))
    return images, labels[nearest[list(order)]]


def _segmentation(images: list[Dataset], labels: np.ndarray, values: list[int],
                  descriptions: list[SegmentDescription], annotator: str) -> Dataset:
    import highdicom

    masks = np.stack([labels == value for value in values], axis=-1)  # frames, rows, columns, segments
    return highdicom.seg.Segmentation(
        source_images=images,
        pixel_array=masks.astype(np.uint8),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=descriptions,
        series_instance_uid=highdicom.UID(),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="SlicerNeuroOrbit",
        manufacturer_model_name="OrbitSegmentation",
        software_versions=__version__,
        device_serial_number="none",
        content_creator_name=_person_name(annotator),
        content_label="ORBIT",
        content_description="Structures of the orbit",
        series_description="Orbit annotation (research use only)",
        transfer_syntax_uid=_TRANSFER_SYNTAX,
    )


def _description(number: int, value: int, model: Mapping[str, str] | None) -> SegmentDescription:
    import highdicom

    found = structure_of(value)
    kinds = highdicom.seg.SegmentAlgorithmTypeValues
    description = highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=label_name(value),
        segmented_property_category=_code(*CATEGORY),
        segmented_property_type=_code(found.code, found.meaning),
        algorithm_type=kinds.SEMIAUTOMATIC if model else kinds.MANUAL,
        algorithm_identification=_algorithm(model) if model else None,
        display_color=_lab_color(value),
    )
    side = side_of(value)
    if side is not None:
        kind = description.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = [_code(*LATERALITY[side])]
    return description


def _algorithm(model: Mapping[str, str]) -> AlgorithmIdentificationSequence:
    import highdicom

    family = _code(*_ARTIFICIAL_INTELLIGENCE)
    return highdicom.AlgorithmIdentificationSequence(model["name"], family, model["version"])


def _code(value: str, meaning: str, scheme: str = SCHEME) -> CodedConcept:
    import highdicom

    return highdicom.sr.CodedConcept(value, scheme, meaning)


def _lab_color(value: int) -> CIELabColor:
    import highdicom

    red, green, blue = label_rgb(value)
    return highdicom.color.CIELabColor.from_rgb(red, green, blue)


def _person_name(annotator: str) -> str | None:
    """A name as DICOM writes it, family name first; carets and equal signs have a meaning there."""
    words = annotator.replace("^", " ").replace("=", " ").replace("\\", " ").split()
    return "^".join([words[-1], " ".join(words[:-1])]).strip("^") if words else None
