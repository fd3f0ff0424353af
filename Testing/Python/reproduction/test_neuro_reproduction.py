"""The reproduction of the study on NMOSD and MS: what it prints, its steps, and lesions whose evidence is known."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from NeuroDifferentialLib.differential.lesion_table import lesion_columns
from NeuroDifferentialLib.differential.synthetic import cases
from NeuroDifferentialLib.differential.synthetic.plan import DifferentialCohortPlan, PlannedPatient, log_ratio
from NeuroOrbitLib.classifiers.cohort import write_case_arrays, write_cohort
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.classifiers.training_config import config_from_dict
from NeuroOrbitLib.evaluation.classification.predictions import Predictions, write_predictions
from NeuroOrbitLib.jobs.progress import silent
from NeuroOrbitLib.models.package import METADATA_FILE
from NeuroOrbitLib.phantom.brain.plan import Disease, LesionPlan, PatientPlan, Pattern
from Testing.Experiments.reproduction import neuro, neuro_lesions, neuro_runs
from Testing.Experiments.reproduction.neuro_curves import followed
from Testing.Experiments.reproduction.neuro_plan import CONTRADICTIONS, NETWORKS, SCALES, choose_scale

CONFIG = {
    "name": "test", "title": "Test", "network": "two_view_compact", "network_options": {"width": 16},
    "schedule": {"epochs": 2, "batch_size": 3, "learning_rate": 0.01, "optimizer": "sgd"}, "folds": 2, "repeats": 1,
}  # fmt: skip


def small_cohort(folder: Path, plan=None, masks="drawn", progress=None, facts=None):
    """Six patients; those with NMOSD have lesions in the middle, and Dawson fingers are counted."""
    samples = []
    for number in range(6):
        image = np.zeros((100, 100, 100), np.uint8)
        place = 45 if number % 2 else 15
        image[place:place + 10, 40:60, 40:60] = 255
        write_case_arrays(folder, f"P{number}", {"lesions": image})
        numbers = {"plane": 0.0, "scanner": float(number % 3), **dict.fromkeys(
            (column.name for column in lesion_columns()), 5.0), "dawson": float(number % 2)}
        samples.append(Sample(f"P{number}", f"P{number}", number % 2, {}, numbers))
    known = {"synthetic": True, "mix_nmosd_like_ms": 0.299, "ceiling_auc": 0.77, "ceiling_accuracy": 0.754,
             "ceiling_auc_of_this_cohort": 0.78}
    return write_cohort(folder, samples, known)


def judged(folder: Path, shift: float) -> dict:
    """A finished judgement of a model that knows as much as ``shift``."""
    rng = np.random.default_rng(int(10 * shift))
    labels, names = np.tile([0, 1], 8), [f"P{number}" for number in range(16)]
    found = Predictions.of(names, names, labels, 1 / (1 + np.exp(-(shift * (labels - 0.5) + rng.normal(size=16)))))
    write_predictions([found], folder / "predictions.csv")
    measure = {"mean": 0.5 + 0.1 * shift, "low": 0.4, "high": 0.9, "sd": None}
    return {"cases": 16, "threshold": 0.5, "synthetic": True, "repeats": [{"auc": measure["mean"]}],
            "novelty": {"unusual_share": 0.25}, "measures": dict.fromkeys(
                ("auc", "accuracy", "sensitivity", "specificity", "ece"), measure)}


@pytest.fixture
def quick(monkeypatch):
    """The quick scale without patients, with finished judgements in place of trainings."""
    monkeypatch.setattr(neuro_runs, "make_cohort", small_cohort)
    monkeypatch.setattr(neuro_runs, "crossvalidated", lambda cohort, config, folder, device, progress: judged(
        folder, 2.0 if "view" in folder.name else 1.0))
    monkeypatch.setattr(neuro_runs, "noise", lambda *_: {"table": [0.48, 0.54], "network": []})
    curve = {"loss": [0.61], "accuracy": [0.7]}
    monkeypatch.setattr(neuro_runs, "followed", lambda *_: {"epochs": [2], "training": curve, "validation": curve})
    monkeypatch.setattr(neuro_runs, "measured", lambda key: {
        "parameters": 11_481_794, "step_s": 0.1, "answer_s": 0.03, "peak_gib": 0.5})
    monkeypatch.setattr(neuro_runs, "judge_package", lambda task, package, cohort, folder: judged(folder, 1.0))
    monkeypatch.setattr(neuro_runs, "judge_explanations", lambda *_: {
        "patients": 4, "lesions": 90, "trained": {"places": 0.74, "evidence": 0.4},
        "random": {"places": 0.5, "evidence": None}})


def test_a_run_ends_with_a_document_and_is_not_done_twice(tmp_path, quick, monkeypatch, capsys):
    document = tmp_path / "docs" / "neuro.md"
    arguments = ["--scale", "quick", "--device", "cpu", "--output", str(tmp_path), "--document", str(document)]
    assert neuro.main(arguments) == 0
    text = document.read_text(encoding="utf-8")
    assert text.strip() in capsys.readouterr().out
    assert "Scale `quick`" in text and "**synthetic**" in text and "60 patients, 28 with NMOSD" in text
    assert "| Two views, ResNet-34, pretrained, paper, 15 x 5 folds |  | 0.750 | 0.707 | 0.759 |" in text
    assert "29.9% of the patients with NMOSD have the lesions of MS" in text and "0.770 on average" in text
    assert "| Two views, ResNet-18 | 11 481 794 | 0.10 | 0.030 | 0.50 |" in text
    assert "mean AUC 0.510" in text and "- kept: mean of the permutations" in text
    assert "- **missed**: `neuro-lesion-table` accuracy 0.154 below the ceiling, wanted at most 0.05" in text
    assert "- kept: `neuro-lesion-table` 0.740, wanted at least 0.7" in text
    assert "| `neuro-lesion-table`, knows nothing | 0.500 |  |" in text
    assert "| Two views, compact | " in text.partition("## DeLong")[2]
    assert all(line in text for line in CONTRADICTIONS)
    assert (document.parent / "neuro_roc.png").is_file() and "](neuro_roc.png)" in text
    assert json.loads((tmp_path / "quick" / "neuro.json").read_text())["synthetic"]
    for name in ("crossvalidated", "noise", "followed", "measured", "judge_package", "judge_explanations"):
        monkeypatch.setattr(neuro_runs, name, None)
    assert neuro.main(arguments) == 0 and document.read_text(encoding="utf-8") == text


def test_every_step_of_the_paper_is_there(tmp_path):
    for name in ("small", "full"):
        scale = SCALES[name]
        steps = set(neuro_runs.steps_of(scale, neuro_runs.Cohorts(*[None] * 5), tmp_path, "cpu"))
        assert {"table-1", "table-logistic", "table-forest", "volume", "cacciaguerra", "noise", "two_view_compact",
                "resnet3d_compact", "two_view_18", "two_view_34", "resnet3d_18", "resnet3d_34",
                "drawn-two_view_compact", "flair-two_view_compact", "curves-two_view_compact",
                *(f"complexity-{key}" for key in NETWORKS), "package-neuro-lesion-table"} <= steps
        assert scale.finds and (scale.study.patients, scale.study.nmosd) == (88, 41) and scale.fresh.patients == 400
    assert {scale.study.seed for scale in SCALES.values()}.isdisjoint({3}), "the packages have learned from seed 3"
    assert SCALES["full"].network("two_view_34").repeats == 15 and choose_scale("auto", "cpu").name == "small"


def test_the_first_fold_alone_is_learned_from_the_other_folds(tmp_path):
    cohort = small_cohort(tmp_path / "cohort")
    config = replace(SCALES["quick"].baseline("table-logistic"), folds=3)
    found = neuro_runs.first_fold(cohort, config, tmp_path / "one", "cpu", silent)
    assert found["cases"] == 2 and found["training_cases"] == 4
    assert found["measures"]["auc"]["mean"] == 1.0


def test_a_training_is_followed_and_ends_as_one_that_is_not(tmp_path):
    cohort, config = small_cohort(tmp_path / "cohort"), config_from_dict(CONFIG)
    found = followed(cohort, config, tmp_path / "followed", 1)
    whole = followed(cohort, config, tmp_path / "whole", 2)
    assert found["epochs"] == [1, 2] and whole["epochs"] == [2]
    assert found["training"]["loss"][-1] == pytest.approx(whole["training"]["loss"][-1], abs=1e-6)
    assert found["training"]["loss"][0] != found["training"]["loss"][1]
    assert 0 <= found["validation"]["accuracy"][0] <= 1
    assert not list((tmp_path / "followed").glob("checkpoint*"))


@pytest.fixture(scope="module")
def known(brain_with_zones):
    """A patient with two callosal lesions, a lining of a ventricle and a lesion of deep white matter."""
    brain, zones = brain_with_zones
    plans = [LesionPlan(pattern, volume, 1.2, 1.0, 1300.0, 100.0) for pattern, volume in (
        (Pattern.DEEP_WHITE, 900.0), (Pattern.LINEAR_EPENDYMAL, 800.0), (Pattern.CALLOSAL, 300.0))]
    lesions = PatientPlan(Disease.MS, 40.0, 0.0, tuple(plans))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(neuro_lesions, "head", lambda number: brain)
        patched.setattr(cases, "zones_of", lambda number: zones)
        return neuro_lesions.known_lesions(PlannedPatient("P1", 0, 5, True, lesions, 0.0))


@pytest.fixture(scope="module")
def brain_with_zones():
    """The plain brain and where lesions may lie in it."""
    from NeuroOrbitLib.phantom.brain.zones import Zones
    from Testing.toy_brain import toy_brain

    brain = toy_brain()
    return brain, Zones.of(brain.parts, brain.labels.spacing[::-1])


def test_each_lesion_is_known_to_speak_for_the_disease_of_its_pattern(known):
    by_volume = {round(lesion.volume, -2): lesion.number for lesion in known.patient.report.lesions}
    assert set(known.specific) == set(known.evidence) == set(by_volume.values())
    largest = max(known.patient.report.lesions, key=lambda lesion: lesion.volume).number
    assert not known.specific[largest]
    told = {number: value for number, value in known.evidence.items() if known.specific[number]}
    assert min(told.values()) < -1.0 < 1.0 < max(told.values())


def test_the_evidence_of_a_lesion_is_what_the_likelihood_ratio_loses_without_it():
    lesions = ((Pattern.LINEAR_EPENDYMAL, None), (Pattern.DEEP_WHITE, 50.0))
    assert log_ratio(lesions) - log_ratio(lesions[1:]) == pytest.approx(
        np.log(0.28 / 0.01) - np.log(0.72 / 0.99), abs=1e-6)
    assert Pattern.CALLOSAL in neuro_lesions.specific_patterns()
    assert Pattern.DEEP_WHITE not in neuro_lesions.specific_patterns()


def test_a_model_that_sees_the_evidence_finds_the_places_and_one_that_sees_nothing_does_not(known):
    numbers = known.patient.lesions.numbers

    def sees(pieces):
        left_out = [set(np.unique(numbers[piece])) for piece in pieces]
        return [0.5 - sum(0.02 * value for number, value in known.evidence.items() if gone == {number}
                          and np.array_equal(piece, numbers == number))
                for piece, gone in zip(pieces, left_out, strict=True)]

    assert neuro_lesions._ranked(known, sees) == {"places": 1.0, "evidence": pytest.approx(1.0)}
    blind = neuro_lesions._ranked(known, lambda pieces: [0.5] * len(pieces))
    assert blind == {"places": 0.5, "evidence": 0.0}


def test_the_same_patients_are_drawn_once(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(neuro_runs, "make_cohort", lambda folder, plan, masks, progress: made.append(
        (folder.name, plan, masks)) or folder.name)
    cohorts = neuro_runs.make_cohorts(SCALES["small"], tmp_path, silent)
    assert len(made) == len(set(made)) == 3 and cohorts.study == cohorts.found != cohorts.drawn == cohorts.twins
    quick = neuro_runs.make_cohorts(SCALES["quick"], tmp_path, silent)
    assert quick.study == quick.drawn != quick.twins
    assert quick.fresh.endswith("-segmented") and quick.fresh not in (quick.study, quick.found)
    assert DifferentialCohortPlan().patients == 88


def test_a_package_that_has_changed_is_judged_again(tmp_path, quick, monkeypatch):
    """Results of an older package under the name of the new one would be wrong without a word."""
    metadata = tmp_path / "package" / METADATA_FILE
    metadata.parent.mkdir(parents=True)
    metadata.touch()
    package = SimpleNamespace(name="neuro-lesion-table", folder=tmp_path / "package")
    asked = []
    monkeypatch.setattr(neuro_runs, "shipped", lambda: [package])
    monkeypatch.setattr(neuro_runs, "judge_package", lambda task, package, cohort, folder: (
        asked.append(folder.name), judged(folder, 1.0))[1])
    arguments = ["--scale", "quick", "--device", "cpu", "--output", str(tmp_path)]
    assert neuro.main(arguments) == neuro.main(arguments) == 0
    assert sorted(asked) == [f"{kind}-neuro-lesion-table" for kind in ("drawn-masks", "found-masks", "package")]
    later = time.time() + 10
    os.utime(metadata, (later, later))
    assert neuro.main(arguments) == 0
    assert len(asked) == 6
