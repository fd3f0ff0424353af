"""The reproduction of the response paper: what it prints, counts that fit, noise, and nothing done twice."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from IVGCResponseLib.muscle_groups import STRATEGIES
from IVGCResponseLib.synthetic.plan import PATIENTS, RESPONDERS, ResponseCohortPlan
from NeuroOrbitLib.classifiers.cohort import CohortCase, write_cohort
from NeuroOrbitLib.evaluation.classification.predictions import Predictions, write_predictions
from NeuroOrbitLib.jobs.progress import silent
from Testing.Experiments.reproduction import ivgc, ivgc_report, ivgc_runs
from Testing.Experiments.reproduction.ivgc_plan import CONTRADICTIONS, PARTS, PUBLISHED, SCALES, choose_scale
from Testing.Experiments.reproduction.results import joined, split_sections


def empty_cohort(folder: Path, plan: ResponseCohortPlan, settings=None, progress=None):
    """A cohort of one patient, of which nothing but its ceilings is looked at."""
    return write_cohort(folder, [CohortCase("P1", "P1", 1, {})], {
        "synthetic": True, "arrays": False, "ceiling_auc": 0.858, "ceiling_auc_image": 0.776,
        "ceiling_auc_clinical": 0.775, "ceiling_auc_of_this_cohort": 0.85})


def judged(folder: Path, shift: float) -> dict:
    """A finished judgement of a model that knows as much as ``shift``."""
    rng = np.random.default_rng(int(10 * shift))
    labels, names = np.tile([0, 1], 8), [f"P{number}" for number in range(16)]
    found = Predictions.of(names, names, labels, 1 / (1 + np.exp(-(shift * (labels - 0.5) + rng.normal(size=16)))))
    write_predictions([found], folder / "predictions.csv")
    measure = {"mean": 0.5 + 0.1 * shift, "low": 0.4, "high": 0.9}
    measures = dict.fromkeys(("auc", "accuracy", "sensitivity", "specificity", "precision", "npv", "ece"), measure)
    return {"cases": 16, "training_auc": 0.9, "epochs": 1, "threshold": 0.5, "synthetic": True, "measures": measures}


@pytest.fixture
def quick(monkeypatch):
    """The quick scale without patients, with finished judgements in place of trainings."""
    monkeypatch.setattr(ivgc_runs, "make_cohort", empty_cohort)
    monkeypatch.setattr(ivgc_runs, "split", lambda cohort, config, folder, device, progress: judged(
        folder, 2.0 if "rdinet" in folder.name else 1.0))
    monkeypatch.setattr(ivgc_runs, "noise", lambda cohort, permutations, progress: {
        "inside": [0.48, 0.52], "outside": [0.8, 0.82]})
    monkeypatch.setattr(ivgc_runs, "shipped", lambda name, cohort, folder, progress: {
        **judged(folder / f"package-{name}", 1.0), "contributions": {
            "groups": {"image": 0.1}, "numbers": [{"name": "age", "mean": 0.02, "low": -0.01, "high": 0.04}]},
        "novelty": {"unusual_share": 0.02}})
    led = {"found": 5, "asked": 8, "chance": 0.4}
    monkeypatch.setattr(ivgc_runs, "leaders", lambda plan, folder, count, progress: {
        "responders": 9, "models": {"ivgc-rdinet": led, "ivgc-radiomics": led, "random": led}})
    monkeypatch.setattr(ivgc_runs, "groups_by_folds", lambda cohort: {
        "auc": dict.fromkeys(STRATEGIES, 0.6), "spread": 0.0})


def test_a_run_ends_with_a_document_and_is_not_done_twice(tmp_path, quick, monkeypatch, capsys):
    document = tmp_path / "docs" / "ivgc.md"
    arguments = ["--scale", "quick", "--device", "cpu", "--output", str(tmp_path), "--document", str(document)]
    assert ivgc.main(arguments) == 0
    text = document.read_text(encoding="utf-8")
    assert text.strip() in capsys.readouterr().out
    assert "Scale `quick`" in text and "**synthetic**" in text and "half the paper's patients" in text
    assert "| RDINet (clinical), MR+LR, Zhang et al., 30 patients | 0.954 |" in text
    assert "mean AUC 0.500" in text and "0.810 with the selection on all patients: the leak" in text
    assert "| `ivgc-rdinet` | 5 of 8 | 62% (31% to 86%) | 40% |" in text
    assert "**missed**: `ivgc-rdinet` 0.250 below" in text
    assert "206.0 of 216" in text and all(line in text for line in CONTRADICTIONS)
    assert (document.parent / "ivgc_radar.png").is_file() and "](ivgc_radar.png)" in text
    data = json.loads((tmp_path / "quick" / "ivgc.json").read_text())
    assert data["synthetic"] and data["k-1"]["training_auc"] == 0.9
    assert "| Age | 0.0200 (-0.0100 to 0.0400) |" in text
    for name in ("split", "noise", "groups_by_folds", "shipped", "leaders"):
        monkeypatch.setattr(ivgc_runs, name, None)
    assert ivgc.main(arguments) == 0 and document.read_text(encoding="utf-8") == text


def test_what_is_said_of_packages_is_found_out_again_for_newer_packages(tmp_path, quick, monkeypatch):
    arguments = ["--scale", "quick", "--device", "cpu", "--output", str(tmp_path), "--parts", "packages", "noise"]
    assert ivgc.main(arguments) == 0
    for path in tmp_path.rglob("evaluation.json"):
        os.utime(path, (1.0, 1.0))
    assert ivgc.main(arguments) == 0
    again = {path.parent.name for path in tmp_path.rglob("evaluation.json") if path.stat().st_mtime > 1.0}
    assert again == {"package-ivgc-rdinet", "package-ivgc-radiomics", "leaders"}


def test_single_parts_replace_their_sections_and_leave_the_others(tmp_path, quick, monkeypatch):
    document = tmp_path / "ivgc.md"
    arguments = ["--scale", "quick", "--device", "cpu", "--output", str(tmp_path / "first"), "--document",
                 str(document)]
    assert ivgc.main(arguments) == 0
    head, before = split_sections(document.read_text(encoding="utf-8"))
    of_parts = {"One fit in three dimensions", "The shipped packages on these patients",
                "Which muscle leads the explanation"}
    document.write_text(joined(head, {title: text.replace("0.", "9.") for title, text in before.items()
                                      if title != "One fit in three dimensions"}), encoding="utf-8")
    for name in ("noise", "groups_by_folds"):
        monkeypatch.setattr(ivgc_runs, name, None)
    arguments[5] = str(tmp_path / "second")
    assert ivgc.main([*arguments, "--parts", "packages", "volume-fit"]) == 0
    assert {path.parent.name for path in (tmp_path / "second" / "quick").glob("*/evaluation.json")} == {
        "volume-fit", "package-ivgc-rdinet", "package-ivgc-radiomics", "leaders"}
    found_head, found = split_sections(document.read_text(encoding="utf-8"))
    assert found_head == head and list(found) == list(before)
    for title, text in found.items():
        if title in of_parts:
            stamp, told = text.split("\n\n", 1)
            assert told == before[title] and "--scale quick --parts volume-fit packages" in stamp
            assert stamp.startswith("*Printed anew on 20")
        else:
            assert text == before[title].replace("0.", "9.")


def test_a_part_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        ivgc.main(["--parts", "heads"])
    assert "invalid choice: 'heads'" in capsys.readouterr().err


def test_every_step_of_the_paper_is_there(tmp_path):
    scale = SCALES["small"]
    names = {name for key in PARTS for name in ivgc_runs.steps_of(key, scale, None, tmp_path, "cpu")}
    assert {f"{group}-{learner}" for group in STRATEGIES for learner in ("svm", "logistic", "forest")} <= names
    assert {"resnet50", "rdinet-MR+LR", "rdinet-4_recti", "rdinet_clinical-MR+LR", "rdinet_clinical-4_recti",
            "early-MR+LR", "k-1", "k-2", "k-3", "k-4", "clinical", "signal_ratio", "radiomics", "noise",
            "groups", "equal", "volume-fit", "package-ivgc-rdinet", "package-ivgc-radiomics", "leaders"} <= names
    assert (scale.cohort.patients, scale.cohort.responders) == (PATIENTS, RESPONDERS) == (147, 61)
    assert scale.equal_cohort.effects.lead == 0.0 and scale.equal_cohort.seed != scale.cohort.seed
    assert scale.network("rdinet_clinical", "4_recti", 2).network_options["iterations"] == 2
    assert (scale.volume_network().network, scale.volume_network().schedule.epochs) == ("resnet50_3d", 10)
    assert SCALES["full"].network("rdinet").schedule.epochs == 100 and choose_scale("auto", "cpu").name == "small"


def test_noise_is_not_learned_inside_the_folds_and_is_outside(tmp_path):
    rng = np.random.default_rng(3)
    cases = [CohortCase(f"P{place}", f"P{place}", place % 2, {f"MR+LR:f{number}": float(rng.normal())
                                                              for number in range(80)}) for place in range(40)]
    cohort = write_cohort(tmp_path, cases, {"arrays": False})
    found = ivgc_runs.noise(cohort, 2, silent)
    assert abs(np.mean(found["inside"]) - 0.5) < 0.25 and np.mean(found["outside"]) > 0.7


def test_the_printed_areas_are_whole_counts_of_pairs():
    for row in PUBLISHED.values():
        count = Fraction(round(row[0] * 216), 216)
        assert float(count) == pytest.approx(row[0], abs=5.1e-5)
    low, high = map(float, ivgc_report._width(0.8981).split(" to "))
    assert low == pytest.approx(0.77, abs=0.02) and high <= 1.0
