"""From a cohort through cross-validation and training to a classified scan, on the command line."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from NeuroOrbitLib.anatomy.structures import label_name
from NeuroOrbitLib.classifiers.cohort import CohortCase, arrays_path, read_cohort, write_cohort
from NeuroOrbitLib.imaging.boxes import box_around
from NeuroOrbitLib.imaging.boxes import crop as box_crop
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.phantom.patients.patient import Scan
from NeuroOrbitLib.problem import Problem
from TAOActivityLib import pipeline
from TAOActivityLib.__main__ import main
from TAOActivityLib.familiarity import FAMILIARITY
from TAOActivityLib.networks.registry import find
from TAOActivityLib.task import CONFIGS, predictor_of

CONFIG = {
    "name": "tao-tiny", "title": "Tiny", "network": "network_b_compact", "network_options": {"width": 4},
    "folds": 2, "repeats": 2, "second_task": 2.0,
    "schedule": {"epochs": 2, "batch_size": 8, "learning_rate": 0.003},
}  # fmt: skip


def make_prepared(folder: Path, count: int = 12, seed: int = 0) -> None:
    """Noise with brighter active cases; patients have two scans each."""
    rng = np.random.default_rng(seed)
    cases = []
    for number in range(count):
        label = int(number % 4 == 0)
        image = rng.normal(size=(5, 164, 164)).astype(np.float16) + np.float16(label)
        path = arrays_path(folder, f"c{number}")
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, image=image, labels=np.zeros((5, 164, 164), dtype=np.uint8))
        ratio = 1 + 0.3 * label + 0.1 * float(rng.normal())
        numbers = {"score": 4.0 * label, "brain_ratio": ratio, "temporalis_ratio": float("nan"), "t2": float("nan")}
        cases.append(CohortCase(f"c{number}", f"p{number // 2}", label, numbers))
    write_cohort(folder, cases, {"synthetic": True, "region": "both", "ceiling_auc": 0.9,
                                "ceiling_auc_of_this_cohort": 0.91, "label_noise": 0.1})


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    """A folder with a prepared cohort and a configuration, cross-validated."""
    folder = tmp_path_factory.mktemp("tao")
    make_prepared(folder / "cohort")
    (folder / "tiny.json").write_text(json.dumps(CONFIG))
    assert main(["crossvalidate", "--cohort", str(folder / "cohort"), "--config", str(folder / "tiny.json"),
                 "-o", str(folder / "cv"), "--device", "cpu"]) == 0
    return folder


def test_cross_validation_reports_and_is_not_done_twice(work, capsys, monkeypatch):
    results = json.loads((work / "cv" / "evaluation.json").read_text())
    assert results["synthetic"] and results["cases"] == 12 and len(results["repeats"]) == 2
    assert set(results["baselines"]) == {"signal ratio to brain"}
    page = (work / "cv" / "report.html").read_text()
    assert "synthetic images" in page and "Training loss" in page
    assert not list((work / "cv" / "trainings").glob("*/*/checkpoint*.pt")), "finished folds keep no checkpoint"
    monkeypatch.setattr("NeuroOrbitLib.classifiers.network_training.train_classifier", None)
    assert main(["crossvalidate", "--cohort", str(work / "cohort"), "--config", str(work / "tiny.json"),
                 "-o", str(work / "cv"), "--device", "cpu", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["measures"] == results["measures"]


def test_another_question_needs_another_folder(work, capsys):
    assert main(["crossvalidate", "--cohort", str(work / "cohort"), "--config", str(work / "tiny.json"),
                 "-o", str(work / "cv"), "--permute-labels", "1", "--device", "cpu"]) == 1
    assert "Choose another folder" in capsys.readouterr().err


def test_another_threshold_and_name_need_no_other_training(work, tmp_path, monkeypatch):
    """A threshold that was chosen by the ROC curve, and a name of one's own: every fold had to be trained again."""
    package = packed(work)
    for name in ("cv", "model", "model.training"):
        shutil.copytree(work / name, tmp_path / name)
    own = ["--cohort", str(work / "cohort"), "--config", str(work / "tiny.json"), "--device", "cpu",
           "--set", "threshold=0.3", "--set", "name=clinic", "--set", "title=Ours"]
    with monkeypatch.context() as context:
        context.setattr("NeuroOrbitLib.classifiers.network_training.train_classifier", None)
        assert main(["crossvalidate", *own, "-o", str(tmp_path / "cv")]) == 0
    judged = json.loads((tmp_path / "cv" / "evaluation.json").read_text())
    assert judged["threshold"] == 0.3
    assert main(["train", *own, "-o", str(tmp_path / "model"), "--crossvalidation", str(tmp_path / "cv")]) == 0
    found = ModelPackage.open(tmp_path / "model")
    assert (found.facts.name, found.facts.title, found.facts.settings["threshold"]) == ("clinic", "Ours", 0.3)
    assert found.sha256 == package.sha256, "the weights are those of the finished training"
    assert found.facts.performance["specificity, mean over repeats (synthetic)"] == pytest.approx(
        judged["measures"]["specificity"]["mean"], abs=1e-4)


