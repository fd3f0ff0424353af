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
from NeuroOrbitLib.mrml.patient_data import PatientStore, data_given_otherwise


def known_of(scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Prefilled]:
    """Return the clinical features that need not be entered: from DICOM, and from measures of the patient's scans."""
    return prefilled(clinical_columns(), FEATURES.shipped_columns(), from_dicom(dicom_fields(scan, PATIENT_FIELDS)),
                     from_both_sides("exophthalmos", measured_values(scan, "eyeball", "exophthalmos")))


def patient_changes(result: ClassifierResult) -> list[str]:
    """Return a sentence if the patient's data stored with the scan differ from those of an answer; else nothing."""
    names = data_given_otherwise(result.scan, result.record)
    return [_("This answer was computed from other data of the patient than those entered now ({names}). Press Apply "
              "for an answer with these.").format(names=", ".join(names))] if names else []


PATIENTS = PatientStore("IVGCResponse", known_of, FEATURES, GATE)
