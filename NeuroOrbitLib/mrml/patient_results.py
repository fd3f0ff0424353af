"""What the classifiers have answered for one patient, as a report of that patient quotes it."""

from __future__ import annotations

import json

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.mrml.classifier_results import RESULT_ATTRIBUTE, ClassifierResult
from NeuroOrbitLib.mrml.provenance import PREFIX, record_of
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.visits import date_of, tables_of_patient
from NeuroOrbitLib.sentences import from_plain, joined, to_plain

#: Title and sentences of an answer as JSON, on the table that stands for it.
SUMMARY_ATTRIBUTE = f"{PREFIX}.Summary"


def summarise(result: ClassifierResult, title: str, answer: Answer | None) -> ClassifierResult:
    """Keep with a result what a report of the patient says of it; return the result.

    :param title: what was asked, e.g. "Activity of thyroid eye disease". :param answer: ``None`` where there is none.
    """
    if answer is not None:
        lines = [answer.headline, *(joined(line, ": ") for line in answer.lines)]
        told = [title, joined(_ended(line) for line in lines)]
        result.table.SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(to_plain(told)))
    return result


def _ended(text: str) -> str:
    return text if text.endswith(".") else joined([text, ""], ".")


def latest_value(scan: slicer.vtkMRMLScalarVolumeNode | None, module: str, key: str) -> float | None:
    """Return a number of a module's newest answer about a scan's patient, None without one.

    :param module: its name. :param key: of the number in the records of its results.
    """
    for table in tables_of_patient(scan):
        record = record_of(table) or {}
        if record.get("module") == module and record.get(key) is not None:
            return float(record[key])
    return None


def results_of_patient(scan: slicer.vtkMRMLScalarVolumeNode) -> list[tuple[str, str]]:
    """Return (title, sentences), as the user reads them, of the newest answer of each module on each scan of a patient.

    Only scans count that are known to be of the same patient: this scan, and those with the same patient's identifier
    in DICOM. A result that was saved before summaries were kept is left out.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    summarised = [table for table in tables_of_patient(scan) if table.GetAttribute(SUMMARY_ATTRIBUTE)]
    for table in reversed(summarised):
        title, text = map(translated, json.loads(table.GetAttribute(SUMMARY_ATTRIBUTE), object_hook=from_plain))
        other = scan_of(table)
        day = date_of(other) if other is not scan else None
        words = _("{title}, scan of {date}").format(title=title, date=day.isoformat()) if day else title
        found[table.GetAttribute(RESULT_ATTRIBUTE), other.GetID()] = (words, text)
    return list(found.values())


def heat_maps_of(scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, slicer.vtkMRMLScalarVolumeNode]:
    """Return the heat maps of a scan by what they show, that of the newest explained answer of each module."""
    found: dict[str, tuple[str, slicer.vtkMRMLScalarVolumeNode]] = {}
    summarised = [table for table in tables_of_patient(scan) if table.GetAttribute(SUMMARY_ATTRIBUTE)]
    for table in reversed(summarised):
        heat = ClassifierResult(table).heat
        if scan_of(table) is scan and heat is not None:
            title = json.loads(table.GetAttribute(SUMMARY_ATTRIBUTE), object_hook=from_plain)[0]
            found[table.GetAttribute(RESULT_ATTRIBUTE)] = (_("{title}, heat map").format(title=translated(title)), heat)
    return dict(found.values())
