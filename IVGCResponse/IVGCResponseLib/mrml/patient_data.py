"""The user's entries about a patient, stored with the scan, so that another scan never gets them."""

from __future__ import annotations

import slicer
from slicer.i18n import tr as _

from IVGCResponseLib.clinical import FEATURES, clinical_columns
from IVGCResponseLib.gate import GATE
from NeuroOrbitLib.classifiers.prefilled import Prefilled, from_both_sides, from_dicom, prefilled
from NeuroOrbitLib.dicom.patient import PATIENT_FIELDS
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult
from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.measured_values import measured_values
from NeuroOrbitLib.mrml.patient_data import PatientStore
from NeuroOrbitLib.mrml.translation import translated


def known_of(scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Prefilled]:
    """Return the clinical features that need not be entered: from DICOM, and from measures of the patient's scans."""
    return prefilled(clinical_columns(), from_dicom(dicom_fields(scan, PATIENT_FIELDS)),
                     from_both_sides("exophthalmos", measured_values(scan, "eyeball", "exophthalmos")))


def patient_changes(result: ClassifierResult) -> list[str]:
    """Return a sentence if the patient's data stored with the scan differ from those of an answer; else nothing."""
    given, scan = result.record.get("parameters", {}), result.scan
    if scan is None or "clinical" not in given:
        return []
    with FEATURES.of(result.record):
        columns, data = clinical_columns(), PATIENTS.patient_of(scan)
    names = [column.title for column in columns if given["clinical"].get(column.name) != data.clinical.get(column.name)]
    names += [question.text for question in GATE.questions
              if bool(given.get("gate", {}).get(question.key)) != bool(data.gate.get(question.key))]
    return [_("This answer is of other data of the patient than those given now ({names}). Press Apply for an answer "
              "with these.").format(names=", ".join(map(translated, names)))] if names else []


PATIENTS = PatientStore("IVGCResponse", known_of)
