"""The evaluation of a classifier as data, table, files and page."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from NeuroOrbitLib.evaluation.classification.evaluation import EvaluationSettings, evaluate_classifier, measures_table
from NeuroOrbitLib.evaluation.classification.predictions import Predictions, joined, read_predictions, write_predictions
from NeuroOrbitLib.evaluation.classification.report import write_classifier_report
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.problem import Problem

FAST = EvaluationSettings(resamples=60, permutations=40)


def predictions(seed: int = 0, noise: float = 1.0) -> Predictions:
    rng = np.random.default_rng(seed)
    labels = (np.arange(60) % 3 == 0).astype(int)
    values = 1 / (1 + np.exp(-(2 * labels - 1 + noise * rng.normal(size=60))))
    return Predictions.of([f"c{n}" for n in range(60)], [f"p{n // 2}" for n in range(60)], labels, values,
                          np.arange(60) % 5 + 1)


def test_measures_are_means_over_repeats_with_their_spread():
    repeats = [predictions(seed) for seed in range(3)]
    found = evaluate_classifier(repeats, FAST, {"signal ratio": predictions(9, 4.0)})
    areas = [area_under_curve(repeat.labels, repeat.probabilities) for repeat in repeats]
    auc = found["measures"]["auc"]
    assert auc["mean"] == pytest.approx(np.mean(areas)) and auc["sd"] == pytest.approx(np.std(areas, ddof=1))
    assert auc["low"] < auc["mean"] < auc["high"] <= 1
    assert (found["cases"], found["patients"], found["positives"]) == (60, 30, 20)
    assert found["baselines"]["signal ratio"]["difference"]["value"] > 0
    table = measures_table(found)
    assert "Sensitivity" in table and "AUC, signal ratio" in table
    assert "chance" not in table


def test_numbers_of_few_cases_are_said_to_be_those_of_few_cases(tmp_path):
    few = Predictions.of(["c0", "c1"], ["p0", "p1"], np.array([0, 1]), np.array([0.2, 0.9]), np.array([1, 1]))
    told = "Only 1 positive case and 1 negative case"
    assert told in measures_table(evaluate_classifier([few], FAST))
    write_classifier_report(tmp_path, "Few", [few], FAST)
    assert told in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_measure_that_is_undefined_in_one_repeat_is_that_of_the_others_with_its_interval(tmp_path):
    """The mean was that of the other repeats, the interval "- to -", and nothing said why."""
    usual = predictions(0)
    sure = usual.with_probabilities(np.maximum(usual.probabilities, 0.6))
    alone = evaluate_classifier([usual], FAST)["measures"]["npv"]
    found = write_classifier_report(tmp_path, "Undefined", [usual, sure], FAST)
    assert 0 < alone["low"] < alone["mean"] < alone["high"]
    assert {**found["measures"]["npv"], "sd": None} == {**alone, "sd": None}
    told = ("Negative predictive value: undefined in 1 of 2 repeats, as no case is called negative there; mean and "
            "interval are those of the others.")
    table, page = measures_table(found), (tmp_path / "report.html").read_text(encoding="utf-8")
    assert told in table and told in page and "- to -" not in table + page
    assert "undefined, as no case is called negative." in measures_table(evaluate_classifier([sure], FAST))
    assert "undefined" not in measures_table(evaluate_classifier([usual], FAST))


def test_predictions_survive_the_way_to_a_table_and_back(tmp_path):
    repeats = [predictions(0), predictions(1)]
    read = read_predictions(write_predictions(repeats, tmp_path / "p.csv"))
    assert len(read) == 2 and read[1].patients == repeats[1].patients
    np.testing.assert_allclose(read[1].probabilities, repeats[1].probabilities, atol=1e-6)
    assert (read[0].folds == repeats[0].folds).all()
    both = joined(repeats)
    assert len(both) == 120 and both.cases[60] == "c0"


def test_repeats_in_another_order_are_averaged_case_by_case(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("case,label,probability,repeat\na,1,0.9,1\nb,0,0.2,1\nb,0,0.4,2\na,1,0.7,2\n")
    first, second = read_predictions(path)
    assert first.cases == second.cases == ("a", "b") and second.labels.tolist() == [1, 0]
    assert np.mean([first.probabilities, second.probabilities], axis=0) == pytest.approx([0.8, 0.3])


@pytest.mark.parametrize(("text", "reason"), [
    ("case,label\nc1,1\n", "lacks the column probability"),
    ("case,label,probability\nc1,yes,0.3\n", "line 2"),
    ("case,label,probability\nc1,1,1.3\n", "0 to 1"),
    ("case,label,probability\n", "no row"),
    ("case,label,probability\nc1,1,\n", "line 2: '' in the column probability"),
    ("case,label,probability\nc1,1,0.3\nc2,0,0.1\nc1,0,0.4\n", "case c1 stands there 2 times in repeat 1"),
    ("case,label,probability,repeat\nc1,1,0.3,1\nc2,0,0.1,1\nc1,1,0.4,2\n", "repeat 2 is about other cases .*c2"),
    ("case,label,probability,repeat\nc1,1,0.3,1\nc2,0,0.1,1\nc1,1,0.4,2\nc2,1,0.2,2\n", "c2 .* another label"),
    ("case,patient,label,probability,repeat\nc1,p,1,0.3,1\nc2,q,0,0.1,1\nc1,p,1,0.4,2\nc2,p,0,0.2,2\n",
     "c2 .* another patient"),
])  # fmt: skip
def test_a_bad_table_is_explained(tmp_path, text, reason):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(Problem, match=reason):
        read_predictions(path)


def test_the_report_is_one_file_that_says_what_it_is(tmp_path):
    data = write_classifier_report(tmp_path, "Activity <A>", [predictions(0), predictions(1)], FAST,
                                   {"signal ratio": predictions(9, 4.0)}, {"fold 1": ([1, 2, 3], [0.7, 0.6, 0.5])},
                                   {"synthetic": True, "ceiling_auc": 0.91})
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "synthetic images" in page and "For research use only" in page and "Ceiling auc" in page
    assert "Activity &lt;A&gt;" in page
    assert not re.search(r'(src|href)="(?!data:)', page), "the page must not need another file"
    assert page.count("data:image/png") == 4
    assert json.loads((tmp_path / "evaluation.json").read_text()) == data
    assert {path.name for path in tmp_path.iterdir()} == {
        "report.html", "evaluation.json", "predictions.csv", "roc.png", "reliability.png", "decision_curve.png",
        "loss.png"}  # fmt: skip


def test_the_interval_of_a_calibration_error_contains_it():
    """Draws repeat cases, which raises the error: with 60 cases 0.027 got the interval 0.049 to 0.207."""
    rng = np.random.default_rng(3)
    odds = rng.normal(size=60)
    labels, names = (rng.random(60) < 1 / (1 + np.exp(-odds))).astype(int), [f"p{n}" for n in range(60)]
    found = evaluate_classifier([Predictions.of(names, names, labels, 1 / (1 + np.exp(-odds)))], FAST)
    error = found["measures"]["ece"]
    assert error["mean"] == pytest.approx(0.027, abs=0.001)
    assert error["low"] == 0 and error["mean"] < error["high"] < 0.15
