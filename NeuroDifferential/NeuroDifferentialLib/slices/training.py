"""Draws patients and trains a network on slices of them; both continue where they were stopped."""

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
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.training.batches import Samples, ShuffledBatches
from NeuroOrbitLib.training.config_files import read_settings
from NeuroOrbitLib.training.learning_rate import cosine_rate
from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings, prepare_folder

Training = TypeVar("Training", bound="SliceTraining")
_VOLUME_NAME = "scan.npy"
#: Settings of a training that its drawn patients do not depend on.
_OF_THE_NETWORK = ("widths", "steps", "batch_size", "patch", "learning_rate", "patients")


@dataclass(frozen=True)
class SliceTraining:
    """Settings that trainings on slices share.

    :param widths: channels of each level of the network, the finest first. :param patients: drawn patients in all,
        spread over the label maps.
    :param loads_ml: smallest and largest load of lesions; drawn evenly by its logarithm.
    :param t1_share: patients with a T1. :param batch_size: slices of a step.
    :param patch: rows and columns of a slice that are learned from.
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
        """Return the settings of a JSON or YAML file, or the usual ones without a file.

        :raises Problem: naming the setting that is unknown or out of range.
        """
        config = read_settings(path, cls)
        config.check()
        return config

    def check(self) -> None:
        """Refuse settings that make no sense.

        :raises Problem: naming what does not.
        """
        if not self.widths or any(width < 1 for width in self.widths):
            raise Problem(f"widths needs the size of at least one level, not {list(self.widths)}.")
        self.check_loads("loads_ml")
        for name in ("patients", "steps", "batch_size", "patch", "learning_rate"):
            if not getattr(self, name) > 0:
                raise Problem(f"{name} must be greater than 0, not {getattr(self, name)}.")
        self.check_share("t1_share")

    def check_share(self, name: str) -> None:
        """Refuse a share of the patients beyond 0 and 1.

        :raises Problem: naming it.
        """
        if not 0 <= getattr(self, name) <= 1:
            raise Problem(f"{name} is a part of all patients, 0 to 1, not {getattr(self, name)}.")

    def check_loads(self, name: str) -> None:
        """Refuse loads that are no range of volumes.

        :raises Problem: naming it.
        """
        loads = getattr(self, name)
        if len(loads) != 2 or not 0 < loads[0] <= loads[1]:
            raise Problem(f"{name} needs two volumes above 0, the smaller first, not {list(loads)}.")

    def random_load(self, random: np.random.Generator) -> float:
        """Return the load of lesions (ml) of a random patient."""
        return float(np.exp(random.uniform(*np.log(self.loads_ml))))


@dataclass(frozen=True)
class DrawnPatient:
    """What a network learns from, on disk.

    :param volume: what it is shown and, as the last channel, what it should answer: uint8 (channels, K, J, I).
    :param spacing: voxel size along K, J, I (mm). :param facts: plain data that are kept with it.
    """

    volume: np.ndarray
    spacing: tuple[float, float, float]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Means:
    """By what a training computes; what is learned from does not depend on it.

    :param scheduler: what draws the patients, see :func:`~NeuroOrbitLib.jobs.tasks.run_tasks`.
    :param device: "cpu" or "cuda". :param workers: processes that cut slices ahead of the network; none by default.
    """

    scheduler: str | None = None
    device: str = "cpu"
    workers: int = 0


#: Means that every computer has.
ON_CPU = Means()
#: Draws the patient of a number from a label map.
Draw = Callable[[Path, SliceTraining, int], DrawnPatient]


def draw_patients(draw: Draw, label_maps: Sequence[Path], config: SliceTraining, folder: Path,
                  scheduler: str | None = None, progress: Progress = silent) -> list[dict[str, Any]]:
    """Draw the patients that are not in ``folder`` yet; return ``file``, ``spacing`` and what else is known of all.

    :param scheduler: what draws them, see :func:`~NeuroOrbitLib.jobs.tasks.run_tasks`.
    """
    # One head after the other, as each takes seconds to make ready.
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
                folder: Path, progress: Progress = silent, means: Means = ON_CPU) -> SliceUNet:
    """Return the network fitted to samples of drawn patients, every patient as often as the others, on the processor.

    :param loss: of the network's output and the answers of the samples.
    :param folder: of checkpoints; a training that was stopped goes on, also to more steps and by other means.
    :raises Problem: if the folder holds the training of another network or of other patients.
    """
    prepare_folder(folder, {"config": asdict(config), "patients": len(samples)}, resume=True, may_change=("steps",))
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
