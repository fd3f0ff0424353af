"""Schedule of a classifier's training: optimiser, learning rate by epoch, weight penalty by kind of layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.config_files import check_kinds, unfit_settings
from NeuroOrbitLib.training.learning_rate import cosine_rate

if TYPE_CHECKING:
    from torch import nn
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler


@dataclass(frozen=True)
class ClassifierSchedule:
    """The training of one classifier.

    :param epochs: number of passes over the training cases.
    :param batch_size: number of cases per step.
    :param learning_rate: learning rate at the start (with ``cosine``, the largest one).
    :param drops: pairs (epoch, learning rate from that epoch on), ascending by epoch.
    :param cosine: whether the learning rate falls to zero along a cosine instead of in drops, after a warm-up over the
        first tenth of the training.
    :param optimizer: "adam" (penalties are part of the loss), "adamw" (decoupled weight decay) or "sgd" (stochastic
        gradient descent with a momentum of 0.9).
    :param convolution_penalty: L2 penalty of the weights of convolutions.
    :param dense_penalty: L2 penalty of the weights of fully connected layers.
    :param label_smoothing: share of the target that is given to the other classes, 0 to 1.
    :param bf16: whether to compute in bfloat16 where the device supports it natively.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    drops: tuple[tuple[int, float], ...] = ()
    cosine: bool = False
    optimizer: str = "adam"
    convolution_penalty: float = 0.0
    dense_penalty: float = 0.0
    label_smoothing: float = 0.0
    bf16: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return the schedule as plain data that :func:`schedule_from_dict` reads."""
        return asdict(self)


def schedule_from_dict(data: Mapping[str, Any]) -> ClassifierSchedule:
    """Check plain data and return the schedule that it describes.

    :raises Problem: if a setting is missing, unknown, of another kind or out of range; the message names it.
    """
    if not isinstance(data, Mapping):
        raise Problem(f"A schedule is a group of settings, not {data!r}.")
    known = [item.name for item in fields(ClassifierSchedule)]
    unknown = [key for key in data if key not in known]
    missing = [key for key in known[:3] if key not in data]
    if unknown or missing:
        raise Problem(unfit_settings("schedule", missing, unknown, known))
    check_kinds(data, ClassifierSchedule)
    drops = tuple((int(epoch), float(rate)) for epoch, rate in data.get("drops", ()))
    schedule = ClassifierSchedule(**{**data, "drops": drops})
    for name in ("epochs", "batch_size", "learning_rate"):
        if not getattr(schedule, name) > 0:
            raise Problem(f"{name} must be greater than 0, not {getattr(schedule, name)}.")
    if schedule.optimizer not in ("adam", "adamw", "sgd"):
        raise Problem(f"optimizer is adam, adamw or sgd, not {schedule.optimizer!r}.")
    return schedule


def make_optimizer(network: nn.Module, schedule: ClassifierSchedule) -> Optimizer:
    """Return the schedule's optimiser, with a weight penalty per kind of layer and none on biases and normalisations.

    An L2 penalty of p adds p times the squared weights to the loss, so that its gradient is 2 p w.
    """
    import torch
    from torch import nn

    penalties: dict[float, list] = {}
    for module in network.modules():
        convolution = isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d)
        penalty = schedule.convolution_penalty if convolution else schedule.dense_penalty
        for name, parameter in module.named_parameters(recurse=False):
            penalised = name == "weight" and (convolution or isinstance(module, nn.Linear))
            penalties.setdefault(2 * penalty if penalised else 0.0, []).append(parameter)
    groups = [{"params": parameters, "weight_decay": decay} for decay, parameters in penalties.items()]
    if schedule.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=schedule.learning_rate, momentum=0.9)
    kind = torch.optim.AdamW if schedule.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, lr=schedule.learning_rate, betas=(0.9, 0.999))


def make_rate_scheduler(optimizer: Optimizer, schedule: ClassifierSchedule, steps_per_epoch: int) -> LRScheduler:
    """Return the scheduler that sets the learning rate of every step."""
    from torch.optim.lr_scheduler import LambdaLR

    if schedule.cosine:
        return cosine_rate(optimizer, schedule.epochs * steps_per_epoch)
    return LambdaLR(optimizer, lambda step: drop_factor(schedule, step / steps_per_epoch))


def drop_factor(schedule: ClassifierSchedule, epoch: float) -> float:
    """Return the learning rate after ``epoch`` epochs relative to the initial one, as the schedule's drops give it."""
    passed = [rate for start, rate in schedule.drops if epoch >= start]
    return (passed[-1] if passed else schedule.learning_rate) / schedule.learning_rate
