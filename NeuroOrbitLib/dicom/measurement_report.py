"""Measures as a DICOM structured report, template TID 1500, beside the segmentation that they were taken from.

Each structure of each side is one group with the segment it refers to. A measure has the code of its quantity; codes
that several quantities share are told apart by the measurement method and by the measure's own tracking identifier.
What could not be measured is left out. What must be known of a structure's values is a comment of its group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib import __version__
from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.dicom.concepts import concept, side_concept, structure_concept, unit_concept
from NeuroOrbitLib.dicom.segmentation import ARTIFICIAL_INTELLIGENCE, MANUFACTURER, MODEL_NAME, person_name
from NeuroOrbitLib.measurements.codes import OWN, quantity
from NeuroOrbitLib.measurements.rows import HEAD, Place, Row

if TYPE_CHECKING:
    from highdicom import sr
    from highdicom.seg import Segmentation
    from pydicom import Dataset

_SERIES_NUMBER = 301
_HEAD = ("69536005", "Head")
_TITLE = ("126000", "Imaging Measurement Report", "DCM")
#: Name of a sentence about the values of a group, which the template takes among its qualitative evaluations.
_COMMENT = ("121106", "Comment", "DCM")
_PROCEDURES = {"CT": ("77477000", "Computerized axial tomography"), "MR": ("113091000", "Magnetic resonance imaging")}
_GRAPHICS = {"line": "POLYLINE", "polyline": "POLYLINE", "angle": "POLYLINE", "points": "MULTIPOINT"}
_LPS_FROM_RAS = np.array([-1.0, -1.0, 1.0])


def measurement_report(images: Sequence[Dataset], segmentation: Segmentation, rows: Iterable[Row], observer: str = "",
                       model: Mapping[str, str] | None = None) -> sr.Comprehensive3DSR:
    """Return measures as a structured report in the study of a series.

    :param images: data sets of the series, without pixels. :param segmentation: that the measures were taken from.
    :param observer: person who answers for the segmentation. :param model: ``name`` and ``version`` of the model that
        labelled, if one did.
    """
    import highdicom
    from highdicom import sr

    frame = str(segmentation.FrameOfReferenceUID)
    groups = [_group(list(members), segmentation, images, frame, model) for _, members in
              groupby(sorted(_measured(rows), key=_group_key), key=_group_key)]
    content = sr.MeasurementReport(
        observation_context=_observers(observer),
        procedure_reported=concept(*_PROCEDURES.get(str(images[0].Modality), ("363679005", "Imaging"))),
        imaging_measurements=groups,
        title=concept(*_TITLE),
    )
    return sr.Comprehensive3DSR(
        evidence=[*images, segmentation],
        content=content,
        series_instance_uid=highdicom.UID(),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        series_description="Orbit measurements (research use only)",
    )


def _measured(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row.value is not None and np.isfinite(row.value)]


def _group_key(row: Row) -> tuple[str, str]:
    return row.structure, row.side.value if row.side else ""


def group_name(row: Row) -> str:
    """Return what identifies the group of a row: the structure's key after its side, e.g. "right_medial_rectus"."""
    return f"{row.side.value}_{row.structure}" if row.side else row.structure


def _group(rows: list[Row], segmentation: Segmentation, images: Sequence[Dataset], frame: str,
           model: Mapping[str, str] | None) -> sr.MeasurementsAndQualitativeEvaluations:
    from highdicom import sr

    first, number = rows[0], _segment_of(rows[0], segmentation)
    arguments = {
        "tracking_identifier": sr.TrackingIdentifier(tracking_uid(images[0], group_name(first)), group_name(first)),
        "finding_type": concept(*_HEAD) if first.structure == HEAD else structure_concept(structure(first.structure)),
        "finding_category": concept("123037004", "Anatomical Structure"),
        "finding_sites": None if first.structure == HEAD else [_site(first)],
        "algorithm_id": _algorithm(model),
        "measurements": [_measurement(row, images[0], "" if number else frame) for row in rows],
    }
    if number is None:
        group = sr.MeasurementsAndQualitativeEvaluations(**arguments)
    else:
        group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            **arguments, referenced_segment=sr.ReferencedSegment(
                segmentation.SOPClassUID, segmentation.SOPInstanceUID, number,
                source_series=sr.SourceSeriesForSegmentation(images[0].SeriesInstanceUID)))
    for note in dict.fromkeys(str(row.measured.note) for row in rows if row.measured.note):
        comment = sr.TextContentItem(concept(*_COMMENT), note, sr.RelationshipTypeValues.CONTAINS)
        group[0].ContentSequence.append(comment)
    return group


