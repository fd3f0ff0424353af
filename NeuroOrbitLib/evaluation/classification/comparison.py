"""Comparison of several models on the same cases: measures side by side, DeLong's test of every pair, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from NeuroOrbitLib.evaluation.classification import figures
from NeuroOrbitLib.evaluation.classification.calibration import brier_score, calibration_line, reliability
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.roc import (
    area_under_curve,
    bootstrap_interval,
    delong_interval,
    delong_test,
)
from NeuroOrbitLib.evaluation.classification.thresholds import decide
from NeuroOrbitLib.evaluation.reports.page import Page
from NeuroOrbitLib.evaluation.segmentation.tables import finite
from NeuroOrbitLib.files.safe import write_bytes, write_json, write_rows
from NeuroOrbitLib.number_text import fixed
from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Headings of the measures in the table and the radar chart, by name.
HEADINGS = {"auc": "AUC", "accuracy": "ACC", "sensitivity": "SEN", "specificity": "SPE", "precision": "PPV",
            "npv": "NPV"}
_RESAMPLES = 1000
_CURVES = {"slope": "Slope", "intercept": "Intercept", "brier": "Brier", "expected_calibration_error": "ECE"}


def aligned_models(models: Mapping[str, Predictions]) -> dict[str, Predictions]:
    """Return the predictions of every model in the order of the first one's cases.

    :param models: predictions of each model, by its name.
    :raises Problem: if there are no models, or their cases or the labels of their cases differ.
    """
    names = list(models)
    if not names:
        raise Problem("There is nothing to compare. Give the predictions of two models.")
    first = models[names[0]]
    found = {}
    for name, own in models.items():
        places = {case: place for place, case in enumerate(own.cases)}
        if set(places) != set(first.cases) or len(places) != len(first.cases):
            raise Problem(f"{name} was asked about other cases than {names[0]}. Compare models on the same cases.")
        order = [places[case] for case in first.cases]
        if not np.array_equal(own.labels[order], first.labels):
            raise Problem(f"{name} and {names[0]} do not agree which cases are positive. Check their tables.")
        found[name] = first.with_probabilities(own.probabilities[order])
    return found


def compare_models(models: Mapping[str, Predictions], thresholds: Mapping[str, float] | float = 0.5) -> dict[str, Any]:
    """Return the measures of models and their comparison as plain data.

    :param models: predictions of the same cases by each model, by its name.
    :param thresholds: smallest probability at which a case is called positive, for all models or by model; it must be
        chosen on training cases.
    :return: ``cases`` and ``positives`` (numbers of cases); ``models`` with the measures of each, including the
        intervals ``auc_delong`` and ``auc_bootstrap``; ``tests`` with DeLong's test of every pair.
    :raises Problem: if the cases of the models differ.
    """
    known = aligned_models(models)
    each = {name: thresholds if isinstance(thresholds, float) else thresholds[name] for name in known}
    tests = [{"first": first, "second": second, **_test(known[first], known[second])}
             for first, second in combinations(known, 2)]
    cases = next(iter(known.values()))
    return finite({"cases": len(cases), "positives": int(cases.labels.sum()),
                   "models": {name: _measured(own, each[name]) for name, own in known.items()}, "tests": tests})


def write_comparison(folder: Path, title: str, models: Mapping[str, Predictions],
                     thresholds: Mapping[str, float] | float = 0.5, notice: str = "") -> dict[str, Any]:
    """Compare models and write ``comparison.json``, ``models.csv``, ``tests.csv``, figures (PNG, SVG) and an HTML page.

    :param folder: folder to write to; it is created.
    :param title: title of the page.
    :param models: predictions of the same cases by each model, by its name.
    :param thresholds: thresholds as for :func:`compare_models`.
    :param notice: notice at the top of the page, e.g. that all cases are synthetic.
    :return: content of ``comparison.json``.
    :raises Problem: if the cases of the models differ, or a file cannot be written.
    """
    known, data = aligned_models(models), {"title": title, **compare_models(models, thresholds)}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "comparison.json", data)
    write_rows(folder / "models.csv", ["Model", *table_header()], model_rows(data))
    write_rows(folder / "tests.csv", ["First", "Second", "Difference of AUC", "95 % interval", "p"], test_rows(data))
    drawn = comparison_figures(known, data)
    for name, (figure, _) in drawn.items():
        write_bytes(folder / f"{name}.png", figures.as_png(figure))
        write_bytes(folder / f"{name}.svg", figures.as_svg(figure))
    page = Page(title, notice)
    page.table(["Model", *table_header()], model_rows(data), f"{data['cases']} cases, {data['positives']} positive; "
               "AUC with DeLong's interval, the other measures at the threshold of each model.")
    page.table(["First", "Second", "Difference of AUC", "95 % interval", "p"], test_rows(data), "DeLong's test")
    for figure, caption in drawn.values():
        page.picture(figures.as_data_url(figure), caption)
    page.write(folder / "comparison.html")
    return data


def comparison_figures(models: Mapping[str, Predictions], data: Mapping[str, Any]) -> dict[str, tuple[Figure, str]]:
    """Return the figures of a comparison by name, each with its caption."""
    measured = {name: {HEADINGS[key]: own[key] for key in HEADINGS} for name, own in data["models"].items()}
    return {
        "roc": (figures.roc_of_models(models), "Receiver operating characteristic"),
        "decision_curve": (figures.decision_curves(models), "Decision curves: acting on a model, on all, on none"),
        "calibration": (figures.calibration_of_models(models), "Observed against predicted share of positive cases"),
        "radar": (figures.radar_figure(measured), "All measures"),
    }


def table_header() -> list[str]:
    """Return the headings of :func:`model_rows` after the model's name."""
    return ["AUC (95 % interval)", *list(HEADINGS.values())[1:], *_CURVES.values()]


def model_rows(data: Mapping[str, Any]) -> list[list[str]]:
    """Return a table row of texts for each model."""
    return [[name, f"{_text(own['auc'])} ({_text(own['auc_delong']['low'])} to {_text(own['auc_delong']['high'])})",
             *(_text(own[key]) for key in list(HEADINGS)[1:]), *(_text(own[key]) for key in _CURVES)]
            for name, own in data["models"].items()]


def test_rows(data: Mapping[str, Any]) -> list[list[str]]:
    """Return a table row of texts for each pair of models."""
    return [[test["first"], test["second"], _text(test["difference"]["value"]),
             f"{_text(test['difference']['low'])} to {_text(test['difference']['high'])}", _text(test["p_value"])]
            for test in data["tests"]]


def _measured(own: Predictions, threshold: float) -> dict[str, Any]:
    labels, values = own.labels, own.probabilities
    slope, intercept = calibration_line(labels, values)
    drawn = bootstrap_interval(lambda places: area_under_curve(labels[places], values[places]), own.patients,
                               _RESAMPLES)
    return {
        "auc": area_under_curve(labels, values), "auc_delong": asdict(delong_interval(labels, values, own.patients)),
        "auc_bootstrap": asdict(drawn), "threshold": float(threshold),
        **decide(labels, values, threshold).measures(), "brier": brier_score(labels, values),
        "expected_calibration_error": reliability(labels, values).expected_error, "slope": slope,
        "intercept": intercept,
    }  # fmt: skip


def _test(first: Predictions, second: Predictions) -> dict[str, Any]:
    found = delong_test(first.labels, first.probabilities, second.probabilities, first.patients)
    return {"difference": asdict(found.difference), "p_value": found.p_value}


def _text(value: float | None) -> str:
    return "-" if value is None or not np.isfinite(value) else fixed(value, 3)
