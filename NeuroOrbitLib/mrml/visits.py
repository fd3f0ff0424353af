"""The patients and dates of the scans in the scene."""

from __future__ import annotations

import datetime
import re

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.dicom.visit import Visit
from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.provenance import PREFIX
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE, scan_of

#: Attribute of a scan with the date that the user has typed.
DATE_ATTRIBUTE = f"{PREFIX}.ScanDate"
#: Without hyphens all digits are needed: 2024111 may be the first of November or the 11th of January.
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
_DATE_FIELDS = {"0008|0022": "acquired", "0008|0021": "series", "0008|0020": "study"}


def date_of(scan: slicer.vtkMRMLScalarVolumeNode) -> datetime.date | None:
    """Return the date of a scan as the user has typed it, or else from DICOM; ``None`` if it is not known."""
    typed = day_from(scan.GetAttribute(DATE_ATTRIBUTE) or "")
    if typed is not None:
        return typed
    fields = dicom_fields(scan, _DATE_FIELDS)
    known = [fields.get("acquired", ""), fields.get("series", ""), fields.get("study", ""), _study_date(scan)]
    return next(filter(None, map(day_from, known)), None)


def set_date(scan: slicer.vtkMRMLScalarVolumeNode, text: str) -> bool:
    """Keep the date of a scan that the user has typed, and return whether it is valid; an empty text removes it."""
    day = day_from(text)
    if day is None and text.strip():
        return False
    scan.SetAttribute(DATE_ATTRIBUTE, day.isoformat() if day else None)
    return True


def day_from(text: str) -> datetime.date | None:
    """Return the date in a text such as "2024-03-01" or, as in DICOM, "20240301"; ``None`` if it is not a date."""
    parts = _DAY.fullmatch(text.strip())
    try:
        return datetime.date(*map(int, filter(None, parts.groups()))) if parts else None
    except ValueError:
        return None


def patient_of(scan: slicer.vtkMRMLScalarVolumeNode) -> str:
    """Return the patient's identifier in DICOM; "" if it is not known."""
    known = dicom_fields(scan, {"0010|0020": "id"}).get("id", "")
    hierarchy, item = _ancestor(scan, slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMLevelPatient())
    return known or (hierarchy.GetItemUID(item, "DICOM") if item else "")


def tables_of_patient(scan: slicer.vtkMRMLScalarVolumeNode | None) -> list[slicer.vtkMRMLTableNode]:
    """Return the tables that belong to a scan or to another scan of the same patient, the newest first.

    Another scan is of the same patient only if both have the same patient identifier in DICOM.
    """
    if scan is None:
        return []
    patient = patient_of(scan)

    def is_theirs(other: slicer.vtkMRMLScalarVolumeNode | None) -> bool:
        return other is scan or (other is not None and bool(patient) and patient_of(other) == patient)

    tables = slicer.util.getNodesByClass("vtkMRMLTableNode")
    return [table for table in reversed(tables) if is_theirs(scan_of(table))]


def visit_of(scan: slicer.vtkMRMLScalarVolumeNode) -> Visit:
    """Return the patient and the date of a scan, as far as they are known."""
    return Visit(patient_of(scan), date_of(scan))


def differ(one: str, other: str) -> bool:
    """Return whether two patient identifiers are known and differ."""
    return bool(one and other) and one != other


def is_of_another(other: slicer.vtkMRMLScalarVolumeNode, scan: slicer.vtkMRMLScalarVolumeNode | None,
                  before: slicer.vtkMRMLScalarVolumeNode | None) -> bool:
    """Return whether a volume was chosen to go with another scan than the one that is chosen now.

    A volume that is known to be of the same patient belongs to the present scan, too.

    :param other: volume chosen in addition to a scan, such as a T1 or a map.
    :param scan: the scan that is chosen now.
    :param before: the scan that was chosen when ``other`` was.
    """
    if before is None or before is scan:
        return False
    return scan is None or not patient_of(scan) or patient_of(scan) != patient_of(other)


def forget_foreign_segmentation(node: object) -> None:
    """Clear the chosen segmentation if it is of another scan than the chosen one.

    One that the user has drawn on another scan stays if both scans are known to be of the same patient.

    :param node: parameter node with ``inputVolume`` and ``inputSegmentation``.
    """
    scan, made_for = node.inputVolume, scan_of(node.inputSegmentation)
    if made_for is None or made_for is scan:
        return
    is_found = node.inputSegmentation.GetNodeReference(SCAN_REFERENCE) is not None
    if is_found or is_of_another(made_for, scan, before=made_for):
        node.inputSegmentation = None


def why_not_comparable(segmentations: list[slicer.vtkMRMLSegmentationNode]) -> str:
    """Return why segmentations cannot be compared, as a sentence that says what to do; "" if they can.

    They must be of one patient's scans on different dates.
    """
    scans = [scan_of(node) for node in segmentations]
    if len(scans) < 2:
        return _("Choose at least one earlier or later scan of this patient to compare with.")
    if None in scans:
        return _("The scan of a segmentation is not in the scene. Load it first.")
    for number, scan in enumerate(scans):
        for other in scans[:number]:
            if other is scan:
                return _("Two of the chosen segmentations are of the scan '{name}'. Choose one of them.").format(
                    name=scan.GetName())
            if differ(patient_of(other), patient_of(scan)):
                return _("'{first}' and '{second}' are of different patients. Choose scans of one patient.").format(
                    first=other.GetName(), second=scan.GetName())
    missing = [scan.GetName() for scan in scans if date_of(scan) is None]
    if missing:
        return _("The date of {names} is not known. Type it in the list, e.g. 2024-03-01.").format(
            names=", ".join(f"'{name}'" for name in missing))
    if len({date_of(scan) for scan in scans}) < len(scans):
        return _("Two of the chosen scans have the same date. Correct the date in the list, or choose other scans.")
    return ""


def in_order(segmentations: list[slicer.vtkMRMLSegmentationNode]) -> list[slicer.vtkMRMLSegmentationNode]:
    """Return segmentations in the order of the dates of their scans, which must be known."""
    return sorted(segmentations, key=lambda node: date_of(scan_of(node)))


def _study_date(scan: slicer.vtkMRMLScalarVolumeNode) -> str:
    constants = slicer.vtkMRMLSubjectHierarchyConstants
    hierarchy, item = _ancestor(scan, constants.GetDICOMLevelStudy())
    return hierarchy.GetItemAttribute(item, constants.GetDICOMStudyDateAttributeName()) if item else ""


def _ancestor(scan: slicer.vtkMRMLScalarVolumeNode, level: str) -> tuple[slicer.vtkMRMLSubjectHierarchyNode, int]:
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item = hierarchy.GetItemByDataNode(scan)
    return hierarchy, hierarchy.GetItemAncestorAtLevel(item, level) if item else 0