def tracking_uid(image: Dataset, name: str) -> str:
    """Return the identifier of a structure, or of a measure of it, that is the same in all studies of a patient."""
    from pydicom.uid import generate_uid

    return generate_uid(entropy_srcs=[MANUFACTURER, str(image.get("PatientID", "")), name])


def _site(row: Row) -> sr.FindingSite:
    from highdicom import sr

    side = side_concept(row.side) if row.side else None
    return sr.FindingSite(structure_concept(structure(row.structure)), laterality=side)


def _segment_of(row: Row, segmentation: Segmentation) -> int | None:
    """The number of the segment that shows a row's structure; None if there is none."""
    from NeuroOrbitLib.anatomy.structures import label_name, label_value

    if row.structure == HEAD:
        return None
    name = label_name(label_value(row.structure, row.side))
    return next((int(item.SegmentNumber) for item in segmentation.SegmentSequence if item.SegmentLabel == name), None)


def _measurement(row: Row, image: Dataset, frame: str) -> sr.Measurement:
    """A measure; with a frame of reference, also where it was taken (the template forbids it beside a segment)."""
    from highdicom import sr

    spread, place = row.measured.uncertainty, row.measured.place
    name = f"{group_name(row)}.{row.quantity}"
    return _as_reported(row, sr.Measurement(
        name=concept(row.code.value, row.code.meaning, row.code.scheme),
        value=float(row.value),
        unit=unit_concept(row.unit),
        tracking_identifier=sr.TrackingIdentifier(tracking_uid(image, name), name),
        method=_method(row),
        properties=None if spread is None else sr.MeasurementProperties(
            upper_measurement_uncertainty=float(spread), lower_measurement_uncertainty=float(spread)),
        referenced_coordinates=_coordinates(place, frame) if place and frame else None,
    ))


def _as_reported(row: Row, measurement: sr.Measurement) -> sr.Measurement:
    """The measure with its value and uncertainty in the unit and the decimals that people read.

    Viewers show the string; the exact value stands beside it. highdicom gives uncertainties no unit.
    """
    for item in [measurement[0], *(one for one in measurement[0].get("ContentSequence", []) if one.ValueType == "NUM")]:
        value = item.MeasuredValueSequence[0]
        exact = float(value.get("FloatingPointValue", value.NumericValue))
        value.NumericValue = f"{exact:.{quantity(row.quantity).decimals}f}"
        value.FloatingPointValue = exact
        value.MeasurementUnitsCodeSequence = measurement[0].MeasuredValueSequence[0].MeasurementUnitsCodeSequence
    return measurement


def _method(row: Row) -> sr.CodedConcept | None:
    """How a measure was taken: in its own words, or what tells it from others with the same code."""
    if row.measured.method:
        key = "".join(letter if letter.isalnum() else "_" for letter in row.measured.method.upper())
        return concept(key, row.measured.method, OWN)
    words = quantity(row.quantity).name
    return None if row.code.scheme == OWN else concept(row.quantity.upper(), words[0].upper() + words[1:], OWN)


def _coordinates(place: Place, frame: str) -> list[sr.CoordinatesForMeasurement3D] | None:
    """Where a measure was taken, in LPS mm; planes have no counterpart."""
    from highdicom import sr

    if place.kind not in _GRAPHICS:
        return None
    points = np.asarray(place.points, dtype=float).reshape(-1, 3) * _LPS_FROM_RAS
    graphic = "POINT" if len(points) == 1 else _GRAPHICS[place.kind]
    return [sr.CoordinatesForMeasurement3D(graphic, points, frame)]


def _algorithm(model: Mapping[str, str] | None) -> sr.AlgorithmIdentification:
    from highdicom import sr

    if not model:
        return sr.AlgorithmIdentification(MANUFACTURER, __version__)
    return sr.AlgorithmIdentification(f"{MANUFACTURER}: {model['name']}", f"{__version__}: {model['version']}",
                                      family=concept(*ARTIFICIAL_INTELLIGENCE))


def _observers(observer: str) -> sr.ObservationContext:
    from highdicom import sr
    from pydicom.uid import generate_uid

    uid = generate_uid(entropy_srcs=[MANUFACTURER, MODEL_NAME, __version__])
    device = sr.ObserverContext(concept("121007", "Device", "DCM"), sr.DeviceObserverIdentifyingAttributes(
        uid, MANUFACTURER, MANUFACTURER, MODEL_NAME, __version__))
    person = person_name(observer)
    if not person:
        return sr.ObservationContext(observer_device_context=device)
    return sr.ObservationContext(
        sr.ObserverContext(concept("121006", "Person", "DCM"), sr.PersonObserverIdentifyingAttributes(person)), device)
