"""Answers and explanations as nodes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer
from slicer.i18n import tr as _

from IVGCResponseLib import wording
from IVGCResponseLib.number_words import words_of
from NeuroOrbitLib.anatomy import label_name
from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.mrml import classifier_results, tables
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, ResultWords, short_name
from NeuroOrbitLib.mrml.patient_results import summarise
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import image_on_grid


def number_columns() -> list[tables.Column]:
    """The columns of the table of numbers that the model takes; values are text, since some are words."""
    return [
        tables.Column("number", _("Number")), tables.Column("value", _("Value"), "", _("Of this patient.")),
        tables.Column("low", _("5th percentile"), "", _("One in twenty patients of the training lies below.")),
        tables.Column("high", _("95th percentile"), "", _("One in twenty patients of the training lies above.")),
        tables.Column("percentile", _("Percentile"), "", _("Share of the training's patients with a lower value."), 0),
        tables.Column(tables.REMARK, _("Remark")), tables.Column(tables.HELP, _("Explanation")),
    ]


def number_rows(answer: Mapping[str, object]) -> list[dict[str, object]]:
    """Return a row for each number that the model takes, with its place in the training, and the signal ratios."""
    placed = {str(place["name"]): place for place in answer["places"]}
    rows = []
    for name, value in answer["numbers"].items():
        place = placed.get(name, {})
        remark = _("not given") if name in answer["imputed"] else \
            _("outside of the training") if place.get("outside") else ""
        rows.append({**_row(name, value), "low": words_of(name).text(place.get("low")),
                     "high": words_of(name).text(place.get("high")), "percentile": place.get("percentile"),
                     tables.REMARK: remark})
    return rows + [_row(name, value) for name, value in answer["ratios"].items() if name not in answer["numbers"]]


def _row(name: str, value: float | None) -> dict[str, object]:
    words = words_of(name)
    return {"number": words.title, "value": words.text(value), tables.HELP: words.meaning}


def insert_response(run: VolumeRun, answer: Mapping[str, object], module: str,
                    muscles: slicer.vtkMRMLSegmentationNode) -> ClassifierResult:
    """Bring the worker's answer into the scene, in a folder of its own beside the scan."""
    name = _("{name} - response").format(name=run.snapshot.node.GetName())
    words = ResultWords(name, _("{name}, numbers").format(name=name), number_columns(), number_rows(answer),
                        ("volume_file",))
    seen = image_on_grid(str(answer["volume_file"]), _grid(answer["grid"]))
    result = classifier_results.insert_result(run, answer, module, words, seen, muscles)
    return summarise(result, _("Response to intravenous glucocorticoids"), answer_of(result))


def insert_explanation(run: VolumeRun, answer: Mapping[str, object], module: str,
                       result: ClassifierResult) -> ClassifierResult:
    """Bring an explanation into the scene, beside the result that it explains; earlier ones stay.

    :raises Problem: if another version of the model made it.
    """
    heat = image_on_grid(str(answer["heat_file"]), _grid(answer["grid"])) if answer["heat_file"] else None
    return classifier_results.insert_explanation(run, answer, module, result, heat, fall_columns(), fall_rows(answer))


def fall_columns() -> list[tables.Column]:
    """The columns of the table of muscles."""
    return [
        tables.Column("muscle", _("Muscle")),
        tables.Column("fall", _("Fall of the probability"), "%", _(
            "How much the probability falls when the muscle of both sides gets the mean signal that it has in the "
            "training, its radiomics measured anew."), 1),
        tables.Column("right", _("Heat, right"), "logit", _("Mean Grad-CAM heat in the right muscle."), 3, True),
        tables.Column("left", _("Heat, left"), "logit", _("Mean Grad-CAM heat in the left muscle."), 3, True),
    ]


def fall_rows(answer: Mapping[str, object]) -> list[dict[str, object]]:
    """Return a row for each rectus, the one whose replacement lowers the probability most first."""
    rows = []
    for key, fall in sorted(answer["falls"].items(), key=lambda item: -item[1]):
        right, left = (answer["by_muscle"].get(label_name(value)) for value in structure(key).values)
        rows.append({"muscle": short_name(key), "fall": 100 * fall, "right": right, "left": left})
    return rows


def answer_of(result: ClassifierResult) -> Answer:
    """Return a result as the panel's card shows it."""
    record = result.record
    interval, probability = record.get("interval"), float(record["probability_of_response"])
    headline = _("{decision}: probability of response {percent}").format(
        decision=translated(wording.decision_text(record)), percent=wording.percent(probability))
    return Answer(headline, record["decision"] == "responder", probability, tuple(interval) if interval else None,
                  float(record["threshold"]), wording.limit_lines(record))


def _grid(data: Mapping[str, object]) -> Grid:
    return Grid(tuple(data["shape"]), np.array(data["affine"]))
