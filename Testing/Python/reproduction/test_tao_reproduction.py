"""The reproduction of the activity paper: honest words, nothing done twice, heat against what was inflamed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.classifiers.cohort import Cohort, CohortCase, arrays_path, write_cohort
from NeuroOrbitLib.models import ModelFacts, write_package
from NeuroOrbitLib.models.package import METADATA_FILE
from TAOActivityLib.synthetic.inflammation import Inflammation
from TAOActivityLib.synthetic.plan import ActivityCohortPlan, Visit, plan_visits
from Testing.Experiments.reproduction import tao, tao_report, tao_runs
from Testing.Experiments.reproduction.tao_heat import INFLAMED_FROM, inflamed_labels
from Testing.Experiments.reproduction.tao_plan import SCALES, choose_scale


def noise_cohort(folder: Path, plan: ActivityCohortPlan, progress=None) -> Cohort:
    """The planned visits with noise as scans, active ones brighter, and a block for every structure."""
    rng = np.random.default_rng(plan.seed)
    labels = np.zeros((5, 164, 164), np.uint8)
    for value in range(1, 25):
        labels[:, 40 + 4 * value // 2:44 + 4 * value // 2, 60:80] = value
    cases = []
    for visit in plan_visits(plan):
        active = visit.inflammation.active
        image = rng.normal(size=labels.shape).astype(np.float16) + np.float16(3 * active)
        path = arrays_path(folder, visit.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, image=image, labels=labels)
        numbers = {"score": float(visit.inflammation.score), "brain_ratio": 1.0 + 0.2 * active,
                   "temporalis_ratio": 2.0 + float(rng.normal()), "t2": visit.inflammation.t2}
        cases.append(CohortCase(visit.name, visit.patient, int(active), numbers))
    return write_cohort(folder, cases, {"synthetic": True, "region": "both", "seed": plan.seed, "ceiling_auc": 0.92,
                                        "ceiling_auc_of_this_cohort": 0.93, "label_noise": 0.14})


@pytest.fixture
def quick(monkeypatch):
    """The quick scale on noise, without real scans."""
    monkeypatch.setattr(tao_runs, "make_cohort", noise_cohort)
    monkeypatch.setattr(tao, "orbit_scans", lambda: [])


@pytest.mark.slow
def test_a_run_ends_with_a_document_and_is_not_done_twice(tmp_path, quick, monkeypatch, capsys):
    document = tmp_path / "docs" / "tao.md"
    arguments = ["--scale", "quick", "--device", "cpu", "--output", str(tmp_path), "--document", str(document)]
    assert tao.main(arguments) == 0
    text = document.read_text(encoding="utf-8")
    assert text.strip() in capsys.readouterr().out
    assert "Lin et al. 2021, four runs | 31 of patients" in text and "synthetic" in text
    assert "Signal ratio to brain" in text and "labels permuted" in text and "patients leak" in text
    assert "](tao_b_roc.png)" in text and (document.parent / "tao_b_roc.png").exists()
    data = json.loads((tmp_path / "quick" / "tao.json").read_text())
    assert data["synthetic"] and len(data["b"]["repeats"]) == 2 and data["b-fresh"]["model"] == "tao-b"
    seeds = [data[name]["seed"] for name in ("b", "b-fresh", "b-teaching")]
    assert len(set(seeds)) == 3, "the table, the fresh cohort and what the packages learn from are other patients"
    assert "Trained on 8 scans of other synthetic patients" in text
    for name in ("judge_by_crossvalidation", "train_package", "judge_package", "measure_heat"):
        monkeypatch.setattr(tao_runs, name, None)
    assert tao.main(arguments) == 0 and document.read_text(encoding="utf-8") == text


def test_a_result_older_than_its_package_is_made_again(tmp_path):
    weights = {"weight": torch.zeros(1)}
    facts = ModelFacts("m", "1.0.0", "M", "MRI", ("no", "yes"), "synthetic", "Apache-2.0", "none")
    package = write_package(tmp_path / "m", weights, facts)
    answers = iter([{"n": 1}, {"n": 2}])
    path = tmp_path / "results" / "r.json"
    for expected in (1, 1):
        assert tao_runs.kept(path, lambda: next(answers), package) == {"n": expected}
    os.utime(package.folder / METADATA_FILE, (path.stat().st_mtime + 1,) * 2)
    assert tao_runs.kept(path, lambda: next(answers), package) == {"n": 2}


def test_when_the_time_is_up_the_rest_waits(tmp_path, quick):
    assert tao.main(["--scale", "quick", "--device", "cpu", "--output", str(tmp_path), "--minutes", "0"]) == 1
    assert not (tmp_path / "quick" / "heat.json").exists()
    assert "Table 2" not in (tmp_path / "quick" / "tao.md").read_text()


def test_an_unknown_scale_is_explained(tmp_path, capsys):
    assert tao.main(["--scale", "huge", "--output", str(tmp_path)]) == 2
    assert "no scale 'huge'" in capsys.readouterr().err
    assert choose_scale("auto", "cpu").name == "small" and choose_scale("auto", "cuda").name == "full"


def test_scales_of_the_papers_size_are_of_the_papers_size():
    for name in ("small", "full"):
        scale = SCALES[name]
        assert scale.cohort == ActivityCohortPlan(108, 160, 50, seed=0) and scale.repeats == 4
        assert scale.fresh == ActivityCohortPlan(108, 160, 50, seed=1) and scale.heat_cases >= 50
        assert scale.teaching.scans > scale.cohort.scans
        assert scale.teaching.active / scale.teaching.scans == 50 / 160, "as often active as in the paper"
        assert scale.heat.each_channel, "heat is measured as the panel shows it"
    assert SCALES["full"].configs["b"].schedule.epochs == 400 and SCALES["full"].configs["b"].second_task == 0


def test_inflamed_is_what_the_phantom_inflamed():
    def visit(t2: float) -> Visit:
        return Visit("P1-1", "P1", 1, 1, 11, 0.5, Inflammation(t2, (1,) * 7))

    assert inflamed_labels(visit(INFLAMED_FROM - 1)) == []
    found = inflamed_labels(visit(115.0))
    muscles = {label_value(key, side) for key in ("superior_rectus", "inferior_rectus", "medial_rectus",
                                                  "lateral_rectus", "superior_oblique", "inferior_oblique")
               for side in ("right", "left")}
    assert found and set(found) <= muscles and len(found) % 2 == 0
    assert set(inflamed_labels(visit(80.0))) <= set(found), "the same muscles lead at any degree"


def results(auc: float, sd: float = 0.01, ece: float = 0.05) -> dict:
    measures = {name: {"mean": auc, "sd": sd, "low": auc - 0.05, "high": auc + 0.05} for name in tao_report.MEASURES}
    measures["ece"]["mean"] = ece
    return {"measures": measures, "ceiling_auc_of_this_cohort": 0.92, "repeats": [{"auc": auc, "accuracy": 0.8}]}


def test_promises_that_are_missed_are_called_missed():
    data = {"a": results(0.8, 0.02), "b": results(0.85, 0.01), "b-fresh": results(0.89), "b-permuted": results(0.53),
            "heat": {"share_above_bar": {"trained": 0.9, "random": 0.0}}}
    assert all(kept for _, kept in tao_report.bars(data))
    missed = {**data, "b": results(0.85, 0.03), "b-fresh": results(0.86, ece=0.1), "b-permuted": results(0.6),
              "heat": {"share_above_bar": {"trained": 0.7, "random": 0.0}}}
    assert [kept for _, kept in tao_report.bars(missed)] == [True, False, False, False, False, False]
    assert "below the ceiling of that cohort by 0.060" in tao_report.bars(missed)[1][0]
