"""Data of a patient, which are kept with the scan, so that another scan never gets the data of this patient."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import slicer

from NeuroOrbitLib.classifiers.prefilled import Prefilled
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.sentences import from_plain, to_plain


@dataclass(frozen=True)
class PatientData:
    """The known data of a patient.

    :param clinical: known values of the task's columns, by name.
    :param gate: answers to the questions of the task's :class:`~NeuroOrbitLib.classifiers.gate.Gate`, by key.
    :param anyway: whether the user wants an estimate although the models were not made for such a patient.
    :param sources: origin of each value that was filled in automatically, by name.
    :param left_out: names of values that the user has emptied, which are not filled in automatically.
    """

    clinical: Mapping[str, float] = field(default_factory=dict)
    gate: Mapping[str, bool] = field(default_factory=dict)
    anyway: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()

    def with_value(self, name: str, value: float | None) -> PatientData:
        """Return the data after the user has entered a value, or has emptied its field (None)."""
        clinical = {key: known for key, known in self.clinical.items() if key != name}
        sources = {key: source for key, source in self.sources.items() if key != name}
        others = [each for each in self.left_out if each != name]
        if value is None:
            return replace(self, clinical=clinical, sources=sources, left_out=[*others, name])
        return replace(self, clinical={**clinical, name: value}, sources=sources, left_out=others)

    def with_known(self, found: Mapping[str, Prefilled]) -> PatientData:
        """Return the data with the fields that the user has not touched filled in from DICOM and other results."""
        typed = {name: value for name, value in self.clinical.items() if name not in self.sources}
        added = {name: known for name, known in found.items() if name not in typed and name not in self.left_out}
        return replace(self, clinical={**typed, **{name: known.value for name, known in added.items()}},
                       sources={name: known.source for name, known in added.items()})


class PatientStore:
    """Keeps the data of patients in an attribute of their scans.

    :param module: name of the module, which is part of the attribute's name.
    :param known_of: function that returns the values about a scan's patient that are known without the user, by column.
    """

    def __init__(self, module: str, known_of: Callable[[slicer.vtkMRMLScalarVolumeNode], dict[str, Prefilled]]) -> None:
        self._attribute, self._known_of = _attribute_of(module), known_of

    def patient_of(self, scan: slicer.vtkMRMLScalarVolumeNode | None) -> PatientData:
        """Return the data of a scan's patient, from the user, DICOM and other results; empty data without a scan."""
        if scan is None:
            return PatientData()
        stored = scan.GetAttribute(self._attribute)
        return _read(stored).with_known(self._known_of(scan))

    def remember(self, scan: slicer.vtkMRMLScalarVolumeNode, data: PatientData) -> None:
        """Keep the data with the scan."""
        scan.SetAttribute(self._attribute, json.dumps(to_plain(asdict(data)), sort_keys=True))


def typed_otherwise(scan: slicer.vtkMRMLScalarVolumeNode, record: Mapping[str, object]) -> bool:
    """Return whether the user has since typed or emptied data of a patient that an answer was given otherwise.

    :param scan: scan of the answer.
    :param record: record of the answer; one that took no data of the patient never differs.
    """
    given = record.get("parameters", {})
    if "clinical" not in given:
        return False
    clinical, gate = given["clinical"], given.get("gate") or {}
    data = _read(scan.GetAttribute(_attribute_of(str(record.get("module")))))
    typed = {name: value for name, value in data.clinical.items() if name not in data.sources}
    return (any(clinical.get(name) != value for name, value in typed.items())
            or any(name in clinical for name in data.left_out)
            or any(bool(gate.get(key)) != answer for key, answer in data.gate.items()))


def _attribute_of(module: str) -> str:
    return f"{provenance.PREFIX}.{module}.Patient"


def _read(stored: str | None) -> PatientData:
    return PatientData(**json.loads(stored, object_hook=from_plain)) if stored else PatientData()
