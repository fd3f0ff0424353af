"""What the user says about a patient, kept with the scan: another scan never gets the data of this patient."""

from __future__ import annotations

import slicer

from IVGCResponseLib.clinical import clinical_columns
from NeuroOrbitLib.classifiers.prefilled import Prefilled, from_both_sides, from_dicom, prefilled
from NeuroOrbitLib.dicom.patient import PATIENT_FIELDS
from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.measured_values import measured_values
from NeuroOrbitLib.mrml.patient_data import PatientStore


def known_of(scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Prefilled]:
    """Return the clinical features that need not be typed: from DICOM, and from measures of the patient's scans."""
    return prefilled(clinical_columns(), from_dicom(dicom_fields(scan, PATIENT_FIELDS)),
                     from_both_sides("exophthalmos", measured_values(scan, "eyeball", "exophthalmos")))


PATIENTS = PatientStore("IVGCResponse", known_of)
