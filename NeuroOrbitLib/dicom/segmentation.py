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
from NeuroOrbitLib.anatomy import BACKGROUND
from NeuroOrbitLib.dicom.concepts import coded, concept, side_concept
from NeuroOrbitLib.dicom.content import ORBIT, Content, SegmentCodes
from NeuroOrbitLib.dicom.preflight import filled
from NeuroOrbitLib.imaging.label_values import values_in
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.seg import Segmentation, SegmentDescription
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.series import SeriesVolume
    from NeuroOrbitLib.imaging.image import Image

MANUFACTURER = "SlicerNeuroOrbit"
_SERIES_NUMBER = 300
#: Family of the algorithm, CID 7162.
ARTIFICIAL_INTELLIGENCE = ("123110", "Artificial Intelligence", "DCM")
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
    images, slices = on_original_slices(label_map, scan)
    progress(0.5, _("Writing the DICOM segmentation"))
    segmentation = segmentation_of(images, slices, annotator, model, corrected=True)
    segmentation.save_as(output)
    return {"file": str(output), "segments": [item.SegmentLabel for item in segmentation.SegmentSequence]}


def on_original_slices(labels: Image, scan: SeriesVolume) -> tuple[list[Dataset], np.ndarray]:
    """Return the images of a series without their pixels, and the labels of each.

    :param labels: label map on the grid of ``scan``.
    :return: one data set per file, and labels (slices, J, I): those of the slice of the label map that lies nearest.
    :raises Problem: if the labels lie elsewhere or are empty.
    """
    import pydicom

    if not labels.grid.same_as(scan.image.grid, tolerance=0.01):
        raise Problem(_("The labels do not lie on the DICOM series. Open the case again and export anew."))
    if not labels.array.any():
        raise Problem(_("Nothing is labelled yet: there is nothing to write into a DICOM segmentation."))
    paths = dict.fromkeys(scan.frames[number].path for number in _order(scan))
    images = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    if scan.frames[0].enhanced and len(images) > 1:
        raise Problem(_("The series consists of {count} files of enhanced images, which a DICOM segmentation cannot "
                        "refer to together. Export it again, one file for the whole series, or one image of the "
                        "ordinary kind for each slice.").format(count=len(images)))
    filled(images)
    if sum(int(image.get("NumberOfFrames", 1)) for image in images) != len(scan.frames):
        raise Problem(_("The DICOM file holds more slices than the labels belong to. Export the series again, one "
                        "stack alone."))
    return images, original_slices(labels.array, scan)


def original_slices(values: np.ndarray, scan: SeriesVolume) -> np.ndarray:
    """Return what a volume on the grid of ``scan`` holds at each original slice: that of the nearest slice."""
    return values[np.rint(scan.places).astype(int)[_order(scan)]]


def _order(scan: SeriesVolume) -> list[int]:
    """Numbers of the frames as the images hold them: along K, or, in a file with several frames, as they come."""
    order = list(range(len(scan.frames)))
    if scan.frames[0].enhanced:
        order.sort(key=lambda number: (str(scan.frames[number].path), scan.frames[number].index))
    return order


def segmentation_of(images: list[Dataset], labels: np.ndarray, annotator: str = "",
                    model: Mapping[str, str] | None = None, corrected: bool = False, content: Content = ORBIT
                    ) -> Segmentation:
    """Return labels as a DICOM segmentation; in the orbit, the eyeball's segment holds the lens.

    :param images: data sets of the series, see :func:`on_original_slices`, with the ``labels`` of their slices.
    :param annotator: content creator. :param model: ``name`` and ``version`` of the model that labelled, if one did.
    :param corrected: whether a person went over the model's labels. :param content: what the labels mean.
    """
    import highdicom

    from NeuroOrbitLib.dicom.segment_pixels import join_lenses, segment_numbers

    values = sorted(values_in(labels) - {BACKGROUND})
    kind = "MANUAL" if not model else "SEMIAUTOMATIC" if corrected else "AUTOMATIC"
    held = {value: other for value, other in content.also_held.items() if {value, other} <= set(values)}
    images, labels = _labelled(images, labels)
    segmentation = highdicom.seg.Segmentation(
        source_images=images,
        pixel_array=segment_numbers(labels, values, held),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(number, content.segment(value), kind, model)
                              for number, value in enumerate(values, start=1)],
        series_instance_uid=highdicom.UID(),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=content.product,
        software_versions=__version__,
        device_serial_number="none",
        content_creator_name=person_name(annotator),
        content_label=content.label,
        content_description=content.description,
        series_description=content.segmentation_series,
        transfer_syntax_uid=_TRANSFER_SYNTAX,
    )
    join_lenses(segmentation, labels, values, held)
    return segmentation


def _labelled(images: list[Dataset], labels: np.ndarray) -> tuple[list[Dataset], np.ndarray]:
    """The images that show labels, and the labels on them; a file of several frames stays whole."""
    if len(images) != len(labels):
        return images, labels
    used = [number for number, slice_ in enumerate(labels) if slice_.any()]
    return [images[number] for number in used], labels[used]


def _description(number: int, codes: SegmentCodes, kind: str, model: Mapping[str, str] | None) -> SegmentDescription:
    import highdicom

    description = highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=codes.label,
        segmented_property_category=coded(codes.category),
        segmented_property_type=coded(codes.kind),
        algorithm_type=kind,
        algorithm_identification=_algorithm(model) if model else None,
        anatomic_regions=[coded(codes.region)] if codes.region else None,
        display_color=highdicom.color.CIELabColor.from_rgb(*codes.rgb),
    )
    if codes.side is not None:
        kind_codes = description.SegmentedPropertyTypeCodeSequence[0]
        kind_codes.SegmentedPropertyTypeModifierCodeSequence = [side_concept(codes.side)]
    return description


def _algorithm(model: Mapping[str, str]) -> AlgorithmIdentificationSequence:
    import highdicom

    family = concept(*ARTIFICIAL_INTELLIGENCE)
    return highdicom.AlgorithmIdentificationSequence(model["name"], family, model["version"])


def person_name(annotator: str) -> str | None:
    """A name as DICOM writes it, family name first; carets and equal signs have a meaning there."""
    words = annotator.replace("^", " ").replace("=", " ").replace("\\", " ").split()
    return "^".join([words[-1], " ".join(words[:-1])]).strip("^") if words else None
