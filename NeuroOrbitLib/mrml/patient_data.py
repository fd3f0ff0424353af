"""Data of a patient, which are kept with the scan, so that another scan never gets the data of this patient."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import slicer

from NeuroOrbitLib.classifiers.column_file import COLUMNS, ColumnFile
from NeuroOrbitLib.classifiers.columns import Column, columns_as_data, columns_from_data
from NeuroOrbitLib.classifiers.gate import Gate
from NeuroOrbitLib.classifiers.prefilled import Prefilled
from NeuroOrbitLib.mrml import provenance
from NeuroOrbitLib.mrml.translation import translated
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
    """Keeps the data of patients in an attribute of their scans; :func:`data_given_otherwise` finds it by its module.

    :param module: name of the module, which is part of the attribute's name.
    :param known_of: function that returns the values about a scan's patient that are known without the user, by column.
    :param features: file that lists the columns.
    :param gate: gate whose questions are answered.
    """

    def __init__(self, module: str, known_of: Callable[[slicer.vtkMRMLScalarVolumeNode], dict[str, Prefilled]],
                 features: ColumnFile, gate: Gate) -> None:
        self._attribute, self._known_of = f"{provenance.PREFIX}.{module}.Patient", known_of
        self._features, self._gate = features, gate
        _STORES[module] = self

    def patient_of(self, scan: slicer.vtkMRMLScalarVolumeNode | None) -> PatientData:
        """Return the data of a scan's patient, from the user, DICOM and other results; empty data without a scan."""
        if scan is None:
            return PatientData()
        data, meant = self._stored(scan)
        other = _of_other_meaning(data, meant, self._features.columns())
        clinical = {name: value for name, value in data.clinical.items() if name not in other}
        return replace(data, clinical=clinical).with_known(self._known_of(scan))

    def remember(self, scan: slicer.vtkMRMLScalarVolumeNode, data: PatientData,
                 columns: Sequence[Column] | None = None) -> None:
        """Keep the data with the scan.

        Values of columns that mean something else, which were entered for another model, are kept beside them.

        :param columns: columns whose values the data are; the module's columns by default.
        """
        before, meant = self._stored(scan)
        now = self._features.columns() if columns is None else columns
        other = {name: before.clinical[name] for name in _of_other_meaning(before, meant, now)
                 if name not in data.clinical and name not in data.left_out}
        meant = {**meant, **{column.name: column for column in now if column.name not in other}}
        kept = replace(data, clinical={**other, **data.clinical})
        told = [meant[name] for name in kept.clinical if name in meant]
        scan.SetAttribute(self._attribute, json.dumps(
            {**to_plain(asdict(kept)), COLUMNS: columns_as_data(told)}, sort_keys=True))

    def _stored(self, scan: slicer.vtkMRMLScalarVolumeNode) -> tuple[PatientData, dict[str, Column]]:
        """Return the data kept with a scan, and the columns that they are values of, by name.

        Data of earlier versions do not state their columns and are values of the shipped ones.
        """
        stored = json.loads(scan.GetAttribute(self._attribute) or "{}", object_hook=from_plain)
        told = stored.pop(COLUMNS, None)
        columns = self._features.shipped_columns() if told is None else columns_from_data(told)
        return PatientData(**stored), {column.name: column for column in columns}

    def differences(self, scan: slicer.vtkMRMLScalarVolumeNode, record: Mapping[str, object]) -> list[str]:
        """Return the titles, translated, of the data that an answer was given otherwise than they are now.

        :param scan: scan of the answer.
        :param record: record of the answer.
        """
        given = record["parameters"]
        clinical, gate = given["clinical"], given.get("gate") or {}
        with self._features.of(record):
            columns, data = self._features.columns(), self.patient_of(scan)
        titles = [column.title for column in columns if clinical.get(column.name) != data.clinical.get(column.name)]
        titles += [question.text for question in self._gate.questions
                   if bool(gate.get(question.key)) != bool(data.gate.get(question.key))]
        return [translated(title) for title in titles]


def _of_other_meaning(data: PatientData, meant: Mapping[str, Column], columns: Sequence[Column]) -> list[str]:
    """Return the names of values that are no values of the columns of this name.

    :param data: data of a patient.
    :param meant: columns that the values are of, by name.
    :param columns: columns in use.
    """
    return [column.name for column in columns
            if column.name in data.clinical and column.name in meant and not column.means_the_same(meant[column.name])]


#: Stores of the loaded modules, by the modules' names.
_STORES: dict[str, PatientStore] = {}


def data_given_otherwise(scan: slicer.vtkMRMLScalarVolumeNode | None, record: Mapping[str, object]) -> list[str]:
    """Return the titles, translated, of a patient's data that an answer was given otherwise than they are now.

    The answer may be of any module, so that panels and reports judge it alike. Nothing is returned for an answer that
    took no data of the patient, or whose module is not loaded.

    :param scan: scan of the answer; None if it has left the scene.
    :param record: record of the answer.
    """
    store = _STORES.get(str(record.get("module")))
    if store is None or scan is None or "clinical" not in record.get("parameters", {}):
        return []
    return store.differences(scan, record)
