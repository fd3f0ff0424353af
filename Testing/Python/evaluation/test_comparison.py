"""Several models on the same cases: one table, DeLong's tests, and figures."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from NeuroOrbitLib.classifiers.commands.compare import CompareCommand, judged_in, named_folder
from NeuroOrbitLib.classifiers.task_module import ModuleWords
from NeuroOrbitLib.evaluation.classification.comparison import compare_models, write_comparison
from NeuroOrbitLib.evaluation.classification.evaluation import EvaluationSettings
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.report import write_classifier_report
from NeuroOrbitLib.evaluation.classification.thresholds import decide
from NeuroOrbitLib.problem import Problem


@pytest.fixture(scope="module")
def models() -> dict[str, Predictions]:
    """Two models of 120 cases: one that knows something, one that knows nothing; their tables in another order."""
    rng = np.random.default_rng(0)
    labels, names = np.tile([0, 1, 1], 40), [f"C{number}" for number in range(120)]
    order = rng.permutation(120)
    good, poor = expit(2 * labels - 1 + rng.normal(size=120)), rng.random(120)
    return {"good": Predictions.of(names, names, labels, good),
            "poor": Predictions.of([names[n] for n in order], [names[n] for n in order], labels[order], poor[order])}


def test_measures_and_tests_are_of_the_same_cases(models, tmp_path):
    data = write_comparison(tmp_path, "Compared", models, {"good": 0.6, "poor": 0.5}, "All cases are synthetic.")
    good, poor = data["models"]["good"], data["models"]["poor"]
    assert good["auc"] > 0.85 > 0.65 > poor["auc"] and data["tests"][0]["p_value"] < 0.001
    assert data["tests"][0]["difference"]["value"] == pytest.approx(good["auc"] - poor["auc"])
    counts = decide(models["good"].labels, models["good"].probabilities, 0.6)
    assert good["npv"] == pytest.approx(counts.true_negative / (counts.true_negative + counts.false_negative))
    assert good["auc_delong"]["low"] < good["auc_bootstrap"]["value"] < good["auc_delong"]["high"]
    page = (tmp_path / "comparison.html").read_text()
    assert "All cases are synthetic." in page and "All measures" in page
    assert all((tmp_path / f"{name}.svg").is_file() and (tmp_path / f"{name}.png").is_file()
               for name in ("roc", "decision_curve", "calibration", "radar"))
    assert "good" in (tmp_path / "models.csv").read_text()


def test_models_of_other_cases_or_another_truth_are_refused(models):
    good = models["good"]
    fewer = Predictions.of(good.cases[:100], good.patients[:100], good.labels[:100], good.probabilities[:100])
    with pytest.raises(Problem, match="other cases than good"):
        compare_models({"good": good, "fewer": fewer})
    other = Predictions.of(good.cases, good.patients, 1 - good.labels, good.probabilities)
    with pytest.raises(Problem, match="do not agree"):
        compare_models({"good": good, "other": other})
    with pytest.raises(Problem, match="nothing to compare"):
        compare_models({})


def test_the_command_reads_finished_evaluations(models, tmp_path, capsys):
    settings = EvaluationSettings(threshold=0.6, resamples=20, permutations=20)
    for name, own in models.items():
        write_classifier_report(tmp_path / name, name, [own], settings, facts={"synthetic": True})
    assert named_folder("RDINet=a/b") == ("RDINet", Path("a/b")) and named_folder("a/b") == ("b", Path("a/b"))
    command = CompareCommand(ModuleWords("Lib", "", "positive", "Test"))
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    arguments = parser.parse_args(["compare", f"one={tmp_path / 'good'}", str(tmp_path / "poor"), "-o",
                                   str(tmp_path / "all"), "--json"])
    assert command.run(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["models"]) == ["one", "poor"] and found["models"]["one"]["threshold"] == 0.6
    assert "synthetic images" in (tmp_path / "all" / "comparison.html").read_text()
    with pytest.raises(Problem, match="no finished evaluation"):
        judged_in(tmp_path)


def test_a_model_that_knew_the_cases_is_told_beside_the_others(models, tmp_path, capsys):
    """Its measures are too good; side by side with those of a model that did not know them they would win."""
    settings = EvaluationSettings(resamples=20, permutations=20)
    for name, own in models.items():
        write_classifier_report(tmp_path / name, name, [own], settings, facts={"learned_cases": 7 * (name == "good")})
    command = CompareCommand(ModuleWords("Lib", "", "positive", "Test"))
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    assert command.run(parser.parse_args(["compare", *(str(tmp_path / name) for name in models), "-o",
                                          str(tmp_path / "all")])) == 0
    told = f"good: The model has learned from 7 of these {len(models['good'])} cases"
    printed = capsys.readouterr().out
    assert told in printed and "poor: The model" not in printed
    assert told in (tmp_path / "all" / "comparison.html").read_text()