def test_a_name_that_the_panel_does_not_offer_is_told_after_the_training(work, tmp_path, capsys):
    """The shipped configurations are called like the shipped models: one's own model was missing in the panel."""
    packed(work)
    shutil.copytree(work / "model.training", tmp_path / "model.training")
    train = ["train", "--cohort", str(work / "cohort"), "--config", str(work / "tiny.json"), "--device", "cpu",
             "-o", str(tmp_path / "model")]
    assert main([*train, "--set", "name=tao-b"]) == 0
    told = capsys.readouterr().err
    assert "its name tao-b is that of another model, which comes with the extension" in told
    assert "repeat the command with --set name=NAME; nothing is trained again" in told
    assert main([*train, "--set", "name=clinic"]) == 0 and "Note" not in capsys.readouterr().err


def test_probabilities_of_any_classifier_can_be_evaluated(work, tmp_path, capsys):
    assert main(["evaluate", str(work / "cv" / "predictions.csv"), "-o", str(tmp_path), "--threshold", "0.3"]) == 0
    assert "Sensitivity" in capsys.readouterr().out
    assert json.loads((tmp_path / "evaluation.json").read_text())["threshold"] == 0.3


def packed(work: Path) -> ModelPackage:
    """The calibrated package of the cohort, trained once."""
    if not (work / "model").exists():
        assert main(["train", "--cohort", str(work / "cohort"), "--config", str(work / "tiny.json"), "-o",
                     str(work / "model"), "--crossvalidation", str(work / "cv"), "--device", "cpu"]) == 0
    return ModelPackage.open(work / "model")


def files_of(scan: Scan, folder: Path) -> tuple[str, str]:
    """The scan and its label map as files."""
    paths = folder / "scan.nii.gz", folder / "labels.nii.gz"
    for image, path in zip((scan.image, scan.labels), paths, strict=True):
        if not path.exists():
            save_image(image, path)
    return tuple(map(str, paths))


def test_a_trained_model_classifies_a_scan(work, active_scan, inactive_scan, capsys, monkeypatch):
    package = packed(work)
    package_folder = package.folder
    assert package.facts.is_synthetic and package.facts.calibration["temperature"] > 0
    assert "auc, mean over repeats (synthetic)" in package.facts.performance
    scan, labels = files_of(active_scan, work)
    capsys.readouterr()
    assert main(["classify", str(scan), "--model", str(package_folder), "--labels", str(labels), "--device", "cpu",
                 "--json", "--report", str(work / "page.html")]) == 0
    found = json.loads(capsys.readouterr().out)
    page = (work / "page.html").read_text(encoding="utf-8")
    assert f"{found['ratios'][0]['to_brain']:.2f}" in page and f"threshold of {found['threshold']:.0%}"[:-1] in page
    assert page.count("data:image/png") == 5 and all(text in page for text in found["notices"])
    assert 0 <= found["probability"] <= 1 and found["calibrated"] and found["synthetic_training"]
    assert found["decision"] == ("active" if found["probability"] >= found["threshold"] else "inactive")
    assert {row["muscle"] for row in found["ratios"]} >= {"medial_rectus", "lateral_rectus"}
    assert "research use only" in found["research_use"]
    # Through the segmentation of OrbitSegmentation, here replaced by the truth.
    monkeypatch.setattr("OrbitSegmentationLib.pipeline.orbits_of", lambda image, *rest: active_scan.labels)
    same = pipeline.classify_file(str(scan), str(package_folder), device="cpu")
    assert same["probability"] == pytest.approx(found["probability"], abs=1e-4)


def test_a_model_says_how_sure_it_is_and_how_usual_the_scan(work, active_scan):
    package = packed(work)
    evaluation = package.document("evaluation")
    assert evaluation["roc"]["auc"] == pytest.approx(
        json.loads((work / "cv" / "evaluation.json").read_text())["mean_prediction"]["auc"]["value"])
    scan, labels = files_of(active_scan, work)
    found = pipeline.classify_file(scan, str(package.folder), labels, "cpu")
    low, high = found["interval"]
    assert low < found["probability"] < high
    assert found["novelty"]["score"] > 3 and found["novelty"]["unusual"], "it has only seen noise"
    assert "looks unlike those" in found["novelty"]["text"] and found["novelty"]["text"] in found["notices"]
    cohort = read_cohort(work / "cohort")
    predictor, labels = predictor_of(package), cohort.array("labels", 0)
    scores = [FAMILIARITY.novelty(package, predictor, image, labels).score for image in cohort.arrays("image")]
    assert np.median(scores) < 3, "its own training images are usual"
    assert FAMILIARITY.novelty(package, predictor, 3 * cohort.arrays("image", [0])[0], labels).score > 3


