"""Training batches as a pure function of the step, so that a resumed training sees exactly the same data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from NeuroOrbitLib.problem import Problem

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    #: Input of a network: one tensor, or several tensors by name.
    Inputs = Tensor | Mapping[str, Tensor]


class Samples(Protocol):
    """Source of training samples."""

    def __len__(self) -> int:
        """Return the number of different samples in an epoch."""

    def sample(self, index: int, random: np.random.Generator) -> tuple[Inputs, Tensor]:
        """Return the (input, target) of one sample, without a batch axis; all randomness is drawn from ``random``."""


class ShuffledBatches:
    """Batches that hold every sample once per epoch, in an order that depends only on the seed and the epoch.

    The last batch of an epoch is filled up from the beginning of the epoch's order, so that all batches have the same
    size.

    :param samples: source of the training samples.
    :param batch_size: number of samples per batch, over all processes.
    :param seed: seed of the order of the samples and of the randomness within each sample.
    :param share: (number, count) if several processes share the batches: this process takes every ``count``-th sample
        of each batch, starting with sample ``number``; by default it takes all. All shares have the same size.
    :raises ValueError: if there are no samples.
    :raises Problem: if ``batch_size`` is not a multiple of the number of processes.
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
        """Return the indices of the samples in the batch of ``step`` (0 is the first)."""
        epoch, position = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.samples))
        wanted = np.arange(position * self.batch_size, (position + 1) * self.batch_size)
        return order[wanted % len(order)].tolist()

    def __getitem__(self, step: int) -> tuple[Inputs, Tensor]:
        """Return the (inputs, targets) of ``step``, stacked along a new first axis."""
        import torch

        wanted = self.indices(step)
        drawn = [self.samples.sample(wanted[place], np.random.default_rng([self.seed, step, place]))
                 for place in self.places]
        inputs, targets = zip(*drawn, strict=True)
        return stacked(inputs), torch.stack(targets)

    def stream(self, start: int, stop: int, workers: int = 0) -> Iterator[tuple[Inputs, Tensor]]:
        """Return an iterator over the batches of steps ``start`` (included) to ``stop`` (excluded), in order.

        :param start: first step.
        :param stop: step after the last one.
        :param workers: number of processes that prepare batches ahead; 0 prepares each in this process when it is
            needed.
        """
        if workers == 0:
            return (self[step] for step in range(start, stop))
        from torch.utils.data import DataLoader

        return iter(DataLoader(self, batch_size=None, sampler=range(start, stop), num_workers=workers))


def stacked(inputs: Sequence[Inputs]) -> Inputs:
    """Return the inputs of several samples stacked along a new first axis, name by name if they have names."""
    import torch

    if isinstance(inputs[0], Mapping):
        return {name: torch.stack([each[name] for each in inputs]) for name in inputs[0]}
    return torch.stack(list(inputs))


def moved(inputs: Inputs, device: torch.device | str) -> Inputs:
    """Return the inputs moved to a device, name by name if they have names."""
    if isinstance(inputs, Mapping):
        return {name: each.to(device) for name, each in inputs.items()}
    return inputs.to(device)
