"""Two processes that share every batch train the same network as one process, and only one of them writes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import distributed, nn

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.batches import ShuffledBatches
from NeuroOrbitLib.training.checkpoint import load_checkpoint, seed_everything
from NeuroOrbitLib.training.team import current_team, joined
from NeuroOrbitLib.training.trainer import BEST_NAME, CHECKPOINT_NAME, Trainer, TrainerSettings

REPOSITORY = Path(__file__).resolve().parents[3]


class Lines:
    """Points of a line with some noise."""

    def __len__(self) -> int:
        return 6

    def sample(self, index: int, random: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.tensor([float(index), float(random.normal())])
        return x, x.sum(dim=0, keepdim=True)


def train_lines(folder: Path) -> None:
    team = current_team()
    seed_everything(5)
    network = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    batches = ShuffledBatches(Lines(), 4, seed=1, share=(team.rank, team.size))
    # The processes would judge differently: the leader's score counts.
    Trainer(network, nn.functional.mse_loss, torch.optim.SGD(network.parameters(), lr=0.05), batches,
            TrainerSettings(5, validation_steps=2), folder, validate=lambda _: float(team.rank)).run()


@pytest.mark.timeout(900)
def test_two_processes_train_what_one_trains(tmp_path):
    train_lines(tmp_path / "alone")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = [tmp_path / "leader", tmp_path / "other"]
    team = [subprocess.Popen([sys.executable, __file__, str(folder)], env={
        **os.environ, "PYTHONPATH": str(REPOSITORY), "WORLD_SIZE": "2", "RANK": str(rank), "LOCAL_RANK": str(rank),
        "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}) for rank, folder in enumerate(folders)]
    assert [process.wait(timeout=600) for process in team] == [0, 0]
    alone, together = (load_checkpoint(folder / CHECKPOINT_NAME) for folder in (tmp_path / "alone", folders[0]))
    assert together["step"] == 5 and together["best_score"] == 0.0
    for name, weights in alone["network"].items():
        assert torch.allclose(together["network"][name], weights, atol=1e-6), name
    assert (folders[0] / BEST_NAME).exists()
    assert not folders[1].exists()


def test_shares_make_up_the_batch_and_have_one_size():
    whole = ShuffledBatches(Lines(), 4, seed=1)[3][0]
    shares = [ShuffledBatches(Lines(), 4, seed=1, share=(number, 2))[3][0] for number in (0, 1)]
    assert torch.equal(whole[0::2], shares[0]) and torch.equal(whole[1::2], shares[1])
    with pytest.raises(Problem, match="multiple"):
        ShuffledBatches(Lines(), 4, seed=1, share=(0, 3))


def test_without_torchrun_a_process_is_a_team_of_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with joined("cpu") as device:
        assert device == "cpu" and current_team().size == 1 and current_team().leads


def test_the_team_waits_for_hours_while_the_leader_prepares_images(monkeypatch):
    waits = []
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(distributed, "init_process_group", lambda *_, timeout: waits.append(timeout))
    monkeypatch.setattr(distributed, "destroy_process_group", lambda: None)
    with joined("cpu"):
        assert waits[0] > timedelta(hours=12)


if __name__ == "__main__":
    with joined("cpu"):
        train_lines(Path(sys.argv[1]))
