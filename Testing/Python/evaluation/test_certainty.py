"""How sure a probability is, how usual a scan is, and the curves that travel with a model."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit

from NeuroOrbitLib.classifiers.interval import ProbabilitySpread, measure_spread, spread_from
from NeuroOrbitLib.classifiers.novelty import USUAL, Novelty, score_of
from NeuroOrbitLib.evaluation.classification.curves import evaluation_document
from NeuroOrbitLib.evaluation.classification.evaluation import EvaluationSettings, evaluate_classifier
from NeuroOrbitLib.evaluation.classification.predictions import Predictions


def repeats(noise: float, count: int = 4, cases: int = 400) -> list[Predictions]:
    """Calibrated log odds of each case with noise between the repeats."""
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 2, cases)
    labels = (rng.random(cases) < expit(odds)).astype(int)
    names = [f"c{number}" for number in range(cases)]
    patients = [f"p{number // 2}" for number in range(cases)]
    return [Predictions.of(names, patients, labels, expit(odds + noise * rng.normal(size=cases)))
            for _ in range(count)]


def test_the_spread_is_that_between_the_trainings():
    spread = measure_spread(repeats(0.6), resamples=50)
    assert spread.log_odds_sd == pytest.approx(0.6, rel=0.1)
    assert 0.02 < spread.log_temperature_sd < 0.3
    assert measure_spread(repeats(0.0), resamples=20).log_odds_sd == pytest.approx(0, abs=1e-9)
    assert measure_spread(repeats(0.6)[:1]) is None
    fewer = measure_spread(repeats(0.6, cases=60), resamples=50)
    assert fewer.log_temperature_sd > spread.log_temperature_sd, "a small cohort knows its temperature less well"


def test_an_interval_holds_the_probability_and_covers_other_trainings():
    spread = ProbabilitySpread(0.6, 0.0)
    low, high = spread.interval(1.0, 2.0)
    assert low == pytest.approx(expit(0.5 - 1.96 * 0.3), abs=1e-3)
    assert high == pytest.approx(expit(0.5 + 1.96 * 0.3), abs=1e-3)
    others = expit((1.0 + 0.6 * np.random.default_rng(1).normal(size=4000)) / 2.0)
    assert np.mean((others > low) & (others < high)) == pytest.approx(0.95, abs=0.015)
    wide = ProbabilitySpread(0.6, 0.4).interval(6.0, 2.0)
    assert wide[0] < spread.interval(6.0, 2.0)[0] < expit(3.0) < wide[1]
    narrow = spread.interval(1.0, 2.0, 0.5)
    assert low < narrow[0] < expit(0.5) < narrow[1] < high


def test_a_spread_goes_through_a_package():
    spread = measure_spread(repeats(0.3), resamples=20)
    again = spread_from(json.loads(json.dumps(spread.as_data())))
    assert again.log_odds_sd == pytest.approx(spread.log_odds_sd, abs=1e-4)
    assert spread_from(None) is None and spread_from({}) is None


def test_novelty_is_the_largest_distance_on_the_side_that_counts():
    reference = {"a": (1.0, 0.5), "b": (0.0, 1.0), "c": (2.0, 0.1)}
    assert score_of({"a": 2.0, "b": 0.5}, reference) == pytest.approx(2.0)
    assert score_of({"a": 2.0, "b": 0.5}, reference, bad_if_low=("a",)) == pytest.approx(0.5)
    assert score_of({"a": -1.0}, reference, bad_if_low=("a",)) == pytest.approx(4.0)
    assert score_of({"c": 1.0}, reference, bad_if_high=("c",)) == 0.0
    assert score_of({}, reference) == 0.0


def test_an_unusual_scan_is_told_with_advice():
    usual, strange = Novelty(USUAL, {"a": 1.0}), Novelty(USUAL + 0.5, {"a": 1.0})
    assert usual.text("Look.") == "" and not usual.as_data()["unusual"]
    assert strange.text("Look.") == "This scan looks unlike those that the model was trained on. Look."
    assert strange.as_data()["unusual"]


def test_the_curves_of_an_evaluation_can_be_drawn_from_its_document():
    found = repeats(0.5, 2, 200)
    results = {"title": "T", "synthetic": True, **evaluate_classifier(found, EvaluationSettings(resamples=20,
                                                                                               permutations=5))}
    document = json.loads(json.dumps(evaluation_document(results, found)))
    roc, diagram = document["roc"], document["reliability"]
    rates = np.array([roc["false_positive_rate"], roc["true_positive_rate"]])
    assert (rates[:, 0] == 0).all() and (rates[:, -1] == 1).all() and (np.diff(rates) >= 0).all()
    area = np.sum(np.diff(rates[0]) * (rates[1, 1:] + rates[1, :-1]) / 2)
    assert area == pytest.approx(roc["auc"], abs=2e-3) and roc["low"] < roc["auc"] < roc["high"]
    assert sum(diagram["counts"]) == 200 and len(diagram["predicted"]) == len(diagram["observed"])
    assert document["synthetic"] and document["measures"]["auc"]["sd"] > 0 and document["repeats"] == 2
    assert "cases" in document and not any("c17" in str(value) for value in document.values())
