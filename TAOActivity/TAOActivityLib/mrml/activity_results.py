"""An answer of the classifier as nodes: signal ratios, the network's input, heat map, record of the run."""

from __future__ import annotations

from collections.abc import Mapping

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib.anatomy import label_value
from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.imaging.image import Grid
from NeuroOrbitLib.mrml import classifier_results, tables
from NeuroOrbitLib.mrml.classifier_results import ClassifierResult, ResultWords, heat_columns, heat_rows, short_name
from NeuroOrbitLib.mrml.patient_results import summarise
from NeuroOrbitLib.mrml.run import VolumeRun
from NeuroOrbitLib.mrml.volumes import image_on_grid
from NeuroOrbitLib.number_text import reaches
from TAOActivityLib import wording


def ratio_columns(cut_offs: Mapping[str, float]) -> list[tables.Column]:
    """Return the columns of the table of signal ratios.

    :param cut_offs: published cut-off for active disease, by reference tissue.
    """
    titles = {"brain": _("Ratio to brain"), "temporalis": _("Ratio to temporal muscle")}
    columns = [tables.Column("muscle", _("Muscle")), tables.Column("side", _("Side"), "", _("The patient's side."))]
    for name, title in titles.items():
        columns.append(tables.Column(f"to_{name}", title, "", _(
            "Mean signal of the whole muscle, in all slices of the scan, over that of the reference tissue, after bias "
            "correction. Published cut-off of active disease: {cut_off}.").format(cut_off=cut_offs[name]), 2))
        columns.append(tables.Column(f"above_{name}", _("At least {cut_off}").format(cut_off=cut_offs[name]), "", _(
            "Whether the ratio reaches the published cut-off. A cut-off belongs to its scanner and protocol.")))
    columns.append(tables.Column("hottest_to_brain", _("Brightest spot to brain"), "", _(
        "The muscle's brightest spot of 10 mm² within one slice, over brain."), 2))
    return columns


def insert_activity(run: VolumeRun, answer: Mapping[str, object], module: str,
                    orbits: slicer.vtkMRMLSegmentationNode) -> ClassifierResult:
    """Insert the worker's answer into the scene, in its own folder beside the scan."""
    name = _("{name} - activity").format(name=run.snapshot.node.GetName())
    cut_offs = answer["cut_offs"]
    words = ResultWords(name, _("{name}, signal ratios").format(name=name), ratio_columns(cut_offs),
                        [_ratio_row(row, cut_offs) for row in answer["ratios"]], ("crop_file",))
    seen = image_on_grid(str(answer["crop_file"]), Grid.from_data(answer["crop"]))
    result = classifier_results.insert_result(run, answer, module, words, seen, orbits)
    return summarise(result, _("Activity of thyroid eye disease"), answer_of(result))


def insert_explanation(run: VolumeRun, answer: Mapping[str, object], module: str,
                       result: ClassifierResult) -> ClassifierResult:
    """Insert a heat map into the scene, beside the result that it explains; earlier ones are kept.

    :raises Problem: if it was made by another version of the model than the result.
    """
    explained = {
        "probability": _("Mean fall of the network's probability (of the middle of the crop, before calibration) when "
                         "the surroundings of a voxel of the muscle are covered."),
        "logit": _("Mean class activation (Grad-CAM) in the muscle, in units of the logit."),
    }
    unit = str(answer["unit"])
    heat = image_on_grid(str(answer["heat_file"]), Grid.from_data(run.arguments["crop"]))
    return classifier_results.insert_explanation(
        run, answer, module, result, heat, heat_columns(_("Muscle"), unit, explained[unit]),
        heat_rows(answer["by_muscle"], float(answer["largest"])))


def show_muscle(result: ClassifierResult, row: int) -> None:
    """Centre all views on the muscle in a row of the signal ratios."""
    ratios = result.record["ratios"]
    if row < len(ratios):
        classifier_results.show_structure(result, label_value(ratios[row]["muscle"], ratios[row]["side"]))


def answer_of(result: ClassifierResult) -> Answer:
    """Return a result in the form that the panel's card shows."""
    record = result.record
    headline = _("{decision}: probability of active disease {percent}").format(
        decision=wording.decision_text(record), percent=wording.percent(record["probability"]))
    return Answer.of(record, headline, record["decision"] == "active", float(record["probability"]),
                     wording.limit_lines(record))


def _ratio_row(row: Mapping[str, object], cut_offs: Mapping[str, float]) -> dict[str, object]:
    above = {f"above_{name}": _yes_or_no(row.get(f"to_{name}"), cut_off) for name, cut_off in cut_offs.items()}
    return {**row, **above, "muscle": short_name(str(row["muscle"]))}


def _yes_or_no(ratio: float | None, cut_off: float) -> str:
    if ratio is None:
        return "–"
    return _("yes") if reaches(ratio, cut_off) else _("no")
