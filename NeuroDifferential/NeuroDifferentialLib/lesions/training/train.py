"""Training the lesion network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroDifferentialLib.lesions.networks import SLICE_NETWORK
from NeuroDifferentialLib.lesions.training.config import LesionTraining
from NeuroDifferentialLib.lesions.training.samples import drawn_lesions
from NeuroDifferentialLib.lesions.training.slice_samples import SliceSamples
from NeuroDifferentialLib.slices.training import ON_CPU, Means, draw_patients, fit_network
from NeuroDifferentialLib.slices.unet import SliceUNet
from NeuroOrbitLib.jobs.progress import Progress, part, silent

_DRAWING_SHARE = 0.5
#: Weight of the cross-entropy: lesions are few, and it is small.
_CROSS_ENTROPY = 5.0
#: Voxels that are added to both sides of the Dice, so that slices without a lesion have one.
_SMALL = 10.0


@dataclass(frozen=True)
class TrainedLesions:
    """What a training ends with. :param patients: number of drawn patients."""

    network: SliceUNet
    patients: int


def train(label_maps: Sequence[Path], config: LesionTraining, folder: Path, means: Means = ON_CPU,
          progress: Progress = silent) -> TrainedLesions:
    """Train on lesions drawn into label maps.

    :param folder: folder of drawn patients and checkpoints; an interrupted training continues there.
    :param means: what draws the patients, and what trains the network.
    """
    patients = draw_patients(drawn_lesions, label_maps, config, folder / "patients", means.scheduler,
                             part(progress, 0.0, _DRAWING_SHARE))
    return fit(patients, config, folder / "network", part(progress, _DRAWING_SHARE, 1.0), means)


def fit(patients: Sequence[dict[str, Any]], config: LesionTraining, folder: Path, progress: Progress = silent,
        means: Means = ON_CPU) -> TrainedLesions:
    """Fit the network to slices of drawn patients, see :func:`~NeuroDifferentialLib.slices.training.fit_network`."""
    torch.manual_seed(config.seed)
    samples = SliceSamples([patient["file"] for patient in patients],
                           [tuple(patient["spacing"]) for patient in patients], config.patch)
    network = fit_network(SLICE_NETWORK.build(widths=config.widths), lesion_loss, samples, config, folder, progress,
                          means)
    return TrainedLesions(network, len(patients))


def lesion_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the cross-entropy of every voxel plus one minus the soft Dice of each slice.

    :param logits: log odds (B, 1, rows, columns). :param truth: lesion or not, 0 or 1, of the same shape.
    """
    logits, axes = logits.float(), (1, 2, 3)
    probability = torch.sigmoid(logits)
    overlap = (probability * truth).sum(axes)
    dice = (2 * overlap + _SMALL) / (probability.sum(axes) + truth.sum(axes) + _SMALL)
    return _CROSS_ENTROPY * functional.binary_cross_entropy_with_logits(logits, truth) + (1 - dice).mean()
