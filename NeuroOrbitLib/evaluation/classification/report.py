"""Writing a classifier's evaluation: JSON, predictions, figures and one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.evaluation.classification import figures
from NeuroOrbitLib.evaluation.classification.evaluation import (
    TITLES,
    EvaluationSettings,
    evaluate_classifier,
    remarks,
)
from NeuroOrbitLib.evaluation.classification.predictions import Predictions, write_predictions
from NeuroOrbitLib.evaluation.classification.stability import stability_rows, stability_text
from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.evaluation.segmentation.tables import finite
from NeuroOrbitLib.files.safe import write_bytes, write_json
from NeuroOrbitLib.number_text import fixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LossCurves = Mapping[str, tuple[Sequence[float], Sequence[float]]]


def write_classifier_report(folder: Path, title: str, repeats: Sequence[Predictions],
                            settings: EvaluationSettings | None = None,
                            baselines: Mapping[str, Predictions] | None = None,
                            losses: LossCurves | None = None, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Evaluate a classifier and write ``evaluation.json``, ``predictions.csv``, figures and ``report.html``.

    :param folder: folder to write to; it is created.
    :param title: title of the report.
    :param repeats: out-of-fold predictions of the same cases, one entry per repeat.
    :param settings: settings of the evaluation; the default ones if None.
    :param baselines: simpler predictors of the same cases in the same order, by name.
    :param losses: (steps, losses) of each training, by its name.
    :param facts: further facts (ceiling, cohort, "synthetic"...), kept in the JSON and listed in the report; if
        ``synthetic`` is true, the top of the page says so.
    :return: content of ``evaluation.json``.
    :raises Problem: if one of the classes has no case, or a file cannot be written.
    """
    settings = settings or EvaluationSettings()
    results = evaluate_classifier(repeats, settings, baselines)
    data = finite({"title": title, **(facts or {}), **results})
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(repeats, folder / "predictions.csv")
    write_json(folder / "evaluation.json", data)
    drawn = _figures(repeats, settings, baselines, losses)
    for name, (figure, _) in drawn.items():
        write_bytes(folder / f"{name}.png", figures.as_png(figure))
    _page(title, results, facts or {}, drawn).write(folder / "report.html")
    return data


def _figures(repeats: Sequence[Predictions], settings: EvaluationSettings, baselines: Mapping[str, Predictions] | None,
             losses: LossCurves | None) -> dict[str, tuple[Figure, str]]:
    average = repeats[0].with_probabilities(np.mean([repeat.probabilities for repeat in repeats], axis=0))
    drawn = {
        "roc": (figures.roc_figure(repeats, baselines), "Receiver operating characteristic, one line per repeat"),
        "reliability": (figures.reliability_figure(average, settings.bins), "Reliability of the mean probability"),
        "decision_curve": (figures.decision_curve_figure(average), "Decision curve of the mean probability"),
    }
    if losses:
        drawn["loss"] = (figures.loss_figure(losses), "Training loss")
    return drawn


def _page(title: str, results: Mapping[str, Any], facts: Mapping[str, Any],
          drawn: Mapping[str, tuple[Figure, str]]) -> Page:
    page = Page(title, "All numbers on this page come from synthetic images." if facts.get("synthetic") else "")
    page.paragraph(f"{results['cases']} cases of {results['patients']} patients, {results['positives']} positive; "
                   f"{len(results['repeats'])} repeats; a case is called positive from a probability of "
                   f"{results['threshold']:.2f} on.")
    for text in remarks({**facts, **results}):
        page.paragraph(text)
    rows = [[heading, *_cells(results["measures"][name])] for name, heading in TITLES.items()]
    rows += [[f"AUC of {name}", _number(found["auc"]["value"]), "", _span(found["auc"])]
             for name, found in results["baselines"].items()]
    page.table(["Measure", "Mean", "SD over repeats", "95 % interval"], rows,
               "Intervals by bootstrap over patients; of simpler measures by DeLong.")
    page.table(["Of the mean probability", ""], _details(results, facts))
    if facts.get("selection"):
        page.heading("Stability of the selection")
        page.paragraph(stability_text(facts["selection"]))
        page.table(["Chosen or selected", "Share of the trainings"], stability_rows(facts["selection"]))
    for figure, caption in drawn.values():
        page.picture(figures.as_data_url(figure), caption)
    return page


def _details(results: Mapping[str, Any], facts: Mapping[str, Any]) -> list[list[str]]:
    mean = results["mean_prediction"]
    rows = [
        ["AUC with DeLong interval", f"{_number(mean['auc']['value'])} ({_span(mean['auc'])})"],
        ["p value against permuted labels", _number(mean["permutation_p"])],
        ["Expected calibration error", _number(mean["expected_calibration_error"])],
        ["Calibration slope and intercept",
         f"{_number(mean['calibration_slope'])}, {_number(mean['calibration_intercept'])}"],
    ]
    rows += [[f"Difference to {name}", f"{_number(found['difference']['value'])} ({_span(found['difference'])}), "
              f"p = {_number(found['p_value'])}"] for name, found in results["baselines"].items()]
    return rows + [[name.replace("_", " ").capitalize(), _number(value)] for name, value in facts.items()
                   if isinstance(value, str | int | float)]


def _cells(found: Mapping[str, float]) -> list[str]:
    return [_number(found["mean"]), _number(found["sd"]), _span(found)]


def _span(found: Mapping[str, float]) -> str:
    return f"{_number(found['low'])} to {_number(found['high'])}"


def _number(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, float):
        return str(value)
    return fixed(value, 3) if np.isfinite(value) else "-"
