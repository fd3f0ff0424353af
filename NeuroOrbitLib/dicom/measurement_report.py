"""Measures as a DICOM structured report (template TID 1500) beside the segmentation from which they were taken.

Each structure of each side, and each finding, is one group. A group refers to its segment if one segment shows it
alone. A measure has the code of its quantity; quantities that share a code are distinguished by the measurement method
and the tracking identifier of the measure. Measures without a value are left out. Notes about the values of a group are
comments of the group; a method that is too long for a code stands in full in a comment of its measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from NeuroOrbitLib import __version__
from NeuroOrbitLib.dicom.concepts import LONGEST_MEANING, coded, concept, side_concept, unit_concept
from NeuroOrbitLib.dicom.content import ORBIT, Content
from NeuroOrbitLib.dicom.segmentation import ARTIFICIAL_INTELLIGENCE, MANUFACTURER, person_name
from NeuroOrbitLib.measurements.codes import OWN

if TYPE_CHECKING:
    from highdicom import sr
    from highdicom.seg import Segmentation
    from pydicom import Dataset

    from NeuroOrbitLib.dicom.report_groups import Group, GroupMeasure
    from NeuroOrbitLib.measurements.rows import Place

_SERIES_NUMBER = 301
_TITLE = ("126000", "Imaging Measurement Report", "DCM")
#: Name of a sentence about the values of a group, which the template takes among its qualitative evaluations.
_COMMENT = ("121106", "Comment", "DCM")
_PROCEDURES = {"CT": ("77477000", "Computerized axial tomography"), "MR": ("113091000", "Magnetic resonance imaging")}
_GRAPHICS = {"line": "POLYLINE", "polyline": "POLYLINE", "angle": "POLYLINE", "points": "MULTIPOINT"}
_LPS_FROM_RAS = np.array([-1.0, -1.0, 1.0])


def measurement_report(images: Sequence[Dataset], segmentation: Segmentation, groups: Sequence[Group],
                       observer: str = "", model: Mapping[str, str] | None = None, content: Content = ORBIT
                       ) -> sr.Comprehensive3DSR:
    """Return measures as a structured report in the study of a series.

    :param images: data sets of the series, without pixels.
    :param segmentation: segmentation from which the measures were taken.
    :param groups: measures by structure or finding.
    :param observer: name of the person responsible for the segmentation.
    :param model: ``name`` and ``version`` of the model that made the labels; None if they were drawn by hand.
    :param content: codes for what was measured; the orbit by default.
    """
    import highdicom
    from highdicom import sr

    report = sr.MeasurementReport(
        observation_context=_observers(observer, content.product),
        procedure_reported=concept(*_PROCEDURES.get(str(images[0].Modality), ("363679005", "Imaging"))),
        imaging_measurements=[_group(group, segmentation, images, model) for group in groups],
        title=concept(*_TITLE),
    )
    return sr.Comprehensive3DSR(
        evidence=[*images, segmentation],
        content=report,
        series_instance_uid=highdicom.UID(),
        series_number=_SERIES_NUMBER,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        series_description=content.measurements_series,
    )


def _group(group: Group, segmentation: Segmentation, images: Sequence[Dataset],
           model: Mapping[str, str] | None) -> sr.MeasurementsAndQualitativeEvaluations:
    from highdicom import sr

    number = _segment_of(group, segmentation)
    frame = "" if number else str(segmentation.FrameOfReferenceUID)
    arguments = {
        "tracking_identifier": _identifier(images[0], group, group.name),
        "finding_type": coded(group.finding),
        "finding_category": coded(group.category),
        "finding_sites": [_site(group)] if group.site else None,
        "algorithm_id": _algorithm(model),
        "measurements": [_measurement(group, measure, images[0], frame) for measure in group.measures],
        "qualitative_evaluations": [sr.QualitativeEvaluation(coded(name), coded(value))
                                    for name, value in group.traits],
    }
    if number is None:
        built = sr.MeasurementsAndQualitativeEvaluations(**arguments)
    else:
        built = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            **arguments, referenced_segment=sr.ReferencedSegment(
                segmentation.SOPClassUID, segmentation.SOPInstanceUID, number,
                source_series=sr.SourceSeriesForSegmentation(images[0].SeriesInstanceUID)))
    notes = (str(measure.measured.note) for measure in group.measures if measure.measured.note)
    for note in dict.fromkeys(notes):
        comment = sr.TextContentItem(concept(*_COMMENT), note, sr.RelationshipTypeValues.CONTAINS)
        built[0].ContentSequence.append(comment)
    return built


def _identifier(image: Dataset, group: Group, name: str) -> sr.TrackingIdentifier:
    """Return the tracking identifier of a group or measure.

    It is the same in all studies of a patient, unless the group's name is only valid within one object.
    """
    from highdicom import sr
    from pydicom.uid import generate_uid

    return sr.TrackingIdentifier(generate_uid(entropy_srcs=[
        MANUFACTURER, str(image.get("PatientID", "")), name, *([group.only_in] if group.only_in else [])]), name)


def _site(group: Group) -> sr.FindingSite:
    from highdicom import sr

    return sr.FindingSite(coded(group.site), laterality=side_concept(group.side) if group.side else None)


def _segment_of(group: Group, segmentation: Segmentation) -> int | None:
    """Return the number of the segment that shows a group; None if there is none."""
    return next((int(item.SegmentNumber) for item in segmentation.SegmentSequence
                 if item.SegmentLabel == group.segment), None)


def _measurement(group: Group, measure: GroupMeasure, image: Dataset, frame: str) -> sr.Measurement:
    """Return a measure, with its place if ``frame`` is given (the template forbids places beside a segment).

    :param frame: UID of the frame of reference, or "".
    """
    from highdicom import sr

    spread, place = measure.measured.uncertainty, measure.measured.place
    return _with_whole_method(measure, _as_reported(measure, sr.Measurement(
        name=coded(measure.quantity.code),
        value=float(measure.measured.value),
        unit=unit_concept(measure.quantity.unit),
        tracking_identifier=_identifier(image, group, f"{group.name}.{measure.key}"),
        method=_method(measure),
        properties=None if spread is None else sr.MeasurementProperties(
            upper_measurement_uncertainty=float(spread), lower_measurement_uncertainty=float(spread)),
        referenced_coordinates=_coordinates(place, frame) if place and frame else None,
    )))


def _as_reported(measure: GroupMeasure, measurement: sr.Measurement) -> sr.Measurement:
    """Return the measure with its value and uncertainty in the unit and with the decimals that readers expect.

    Viewers show this string; the exact value is stored beside it. highdicom gives uncertainties no unit.
    """
    for item in [measurement[0], *(one for one in measurement[0].get("ContentSequence", []) if one.ValueType == "NUM")]:
        value = item.MeasuredValueSequence[0]
        exact = float(value.get("FloatingPointValue", value.NumericValue))
        value.NumericValue = f"{exact:.{measure.quantity.decimals}f}"
        value.FloatingPointValue = exact
        value.MeasurementUnitsCodeSequence = measurement[0].MeasuredValueSequence[0].MeasurementUnitsCodeSequence
    return measurement


def _with_whole_method(measure: GroupMeasure, measurement: sr.Measurement) -> sr.Measurement:
    """Return the measure, with its method as a comment if the meaning of a code cannot hold it."""
    from highdicom import sr

    method = str(measure.measured.method)
    if len(method) > LONGEST_MEANING:
        measurement[0].ContentSequence.append(sr.TextContentItem(
            concept(*_COMMENT), method, sr.RelationshipTypeValues.HAS_PROPERTIES))
    return measurement


def _method(measure: GroupMeasure) -> sr.CodedConcept | None:
    """Return the method of a measure: its own one, or one that distinguishes it from measures with the same code."""
    if measure.measured.method:
        key = "".join(letter if letter.isalnum() else "_" for letter in measure.measured.method.upper())
        return concept(key, measure.measured.method, OWN)
    words = measure.quantity.name
    if measure.quantity.code.scheme == OWN:
        return None
    return concept(measure.key.upper(), words[0].upper() + words[1:], OWN)


def _coordinates(place: Place, frame: str) -> list[sr.CoordinatesForMeasurement3D] | None:
    """Return the coordinates (LPS, mm) at which a measure was taken; None for planes, which DICOM cannot express."""
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


def _observers(observer: str, product: str) -> sr.ObservationContext:
    from highdicom import sr
    from pydicom.uid import generate_uid

    uid = generate_uid(entropy_srcs=[MANUFACTURER, product, __version__])
    device = sr.ObserverContext(concept("121007", "Device", "DCM"), sr.DeviceObserverIdentifyingAttributes(
        uid, MANUFACTURER, MANUFACTURER, product, __version__))
    person = person_name(observer)
    if not person:
        return sr.ObservationContext(observer_device_context=device)
    return sr.ObservationContext(
        sr.ObserverContext(concept("121006", "Person", "DCM"), sr.PersonObserverIdentifyingAttributes(person)), device)