def test_a_package_without_cross_validation_admits_that_it_knows_no_spread(work, active_scan, tmp_path):
    config = tmp_path / "tiny.json"
    config.write_text(json.dumps(CONFIG))
    assert main(["train", "--cohort", str(work / "cohort"), "--config", str(config), "-o", str(tmp_path / "m"),
                 "--device", "cpu"]) == 0
    scan, labels = files_of(active_scan, work)
    found = pipeline.classify_file(scan, str(tmp_path / "m"), labels, "cpu")
    assert found["interval"] is None and not found["calibrated"]
    assert ModelPackage.open(tmp_path / "m").document("evaluation") is None


def test_a_model_is_judged_on_another_cohort(work, tmp_path, capsys):
    package = packed(work)
    assert main(["evaluate", "--model", str(package.folder), "--cohort", str(work / "cohort"), "-o",
                 str(tmp_path / "out"), "--device", "cpu"]) == 0
    told = "The model has learned from 12 of these 12 cases: all of these numbers are too good"
    printed = capsys.readouterr().out
    assert "Sensitivity" in printed and told in printed
    assert told in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    results = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert results["sha256"] == package.sha256 and results["cases"] == 12 and results["calibrated"]
    make_prepared(tmp_path / "others", seed=1)
    shutil.copy(arrays_path(work / "cohort", "c3"), arrays_path(tmp_path / "others", "c7"))  # under another name
    assert main(["evaluate", "--model", str(package.folder), "--cohort", str(tmp_path / "others"), "-o",
                 str(tmp_path / "new"), "--device", "cpu"]) == 0
    assert "learned from 1 of these 12 cases" in capsys.readouterr().out
    assert json.loads((tmp_path / "new" / "evaluation.json").read_text())["learned_cases"] == 1
    assert 0 <= results["novelty"]["unusual_share"] <= 1
    cohort = read_cohort(work / "cohort")
    write_cohort(cohort.folder, cohort.cases, {**cohort.facts, "region": "right"})
    assert main(["evaluate", "--model", str(package.folder), "--cohort", str(work / "cohort"), "-o",
                 str(tmp_path / "no"), "--device", "cpu"]) == 1
    write_cohort(cohort.folder, cohort.cases, cohort.facts)
    assert "looks at crops of both" in capsys.readouterr().err and not (tmp_path / "no").exists()


