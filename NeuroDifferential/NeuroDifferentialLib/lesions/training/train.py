"""Training the lesion network; drawing its patients is the long part, and both go on where they were stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroDifferentialLib.lesions.channels import channels
from NeuroDifferentialLib.lesions.networks import SLICE_NETWORK
from NeuroDifferentialLib.lesions.training.config import LesionTraining
from NeuroDifferentialLib.lesions.training.samples import drawn_scan
from NeuroDifferentialLib.lesions.training.slice_samples import SliceSamples
from NeuroDifferentialLib.slices.unet import SliceUNet
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.jobs.tasks import run_tasks
from NeuroOrbitLib.training.batches import ShuffledBatches
from NeuroOrbitLib.training.learning_rate import cosine_rate
from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings, prepare_folder

_VOLUME_NAME = "scan.npy"
_DRAWING_SHARE = 0.5
#: Weight of the cross-entropy: lesions are few, and it is small.
_CROSS_ENTROPY = 5.0
#: Voxels that are added to both sides of the Dice, so that slices without a lesion have one.
_SMALL = 10.0
#: Settings of a training that its drawn patients do not depend on.
_OF_THE_NETWORK = ("widths", "steps", "batch_size", "patch", "learning_rate", "patients")


@dataclass(frozen=True)
class TrainedLesions:
    """What a training ends with. :param patients: number of drawn patients."""

    network: SliceUNet
    patients: int


def train(label_maps: Sequence[Path], config: LesionTraining, folder: Path, scheduler: str | None = None,
          progress: Progress = silent) -> TrainedLesions:
    """Train on lesions drawn into label maps.

    :param folder: of drawn patients and checkpoints; a training that was stopped goes on.
    :param scheduler: what draws the patients, see :func:`~NeuroOrbitLib.jobs.tasks.run_tasks`.
    """
    patients = draw_patients(label_maps, config, folder / "patients", scheduler,
                             part(progress, 0.0, _DRAWING_SHARE))
    return fit(patients, config, folder / "network", part(progress, _DRAWING_SHARE, 1.0))


def draw_patients(label_maps: Sequence[Path], config: LesionTraining, folder: Path, scheduler: str | None = None,
                  progress: Progress = silent) -> list[dict[str, Any]]:
    """Draw the patients that are not in ``folder`` yet, and return what is known of all: ``file``, ``spacing``."""
    items = {f"{number:04d}": (number, label_maps[number % len(label_maps)]) for number in range(config.patients)}
    plan = {"heads": [path.name for path in label_maps],
            **{name: value for name, value in asdict(config).items() if name not in _OF_THE_NETWORK}}
    results = run_tasks(partial(draw_patient, config=config), items, folder, plan, scheduler, progress)
    return [{**result, "file": folder / name / _VOLUME_NAME} for name, result in zip(items, results, strict=True)]


def draw_patient(item: tuple[int, Path], folder: Path, _progress: Progress, config: LesionTraining) -> dict[str, Any]:
    """Draw one patient; leave what the network sees of it, and its lesions as last channel, in ``folder``."""
    number, label_map = item
    drawn = drawn_scan(label_map, config, number)
    seen = np.concatenate([channels(drawn.scan), (255 * drawn.lesions[None]).astype(np.uint8)])
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / _VOLUME_NAME, seen)
    return {"spacing": [float(step) for step in drawn.scan.spacing], "load_ml": drawn.load_ml}


def fit(patients: Sequence[dict[str, Any]], config: LesionTraining, folder: Path, progress: Progress = silent
        ) -> TrainedLesions:
    """Fit the network to slices of drawn patients, every patient as often as the others.

    :param folder: of checkpoints; a training that was stopped goes on, also to more steps.
    :raises Problem: if the folder holds the training of another network or of other patients.
    """
    prepare_folder(folder, {"config": asdict(config), "patients": len(patients)}, resume=True, may_change=("steps",))
    torch.manual_seed(config.seed)
    network = SLICE_NETWORK.build(widths=config.widths).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=1e-2)
    schedule = cosine_rate(optimizer, config.steps, warm_up=min(100, config.steps), floor=0.01)
    samples = SliceSamples([patient["file"] for patient in patients],
                           [tuple(patient["spacing"]) for patient in patients], config.patch)
    settings = TrainerSettings(config.steps, checkpoint_steps=250, checkpoint_minutes=3, bf16=True,
                               largest_gradient=5.0)
    trainer = Trainer(network, lesion_loss, optimizer, ShuffledBatches(samples, config.batch_size, config.seed),
                      settings, folder, schedule)
    trainer.resume()
    trainer.run(progress)
    return TrainedLesions(network.eval(), len(patients))


def lesion_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the cross-entropy of every voxel plus one minus the soft Dice of each slice.

    :param logits: log odds (B, 1, rows, columns). :param truth: lesion or not, 0 or 1, of the same shape.
    """
    logits, axes = logits.float(), (1, 2, 3)
    probability = torch.sigmoid(logits)
    overlap = (probability * truth).sum(axes)
    dice = (2 * overlap + _SMALL) / (probability.sum(axes) + truth.sum(axes) + _SMALL)
    return _CROSS_ENTROPY * functional.binary_cross_entropy_with_logits(logits, truth) + (1 - dice).mean()
