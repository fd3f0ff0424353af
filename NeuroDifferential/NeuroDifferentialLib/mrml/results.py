"""An answer in the scene: the table of lesions represents it; its record contains estimate and criteria."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import slicer
from slicer.i18n import tr as _

from NeuroDifferentialLib.differential.words import BRAIN_ONLY, decision_text
from NeuroDifferentialLib.mrml.effects import EFFECTS_REFERENCE, add_effects
from NeuroDifferentialLib.places.regions import REGION_WORDS, Region
from NeuroDifferentialLib.report import lesions_text, places_text
from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.classifiers.wording import limit_lines, percent
from NeuroOrbitLib.mrml import classifier_results, provenance, tables, views
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, ResultWords
from NeuroOrbitLib.mrml.patient_results import summarise
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.run_records import place_now
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import image_on_grid
from NeuroOrbitLib.problem import Problem

#: Attribute with the ticks that the user has changed, as JSON: name of set and box, and the tick.
EDITED_ATTRIBUTE = f"{provenance.PREFIX}.Criteria"


def lesion_columns() -> list[tables.Column]:
    """Return the columns of the table of lesions."""
    return [
        tables.Column("lesion", _("Lesion"), "", _("Its number; confluent lesions are split."), 0),
        tables.Column("region", _("Place")),
        tables.Column("volume_mm3", _("Volume"), "mm³", "", 0),
        tables.Column("diameter_mm", _("Diameter"), "mm", _("Largest diameter."), 1),
        tables.Column("elongation", _("Elongation"), "", _("Longest over shortest principal axis."), 1),
        tables.Column("ventricle_angle_deg", _("Angle"), "°", _(
            "Between the long axis and the surface of the nearest lateral ventricle; 90 is perpendicular."), 0),
        tables.Column("to_lateral_ventricle_mm", _("To ventricle"), "mm", "", 1),
        tables.Column("to_cortex_mm", _("To cortex"), "mm", "", 1),
    ]


def effect_columns() -> list[tables.Column]:
    """Return the columns of the table of the lesions' effects on the probability of NMOSD."""
    return [
        tables.Column("lesion", _("Lesion"), "", "", 0), tables.Column("region", _("Place")),
        tables.Column("points", _("Change"), _("points"), _(
            "Probability of NMOSD with the lesion minus that without it, in percentage points: above 0 it speaks for "
            "NMOSD, below 0 for MS."), 1, signed=True),
        tables.Column("beyond", _("Beyond its volume"), _("points"), _(
            "The change minus the mean change when the same volume of other lesions is left out."), 1, signed=True),
    ]


def insert_answer(run: VolumeRun, answer: Mapping[str, object], module: str,
                  lesions: slicer.vtkMRMLSegmentationNode) -> ClassifierResult:
    """Add the worker's answer to the scene, in a new folder beside the scan, and return it.

    :param run: run of the estimate.
    :param answer: answer of the worker.
    :param module: name of the module, for the record.
    :param lesions: lesions that the answer is about.
    """
    from NeuroOrbitLib.imaging.files import load_image

    name = _("{name} - NMOSD or MS").format(name=run.snapshot.node.GetName())
    words = ResultWords(name, _("{name}, lesions").format(name=name), lesion_columns(), _in_words(answer["lesions"]),
                        ("seen_file",))
    seen = load_image(str(answer["seen_file"]))
    result = classifier_results.insert_result(run, answer, module, words, seen, lesions)
    return summarise(result, _("NMOSD or MS, from the lesions of the brain"), answer_of(result))


def insert_effects(run: VolumeRun, answer: Mapping[str, object], module: str,
                   result: ClassifierResult) -> ClassifierResult:
    """Add the effects of lesions to the scene, beside the result that they explain, and return the result.

    The effects are a table, a segmentation of coloured lesions, and the heat map of a network.

    :param run: run of the explanation.
    :param answer: answer of the worker.
    :param module: name of the module, for the record.
    :param result: result that is explained.
    :raises Problem: if another version of the model gave the result, or the lesions are not on the scan that was sent.
    """
    from NeuroOrbitLib.imaging.files import load_image

    rows = [{**row, "points": 100 * row["change"], "beyond": 100 * row["beyond_volume"]}
            for row in _in_words(answer["effects"])]
    scan = run.snapshot.node.GetName()
    lesions = add_effects(image_on_grid(str(answer["numbers_file"]), run.snapshot.grid), answer["effects"],
                          run.snapshot.node, _("{name} - lesions by effect").format(name=scan))
    heat = load_image(str(answer["heat_file"])) if answer["heat_file"] else None
    told = {key: value for key, value in answer.items() if key != "numbers_file"}
    classifier_results.insert_explanation(run, told, module, result, heat, effect_columns(), rows, [lesions],
                                          _("{name} - effect of each lesion").format(name=scan))
    result.table.SetNodeReferenceID(EFFECTS_REFERENCE, lesions.GetID())
    return result