def test_an_answer_is_explained_as_files(work, active_scan, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.dicom.scans.file_notes", lambda _path: ["Right and left are a guess."])
    scan, labels = files_of(active_scan, work)
    arguments = ["explain", scan, "--labels", labels, "--model", str(packed(work).folder), "--device", "cpu"]
    capsys.readouterr()
    assert main([*arguments, "-o", str(tmp_path / "a"), "--stride", "16", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    heat, crop = (load_image(tmp_path / "a" / f"{name}.nii.gz") for name in ("heat", "crop"))
    assert heat.grid.same_as(crop.grid) and heat.array.shape == (5, 164, 164)
    assert heat.array.max() == pytest.approx(found["largest"], rel=1e-3)
    rows = (tmp_path / "a" / "muscles.csv").read_text().splitlines()
    assert rows[0] == "muscle,mean_heat_probability" and len(rows) == 1 + len(found["by_muscle"])
    assert not (tmp_path / "a" / "labels.nii.gz").exists(), "labels that were given are not written again"
    capsys.readouterr()
    cropped = save_image(box_crop(active_scan.labels, box_around(active_scan.labels.array > 0)), tmp_path / "l.nii.gz")
    arguments[3] = str(cropped)
    assert main([*arguments, "-o", str(tmp_path / "c"), "--stride", "16", "--all-slices"]) == 0
    printed = capsys.readouterr()
    assert "synthetic images only" in printed.out and "threshold" in printed.out
    assert "Mean heat (fall of the network's own probability, before calibration)" in printed.out
    assert len(found["notices"]) > 1 and "Right and left are a guess." in found["notices"]
    assert all(f"Note: {notice}" in printed.err for notice in found["notices"])
    together = load_image(tmp_path / "c" / "heat.nii.gz").array
    assert np.array_equal(together[0], together[4]) and not np.array_equal(heat.array[0], heat.array[4])
    assert main([*arguments, "-o", str(tmp_path / "b"), "--method", "grad_cam"]) == 0
    assert "logit" in (tmp_path / "b" / "muscles.csv").read_text()
    assert main([*arguments, "-o", str(tmp_path / "c"), "--fill", "pink"]) == 1
    assert "no fill 'pink'" in capsys.readouterr().err


def test_labels_of_others_are_read_as_they_are_named_and_exchanged_sides_are_refused(
        work, active_scan, tmp_path, capsys, monkeypatch):
    """An orbit of the wrong side, or a muscle in the place of an eye, must not be looked at."""
    monkeypatch.setattr("TAOActivityLib.preparation.correct_bias_field", lambda image, *rest: image.with_array(
        image.array.astype(np.float32)))
    scan, labels = files_of(active_scan, work)
    values = active_scan.labels.array
    names = {int(value): label_name(int(value)) for value in np.unique(values) if value}
    foreign = np.where(values > 0, 30 - values, 0)
    save_image(active_scan.labels.with_array(foreign.astype(np.uint8)), tmp_path / "foreign.nii.gz")
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": {
        "background": 0, **{name: 30 - value for value, name in names.items()}}}))
    ask = partial(pipeline.classify_file, scan, str(packed(work).folder), device="cpu")
    own, found = ask(labels=labels), ask(labels=str(tmp_path / "foreign.nii.gz"))
    assert found["ratios"] == own["ratios"] and found["probability"] == own["probability"]
    assert main(["explain", scan, "--labels", str(tmp_path / "foreign.nii.gz"), "--model", str(packed(work).folder),
                 "--device", "cpu", "-o", str(tmp_path / "why"), "--method", "grad_cam"]) == 0
    assert np.array_equal(load_image(tmp_path / "why" / "labels.nii.gz").array, values)
    (tmp_path / "dataset.json").unlink()
    paired = (values > 0) & (values < 25)
    sides = values + np.where(paired, np.where(values % 2 == 1, 1, -1), 0)
    save_image(active_scan.labels.with_array(sides.astype(np.uint8)), tmp_path / "exchanged.nii.gz")
    with pytest.raises(Problem, match=r"contradict the anatomy: .*left of"):
        ask(labels=str(tmp_path / "exchanged.nii.gz"))
    assert main(["explain", scan, "--labels", str(tmp_path / "exchanged.nii.gz"), "--model",
                 str(packed(work).folder), "--device", "cpu", "-o", str(tmp_path / "no")]) == 1
    assert "contradict the anatomy" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "option", "value"), [
    ("explain", "--patch", "0"), ("explain", "--stride", "-1"), ("crossvalidate", "--repeats", "0")])
def test_a_count_of_nothing_is_refused_before_anything_is_computed(command, option, value, capsys):
    needed = ["scan.nii.gz", "--model", "tao-b"] if command == "explain" else ["--cohort", "c", "--config", "network_b"]
    with pytest.raises(SystemExit) as ended:
        main([command, *needed, "-o", "x", option, value])
    assert ended.value.code == 2
    assert f"argument {option}: '{value}' is no whole number from 1" in capsys.readouterr().err


@pytest.mark.parametrize(("arguments", "reason"), [
    (["evaluate", "-o", "x"], "either a table of predictions, or both"),
    (["evaluate", "--model", "tao-b", "-o", "x"], "either a table of predictions, or both"),
    (["explain", "nowhere.nii.gz", "--model", "tao-b", "-o", "x"], "no file or folder nowhere.nii.gz"),
    (["classify", "nowhere.nii.gz", "--model", "tao-b"], "no file or folder nowhere.nii.gz"),
    (["crossvalidate", "--cohort", ".", "--config", "network_b", "-o", "x"], "not a prepared cohort"),
    (["cohort", "-o", "x", "--patients", "3", "--scans", "9"], "one scan or two"),
    (["cohort", "-o", "x", "--table", "none.csv"], "no table none.csv"),
    (["evaluate", "none.csv", "-o", "x"], "no table none.csv"),
])  # fmt: skip
def test_a_mistake_is_told_in_one_line(arguments, reason, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert reason in error and "Traceback" not in error
    assert not list(tmp_path.iterdir())


def test_shipped_configurations_are_complete_and_those_of_the_paper_are_the_papers():
    from NeuroOrbitLib.classifiers.training_config import load_classifier_config

    plans = {path.stem: load_classifier_config(path.stem, CONFIGS) for path in CONFIGS.glob("*.json")}
    assert set(plans) == {"network_a", "network_b", "network_a_compact", "network_b_compact"}
    assert all(find(plan.network) for plan in plans.values())
    a, b = plans["network_a"].schedule, plans["network_b"].schedule
    assert (a.batch_size, a.epochs, a.learning_rate, a.drops) == (64, 300, 3e-4, ((250, 1e-4),))
    assert (b.batch_size, b.epochs, b.learning_rate, b.drops) == (64, 400, 3e-4, ((300, 5e-5),))
    assert (a.convolution_penalty, a.dense_penalty) == (b.convolution_penalty, b.dense_penalty) == (1e-2, 1e-3)
