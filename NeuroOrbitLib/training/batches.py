"""Training batches as a pure function of the step, so that a resumed training sees exactly the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    #: What a network takes: one tensor, or several by name.
    Inputs = Tensor | Mapping[str, Tensor]


class Samples(Protocol):
    """Where training samples come from."""

    def __len__(self) -> int:
        """Number of different samples of an epoch."""

    def sample(self, index: int, random: np.random.Generator) -> tuple[Inputs, Tensor]:
        """The (input, target) of one sample; all its chance comes from ``random``."""


class ShuffledBatches:
    """Every sample once per epoch, in an order that depends on seed and epoch only.

    The last batch of an epoch is filled up from the beginning of the epoch's order, so that all have one size.

    :param samples: where samples come from.
    :param batch_size: samples per batch.
    :param seed: of the order and of every sample's chance.
    :param share: (number, count): every ``count``-th sample of each batch from ``number`` on, where several processes
        share the batches. The shares are of one size.
    """

    def __init__(self, samples: Samples, batch_size: int, seed: int, share: tuple[int, int] = (0, 1)) -> None:
        if len(samples) == 0:
            raise ValueError("There are no training samples.")
        if batch_size % share[1]:
            raise Problem(f"A batch of {batch_size} cannot be shared by {share[1]} processes. Choose a batch size that "
                          "is a multiple of their number.")
        self.samples, self.batch_size, self.seed = samples, batch_size, seed
        self.places = range(share[0], batch_size, share[1])
        self.steps_per_epoch = -(-len(samples) // batch_size)

    def indices(self, step: int) -> list[int]:
        """Which samples make the batch of ``step`` (0 is the first)."""
        epoch, position = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.samples))
        wanted = np.arange(position * self.batch_size, (position + 1) * self.batch_size)
        return order[wanted % len(order)].tolist()

    def __getitem__(self, step: int) -> tuple[Inputs, Tensor]:
        """(inputs, targets) of ``step``, stacked along a new first axis."""
        import torch

        wanted = self.indices(step)
        drawn = [self.samples.sample(wanted[place], np.random.default_rng([self.seed, step, place]))
                 for place in self.places]
        inputs, targets = zip(*drawn, strict=True)
        return stacked(inputs), torch.stack(targets)

    def stream(self, start: int, stop: int, workers: int = 0) -> Iterator[tuple[Inputs, Tensor]]:
        """The batches of steps ``start`` to ``stop``; ``workers`` processes prepare them ahead, in order."""
        if workers == 0:
            return (self[step] for step in range(start, stop))
        from torch.utils.data import DataLoader

        return iter(DataLoader(self, batch_size=None, sampler=range(start, stop), num_workers=workers))


def stacked(inputs: Sequence[Inputs]) -> Inputs:
    """Return the inputs of several samples along a new first axis, by name where they have names."""
    import torch

    if isinstance(inputs[0], Mapping):
        return {name: torch.stack([each[name] for each in inputs]) for name in inputs[0]}
    return torch.stack(list(inputs))


def moved(inputs: Inputs, device: torch.device | str) -> Inputs:
    """Return the inputs on a device, by name where they have names."""
    if isinstance(inputs, Mapping):
        return {name: each.to(device) for name, each in inputs.items()}
    return inputs.to(device)
