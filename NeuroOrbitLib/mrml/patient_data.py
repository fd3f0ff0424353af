"""What the user says about a patient, kept with the scan: another scan never gets the data of this patient."""

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
    """What is known of a patient.

    :param clinical: value of each of the task's columns that is known, by name.
    :param gate: answers to the questions of the task's :class:`~NeuroOrbitLib.classifiers.gate.Gate`, by key.
    :param anyway: whether an estimate is wanted for a patient that the models were not made for.
    :param sources: origin of each value that was filled in automatically, by name.
    :param left_out: names of values that the user has emptied: what is known of them otherwise is not filled in.
    """

    clinical: Mapping[str, float] = field(default_factory=dict)
    gate: Mapping[str, bool] = field(default_factory=dict)
    anyway: bool = False
    sources: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()

    def with_value(self, name: str, value: float | None) -> PatientData:
        """Return the data after the user has typed a value, or has emptied the field (None)."""
        clinical = {key: known for key, known in self.clinical.items() if key != name}
        sources = {key: source for key, source in self.sources.items() if key != name}
        others = [each for each in self.left_out if each != name]
        if value is None:
            return replace(self, clinical=clinical, sources=sources, left_out=[*others, name])
        return replace(self, clinical={**clinical, name: value}, sources=sources, left_out=others)

    def with_known(self, found: Mapping[str, Prefilled]) -> PatientData:
        """Return the data with what DICOM and other results tell of the fields that the user has not touched."""
        typed = {name: value for name, value in self.clinical.items() if name not in self.sources}
        added = {name: known for name, known in found.items() if name not in typed and name not in self.left_out}
        return replace(self, clinical={**typed, **{name: known.value for name, known in added.items()}},
                       sources={name: known.source for name, known in added.items()})


class PatientStore:
    """Keeps the data of patients with their scans, in an attribute of a module.

    :param module: its name.
    :param known_of: returns what need not be typed about a scan's patient, by column.
    """

    def __init__(self, module: str, known_of: Callable[[slicer.vtkMRMLScalarVolumeNode], dict[str, Prefilled]]) -> None:
        self._attribute, self._known_of = f"{provenance.PREFIX}.{module}.Patient", known_of

    def patient_of(self, scan: slicer.vtkMRMLScalarVolumeNode | None) -> PatientData:
        """Return what is known of a scan's patient: what the user said, and what DICOM and other results tell."""
        if scan is None:
            return PatientData()
        stored = scan.GetAttribute(self._attribute)
        data = PatientData(**json.loads(stored, object_hook=from_plain)) if stored else PatientData()
        return data.with_known(self._known_of(scan))

    def remember(self, scan: slicer.vtkMRMLScalarVolumeNode, data: PatientData) -> None:
        """Keep the data with the scan."""
        scan.SetAttribute(self._attribute, json.dumps(to_plain(asdict(data)), sort_keys=True))
