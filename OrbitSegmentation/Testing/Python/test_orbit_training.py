"""Training a small network from a configuration: it learns, resumes, packs, and never mixes patients."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from NeuroOrbitLib.evaluation.segmentation.scores import score_case
from NeuroOrbitLib.imaging.files import load_image, save_image
from NeuroOrbitLib.jobs.folders import RUNNING_NAME
from NeuroOrbitLib.jobs.identity import start_of
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.models import ModelPackage
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.checkpoint import load_checkpoint
from NeuroOrbitLib.training.cohorts import read_cohort
from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME, Outcome
from OrbitSegmentationLib.__main__ import main
from OrbitSegmentationLib.inventory import orbit_models
from OrbitSegmentationLib.model_kinds import DEFAULT_MODEL
from OrbitSegmentationLib.paper_networks.model import PaperModel
from OrbitSegmentationLib.paper_networks.registry import find
from OrbitSegmentationLib.paper_networks.training.config import config_from_dict, load_config, shipped_configs
from OrbitSegmentationLib.paper_networks.training.run import TrainingRun, pack, train
from OrbitSegmentationLib.paper_networks.training.samples import store_orbits
from OrbitSegmentationLib.quality.coverage import modality_notices

SMALL = {
    "name": "toy-sv-net",
    "title": "Toy SV-Net",
    "profile": "sv_net",
    "profile_changes": {
        "classes": [["eyeball"], ["optic_nerve"]],
        "shape": [16, 16, 16],
        "spacing": [4.0, 4.0, 4.0],
        "window": [16, 16, 8],
    },
    "network_options": {"widths": [8, 8]},
    "loss": "sigmoid_cross_entropy",
    "learning_rate": 3e-2,
    "batch_size": 2,
    "epochs": 8,
    "folds": 2,
    "validation_fraction": 0.0,
}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory, toy_head_maker):
    """Three patients; the first one has two scans."""
    folder = tmp_path_factory.mktemp("cohort")
    for number, name in enumerate(["p1/before", "p1/after", "p2/scan", "p3/scan"]):
        image, labels = toy_head_maker(2.5, number)
        save_image(image, folder / f"{name}.nii.gz")
        save_image(labels, folder / f"{name}_labels.nii.gz")
    return folder


@pytest.fixture
def make_run(cohort, tmp_path):
    """Function that makes a training of the small configuration with some settings changed."""
    cases = read_cohort(cohort).cases

    def make(folder: str = "run", held_out=(), **changes) -> TrainingRun:
        config = config_from_dict({**SMALL, **changes})
        return TrainingRun(config, cases, tuple(held_out), tmp_path / folder, synthetic=True)

    return make


@pytest.mark.parametrize("name", shipped_configs())
def test_shipped_configurations_are_complete_and_fit_their_network(name):
    config = load_config(name)
    profile = config.resolved_profile()
    assert config.title and set(config.synthetic) == {"count", "seed", "protocols"}
    expected = tuple(size for size in find(profile.network).input_shape if size != 1)
    seen = tuple(size for size in profile.window if size != 1)
    # The improved profile shows the published SEQ-UNET a finer box than its authors did.
    assert seen == expected or name == "seq_unet_improved"


def test_published_training_parameters():
    sv_net, seq_unet = load_config("sv_net"), load_config("seq_unet_published")
    assert (sv_net.batch_size, sv_net.learning_rate, sv_net.epochs, sv_net.folds) == (4, 1e-4, 125, 10)
    assert (seq_unet.batch_size, seq_unet.learning_rate, seq_unet.epochs, seq_unet.folds) == (32, 5e-5, 500, 4)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"loss": "guess"}, "no loss 'guess'"),
        ({"profile": "x"}, "no profile 'x'"),
        ({"batch_size": 0}, "batch_size must be a whole number, at least 1"),
        ({"epochs": 2.0}, "epochs must be a whole number"),
        ({"folds": "x"}, "folds must be a whole number, at least 2"),
        ({"workers": -1}, "workers must be a whole number, at least 0"),
        ({"name": "my_model"}, "small letters"),
        ({"profile": ["sv_net"]}, "profile must be a text"),
        ({"bf16": "no"}, "bf16 must be true or false"),
        ({"profile_changes": 3}, "profile_changes must be settings"),
        ({"network_options": {"nope": 1}}, "network_options do not suit the network sv_net"),
        ({"synthetic": {"protocols": ["ct-none"]}}, "no protocol 'ct-none'"),
        ({"synthetic": {"number": 3}}, "no setting 'number'"),
        ({"synthetic": {"protocols": []}}, "must be a list of names"),
        ({"learning_rate": float("nan")}, "learning_rate must be a number above 0"),
        ({"largest_gradient": 0}, "largest_gradient must be a number above 0"),
        ({"epoch": 3}, "Unknown setting 'epoch'"),
        ({"validation_fraction": 1.5}, "validation_fraction"),
    ],
)
def test_a_wrong_configuration_names_the_setting(changes, words):
    with pytest.raises(Problem, match=words):
        config_from_dict({**SMALL, **changes})


def test_a_configuration_file_that_cannot_be_read_is_explained(tmp_path):
    with pytest.raises(Problem, match=r"one of:.*sv_net"):
        load_config("no_such")
    broken = tmp_path / "broken.json"
    broken.write_text("{oops")
    with pytest.raises(Problem, match="not JSON"):
        load_config(broken)
    broken.write_bytes(b"\x89PNG weights")
    with pytest.raises(Problem, match="not a text file"):
        load_config(broken)
    broken.write_text('{"name": "x"}')
    with pytest.raises(Problem, match="missing: title"):
        load_config(broken)


def test_yaml_takes_the_numbers_that_json_takes(tmp_path):
    pytest.importorskip("yaml")
    written = tmp_path / "numbers.yaml"
    written.write_text(json.dumps({**SMALL, "learning_rate": 1e-3}).replace("0.001", "5e-5"))
    assert load_config(written).learning_rate == 5e-5


def test_a_small_network_learns_the_toy_orbit(make_run, toy_head_maker, toy_eyes, tmp_path):
    run = make_run(epochs=15)
    losses: list[float] = []

    def listen(fraction, message):
        if message.startswith("Step"):
            losses.append(float(message.split()[-1]))

    network, outcome = train(run, progress=listen)
    assert np.mean(losses[-5:]) < 0.4 * losses[0]
    assert outcome.steps == len(losses) == 15 * 8
    package = pack(network, run, outcome, {}, tmp_path / "model")
    image, labels = toy_head_maker(2.5, 99)
    found = PaperModel.open(package).segment(image, toy_eyes)
    eyes = score_case(labels, found, labels=[1, 2])
    assert min(score.metrics["dice"] for score in eyes.values()) > 0.8


def test_a_falling_learning_rate_ends_at_nothing_and_a_constant_one_stays(make_run):
    """After one epoch the rate of the optimiser in the checkpoint is that of a step that would come next."""
    for cosine, expected in ((True, 0.0), (False, SMALL["learning_rate"])):
        run = make_run(f"cosine-{cosine}", epochs=1, cosine=cosine)
        train(run)
        state = load_checkpoint(run.folder / CHECKPOINT_NAME)["optimizer"]
        assert state["param_groups"][0]["lr"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("cosine", [False, True])
def test_a_resumed_run_ends_with_the_same_weights_bit_for_bit(make_run, cosine):
    whole, _ = train(make_run("whole", epochs=1, cosine=cosine))

    def stop(fraction, message):
        if message.startswith("Step 5 "):
            raise Cancelled

    parts = make_run("parts", epochs=1, cosine=cosine)
    with pytest.raises(Cancelled):
        train(parts, progress=stop)
    resumed, outcome = train(parts, resume=True)
    assert outcome.steps == 8
    for (name, a), b in zip(whole.state_dict().items(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b), name


def test_bfloat16_is_not_emulated_on_a_processor_without_it(make_run, monkeypatch):
    monkeypatch.setattr("NeuroOrbitLib.training.trainer.supports_fast_bfloat16", lambda device: False)
    asked, plain = (train(make_run(f"bf16-{bf16}", epochs=1, bf16=bf16))[0].state_dict() for bf16 in (True, False))
    assert all(torch.equal(asked[name], plain[name]) for name in plain)


def test_a_folder_with_another_training_is_not_overwritten(make_run):
    run = make_run(epochs=1)
    train(run)
    with pytest.raises(Problem, match="--resume"):
        train(run)
    other = replace(run, config=replace(run.config, learning_rate=1.0))
    with pytest.raises(Problem, match="another configuration"):
        train(other, resume=True)
    renamed = replace(run, config=replace(run.config, name="better-name"))
    assert train(renamed, resume=True)[1].steps == 8


def test_a_training_that_still_runs_is_not_started_beside_itself(make_run):
    """As after a lost connection: both would write one checkpoint."""
    run = make_run(epochs=1)
    run.folder.mkdir()
    note = {"host": platform.node(), "owner": os.getppid(), "owner_start": start_of(os.getppid())}
    (run.folder / RUNNING_NAME).write_text(json.dumps(note))
    with pytest.raises(Problem, match=rf"Another run \(process {os.getppid()}\) is writing to"):
        train(run)
    assert [path.name for path in run.folder.iterdir()] == [RUNNING_NAME]
    (run.folder / RUNNING_NAME).write_text(json.dumps({**note, "owner_start": "long ago"}))
    assert train(run)[1].steps == 8 and not (run.folder / RUNNING_NAME).exists()


class Stop(Exception):
    """Somebody stopped the program."""


def stop_before_training(fraction, message):
    if message.startswith("Step"):
        raise Stop


def test_a_label_map_that_was_corrected_is_prepared_anew(make_run, tmp_path):
    run = make_run(epochs=1)
    files = [shutil.copy(file, tmp_path) for file in (run.train[0].image, run.train[0].labels)]
    case = replace(run.train[0], image=Path(files[0]), labels=Path(files[1]))
    run = replace(run, train=(case,))
    with pytest.raises(Stop):
        train(run, progress=stop_before_training)
    labels = load_image(case.labels)
    save_image(labels.with_array(np.where(labels.array == 1, labels.array, 0)), case.labels)
    for resume in (False, True):
        with pytest.raises(Stop):
            train(run, resume=resume, progress=stop_before_training)
        assert [file.name for file in (run.folder / "prepared").rglob("*_classes.npy")] == ["right_classes.npy"]


def test_best_weights_of_a_training_that_never_got_far_are_not_taken(make_run):
    run = make_run(epochs=1)
    run.folder.mkdir(parents=True)
    (run.folder / "best.pt").write_bytes(b"weights of another plan")
    train(run)
    assert not (run.folder / "best.pt").exists()


def test_images_prepared_for_another_plan_are_prepared_anew(make_run):
    run = make_run(epochs=1)
    with pytest.raises(Stop):
        train(run, progress=stop_before_training)
    changes = {**SMALL["profile_changes"], "shape": [24, 16, 16]}
    other = replace(run, config=replace(run.config, profile_changes=changes))
    with pytest.raises(Stop):
        train(other, progress=stop_before_training)
    shapes = {np.load(file, mmap_mode="r").shape for file in (run.folder / "prepared").rglob("*_image.npy")}
    assert shapes == {(24, 16, 16)}


def test_scans_without_hounsfield_units_are_not_learned_in_the_window_of_ct(make_run, tmp_path, toy_head_maker):
    """A folder does not say the modality; a CT may have lost its offset on the way to NIfTI."""
    image, labels = toy_head_maker(2.5, 0)
    save_image(image.with_array(image.array + 1024), tmp_path / "lost" / "p1" / "scan.nii.gz")
    save_image(labels, tmp_path / "lost" / "p1" / "scan_labels.nii.gz")
    cases = list(read_cohort(tmp_path / "lost").cases)
    profile = make_run().profile
    with pytest.raises(Problem, match=r"p1_scan: its grey values are not Hounsfield units.*percentiles"):
        store_orbits(cases, profile, tmp_path / "prepared")
    store_orbits(cases, replace(profile, intensity="percentiles"), tmp_path / "mr")
    store_orbits([replace(case, modality="CT") for case in cases], profile, tmp_path / "ct")


def test_a_patient_on_both_sides_stops_the_training(make_run):
    run = make_run()
    with pytest.raises(Problem, match="p1"):
        train(replace(run, held_out=run.train[:1]))


def test_the_command_trains_every_fold_and_judges_on_other_patients(cohort, tmp_path, capsys):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({**SMALL, "epochs": 1}))
    output = tmp_path / "models"
    status = main(["train", "--cohort", str(cohort), "--config", str(config), "-o", str(output), "--fold", "all",
                   "--device", "cpu", "--json"])
    assert status == 0
    result = json.loads(capsys.readouterr().out)
    assert sorted(result["held_out"]["cases"]) == ["case 1", "case 2", "case 3", "case 4"]
    for number in (1, 2):
        folder = output / f"fold-{number}.training"
        plan = json.loads((folder / "plan.json").read_text())
        assert plan["train"] != plan["held_out"]
        for name in ("plan.json", "evaluation.json"):
            assert not re.search(r"p[123]_", (folder / name).read_text()), "no case is named unless asked"
        package = ModelPackage.open(output / f"fold-{number}")
        package.verify()
        assert package.facts.network == "sv_net"
        assert "Right eyeball" in (output / f"fold-{number}" / "docs" / "README.md").read_text()


def test_an_impossible_fold_is_refused(cohort, tmp_path, capsys):
    config = tmp_path / "config.json"
    config.write_text(json.dumps(SMALL))
    arguments = ["train", "--cohort", str(cohort), "--config", str(config), "-o", str(tmp_path / "m"), "--fold", "3"]
    assert main(arguments) == 1
    assert "from 1 to 2" in capsys.readouterr().err


def test_a_folder_with_other_files_is_refused_before_the_training(cohort, tmp_path, capsys, monkeypatch):
    config = tmp_path / "config.json"
    config.write_text(json.dumps(SMALL))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.docx").write_bytes(b"years")
    monkeypatch.chdir(tmp_path / "work")
    for images in (str(cohort), "synthetic"):
        assert main(["train", "--cohort", images, "--config", str(config), "-o", "."]) == 1
        assert "Choose a new folder" in capsys.readouterr().err
    assert [file.name for file in Path().iterdir()] == ["thesis.docx"] and not (tmp_path / "work.training").exists()


def test_a_trained_model_can_be_chosen_and_says_when_the_scan_is_of_another_modality(make_run, tmp_path):
    run = make_run()
    pack(run.build_network(), run, Outcome(1, None, 0, False), {}, tmp_path / "models" / "mine")
    chosen = {package.name: package for package in orbit_models(str(tmp_path / "models")).packages}
    facts = chosen["toy-sv-net"].facts
    assert "trained on CT, but the scan looks like MRI" in modality_notices(facts.modality, is_ct=False)[0]["text"]
    assert modality_notices(facts.modality, is_ct=True) == []
    assert modality_notices(chosen[DEFAULT_MODEL].facts.modality, is_ct=False) == []


def test_resuming_what_never_started_says_so(cohort, tmp_path, capsys):
    config = tmp_path / "config.json"
    config.write_text(json.dumps(SMALL), encoding="utf-8")
    status = main(["train", "--cohort", str(cohort), "--config", str(config), "-o", str(tmp_path / "model"), "--resume",
                   "--device", "cpu"])
    assert status == 1 and "There is no checkpoint in" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def test_a_patient_named_like_a_path_deletes_no_folder(cohort, tmp_path, make_run):
    precious = tmp_path / "run" / "precious"
    precious.mkdir(parents=True)
    (precious / "file").write_text("kept", encoding="utf-8")
    case = replace(read_cohort(cohort).cases[0], patient="../precious", visit="")
    store_orbits([replace(case, image=case.image)], make_run().profile, tmp_path / "run" / "prepared")
    assert (precious / "file").read_text(encoding="utf-8") == "kept"
    assert [path.name for path in (tmp_path / "run").iterdir() if path.name != "precious"] == ["prepared"]
