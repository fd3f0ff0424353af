"""What the user says about a patient, kept with the scan: another scan never gets the data of this patient."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

import slicer

from IVGCResponseLib.clinical import clinical_columns
from IVGCResponseLib.prefilled import Prefilled, from_activity, from_dicom, prefilled
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.dicom_fields import dicom_fields
from NeuroOrbitLib.mrml.scans import SCAN_REFERENCE
from NeuroOrbitLib.sentences import from_plain, to_plain

ATTRIBUTE = f"{provenance.PREFIX}.IVGCResponse.Patient"
_FIELDS = {"0010|1010": "PatientAge", "0010|0030": "PatientBirthDate", "0010|0040": "PatientSex",
           "0008|0020": "StudyDate"}


@dataclass(frozen=True)
class PatientData:
    """What is known of a patient.

    :param clinical: value of each clinical feature that is known, by name.
    :param gate: answers to the questions of :mod:`IVGCResponseLib.gate`, by key.
    :param anyway: whether an estimate is wanted for a patient that the models were not made for.
    :param sources: where values that nobody typed come from, by name.
    """

    clinical: Mapping[str, float] = field(default_factory=dict)
    gate: Mapping[str, bool] = field(default_factory=dict)
    anyway: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)

    def with_value(self, name: str, value: float | None) -> PatientData:
        """Return the data after the user has typed a value, or has emptied the field (None)."""
        clinical = {key: known for key, known in self.clinical.items() if key != name}
        sources = {key: source for key, source in self.sources.items() if key != name}
        return replace(self, clinical=clinical if value is None else {**clinical, name: value}, sources=sources)


def patient_of(scan: slicer.vtkMRMLScalarVolumeNode | None) -> PatientData:
    """Return what is known of a scan's patient: what the user said, else what DICOM and other results tell."""
    stored = scan.GetAttribute(ATTRIBUTE) if scan is not None else None
    if stored:
        return PatientData(**json.loads(stored, object_hook=from_plain))
    found = known_of(scan) if scan is not None else {}
    return PatientData({name: known.value for name, known in found.items()},
                       sources={name: known.source for name, known in found.items()})


def remember(scan: slicer.vtkMRMLScalarVolumeNode, data: PatientData) -> None:
    """Keep the data with the scan."""
    scan.SetAttribute(ATTRIBUTE, json.dumps(to_plain(asdict(data)), sort_keys=True))


def known_of(scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, Prefilled]:
    """Return the clinical features that need not be typed: from DICOM, and from results of TAOActivity on the scan."""
    return prefilled(clinical_columns(), from_dicom(dicom_fields(scan, _FIELDS)), from_activity(_activity_score(scan)))


def _activity_score(scan: slicer.vtkMRMLScalarVolumeNode) -> float | None:
    """The clinical activity score that a result of TAOActivity on this scan keeps, None where none does."""
    for table in reversed(slicer.util.getNodesByClass("vtkMRMLTableNode")):
        record = provenance.record_of(table) if table.GetNodeReference(SCAN_REFERENCE) is scan else None
        if record and record.get("module") == "TAOActivity" and record.get("score") is not None:
            return float(record["score"])
    return None
