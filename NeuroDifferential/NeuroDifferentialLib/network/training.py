"""Training the lesion network; drawing its patients is the long part and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional

from NeuroDifferentialLib.network.config import LesionTraining
from NeuroDifferentialLib.network.networks import VoxelNetwork
from NeuroDifferentialLib.network.samples import drawn_scan, voxel_samples
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.training.learning_rate import cosine_rate

#: Columns vary at least so much.
_LEAST_SD = 1e-3
_DRAWING_SHARE = 0.9


@dataclass(frozen=True)
class TrainedLesions:
    """What a training ends with.

    :param patients: number of drawn patients. :param voxels: number of voxels learned from. :param loss: cross-entropy
        over the last steps.
    """

    network: VoxelNetwork
    patients: int
    voxels: int
    loss: float


def draw_patients(label_maps: Sequence[Path], config: LesionTraining, folder: Path, progress: Progress = silent
                  ) -> list[Path]:
    """Draw the patients that are not in ``folder`` yet and return the files of all of them (features and classes)."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{number:03d}.npz" for number in range(config.patients)]
    for number, path in enumerate(paths):
        progress(number / len(paths), f"Patient {number + 1} of {len(paths)}")
        if not path.exists():
            drawn = drawn_scan(label_maps[number % len(label_maps)], config, number)
            values, is_lesion = voxel_samples(drawn, config.voxels, number)
            unfinished = path.with_name(f".{path.name}")
            np.savez(unfinished, x=values, y=is_lesion)
            unfinished.replace(path)
    return paths


def train(label_maps: Sequence[Path], config: LesionTraining, folder: Path, progress: Progress = silent
          ) -> TrainedLesions:
    """Train on lesions drawn into the label maps.

    :param folder: of the drawn patients; those of a training that was stopped are used again.
    """
    paths = draw_patients(label_maps, config, folder / "patients",
                          lambda share, text: progress(_DRAWING_SHARE * share, text))
    return fit(paths, config, lambda share, text: progress(_DRAWING_SHARE + (1 - _DRAWING_SHARE) * share, text))


def fit(paths: Sequence[Path], config: LesionTraining, progress: Progress = silent) -> TrainedLesions:
    """Fit the network to the voxels of drawn patients, every patient as often as the others."""
    torch.manual_seed(config.seed)
    files = [np.load(path) for path in paths]
    values = torch.from_numpy(np.concatenate([file["x"] for file in files])).float()
    truth = torch.from_numpy(np.concatenate([file["y"] for file in files])).float()
    network = VoxelNetwork(values.shape[1], config.widths)
    network.mean.copy_(values.mean(dim=0))
    network.sd.copy_(values.std(dim=0).clamp_min(_LEAST_SD))
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=1e-2)
    schedule = cosine_rate(optimizer, config.steps, warm_up=min(100, config.steps), floor=0.01)
    losses = []
    for step in range(config.steps):
        chosen = torch.randint(len(values), (config.batch_size,))
        loss = functional.binary_cross_entropy_with_logits(network(values[chosen]), truth[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if step % 50 == 0:
            progress(step / config.steps, f"Step {step} of {config.steps}")
    return TrainedLesions(network.eval(), len(paths), len(values), float(np.mean(losses[-200:])))
