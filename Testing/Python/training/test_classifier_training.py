"""Classifiers learn, resume bit for bit, and cross-validation keeps patients apart, survives and spreads."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from NeuroOrbitLib.classifiers.calibrated import cross_fitted_temperature
from NeuroOrbitLib.classifiers.crossvalidation import Fold, repeated_folds, run_folds
from NeuroOrbitLib.classifiers.network_training import LabelledImages, class_probabilities, loss_curve, train_classifier
from NeuroOrbitLib.evaluation.classification.calibration import reliability, with_temperature
from NeuroOrbitLib.evaluation.classification.predictions import Predictions
from NeuroOrbitLib.evaluation.classification.roc import area_under_curve
from NeuroOrbitLib.jobs import tasks
from NeuroOrbitLib.jobs.progress import Cancelled, silent
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.folds import patient_folds
from NeuroOrbitLib.training.schedule import (
    ClassifierSchedule,
    drop_factor,
    make_optimizer,
    make_rate_scheduler,
    schedule_from_dict,
)


def flipped(image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    return image.flip(-1) if random.random() < 0.5 else image


def bright_and_dark(count: int = 24) -> LabelledImages:
    torch.manual_seed(1)
    labels = torch.arange(count) % 2
    images = torch.randn(count, 2, 12, 12) + 0.8 * labels[:, None, None, None]
    return LabelledImages(images.half(), labels.tolist(), flipped)


def small_network() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(nn.Conv2d(2, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Dropout(0.2), nn.Linear(6, 2))


SCHEDULE = ClassifierSchedule(20, 8, 2e-2, drops=((15, 2e-3),), convolution_penalty=1e-3)


def test_a_classifier_learns_and_leaves_its_loss_curve(tmp_path):
    samples = bright_and_dark()
    network = train_classifier(small_network(), samples, SCHEDULE, tmp_path)
    found = class_probabilities(network, samples.images, 5)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert area_under_curve(samples.labels.numpy(), found[:, 1]) > 0.95
    steps, losses = loss_curve(tmp_path)
    assert steps[-1] == 60 and np.mean(losses[-3:]) < np.mean(losses[:3])


def test_a_classifier_resumes_bit_for_bit(tmp_path):
    whole = train_classifier(small_network(), bright_and_dark(), SCHEDULE, tmp_path / "whole", seed=3)

    def stop(fraction: float, message: str = "") -> None:
        if message.startswith("Step 17 "):
            raise Cancelled

    with pytest.raises(Cancelled):
        train_classifier(small_network(), bright_and_dark(), SCHEDULE, tmp_path / "parts", 3, stop)
    torch.rand(10)
    resumed = train_classifier(small_network(), bright_and_dark(), SCHEDULE, tmp_path / "parts", 3)
    for a, b in zip(whole.state_dict().values(), resumed.state_dict().values(), strict=True):
        assert torch.equal(a, b)


def test_learning_rates_fall_as_planned():
    assert [drop_factor(SCHEDULE, epoch) for epoch in (0, 14.9, 15, 19)] == pytest.approx([1, 1, 0.1, 0.1])
    cosine = ClassifierSchedule(10, 8, 1e-3, cosine=True)
    optimizer = make_optimizer(small_network(), cosine)
    scheduler = make_rate_scheduler(optimizer, cosine, steps_per_epoch=10)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(100):
        optimizer.step()
        scheduler.step()
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates[0] < 1e-4 and [rates[step] for step in (10, 55, 100)] == pytest.approx([1e-3, 5e-4, 0])


def test_penalties_go_to_the_weights_of_their_kind_of_layer():
    network = small_network()
    schedule = ClassifierSchedule(1, 1, 1e-3, convolution_penalty=1e-2, dense_penalty=1e-3)
    decay = {id(p): group["weight_decay"] for group in make_optimizer(network, schedule).param_groups
             for p in group["params"]}
    found = {name: decay[id(parameter)] for name, parameter in network.named_parameters()}
    assert found == {"0.weight": 0.02, "0.bias": 0, "1.weight": 0, "1.bias": 0, "6.weight": 0.002, "6.bias": 0}


@pytest.mark.parametrize(("change", "word"), [
    ({"epochs": 0}, "epochs"), ({"speed": 3}, "speed"), ({"optimizer": "lion"}, "adam"), ({"learning_rate": None}, "0"),
    ({"learning_rate": "0,001"}, r"learning_rate is a number with a point before its decimals, not '0,001'"),
    ({"epochs": 2.5}, "epochs is a whole number, not 2.5"), ({"cosine": "yes"}, "cosine is true or false"),
])  # fmt: skip
def test_a_bad_schedule_is_explained(change, word):
    data = {**SCHEDULE.as_dict(), **change}
    if change.get("learning_rate", 1) is None:
        del data["learning_rate"]
        word = "learning_rate"
    with pytest.raises(Problem, match=word):
        schedule_from_dict(data)
    assert schedule_from_dict(json.loads(json.dumps(SCHEDULE.as_dict()))) == SCHEDULE


def cohort() -> tuple[list[str], list[int]]:
    """30 patients with two scans (active, then inactive) and 30 with one."""
    patients = [f"two-{n // 2}" for n in range(60)] + [f"one-{n}" for n in range(30)]
    return patients, [1, 0] * 30 + [1] * 6 + [0] * 24


def test_repeats_deal_patients_out_anew_evenly_and_without_a_leak():
    patients, labels = cohort()
    folds = repeated_folds(patients, labels, 5, 3)
    assert len(folds) == 15 and len({fold.seed for fold in folds}) == 15
    for repeat in (1, 2, 3):
        own = [fold for fold in folds if fold.repeat == repeat]
        assert sorted(i for fold in own for i in fold.held_out) == list(range(90))
        for fold in own:
            assert not {patients[i] for i in fold.train} & {patients[i] for i in fold.held_out}
            assert 7 <= sum(labels[i] for i in fold.held_out) <= 8
    assert {fold.held_out for fold in folds[:5]} != {fold.held_out for fold in folds[5:10]}
    leaky = repeated_folds(patients, labels, 5, 1, by_patient=False)[0]
    assert {patients[i] for i in leaky.train} & {patients[i] for i in leaky.held_out}
    plain = patient_folds(patients, 5)
    assert plain == patient_folds(patients, 5, 0), "folds without labels stay as they were"


def counting_job(fold: Fold, folder: Path, progress=silent) -> dict:
    """Leaves a trace of every call; fails in fold 2 until told not to."""
    with (folder.parent.parent / "calls.txt").open("a") as file:
        file.write(f"{fold.name}\n")
    if fold.number == 2 and not (folder.parent.parent / "mended").exists():
        raise Problem("Fold 2 is broken.")
    return {"held_out": list(fold.held_out), "seed": fold.seed}


def test_a_cross_validation_goes_on_where_it_stopped(tmp_path):
    folds = repeated_folds(*cohort(), 3, 1)
    with pytest.raises(Problem, match="broken"):
        run_folds(counting_job, folds, tmp_path, {"cases": 90})
    (tmp_path / "mended").touch()
    results = run_folds(counting_job, folds, tmp_path, {"cases": 90})
    assert [tuple(result["held_out"]) for result in results] == [fold.held_out for fold in folds]
    calls = (tmp_path / "calls.txt").read_text().split()
    assert calls == [f"repeat-1/fold-{n}" for n in (1, 2, 2, 3)]
    with pytest.raises(Problem, match="other cases or settings"):
        run_folds(counting_job, folds, tmp_path, {"cases": 91})


def test_a_scheduler_that_is_not_there_is_explained(tmp_path):
    folds = repeated_folds(*cohort(), 3, 1)
    with pytest.raises(Problem, match="local:N"):
        run_folds(counting_job, folds, tmp_path, {}, "local:many")


@pytest.mark.parametrize("scheduler", ["localhost:8786", "local.clinic.example:8786"])
def test_a_dask_scheduler_of_this_computer_is_no_number_of_processes(tmp_path, monkeypatch, scheduler):
    def no_processes(*_arguments):
        raise AssertionError("8786 processes would be started")

    def asked(address):
        raise Problem(f"asked Dask at {address}")

    monkeypatch.setattr(tasks, "ProcessPoolExecutor", no_processes)
    monkeypatch.setattr(tasks, "dask_client", asked)
    with pytest.raises(Problem, match=f"asked Dask at {scheduler}"):
        run_folds(counting_job, repeated_folds(*cohort(), 3, 1), tmp_path, {}, scheduler)


def killed_job(fold: Fold, folder: Path, progress=silent) -> dict:
    """Is ended by the system while it does fold 2, as if memory had run out."""
    if fold.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"seed": fold.seed}


def test_a_process_that_the_system_ends_is_explained(tmp_path):
    with pytest.raises(Problem, match=r"local:1 was ended from outside.*stays done"):
        run_folds(killed_job, repeated_folds(*cohort(), 3, 1), tmp_path, {}, "local:1")
    assert (tmp_path / "repeat-1" / "fold-1" / "result.json").exists()


def test_folds_run_on_processes_of_this_computer(tmp_path):
    (tmp_path / "mended").touch()
    folds = repeated_folds(*cohort(), 3, 1)
    results = run_folds(counting_job, folds, tmp_path, {}, "local:2")
    assert [result["seed"] for result in results] == [fold.seed for fold in folds]


def test_calibration_does_not_see_the_fold_it_calibrates():
    rng = np.random.default_rng(2)
    truth = 1 / (1 + np.exp(-2 * rng.normal(size=2000)))
    labels = (rng.random(2000) < truth).astype(int)
    too_sure = with_temperature(truth, 1 / 3)
    names = [str(n) for n in range(2000)]
    folds = np.arange(2000) % 4
    found = Predictions.of(names, names, labels, too_sure, folds)
    scaled = cross_fitted_temperature(found)
    assert reliability(labels, scaled.probabilities).expected_error < 0.04
    assert reliability(labels, too_sure).expected_error > 0.08
    other_labels = np.where(folds == 0, 1 - labels, labels)
    again = cross_fitted_temperature(Predictions.of(names, names, other_labels, too_sure, folds))
    np.testing.assert_array_equal(again.probabilities[folds == 0], scaled.probabilities[folds == 0])
