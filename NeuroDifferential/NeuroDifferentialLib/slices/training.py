"""Drawing of patients, and training of a network on slices of them; both continue after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from NeuroDifferentialLib.slices.unet import SliceUNet
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.jobs.tasks import run_tasks
from NeuroOrbitLib.models.package import ModelPackage
from NeuroOrbitLib.phantom.brain.plan import SMALLEST_LOAD
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.batches import Samples, ShuffledBatches
from NeuroOrbitLib.training.config_files import read_settings
from NeuroOrbitLib.training.learning_rate import cosine_rate
from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings, prepare_folder

Training = TypeVar("Training", bound="SliceTraining")
_VOLUME_NAME = "scan.npy"
#: Settings of a training on which the drawn patients do not depend.
_OF_THE_NETWORK = ("widths", "steps", "batch_size", "patch", "learning_rate", "patients")


@dataclass(frozen=True)
class SliceTraining:
    """Settings that trainings on slices share.

    :param widths: number of channels of each level of the network, the finest first.
    :param patients: number of drawn patients, spread over the label maps.
    :param loads_ml: smallest and largest lesion load (ml), drawn uniformly by its logarithm.
    :param t1_share: share of patients with a T1, 0 to 1.
    :param steps: number of optimiser steps.
    :param batch_size: number of slices in a step.
    :param patch: number of rows and columns of the patches of slices that are learned from.
    :param learning_rate: largest learning rate.
    :param seed: seed of all random choices.
    """

    widths: tuple[int, ...]
    patients: int
    loads_ml: tuple[float, float]
    t1_share: float
    steps: int
    batch_size: int = 8
    patch: int = 160
    learning_rate: float = 2e-3
    seed: int = 1

    @classmethod
    def read(cls: type[Training], path: Path | None) -> Training:
        """Return the settings from a JSON or YAML file, or the default ones without a file.

        :raises Problem: naming the setting that is unknown or out of range.
        """
        config = read_settings(path, cls)
        config.check()
        return config

    def check(self) -> None:
        """Refuse settings that make no sense.

        :raises Problem: naming the setting.
        """
        if not self.widths or any(width < 1 for width in self.widths):
            raise Problem(f"widths needs the size of at least one level, not {list(self.widths)}.")
        self.check_loads("loads_ml")
        for name in ("patients", "steps", "batch_size", "patch", "learning_rate"):
            if not getattr(self, name) > 0:
                raise Problem(f"{name} must be greater than 0, not {getattr(self, name)}.")
        self.check_share("t1_share")

    def check_share(self, name: str) -> None:
        """Refuse a setting that is no share of the patients, 0 to 1.

        :param name: name of the setting.
        :raises Problem: naming the setting.
        """
        if not 0 <= getattr(self, name) <= 1:
            raise Problem(f"{name} is a part of all patients, 0 to 1, not {getattr(self, name)}.")

    def check_loads(self, name: str) -> None:
        """Refuse a setting that is no range of volumes.

        :param name: name of the setting.
        :raises Problem: naming the setting.
        """
        loads = getattr(self, name)
        if len(loads) != 2 or not SMALLEST_LOAD <= loads[0] <= loads[1]:
            raise Problem(f"{name} needs two volumes of at least {SMALLEST_LOAD} ml, the smaller first, not "
                          f"{list(loads)}.")

    def random_load(self, random: np.random.Generator) -> float:
        """Return the lesion load (ml) of a random patient."""
        return float(np.exp(random.uniform(*np.log(self.loads_ml))))


@dataclass(frozen=True)
class DrawnPatient:
    """A drawn patient, from which a network learns, as stored on disk.

    :param volume: input of the network and, as the last channel, its target, uint8 (channels, K, J, I).
    :param spacing: voxel size (mm) along K, J, I.
    :param facts: further plain data that are stored with it.
    """

    volume: np.ndarray
    spacing: tuple[float, float, float]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Means:
    """The computing resources of a training, on which its training data do not depend.

    :param scheduler: scheduler that draws the patients, see :func:`~NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param device: device that trains, "cpu" or "cuda".
    :param workers: number of processes that cut slices ahead of the network; none by default.
    """

    scheduler: str | None = None
    device: str = "cpu"
    workers: int = 0


#: Resources that every computer has.
ON_CPU = Means()
#: Returns the drawn patient of a number, given a label map and the settings.
Draw = Callable[[Path, SliceTraining, int], DrawnPatient]


def draw_patients(draw: Draw, label_maps: Sequence[Path], config: SliceTraining, folder: Path,
                  scheduler: str | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Draw the patients missing in ``folder``; return ``file``, ``spacing`` and further facts of every patient.

    :param draw: draws one patient.
    :param label_maps: files of head label maps.
    :param config: settings of the training.
    :param folder: folder of the drawn patients.
    :param scheduler: scheduler that draws them, see :func:`~NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param progress: receives the fraction done and a message.
    """
    # Patients of one head are drawn one after the other, as each head takes seconds to prepare.
    numbers = sorted(range(config.patients), key=lambda number: number % len(label_maps))
    items = {f"{number:04d}": (number, label_maps[number % len(label_maps)]) for number in numbers}
    plan = {"heads": [path.name for path in label_maps],
            **{name: value for name, value in asdict(config).items() if name not in _OF_THE_NETWORK}}
    results = run_tasks(partial(_draw_patient, draw=draw, config=config), items, folder, plan, scheduler, progress)
    return [{**result, "file": folder / name / _VOLUME_NAME} for name, result in zip(items, results, strict=True)]


def _draw_patient(item: tuple[int, Path], folder: Path, _progress: Progress, draw: Draw, config: SliceTraining
                  ) -> dict[str, Any]:
    number, label_map = item
    drawn = draw(label_map, config, number)
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _VOLUME_NAME, drawn.volume)
    return {"spacing": [float(step) for step in drawn.spacing], **drawn.facts}


def fit_network(network: SliceUNet, loss: Callable[[Tensor, Tensor], Tensor], samples: Samples, config: SliceTraining,
                folder: Path, progress: Progress = silent, means: Means = ON_CPU, start: ModelPackage | None = None
                ) -> SliceUNet:
    """Return the network, on the processor, fitted to samples of drawn patients, of which each is used equally often.

    :param network: initialised network.
    :param loss: returns the loss for the network's output and the samples' targets.
    :param samples: training samples.
    :param config: settings of the training.
    :param folder: folder of checkpoints; an interrupted training is continued, also with more steps or other resources.
    :param progress: receives the fraction done and a message.
    :param means: device and worker processes.
    :param start: package with the weights that a new training starts from; random weights by default.
    :raises Problem: if the folder contains the training of another network, on other patients or from another start,
        or if the weights of ``start`` do not fit the network.
    """
    plan: dict[str, Any] = {"config": asdict(config), "patients": len(samples)}
    if start is not None:
        start.load_into(network)
        plan["start"] = start.sha256
    prepare_folder(folder, plan, resume=True, may_change=("steps",))
    network = network.to(means.device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=1e-2)
    schedule = cosine_rate(optimizer, config.steps, warm_up=min(100, config.steps), floor=0.01)
    settings = TrainerSettings(config.steps, checkpoint_steps=250, checkpoint_minutes=3, bf16=True,
                               largest_gradient=5.0, workers=means.workers)
    trainer = Trainer(network, loss, optimizer, ShuffledBatches(samples, config.batch_size, config.seed), settings,
                      folder, schedule)
    trainer.resume()
    trainer.run(progress)
    return network.cpu().eval()


def check_start(start: ModelPackage | None, network: str, config: SliceTraining) -> None:
    """Refuse a package from which a training cannot start, before anything is drawn.

    :param start: package with the weights that a training starts from, if any.
    :param network: name of the network to be trained.
    :param config: settings of the training.
    :raises Problem: if the weights are damaged, or of another network or other widths.
    """
    if start is None:
        return
    widths = list(start.facts.network_arguments.get("widths", ()))
    if start.facts.network != network or widths != list(config.widths):
        raise Problem(f"The training cannot start from {start.name} {start.version}: it needs weights of {network} "
                      f"with the widths {list(config.widths)}, and these are of {start.facts.network} with {widths}. "
                      "Choose another package, or set widths in the settings.")
    start.verify()


def training_data(drawn: str, start: ModelPackage | None) -> str:
    """Return the sentence on the training data of a package.

    :param drawn: what was drawn for this training, such as "synthetic: 208 simulated patients".
    :param start: package that the training started from, if any; its training data count, too.
    """
    return drawn if start is None else f"{drawn}; began with {start.name} {start.version} ({start.training_data})"
