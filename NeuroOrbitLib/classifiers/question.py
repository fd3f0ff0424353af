"""The question about a patient, without the scan, in one object for panel, command line, batches and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from NeuroOrbitLib.classifiers.recalibration import Recalibration


@dataclass(frozen=True)
class Question:
    """A question about a patient.

    :param clinical: value of each of the task's columns that is known, by name; all may be missing.
    :param tags: DICOM fields, see :func:`NeuroOrbitLib.dicom.fields.scan_fields`.
    :param gate: answers to the questions of the task's :class:`~NeuroOrbitLib.classifiers.gate.Gate`, by key.
    :param anyway: whether an estimate is wanted for a patient for whom the models were not made.
    :param recalibration: fit of the model to one's own patients.
    :param device: device that computes, "cpu" or "cuda".
    :param engine: engine of the radiomics features: "auto", "pyradiomics" or "own".
    """

    clinical: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    gate: Mapping[str, bool] | None = None
    anyway: bool = False
    recalibration: Recalibration | None = None
    device: str = "cpu"
    engine: str = "auto"


NOTHING_KNOWN = Question()
