"""Labels as a DICOM segmentation that refers to the series on which they were drawn (runs in the worker process).

DICOM PS3.3 A.51 (Segmentation IOD). The object is written by highdicom, which comes with Slicer 5.12.
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
    """Return why no DICOM segmentation can be made from labels on this scan; "" if one can."""
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
    :param annotator: name of the content creator; "" to name none.
    :param model: ``name`` and ``version`` of the model whose labels the annotator corrected; the segments are then
        semi-automatic and name it. Without a model they are manual.
    :param progress: receives the fraction done and a message.
    :return: ``file`` (path) and ``segments`` (names).
    :raises Problem: if the labels are empty or on another grid, or the series cannot be read.
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
    """Return the images of a series without their pixels, and the labels on their slices.

    :param labels: label map on the grid of ``scan``.
    :param scan: the series.
    :return: one data set per file, and labels (slices, J, I), taken from the nearest slice of the label map.
    :raises Problem: if the labels are empty or on another grid, or the files of the series cannot be referred to.
    """
    from NeuroOrbitLib.dicom.headers import read_dataset

    if not labels.grid.same_as(scan.image.grid, tolerance=0.01):
        raise Problem(_("The labels do not lie on the DICOM series. Choose those that were made from it, or open the "
                        "case again and export anew."))
    if not labels.array.any():
        raise Problem(_("Nothing is labelled yet: there is nothing to write into a DICOM segmentation."))
    paths = dict.fromkeys(scan.frames[number].path for number in _order(scan))
    images = [read_dataset(path, stop_before_pixels=True) for path in paths]
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
    """Return the values (slices, J, I) at the original slices, taken from the nearest slice of the grid.

    :param values: values (K, J, I) on the grid of ``scan``.
    :param scan: the series.
    """
    return values[np.rint(scan.places).astype(int)[_order(scan)]]


def _order(scan: SeriesVolume) -> list[int]:
    """Return the numbers of the frames in the order of the images: along K, or by position in a multi-frame file."""
    order = list(range(len(scan.frames)))
    if scan.frames[0].enhanced:
        order.sort(key=lambda number: (str(scan.frames[number].path), scan.frames[number].index))
    return order


def segmentation_of(images: list[Dataset], labels: np.ndarray, annotator: str = "",
                    model: Mapping[str, str] | None = None, corrected: bool = False, content: Content = ORBIT
                    ) -> Segmentation:
    """Return labels as a DICOM segmentation; in the orbit, the eyeball's segment includes the lens.

    :param images: data sets of the series without pixels, see :func:`on_original_slices`.
    :param labels: label values (slices, J, I) on the slices of the images.
    :param annotator: name of the content creator; "" to name none.
    :param model: ``name`` and ``version`` of the model that made the labels; ``None`` if they were drawn by hand.
    :param corrected: whether a person corrected the model's labels.
    :param content: names and codes of the labels; the orbit by default.
    :raises Problem: if the labels leave no pixel free at which the segments of lenses can be joined.
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
    """Return the images that show labels, and the labels on them; a multi-frame file is kept as a whole."""
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
    """Return a name in the form of DICOM, family name first, without characters that separate parts; None if empty."""
    words = annotator.replace("^", " ").replace("=", " ").replace("\\", " ").split()
    return "^".join([words[-1], " ".join(words[:-1])]).strip("^") if words else None
