"""The evaluation of a two-class classifier over repeats, as plain data for JSON, tables and reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from NeuroOrbitLib.evaluation.classification.calibration import brier_score, calibration_line, reliability
from NeuroOrbitLib.evaluation.classification.permutation import permutation_p_value
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.roc import (
    area_under_curve,
    bootstrap_interval,
    delong_interval,
    delong_test,
)
from NeuroOrbitLib.evaluation.classification.thresholds import MEASURES, decide
from NeuroOrbitLib.evaluation.reports.text import aligned
from NeuroOrbitLib.evaluation.segmentation.scores import summarise
from NeuroOrbitLib.number_text import fixed

TITLES = {
    "auc": "AUC", "accuracy": "Accuracy", "precision": "Precision (PPV)", "npv": "Negative predictive value",
    "sensitivity": "Sensitivity", "specificity": "Specificity", "f1": "F1", "brier": "Brier score",
    "ece": "Calibration error",
}  # fmt: skip


#: Number of cases of a class below which all measures may be due to chance.
_FEWEST = 10
#: Measures that need a certain decision, with what is the case where they are undefined.
_UNDEFINED_IF = {"precision": "no case is called positive", "npv": "no case is called negative"}
#: Fact of a report: the reason why a simpler predictor could not be judged on the same cases, by its name.
NOT_COMPARED = "baselines_not_compared"


@dataclass(frozen=True)
class EvaluationSettings:
    """Settings of an evaluation.

    :param threshold: smallest probability at which a case is called positive; reports should state its origin.
    :param resamples: number of bootstrap resamples.
    :param permutations: number of permutations of the labels for the p value.
    :param bins: number of bins of the reliability diagram.
    :param seed: seed of bootstrap and permutations.
    """

    threshold: float = 0.5
    resamples: int = 1000
    permutations: int = 500
    bins: int = 5
    seed: int = 0


def evaluate_classifier(repeats: Sequence[Predictions], settings: EvaluationSettings | None = None,
                        baselines: Mapping[str, Predictions] | None = None) -> dict[str, Any]:
    """Return all measures of a classifier as plain data.

    :param repeats: out-of-fold predictions of the same cases, one entry per repeat.
    :param settings: settings of the evaluation; the default ones if None.
    :param baselines: simpler predictors of the same cases in the same order, by name, as probabilities or any score.
    :return: ``cases``, ``patients``, ``positives``, ``threshold``; ``measures`` with ``mean`` and ``sd`` over the
        repeats in which a measure is defined, and the bootstrap interval ``low``, ``high`` (resampling patients) of
        that mean; ``repeats`` (measures of each); ``mean_prediction`` with DeLong interval, permutation p value,
        reliability and calibration line of the probabilities averaged over repeats; ``baselines`` with their area and
        DeLong's comparison.
    :raises Problem: if one of the classes has no case.
    """
    settings = settings or EvaluationSettings()
    first = repeats[0]
    average = first.with_probabilities(np.mean([repeat.probabilities for repeat in repeats], axis=0))
    return {
        "cases": len(first), "patients": len(set(first.patients)), "positives": int(first.labels.sum()),
        "threshold": settings.threshold,
        "measures": {name: _measure(name, repeats, settings) for name in TITLES},
        "repeats": [{name: _value(name, repeat, None, settings) for name in TITLES} for repeat in repeats],
        "mean_prediction": _of_average(average, settings),
        "baselines": {name: _compared(average, other, settings) for name, other in (baselines or {}).items()},
    }  # fmt: skip


def measures_table(results: Mapping[str, Any], title: str = "Classifier") -> str:
    """Return mean, SD over repeats and interval of each measure as a text table, followed by remarks.

    :param results: results of :func:`evaluate_classifier`.
    :param title: heading of the first column.
    """
    rows = [[title, "Mean", "SD over repeats", "95 % interval"]]
    for name, heading in TITLES.items():
        found = results["measures"][name]
        rows.append([heading, _text(found["mean"]), _text(found["sd"]),
                     f"{_text(found['low'])} to {_text(found['high'])}"])
    for name, found in results["baselines"].items():
        rows.append([f"AUC, {name}", _text(found["auc"]["value"]), "-",
                     f"{_text(found['auc']['low'])} to {_text(found['auc']['high'])}"])
    return "\n".join([aligned(rows), *remarks(results)])


def remarks(results: Mapping[str, Any]) -> list[str]:
    """Return the remarks that must accompany the measures, in sentences.

    :param results: results of :func:`evaluate_classifier`, with the facts of a report if there are any.
    """
    return list(filter(None, [remark_on_synthetic_cases(results), remark_on_learned_cases(results),
                              remark_on_few_cases(results), *remarks_on_undefined_measures(results),
                              *(f"{name} is not compared: {reason}"
                                for name, reason in results.get(NOT_COMPARED, {}).items())]))


def remark_on_synthetic_cases(results: Mapping[str, Any]) -> str:
    """Return a warning where patients and synthetic cases are judged together, "" elsewhere."""
    drawn = results.get("synthetic_cases")
    return (f"{drawn} of these {results['cases']} cases are synthetic: the numbers are those of patients and drawings "
            "together, and say nothing of patients alone." if drawn else "")


def remark_on_learned_cases(results: Mapping[str, Any]) -> str:
    """Return a warning if a model is evaluated on cases that it was trained on; "" otherwise."""
    learned = results.get("learned_cases")
    return (f"The model has learned from {learned} of these {results['cases']} cases: all of these numbers are too "
            "good. Judge it on other patients." if learned else "")


def remark_on_few_cases(results: Mapping[str, Any]) -> str:
    """Return a warning if one class has few cases; "" otherwise."""
    counts = {"positive": results["positives"], "negative": results["cases"] - results["positives"]}
    if min(counts.values()) >= _FEWEST:
        return ""
    told = " and ".join(f"{count} {name} case{'' if count == 1 else 's'}" for name, count in counts.items())
    return (f"Only {told}: all of these numbers may be chance, and of an AUC near 0 or 1 the interval is too narrow. "
            f"Judge a model on {_FEWEST} cases of each class at the least.")


def remarks_on_undefined_measures(results: Mapping[str, Any]) -> list[str]:
    """Return a remark on each measure that is undefined in some repeats, since its mean is that of the others."""
    found, texts = results.get("repeats", ()), []
    for name, reason in _UNDEFINED_IF.items():
        values = [repeat[name] for repeat in found]
        count = sum(value is None or not np.isfinite(value) for value in values)
        if count == len(values) > 0:
            texts.append(f"{TITLES[name]}: undefined, as {reason}.")
        elif count:
            texts.append(f"{TITLES[name]}: undefined in {count} of {len(values)} repeats, as {reason} there; mean and "
                         "interval are those of the others.")
    return texts


def _measure(name: str, repeats: Sequence[Predictions], settings: EvaluationSettings) -> dict[str, float]:
    found = summarise(_value(name, repeat, None, settings) for repeat in repeats)

    def mean_of(drawn: np.ndarray) -> float:
        return summarise(_value(name, repeat, drawn, settings) for repeat in repeats).mean

    interval = bootstrap_interval(mean_of, repeats[0].patients, settings.resamples, seed=settings.seed,
                                  centred=name == "ece")
    low = interval.low if np.isnan(interval.low) else max(interval.low, 0.0)
    return {"mean": found.mean, "sd": found.sd, "low": low, "high": interval.high}


def _value(name: str, found: Predictions, drawn: np.ndarray | None, settings: EvaluationSettings) -> float:
    labels, values = found.labels, found.probabilities
    if drawn is not None:
        labels, values = labels[drawn], values[drawn]
    if name in MEASURES:
        return getattr(decide(labels, values, settings.threshold), name)
    if name == "auc":
        return area_under_curve(labels, values)
    return brier_score(labels, values) if name == "brier" else reliability(labels, values, settings.bins).expected_error


def _of_average(average: Predictions, settings: EvaluationSettings) -> dict[str, Any]:
    labels, values = average.labels, average.probabilities
    found = reliability(labels, values, settings.bins)
    slope, intercept = calibration_line(labels, values)
    return {
        "auc": asdict(delong_interval(labels, values, average.patients)),
        "permutation_p": permutation_p_value(labels, values, average.patients, settings.permutations, settings.seed),
        "reliability": {name: getattr(found, name).tolist() for name in ("predicted", "observed", "counts")},
        "expected_calibration_error": found.expected_error,
        "calibration_slope": slope,
        "calibration_intercept": intercept,
    }


def _compared(average: Predictions, other: Predictions, settings: EvaluationSettings) -> dict[str, Any]:
    comparison = delong_test(average.labels, average.probabilities, other.probabilities, average.patients)
    return {"auc": asdict(delong_interval(other.labels, other.probabilities, other.patients)),
            "difference": asdict(comparison.difference), "p_value": comparison.p_value}


def _text(value: float | None) -> str:
    return fixed(value, 3) if value is not None and np.isfinite(value) else "-"