def show_lesion(result: ClassifierResult, row: int) -> None:
    """Show the lesion of a table row (from 0) in all views."""
    _jump_to(result, row, [(lesion["r_mm"], lesion["a_mm"], lesion["s_mm"]) for lesion in result.record["lesions"]])


def show_effect(result: ClassifierResult, row: int) -> None:
    """Show the lesion of a row (from 0) of the explanation in all views."""
    _jump_to(result, row, [effect["center"] for effect in (result.explanation or {}).get("effects", [])])


def _jump_to(result: ClassifierResult, row: int, places: list[tuple[float, float, float]]) -> None:
    if result.scan is not None and row < len(places):
        views.cut_through(place_now(result.record, result.scan, places[row]))


def answer_of(result: ClassifierResult) -> Answer | None:
    """Return a result in the form of the panel's card; None if there are no lesions and no estimate."""
    record = result.record
    probability = record["probability_of_nmosd"]
    if probability is None:
        return None
    headline = _("{decision}: probability of NMOSD {percent}").format(
        decision=translated(decision_text(record)), percent=percent(probability))
    places = places_text(record)
    lines = [(_("Lesions"), lesions_text(record)), *([(_("Places"), places)] if places else []),
             (_("Limits"), BRAIN_ONLY),
             *limit_lines(_with_novelty_text(record), decision_text(record))]
    return Answer.of(record, headline, record["decision"] == "NMOSD", float(probability), lines)


def _in_words(rows: Sequence[Mapping[str, object]]) -> list[dict[str, object]]:
    """Return rows of lesions with the displayed name of the region."""
    return [{**row, "region": REGION_WORDS[Region(row["region"])]} for row in rows]


def _with_novelty_text(record: Mapping[str, object]) -> dict[str, object]:
    novelty = record.get("novelty")
    text = "" if not novelty else (_("unlike the lesions that the model has learned from") if novelty["unusual"]
                                   else _("like the lesions that the model has learned from"))
    return {**record, "novelty": {**novelty, "text": text} if novelty else None}


def edited_ticks(result: ClassifierResult) -> dict[str, bool]:
    """Return the ticks that the user has changed, by ``"set: box"``."""
    return json.loads(result.table.GetAttribute(EDITED_ATTRIBUTE) or "{}")


def edit_tick(result: ClassifierResult, key: str, ticked: bool) -> None:
    """Store with the result that the user has ticked or unticked a criterion.

    :param result: result of the criterion.
    :param key: criterion as ``"set: box"``.
    :param ticked: new state of the tick.
    """
    result.table.SetAttribute(EDITED_ATTRIBUTE, json.dumps({**edited_ticks(result), key: ticked}, sort_keys=True))


def lost_ticks(before: ClassifierResult | None, after: ClassifierResult) -> str:
    """Return a notice on criteria that the user had changed in the last result and that the new one shows otherwise.

    :param before: result that was shown until now.
    :param after: new result.
    :return: the notice, "" if nothing is lost.
    """
    if before is None or before.table is after.table or before.scan is not after.scan:
        return ""
    edited = edited_ticks(before)
    names = [f"{translated(str(each['name']))}: {translated(str(box['name']))}"
             for each in after.record.get("criteria", []) for box in each["boxes"]
             if edited.get(f"{each['name']}: {box['name']}", bool(box["fulfilled"])) != bool(box["fulfilled"])]
    return "" if not names else _(
        "The criteria were computed anew from the lesions, without what you had changed in the result before: {names}. "
        "Change it again where it still holds.").format(names="; ".join(names))


def require_lesions(result: ClassifierResult) -> None:
    """Refuse a result that cannot be explained.

    :raises Problem: when the result has no lesions, or scan or lesions are no longer in the scene.
    """
    problem = result.problem()
    if problem:
        raise Problem(problem)
    if not result.record["lesion_count"]:
        raise Problem(_("There are no lesions in this result: nothing speaks for NMOSD or MS."))
