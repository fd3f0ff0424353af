"""Training on several devices: each process that ``torchrun`` starts works on a share of every batch.

``torchrun --nproc-per-node 4 -m OrbitSegmentationLib train ...``; without torchrun a process is a team of one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import distributed, nn

Value = TypeVar("Value")
#: While the leader prepares images or validates the network, the others wait; if it fails, torchrun ends them.
_LONGEST_WAIT = timedelta(days=1)
#: For a moment after the group has ended, its threads still release tensors and need the interpreter for it: a process
#: in which Python ended meanwhile was aborted (5 of 25 short trainings by two processes; none of 50 with this pause).
_LETTING_GO_S = 0.5


@dataclass(frozen=True)
class Team:
    """The processes that train one network together.

    :param rank: number of this process, from 0; process 0 leads: it alone validates and writes files.
    :param size: number of processes.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process is the leader, which writes the files for all."""
        return self.rank == 0

    def parallel(self, network: nn.Module) -> nn.Module:
        """Return ``network`` wrapped so that every backward pass averages the gradients over the team."""
        return network if self.size == 1 else nn.parallel.DistributedDataParallel(network)

    def agreed(self, value: Value) -> Value:
        """Return the leader's ``value`` in every process."""
        if self.size == 1:
            return value
        values = [value]
        distributed.broadcast_object_list(values, src=0)
        return values[0]

    def wait(self) -> None:
        """Wait until every process has reached this point."""
        if self.size > 1:
            distributed.barrier()


def current_team() -> Team:
    """Return the team that this process has joined, or a team of this process alone."""
    if distributed.is_available() and distributed.is_initialized():
        return Team(distributed.get_rank(), distributed.get_world_size())
    return Team()


@contextmanager
def joined(device: str) -> Iterator[str]:
    """Join the team that torchrun started, for as long as the context lasts.

    :param device: "cpu" or "cuda".
    :return: context that yields the device of this process: under torchrun each process of a computer has its own GPU.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) < 2:
        yield device
        return
    on_gpu = device.startswith("cuda")
    if on_gpu:
        device = f"cuda:{os.environ['LOCAL_RANK']}"
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if on_gpu else "gloo", timeout=_LONGEST_WAIT)
    try:
        yield device
    finally:
        distributed.destroy_process_group()
        time.sleep(_LETTING_GO_S)
