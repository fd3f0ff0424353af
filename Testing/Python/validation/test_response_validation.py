"""The validation of the models of the response: what is compared with what, and the page that says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from IVGCResponseLib.muscle_groups import STRATEGIES
from IVGCResponseLib.signal_ratio import ratio_column
from IVGCResponseLib.study import STUDY
from IVGCResponseLib.synthetic.cohort import make_cohort
from IVGCResponseLib.synthetic.plan import ResponseCohortPlan, plan_patients
from IVGCResponseLib.synthetic.scans import make_scan
from IVGCResponseLib.task import predictor_of
from NeuroOrbitLib.anatomy.structures import RECTI
from NeuroOrbitLib.classifiers import cohort as cohorts
from NeuroOrbitLib.classifiers.task import Sample
from NeuroOrbitLib.jobs.progress import silent
from NeuroOrbitLib.problem import Problem
from Testing.Experiments.validation.response import image, patients, report, run, steps

INTERVAL = {"low": -0.01, "high": 0.05}
TEST = {"auc": 0.75, "interval": INTERVAL, "difference": {"value": 0.03, **INTERVAL}, "p": 0.2}
FOUND = {
    "asked": {"patients": 400, "seed": 3101},
    "cohort": {"patients": 400, "seed": 3101, "ceiling_auc_image": 0.776, "ceiling_auc_clinical": 0.775,
               "ceiling_auc": 0.858, "ceiling_auc_of_this_cohort": 0.86},
    "package": {"packages": {"ivgc-rdinet": {"auc": {"mean": 0.80, **INTERVAL}, "ece": 0.05, "unusual": 0.04}},
                "parts": {"image alone": TEST, "clinical alone": {**TEST, "difference": {"value": 0.01, **INTERVAL}}}},
    "trained": {"patients": 600, "rivals": {"early concatenation": {**TEST, "difference": {"value": -0.004,
                                                                                           **INTERVAL}}}},
    "inputs": {"groups": {"image": -0.001, "radiomics": 0.13}, "features": [
        {"name": "age", "title": "Age", "mean": -0.0001, "low": -0.001, "high": 0.001, "sd": 0.001},
        {"name": "cas", "title": "Clinical activity score", "mean": 0.04, "low": 0.03, "high": 0.05, "sd": 0.01}]},
    "image": {"patients": 600, "clinical and radiomics": 0.79, "sources": {
        "what is drawn": {"read": {"fat": 1.0}, "auc": 0.75, "beside": 0.83},
        "mean signal": {"read": {"fat": 0.8}, "auc": 0.7, "beside": 0.8},
        "ResNet-50, as configured": {"read": {"fat": 0.1}, "auc": 0.6, "beside": 0.785, "own": 0.61}}},
    "leaders": {"responders": 80, "models": {
        "ivgc-rdinet": {"asked": 60, "found": 40, "chance": 0.3},
        "ivgc-radiomics": {"asked": 50, "found": 25, "chance": 0.3},
        "random": {"asked": 60, "found": 17, "chance": 0.25}}},
    "masks": {"asked": 100, "answered": 99, "true": 0.83, "found": 0.82, "difference": {"value": 0.01, **INTERVAL},
              "p": 0.4, "mean_change": 0.02, "problems": ["No eye was found."]},
    "noise": {"auc": [0.45, 0.52, 0.55], "taught": 117, "epochs": 10},
}  # fmt: skip


def test_every_promise_is_judged_on_the_page():
    lines = report.page(FOUND).splitlines()
    assert "- **missed**: `ivgc-rdinet` is 0.060 below the ceiling of these patients, wanted at most 0.05" in lines
    assert "- kept: calibration error 0.050, wanted at most 0.08" in lines
    assert "- kept: 0.030 above image alone, wanted at least 0.02" in lines
    assert "- **missed**: 0.010 above clinical alone, wanted at least 0.02" in lines
    assert "- **missed**: -0.004 above early concatenation, wanted not below" in lines
    assert "- kept: `ivgc-rdinet` 67%, wanted 60%" in lines
    assert "| `ivgc-rdinet` | 40 of 60 | 67% (54% to 77%) | 30% |" in lines
    assert "- **missed**: `ivgc-radiomics` 50%, wanted 60%" in lines
    assert "- kept: random weights 28%, wanted chance: 25% ± 11%" in lines
    assert "- kept: 0.010 lost (-0.010 to 0.050), wanted at most 0.03" in lines
    assert "- kept: mean 0.507, wanted 0.5 ± 0.03" in lines and "No eye was found." in report.page(FOUND)
    assert any("image -0.001, radiomics +0.130" in line for line in lines)
    features = [line for line in lines if line.startswith(("| Age", "| Clinical activity"))]
    assert features == ["| Clinical activity score | 0.0400 (0.0300 to 0.0500) |",
                        "| Age | -0.0001 (-0.0010 to 0.0010) |"]
    assert "| ResNet-50, as configured | 0.10 | 0.600 | 0.785 | 0.610 |" in lines
    assert any(line.startswith("- The image can add 0.040 to") for line in lines)
    assert ("- Of fat: mean signal 0.80; the best trained network (ResNet-50, as configured) 0.10. The image tells it, "
            "and networks do not find it.") in lines
    assert report.page({"cohort": {}, "asked": FOUND["asked"]}).count("##") == 0


def test_chance_is_what_two_that_know_nothing_of_each_other_agree_in():
    found = patients.agreement(["mr", "mr", "lr", "lr"], ["mr", "lr", "lr", "lr"])
    assert found == {"asked": 4, "found": 3, "chance": pytest.approx((2 * 1 + 2 * 3) / 16)}
    assert patients.agreement(list(RECTI), list(RECTI))["chance"] == 0.25
    assert patients.agreement([], []) == {"asked": 0, "found": 0, "chance": 0}


def test_models_are_compared_on_the_same_patients():
    labels = np.arange(60) % 2
    cohort = cohorts.Cohort(None, tuple(cohorts.CohortCase(str(n), str(n), int(label), {}) for n, label in
                                        enumerate(labels)), {})
    rng = np.random.default_rng(0)
    good, poor = labels + rng.normal(0, 0.5, 60), labels + rng.normal(0, 3.0, 60)
    found = steps.compared(cohort, good, {"poor": poor, "same": good})
    assert found["poor"]["difference"]["value"] > 0.2 and found["poor"]["p"] < 0.01
    assert found["same"]["difference"]["value"] == 0 and found["same"]["p"] == 1.0


def test_what_is_drawn_is_read_off_numbers_that_tell_it_and_off_no_others():
    rng = np.random.default_rng(0)
    drawn = [rng.normal(size=(count, 10)) for count in (80, 120)]
    told = image.read_off([each[:, 8:] + 0.1 * rng.normal(size=(len(each), 2)) for each in drawn], drawn)
    assert set(told) == set(image.DRAWN) and told["patchiness"] > 0.95 and told["fat"] > 0.95
    assert max(value for name, value in told.items() if name not in ("patchiness", "fat")) < 0.1


def test_sources_are_compared_with_what_the_generator_drew(monkeypatch, tmp_path):
    """On pictures of noise, no network reads anything off them; a patient's drawn numbers tell all of themselves."""
    settings = ("schedule.epochs=1", "network_options.width=2", "network_options.edge=32")
    monkeypatch.setattr(image, "CHANGES", {"as configured": image.Change(settings),
                                           "masked": image.Change(settings, masked=True)})
    plans = [ResponseCohortPlan(40, seed) for seed in (1, 2)]
    new, learned = (image.Patients.of(noisy_cohort(tmp_path / str(plan.seed), plan), plan) for plan in plans)
    found = image.told(new, learned, tmp_path / "image", silent)
    assert list(found["sources"]) == [
        "what is drawn", "signal ratios and volumes", "mean signal of each rectus in the image",
        "radiomics of the package", "image branch of the package", "ResNet-50, as configured", "ResNet-50, masked",
        "ResNet-50, random weights"]
    assert min(found["sources"]["what is drawn"]["read"].values()) > 0.95
    assert max(found["sources"]["ResNet-50, as configured"]["read"].values()) < 0.4
    kept, whole = (each.cohort.array("image", 0) for each in (new.masked(), new))
    assert (kept[..., 12:] == 0).all() and np.array_equal(kept[..., :8], whole[..., :8])
    assert found["sources"]["ResNet-50, as configured"]["own"] != found["sources"]["ResNet-50, random weights"]["own"]


