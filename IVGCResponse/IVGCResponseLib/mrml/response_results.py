"""Answers and explanations as nodes."""

from __future__ import annotations

from collections.abc import Mapping

import slicer
from slicer.i18n import tr as _

from IVGCResponseLib import wording
from IVGCResponseLib.clinical import FEATURES
from IVGCResponseLib.number_words import words_of
from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.mrml import classifier_results
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, ResultWords
from NeuroOrbitLib.mrml.number_tables import number_columns, number_rows
from NeuroOrbitLib.mrml.patient_results import summarise
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.structure_tables import fall_columns, fall_rows
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.mrml.volumes import image_on_grid


def insert_response(run: VolumeRun, answer: Mapping[str, object], module: str,
                    muscles: slicer.vtkMRMLSegmentationNode) -> ClassifierResult:
    """Insert the worker's answer into the scene, in its own folder beside the scan."""
    name = _("{name} - response").format(name=run.snapshot.node.GetName())
    with FEATURES.of(answer):
        rows = number_rows(answer, words_of)
    words = ResultWords(name, _("{name}, numbers").format(name=name), number_columns(), rows, ("volume_file",))
    seen = image_on_grid(str(answer["volume_file"]), Grid.from_data(answer["grid"]))
    result = classifier_results.insert_result(run, answer, module, words, seen, muscles)
    return summarise(result, _("Response to intravenous glucocorticoids"), answer_of(result))


def insert_explanation(run: VolumeRun, answer: Mapping[str, object], module: str,
                       result: ClassifierResult) -> ClassifierResult:
    """Insert an explanation into the scene, beside the result that it explains; earlier ones are kept.

    :raises Problem: if it was made by another version of the model than the result.
    """
    heat = image_on_grid(str(answer["heat_file"]), Grid.from_data(answer["grid"])) if answer["heat_file"] else None
    columns = fall_columns(_("Muscle"), _(
        "How much the probability falls, in percentage points, when the muscle of both sides gets the mean signal that "
        "it has in the training, its radiomics and signal ratios measured anew."))
    return classifier_results.insert_explanation(run, answer, module, result, heat, columns,
                                                 fall_rows(answer["falls"], answer["by_muscle"]))


def answer_of(result: ClassifierResult) -> Answer:
    """Return a result in the form that the panel's card shows."""
    record = result.record
    probability = float(record["probability_of_response"])
    headline = _("{decision}: probability of response {percent}").format(
        decision=translated(wording.decision_text(record)), percent=wording.percent(probability))
    return Answer.of(record, headline, record["decision"] == "responder", probability, wording.limit_lines(record))
