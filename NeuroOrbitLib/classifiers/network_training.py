"""Training a classifier on some cases and asking it about others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from NeuroOrbitLib.classifiers.second_task import WithMeasurements, standardised, two_task_loss
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.training.batches import ShuffledBatches, moved
from NeuroOrbitLib.training.checkpoint import seed_everything
from NeuroOrbitLib.training.schedule import ClassifierSchedule, make_optimizer, make_rate_scheduler
from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings

if TYPE_CHECKING:
    from NeuroOrbitLib.training.batches import Inputs

#: From a stored image (channels, *spatial) and a source of chance to what the network sees in training.
Augment = Callable[[Tensor, np.random.Generator], Tensor]


class LabelledImages:
    """Training samples: images in memory with their class.

    :param images: (cases, channels, *spatial); any floating type, e.g. half precision to save memory.
    :param labels: class of each case.
    :param augment: draws what the network sees of an image.
    :param measurements: what was measured in each image, (cases, measurements), NaN where unknown: the second task.
    :param numbers: further inputs by name, (cases, columns) each; samples are then mappings of names to tensors.
    :param name: of the image in such a mapping.
    """

    def __init__(self, images: Tensor, labels: Sequence[int], augment: Augment,
                 measurements: np.ndarray | None = None, numbers: Mapping[str, Tensor] | None = None,
                 name: str = "image") -> None:
        self.images, self.augment, self.numbers, self.name = images, augment, dict(numbers or {}), name
        self.labels = torch.as_tensor(np.asarray(labels), dtype=torch.long)
        self.targets, self.measurements = self.labels, 0
        if measurements is not None:
            self.measurements = measurements.shape[1]
            wanted = torch.as_tensor(standardised(measurements), dtype=torch.float32)
            self.targets = torch.cat([self.labels[:, None].float(), wanted], dim=1)

    def __len__(self) -> int:
        return len(self.labels)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Inputs, Tensor]:
        """Return one augmented image, with its numbers if there are any, and its class with its measurements."""
        image = self.augment(self.images[index].float(), random)
        if not self.numbers:
            return image, self.targets[index]
        return {self.name: image, **{name: values[index] for name, values in self.numbers.items()}}, self.targets[index]


def train_classifier(network: nn.Module, samples: LabelledImages, schedule: ClassifierSchedule, folder: Path,
                     seed: int = 0, progress: Progress = silent, second_task: float = 0.0) -> nn.Module:
    """Train to the end of the schedule, or continue from the checkpoint in ``folder``; returns it in evaluation mode.

    :param network: with fresh weights, on its device.
    :param seed: of the order of the cases, augmentation and dropout. The weights must be seeded by the caller.
    :param second_task: weight of reading the samples' measurements beside the class; the network then needs the
        parts that :class:`~NeuroOrbitLib.classifiers.second_task.WithMeasurements` asks for.
    :raises Cancelled: after writing a checkpoint.
    """
    seed_everything(seed)
    device = next(network.parameters()).device
    two_tasks = bool(second_task and samples.measurements)
    learner = with_fast_layout(WithMeasurements(network, samples.measurements).to(device) if two_tasks else network)
    loss = partial(two_task_loss, weight=second_task) if two_tasks else nn.functional.cross_entropy
    batches = ShuffledBatches(samples, min(schedule.batch_size, len(samples)), seed)
    optimizer = make_optimizer(learner, schedule)
    settings = TrainerSettings(steps=schedule.epochs * batches.steps_per_epoch, log_steps=5,
                               bf16=schedule.bf16)
    trainer = Trainer(
        learner, partial(loss, label_smoothing=schedule.label_smoothing), optimizer, batches, settings, folder,
        make_rate_scheduler(optimizer, schedule, batches.steps_per_epoch),
    )
    trainer.resume()
    trainer.run(progress)
    return network.eval()


def with_fast_layout(network: nn.Module) -> nn.Module:
    """The network with its convolutions' weights in channels-last order: the same values, a fifth to a half faster."""
    dimensions = {parameter.ndim for parameter in network.parameters()}
    layouts = {4: torch.channels_last, 5: torch.channels_last_3d}
    known = dimensions & layouts.keys()
    return network.to(memory_format=layouts[known.pop()]) if len(known) == 1 else network


def class_probabilities(network: nn.Module, inputs: Inputs, batch_size: int = 16) -> np.ndarray:
    """Return the probability of each class, (cases, classes).

    :param inputs: (cases, channels, *spatial), as the network sees them, or several inputs by name.
    """
    device = next(network.parameters()).device
    network.eval()
    with torch.inference_mode():
        logits = [network(moved(part, device)).float().cpu() for part in _parts(inputs, batch_size)]
    return torch.softmax(torch.cat(logits), dim=1).numpy()


def _parts(inputs: Inputs, size: int) -> list[Inputs]:
    """The inputs in batches, in single precision."""
    if not isinstance(inputs, Mapping):
        return [part.float() for part in inputs.split(size)]
    split = {name: [part.float() for part in values.split(size)] for name, values in inputs.items()}
    return [dict(zip(split, parts, strict=True)) for parts in zip(*split.values(), strict=True)]


def loss_curve(folder: Path) -> tuple[list[int], list[float]]:
    """Steps and losses that a training has logged."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "logs"), size_guidance={"scalars": 0}).Reload()
    found = events.Scalars("loss/training")
    return [event.step for event in found], [event.value for event in found]
