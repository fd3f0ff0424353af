"""``segment``, ``measure``, ``train-lesions`` and ``train-anatomy`` from the command line."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
import torch

from NeuroDifferentialLib.__main__ import main
from NeuroDifferentialLib.anatomy.networks import PARTS_NETWORK
from NeuroDifferentialLib.anatomy.training.config import PartsTraining
from NeuroDifferentialLib.anatomy.training.export import export as export_parts
from NeuroDifferentialLib.anatomy.training.train import TrainedParts
from NeuroDifferentialLib.slices.training import Means
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.models.device import DeviceChoice
from NeuroOrbitLib.models.package import ModelPackage
from NeuroOrbitLib.problem import Problem
from Testing.toy_brain import toy_labels


def test_segment_writes_the_lesions_and_measure_agrees(tmp_path, flair, capsys):
    scan, lesions, anatomy, table = (tmp_path / name for name in
                                     ("flair.nii.gz", "lesions.nii.gz", "anatomy.nii.gz", "table.csv"))
    save_image(flair, scan)
    assert main(["segment", str(scan), "-o", str(lesions), "--anatomy", str(anatomy), "--json"]) == 0
    told = capsys.readouterr().out
    assert str(tmp_path) not in told and "flair.nii" not in told, "names of scans often hold a patient's"
    first = json.loads(told)
    assert first["anatomy_model"]["name"] == "brain-any-contrast"
    assert set(np.unique(load_image(lesions).array)) == {0, 1}
    assert load_image(lesions).grid.same_as(flair.grid)
    numbers = tmp_path / "numbers.nii.gz"
    assert main(["measure", str(lesions), "--anatomy", str(anatomy), "--table", str(table), "--numbers", str(numbers),
                 "--json", "--with-paths"]) == 0
    second = json.loads(capsys.readouterr().out)
    assert second["lesions_file"] == str(lesions)
    assert first["lesions"] == second["lesions"]
    assert "serology" in second["limits"]
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert len(rows) == second["lesion_count"] == load_image(numbers).array.max()


def test_the_report_for_people_names_regions_and_criteria(tmp_path, flair, truth, found, capsys):
    save_image(flair.with_array(truth.astype(np.uint8)), tmp_path / "mask.nii.gz")
    save_image(found.anatomy, tmp_path / "anatomy.nii.gz")
    assert main(["measure", str(tmp_path / "mask.nii.gz"), "--anatomy", str(tmp_path / "anatomy.nii.gz")]) == 0
    said = capsys.readouterr().out
    assert "deep white matter" in said
    assert "[?] Spinal cord - Brain MRI cannot tell" in said
    assert "Not for use in diagnostic" in said or "research use" in said.lower()


def test_a_missing_scan_is_one_line_and_nothing_is_written(tmp_path, capsys):
    output = tmp_path / "lesions.nii.gz"
    assert main(["segment", str(tmp_path / "none.nii.gz"), "-o", str(output)]) == 1
    assert capsys.readouterr().err.startswith("Error: ")
    assert not output.exists()


def test_the_scan_is_never_overwritten(tmp_path, flair, capsys):
    scan = save_image(flair, tmp_path / "flair.nii.gz")
    before = scan.read_bytes()
    assert main(["segment", str(scan), "-o", str(scan)]) == 1
    assert "overwrite" in capsys.readouterr().err
    assert scan.read_bytes() == before


def test_a_training_ends_with_a_model_that_segment_takes(tmp_path, average_brain, flair, capsys):
    save_image(average_brain.labels, tmp_path / "maps" / "one.nii.gz")
    config = tmp_path / "small.json"
    config.write_text(json.dumps({"widths": [8, 8], "patients": 1, "loads_ml": [60, 61], "t1_share": 0, "patch": 32,
                                  "batch_size": 2}), encoding="utf-8")
    command = ["train-lesions", str(tmp_path / "maps"), "-o", str(tmp_path / "run"), "--config", str(config)]
    assert main([*command, "--steps", "2"]) == 0
    drawn = next((tmp_path / "run" / "patients").rglob("scan.npy"))
    before = drawn.stat().st_mtime_ns
    assert main([*command, "--steps", "4"]) == 0
    assert drawn.stat().st_mtime_ns == before
    scan = save_image(flair, tmp_path / "flair.nii.gz")
    capsys.readouterr()
    assert main(["segment", str(scan), "-o", str(tmp_path / "lesions.nii.gz"), "--model",
                 str(tmp_path / "run" / "package"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"]["training_data"].startswith("synthetic: 1 simulated")


def test_the_parts_of_the_brain_are_learned_from_label_maps(tmp_path, average_brain, capsys):
    save_image(average_brain.labels, tmp_path / "maps" / "one.nii.gz")
    config = tmp_path / "small.json"
    config.write_text(json.dumps({"widths": [8, 8], "patients": 2, "patch": 32, "batch_size": 2}), encoding="utf-8")
    command = ["train-anatomy", str(tmp_path / "maps"), "-o", str(tmp_path / "run"), "--config", str(config)]
    assert main([*command, "--steps", "2"]) == 0
    drawn = {path: path.stat().st_mtime_ns for path in (tmp_path / "run" / "patients").rglob("scan.npy")}
    assert main([*command, "--steps", "3", "--device", "cpu", "--workers", "1"]) == 0
    assert len(drawn) == 2
    assert all(path.stat().st_mtime_ns == before for path, before in drawn.items())
    assert ModelPackage.open(tmp_path / "run" / "package").training_data == (
        "synthetic: 2 simulated scans of 1 head label maps")


def test_a_training_starts_from_the_weights_of_a_package_and_says_so(tmp_path, average_brain, capsys):
    save_image(average_brain.labels, tmp_path / "maps" / "one.nii.gz")
    config, first = tmp_path / "small.json", tmp_path / "first"
    settings = {"widths": [8, 8], "patients": 1, "patch": 32, "batch_size": 2, "steps": 1}
    config.write_text(json.dumps(settings), encoding="utf-8")
    command = ["train-anatomy", str(tmp_path / "maps"), "--config", str(config), "-o"]
    assert main([*command, str(first)]) == 0
    config.write_text(json.dumps(settings | {"seed": 2, "learning_rate": 1e-9}), encoding="utf-8")
    further = [*command, str(tmp_path / "second"), "--start-from", str(first / "package")]
    assert main(further) == 0
    package, start = (ModelPackage.open(folder / "package") for folder in (tmp_path / "second", first))
    weights = package.load_state_dict()
    for name, value in start.load_state_dict().items():
        if value.ndim > 1:  # kernels; means and spreads of what was seen follow other scans
            torch.testing.assert_close(weights[name], value, atol=1e-3, rtol=0, msg=name)
    assert package.training_data == ("synthetic: 1 simulated scans of 1 head label maps; began with brain-any-contrast "
                                     f"{start.version} (synthetic: 1 simulated scans of 1 head label maps)")
    assert main([*further[:-2], "--steps", "2"]) == 1
    assert "another configuration" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train-lesions", "train-anatomy"])
def test_a_start_from_another_network_is_refused_before_anything_is_drawn(tmp_path, command, capsys):
    save_image(toy_labels(3.0), tmp_path / "maps" / "one.nii.gz")
    config, other = tmp_path / "small.json", tmp_path / "other"
    config.write_text(json.dumps({"widths": [8, 8]}), encoding="utf-8")
    trained = TrainedParts(PARTS_NETWORK.build(widths=(8, 16)), 1, 1)
    export_parts(trained, PartsTraining(widths=(8, 16)), other)
    assert main([command, str(tmp_path / "maps"), "--config", str(config), "-o", str(tmp_path / "run"),
                 "--start-from", str(other)]) == 1
    assert "of brain_part_slices with [8, 16]" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["train-lesions", "train-anatomy"])
@pytest.mark.parametrize(("setting", "says"), [
    ({"widht": 3}, "unknown settings: widht"), ({"widths": []}, "widths"), ({"loads_ml": [5, 1]}, "loads_ml"),
    ({"loads_ml": [5]}, "loads_ml"), ({"loads_ml": [0.01, 5]}, "at least 0.05 ml"), ({"t1_share": -1}, "t1_share"),
])
def test_wrong_settings_are_named(tmp_path, command, setting, says, capsys):
    save_image(toy_labels(3.0), tmp_path / "maps" / "one.nii.gz")
    config = tmp_path / "wrong.json"
    config.write_text(json.dumps(setting), encoding="utf-8")
    assert main([command, str(tmp_path / "maps"), "--config", str(config), "-o", str(tmp_path / "run")]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(("setting", "says"), [
    ({"large_share": 1.5}, "large_share"), ({"large_loads_ml": [60, 20]}, "large_loads_ml"),
])
def test_wrong_shares_and_loads_of_large_lesions_are_named(tmp_path, setting, says, capsys):
    save_image(toy_labels(3.0), tmp_path / "maps" / "one.nii.gz")
    config = tmp_path / "wrong.json"
    config.write_text(json.dumps(setting), encoding="utf-8")
    assert main(["train-anatomy", str(tmp_path / "maps"), "--config", str(config), "-o", str(tmp_path / "run")]) == 1
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train-lesions", "train-anatomy"])
@pytest.mark.parametrize(("option", "value", "says"), [
    ("--device", "cuda", "Choose auto or cpu"), ("--workers", "-1", "--workers is a number of processes"),
])
def test_a_training_that_cannot_compute_so_is_refused_before_anything_is_drawn(tmp_path, command, option, value, says,
                                                                               monkeypatch, capsys):
    monkeypatch.setattr("NeuroOrbitLib.models.device._obstacle", lambda needed: "there is none")
    save_image(toy_labels(3.0), tmp_path / "maps" / "one.nii.gz")
    assert main([command, str(tmp_path / "maps"), "-o", str(tmp_path / "run"), option, value]) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("command", ["anatomy", "lesions"])
def test_a_training_computes_by_the_means_that_are_asked_for(tmp_path, command, monkeypatch, capsys):
    asked = []

    def train(maps, config, folder, means, progress, start):
        asked.append(means)
        raise Problem("Enough is known.")

    monkeypatch.setattr("NeuroOrbitLib.models.choose_device", lambda wanted: DeviceChoice(f"chosen {wanted}", "Why."))
    monkeypatch.setattr(f"NeuroDifferentialLib.{command}.training.train.train", train)
    save_image(toy_labels(3.0), tmp_path / "maps" / "one.nii.gz")
    assert main([f"train-{command}", str(tmp_path / "maps"), "-o", str(tmp_path / "run"), "--device", "cuda",
                 "--workers", "3", "--scheduler", "local:2"]) == 1
    assert asked == [Means("local:2", "chosen cuda", 3)]
    assert "Why." in capsys.readouterr().err


def test_help_names_commands_as_they_are_typed(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    told = capsys.readouterr().out
    assert "train-lesions" in told and "train_lesions" not in told