def noisy_cohort(folder, plan):
    """Patients of a plan with images and numbers of noise."""
    rng = np.random.default_rng(plan.seed)
    groups = predictor_of(steps.shipped(steps.MODEL)).numbers.values()
    names = [name for group in groups for name in group.columns] + [ratio_column(name) for name in STRATEGIES]
    planned = plan_patients(plan)
    for patient in planned:
        cohorts.write_case_arrays(folder, patient.name, {
            "image": rng.normal(size=(32, 32, 32)).astype(np.float16),
            "labels": rng.integers(0, 13, (32, 32, 32)).astype(np.uint8) * (np.arange(32) < 8)})
    return cohorts.write_cohort(folder, [Sample(patient.name, patient.name, patient.label, {}, dict(
        zip(names, rng.normal(size=len(names)), strict=True))) for patient in planned], {"synthetic": True})


@pytest.fixture
def coarse(monkeypatch):
    """Scans of large pixels, which take a second."""
    monkeypatch.setattr(patients, "make_scan", lambda patient: make_scan(patient, 1.2))


def test_a_patient_is_explained_and_asked_by_masks_of_the_orbit_model(coarse, monkeypatch, tmp_path):
    patient = replace(plan_patients(ResponseCohortPlan(4, seed=3))[0], muscles=(0.0,) * 10)
    row = patients.explained(patient, tmp_path)
    names = {"leader", "random", steps.MODEL, steps.OTHER}
    assert set(row) == {*names, "called"} and {row[name] for name in names} <= set(RECTI)
    assert set(row["called"]) == {steps.MODEL, steps.OTHER}

    def nobody(scan, device, progress):
        raise Problem("No eye was found.")

    monkeypatch.setattr(patients, "orbits", lambda scan, device, progress: make_scan(patient, 1.2).labels)
    row = patients.segmented(patient, tmp_path)
    assert row["found"] == pytest.approx(row["true"], abs=1e-6) and not row["problem"]
    monkeypatch.setattr(patients, "orbits", nobody)
    assert patients.segmented(patient, tmp_path)["problem"] == "No eye was found."


def test_a_validation_goes_on_and_refuses_another_cohort_in_its_folder(monkeypatch, tmp_path, capsys):
    made = []

    def small(folder, plan, settings, progress):
        made.append(plan.patients)
        return make_cohort(folder, plan, STUDY.settings(profile="none"), pixel=3.0)

    monkeypatch.setattr(run, "make_cohort", small)
    monkeypatch.setattr(run, "PARTS", {"noise": lambda options, progress: run.new_patients(options, progress) and
                                       FOUND["noise"]})
    arguments = ["--output", str(tmp_path / "here"), "--parts", "noise", "--page", str(tmp_path / "page.md")]
    assert run.main([*arguments, "--patients", "4"]) == 0
    assert "mean 0.507" in (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "4 patients" in capsys.readouterr().out
    assert run.main([*arguments, "--patients", "5"]) == 2 and made == [4, 5]
    assert "other cases or settings" in capsys.readouterr().err
