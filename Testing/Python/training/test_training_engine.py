"""The engine learns, resumes bit for bit, stops early, and never leaves half a checkpoint."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from NeuroOrbitLib.classifiers.network_training import loss_curve
from NeuroOrbitLib.jobs.progress import Cancelled
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.batches import ShuffledBatches
from NeuroOrbitLib.training.checkpoint import (
    has_checkpoint,
    load_checkpoint,
    load_newest,
    remove_checkpoint,
    save_checkpoint,
    seed_everything,
)
from NeuroOrbitLib.training.losses import sigmoid_cross_entropy, weighted_soft_dice
from NeuroOrbitLib.training.trainer import CHECKPOINT_NAME, PLAN_NAME, Trainer, TrainerSettings, prepare_folder
from Testing.Attack.package_damage import damaged_copies


class Blobs:
    """Bright balls on noise; the target is the ball."""

    def __len__(self) -> int:
        return 5

    def sample(self, index: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        k, j, i = np.indices((8, 8, 8)) - 3.5
        mask = (k**2 + j**2 + (i - index / 4) ** 2 < 6).astype(np.float32)
        image = mask + 0.2 * random.standard_normal(mask.shape).astype(np.float32)
        return torch.from_numpy(image)[None], torch.from_numpy(mask)[None]


def make_trainer(folder: Path, steps: int, **settings) -> Trainer:
    seed_everything(7)
    network = nn.Sequential(
        nn.Conv3d(1, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU(), nn.Dropout(0.2), nn.Conv3d(4, 1, 3, padding=1)
    )
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-2)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, 0.7)
    batches = ShuffledBatches(Blobs(), 2, seed=3)
    validate = settings.pop("validate", None)
    return Trainer(
        network, sigmoid_cross_entropy, optimizer, batches, TrainerSettings(steps, **settings), folder,
        scheduler, validate,
    )


def losses_of(trainer: Trainer) -> list[float]:
    seen = []
    trainer.run(lambda fraction, message: seen.append(float(message.split()[-1])))
    return seen


def test_the_loss_falls(tmp_path):
    seen = losses_of(make_trainer(tmp_path, 60))
    assert np.mean(seen[-5:]) < 0.4 * np.mean(seen[:5])


@pytest.mark.parametrize("largest, learns", [(1.0, True), (None, False)])
def test_a_bad_batch_of_enormous_loss_ends_the_learning_unless_its_gradient_is_shortened(tmp_path, largest, learns):
    trainer = make_trainer(tmp_path, 60, largest_gradient=largest)
    usual = trainer.loss
    trainer.loss = lambda logits, target: (
        1e6 * usual(logits, 1 - target) if trainer.step == 3 else usual(logits, target))
    seen = losses_of(trainer)
    assert (np.mean(seen[-5:]) < 0.4 * np.mean(seen[:3])) == learns


def test_a_resumed_training_continues_bit_for_bit(tmp_path):
    whole = make_trainer(tmp_path / "whole", 12)
    whole.run()

    def stop_at_seven(fraction, message):
        if message.startswith("Step 7 "):
            raise Cancelled

    first = make_trainer(tmp_path / "parts", 12)
    with pytest.raises(Cancelled):
        first.run(stop_at_seven)
    torch.rand(100)  # another history of the global generator
    second = make_trainer(tmp_path / "parts", 12)
    assert second.resume() and second.step == 7
    second.run()
    for (name, a), (_, b) in zip(whole.network.state_dict().items(), second.network.state_dict().items(), strict=True):
        assert torch.equal(a, b), name
    first_moments = [trainer.optimizer.state_dict()["state"][0]["exp_avg"] for trainer in (whole, second)]
    assert torch.equal(*first_moments)
    assert whole.scheduler.get_last_lr() == second.scheduler.get_last_lr()


def test_without_a_checkpoint_there_is_nothing_to_resume(tmp_path):
    assert make_trainer(tmp_path, 1).resume() is False


def test_the_best_validation_is_kept_and_patience_ends_the_training(tmp_path):
    scores = iter([0.5, 0.8, 0.7, 0.6, 0.9])
    trainer = make_trainer(tmp_path, 50, validation_steps=2, patience=2, validate=lambda network: next(scores))
    outcome = trainer.run()
    assert outcome.stopped_early
    assert (outcome.steps, outcome.best_score, outcome.best_step) == (8, 0.8, 4)
    last = {name: value.clone() for name, value in trainer.network.state_dict().items()}
    trainer.load_best()
    assert not torch.equal(trainer.network.state_dict()["0.weight"], last["0.weight"])


def test_a_resumed_training_that_ran_out_of_patience_stays_stopped(tmp_path):
    scores = iter([0.5, 0.4])
    make_trainer(tmp_path, 50, validation_steps=1, patience=1, validate=lambda n: next(scores)).run()
    again = make_trainer(tmp_path, 50, validation_steps=1, patience=1, validate=lambda n: 1.0)
    again.resume()
    assert again.run().steps == 2


def test_losses_are_logged_for_tensorboard(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    make_trainer(tmp_path, 20, log_steps=10).run()
    events = EventAccumulator(str(tmp_path / "logs")).Reload()
    assert [event.step for event in events.Scalars("loss/training")] == [1, 10, 20]


def test_a_resumed_training_keeps_what_was_logged_at_the_step_of_its_checkpoint(tmp_path):
    make_trainer(tmp_path, 4, log_steps=1).run()
    longer = make_trainer(tmp_path, 6, log_steps=1)
    assert longer.resume() and longer.step == 4
    longer.run()
    assert loss_curve(tmp_path)[0] == [1, 2, 3, 4, 5, 6]


def test_a_loss_that_is_not_a_number_says_so(tmp_path):
    trainer = make_trainer(tmp_path, 3)
    trainer.loss = lambda logits, target: logits.sum() * float("nan")
    with pytest.raises(FloatingPointError, match="step 1"):
        trainer.run()


def test_a_crash_while_writing_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / CHECKPOINT_NAME
    save_checkpoint({"step": 1}, path)
    monkeypatch.setattr(torch, "save", lambda state, file: (file.write(b"half"), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        save_checkpoint({"step": 2}, path)
    assert load_checkpoint(path) == {"step": 1}


def test_a_damaged_checkpoint_is_explained(tmp_path):
    path = tmp_path / CHECKPOINT_NAME
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(Problem, match="not a readable checkpoint"):
        load_checkpoint(path)


def write_two_checkpoints(path: Path) -> None:
    for step in (1, 2):
        save_checkpoint({"step": step, "network": {"w": torch.full((40, 40), float(step))}}, path)


def test_every_seeded_damage_of_a_checkpoint_is_noticed_and_the_one_before_is_used(tmp_path):
    path = tmp_path / CHECKPOINT_NAME
    write_two_checkpoints(path)
    for kind, damaged in damaged_copies(path.read_bytes(), 120, seed=11):
        path.write_bytes(damaged)
        state, notice = load_newest(path)
        assert state["step"] == 1 and "is damaged. The one before of step 1" in notice, kind
    assert not path.exists() and (tmp_path / f"{CHECKPOINT_NAME}.damaged").exists()


def test_the_process_may_end_anywhere_while_a_checkpoint_is_written(tmp_path, monkeypatch):
    path, real = tmp_path / CHECKPOINT_NAME, os.replace
    for place, expected in ((1, 2), (2, 2)):
        write_two_checkpoints(path)
        left = iter(range(1, place))
        monkeypatch.setattr(os, "replace", lambda *names, left=left: next(left) and real(*names))
        with pytest.raises(StopIteration):
            save_checkpoint({"step": 3}, path)
        monkeypatch.setattr(os, "replace", real)
        assert load_newest(path)[0]["step"] == expected and has_checkpoint(path)
        save_checkpoint({"step": 4}, path)
        assert load_newest(path) == ({"step": 4}, "")
        remove_checkpoint(path)
        assert not has_checkpoint(path)


def test_a_training_goes_on_from_the_checkpoint_before_a_damaged_one_and_says_so(tmp_path, caplog):
    make_trainer(tmp_path, 17, checkpoint_steps=5).run()
    path = tmp_path / CHECKPOINT_NAME
    last = load_checkpoint(path)["network"]
    path.write_bytes(path.read_bytes()[:-100])
    again = make_trainer(tmp_path, 17, checkpoint_steps=5)
    assert again.resume() and again.step == 15 and "is damaged" in caplog.text
    again.run()
    for name, value in again.network.state_dict().items():
        assert torch.equal(value, last[name])


def test_a_checkpoint_without_a_hash_is_not_used(tmp_path):
    path = tmp_path / CHECKPOINT_NAME
    torch.save({"step": 1}, path)
    with pytest.raises(Problem, match="not a readable checkpoint"):
        load_newest(path)


def test_an_older_pytorch_is_told_before_the_training_and_not_after_it(tmp_path, monkeypatch):
    monkeypatch.setattr(torch, "__version__", "2.9.0")
    with pytest.raises(Problem, match=r"not safe with PyTorch 2\.9\.0"):
        make_trainer(tmp_path, 1)


def test_every_sample_comes_once_per_epoch_in_another_order():
    batches = ShuffledBatches(Blobs(), 2, seed=0)
    epochs = [[i for step in range(3 * e, 3 * e + 3) for i in batches.indices(step)] for e in range(4)]
    assert all(sorted(epoch[:5]) == [0, 1, 2, 3, 4] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_worker_processes_give_the_same_batches():
    batches = ShuffledBatches(Blobs(), 2, seed=0)
    alone = [inputs for inputs, _ in batches.stream(1, 4)]
    helped = [inputs for inputs, _ in batches.stream(1, 4, workers=1)]
    assert all(torch.equal(a, b) for a, b in zip(alone, helped, strict=True))


def test_cross_entropy_of_undecided_logits_is_ln_2():
    assert sigmoid_cross_entropy(torch.zeros(1, 2, 3, 3), torch.ones(1, 2, 3, 3)).item() == pytest.approx(np.log(2))


def test_weighted_soft_dice_equals_its_formula():
    torch.manual_seed(0)
    logits, target = torch.randn(2, 3, 4, 4), (torch.rand(2, 3, 4, 4) > 0.8).float()
    expected = 0.0
    for channel in range(3):
        p, t = torch.sigmoid(logits[:, channel]), target[:, channel]
        dice = (2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)
        expected += 32 / (t.sum() + 1) * (1 - dice)
    assert weighted_soft_dice(logits, target).item() == pytest.approx(expected.item(), rel=1e-5)


def test_weighted_soft_dice_is_almost_zero_for_a_perfect_answer():
    target = torch.zeros(1, 1, 4, 4)
    target[0, 0, :2] = 1
    assert weighted_soft_dice((target * 2 - 1) * 50, target).item() == pytest.approx(0.0, abs=1e-5)


def test_a_full_disk_is_told_and_keeps_both_checkpoints(tmp_path, monkeypatch):
    path = tmp_path / CHECKPOINT_NAME
    write_two_checkpoints(path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Problem, match="disk is full"):
        save_checkpoint({"step": 3}, path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("text", ["", "[1, 2]", '{"config"'])
def test_a_damaged_plan_is_another_plan(tmp_path, text):
    plan = {"config": {"steps": 3}}
    assert not prepare_folder(tmp_path, plan, resume=False) and prepare_folder(tmp_path, plan, resume=False)
    (tmp_path / PLAN_NAME).write_text(text)
    assert not prepare_folder(tmp_path, plan, resume=False)
    save_checkpoint({"step": 1}, tmp_path / CHECKPOINT_NAME)
    (tmp_path / PLAN_NAME).write_text(text)
    with pytest.raises(Problem, match="another configuration"):
        prepare_folder(tmp_path, plan, resume=True)
