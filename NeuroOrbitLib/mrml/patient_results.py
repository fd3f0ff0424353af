"""The classifiers' answers about one patient, as a report of that patient quotes them."""

from __future__ import annotations

import json

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.mrml.classifier_results import RESULT_ATTRIBUTE, ClassifierResult
from NeuroOrbitLib.mrml.explanation_run import ChangesOf, no_changes, was_edited
from NeuroOrbitLib.mrml.patient_data import data_given_otherwise
from NeuroOrbitLib.mrml.provenance import PREFIX
from NeuroOrbitLib.mrml.run_records import bring_along
from NeuroOrbitLib.mrml.scans import scan_of
from NeuroOrbitLib.mrml.segment_masks import label_image, union_of_segments
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.visits import date_of, tables_of_patient
from NeuroOrbitLib.sentences import from_plain, joined, to_plain

#: Attribute of a result's table with the title and the sentences of its answer, as JSON.
SUMMARY_ATTRIBUTE = f"{PREFIX}.Summary"
#: Functions that draw up the segmentation that an answer rests on for the worker, by their names in records.
_DRAWN_UP = {"labels": label_image, "lesions": union_of_segments}
#: What else a module knows to have changed since its answers, by the module's name.
_CHANGES_OF: dict[str, ChangesOf] = {}


def tell_changes(module: str, changes_of: ChangesOf) -> None:
    """Let reports that quote a module's answers say what else has changed since, as its own panel does.

    :param module: name of the module.
    :param changes_of: function that returns sentences, none if nothing has changed.
    """
    _CHANGES_OF[module] = changes_of


def summarise(result: ClassifierResult, title: str, answer: Answer | None) -> ClassifierResult:
    """Keep the summary for the patient's report with a result, and return the result.

    :param title: question that was answered, e.g. "Activity of thyroid eye disease".
    :param answer: the answer; ``None`` keeps no summary.
    """
    if answer is not None:
        lines = [answer.headline, *(joined(line, ": ") for line in answer.lines)]
        told = [title, joined(_ended(line) for line in lines)]
        result.table.SetAttribute(SUMMARY_ATTRIBUTE, json.dumps(to_plain(told)))
    return result


def _ended(text: str) -> str:
    return text if text.endswith(".") else joined([text, ""], ".")


def latest_answer(scan: slicer.vtkMRMLScalarVolumeNode | None, module: str, key: str) -> ClassifierResult | None:
    """Return a module's newest answer on a scan or else on another scan of the patient; None without one.

    Of other scans, one of the same day is preferred to those of other visits.

    :param scan: the scan.
    :param module: name of the module.
    :param key: key of a number that the record of the answer must hold.
    """
    day = date_of(scan) if scan is not None else None

    def is_far(result: ClassifierResult) -> tuple[bool, bool]:
        return result.scan is not scan, day is None or date_of(result.scan) != day

    answers = map(ClassifierResult, tables_of_patient(scan))
    known = [each for each in answers if each.record.get("module") == module and each.record.get(key) is not None]
    return min(known, key=is_far, default=None)


def results_of_patient(scan: slicer.vtkMRMLScalarVolumeNode) -> list[tuple[str, str]]:
    """Return (title, sentences), translated, of the newest answer of each module on each scan of a patient.

    Besides this scan, only scans with the same patient identifier in DICOM are used. Results that were saved before
    summaries were kept are left out. An answer says so if its scan, its segmentation, the patient's data or anything
    that its module tells (:func:`tell_changes`) were changed since, or the segmentation was removed.
    """
    newest = {(table.GetAttribute(RESULT_ATTRIBUTE), scan_of(table).GetID()): table
              for table in reversed(tables_of_patient(scan)) if table.GetAttribute(SUMMARY_ATTRIBUTE)}
    return [_quoted(table, scan) for table in newest.values()]


def _quoted(table: slicer.vtkMRMLTableNode, scan: slicer.vtkMRMLScalarVolumeNode) -> tuple[str, str]:
    """Return title and sentences of an answer, for a report of a scan."""
    title, answer = map(translated, json.loads(table.GetAttribute(SUMMARY_ATTRIBUTE), object_hook=from_plain))
    quoted, _named = _forms_of(ClassifierResult(table))
    other = scan_of(table)
    day = date_of(other) if other is not scan else None
    title = _("{title}, scan of {date}").format(title=title, date=day.isoformat()) if day else title
    return title, quoted.format(answer=answer)


def _forms_of(result: ClassifierResult) -> tuple[str, str]:
    """Return how an answer is quoted and how its heat map is named; both say so if it may no longer hold.

    A name begins with what is most important, since a DICOM field has 64 characters.
    """
    if is_outdated(result):
        return (_("The scan or its segmentation was changed after this answer was computed: {answer}"),
                _("Segmentation edited since: {title}, heat map"))
    if has_lost_segmentation(result):
        return (_("The segmentation that this answer rests on is no longer in the scene: {answer}"),
                _("Segmentation removed since: {title}, heat map"))
    if data_given_otherwise(result.scan, result.record):
        return (_("The patient's data were changed after this answer was computed: {answer}"),
                _("Patient's data changed since: {title}, heat map"))
    if _CHANGES_OF.get(result.table.GetAttribute(RESULT_ATTRIBUTE), no_changes)(result):
        return (_("Settings of its module, such as the crop, were changed after this answer was computed: {answer}"),
                _("Changed since: {title}, heat map"))
    return "{answer}", _("{title}, heat map")


def has_lost_segmentation(result: ClassifierResult) -> bool:
    """Return whether the segmentation that an answer is known to rest on has left the scene."""
    return result.segmentation is None and bool(_DRAWN_UP.keys() & (result.record.get("images_sha256") or {}).keys())


def is_outdated(result: ClassifierResult) -> bool:
    """Return whether scan or segmentation of an answer were changed since; False if one of them left the scene."""
    known = result.record.get("images_sha256") or {}
    return not result.problem() and was_edited(result, lambda each: {
        name: draw_up(each.segmentation, each.scan) for name, draw_up in _DRAWN_UP.items() if name in known})


def heat_maps_of(scan: slicer.vtkMRMLScalarVolumeNode) -> dict[str, slicer.vtkMRMLScalarVolumeNode]:
    """Return the heat maps of a scan's newest explained answer of each module, by title (translated).

    They are moved to the present position of the scan. A title begins by saying so if the module has given a newer
    answer, which is not explained, or if the answer may no longer hold.
    """
    newest: dict[str, ClassifierResult] = {}
    explained: dict[str, ClassifierResult] = {}
    for result in map(ClassifierResult, reversed(tables_of_patient(scan))):
        if result.table.GetAttribute(SUMMARY_ATTRIBUTE) and result.scan is scan:
            module = result.table.GetAttribute(RESULT_ATTRIBUTE)
            newest[module] = result
            if result.heat is not None:
                explained[module] = result
    found = {}
    for module, result in explained.items():
        bring_along(result.heat, scan)
        title = translated(json.loads(result.table.GetAttribute(SUMMARY_ATTRIBUTE), object_hook=from_plain)[0])
        form = _forms_of(result)[1] if result == newest[module] else _("Earlier answer: {title}, heat map")
        found[form.format(title=title)] = result.heat
    return found
