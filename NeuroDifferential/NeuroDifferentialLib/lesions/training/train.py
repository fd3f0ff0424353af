"""Training of the lesion network."""

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
from NeuroDifferentialLib.slices.training import ON_CPU, Means, check_start, draw_patients, fit_network
from NeuroDifferentialLib.slices.unet import SliceUNet
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.package import ModelPackage

_DRAWING_SHARE = 0.5
#: Weight of the cross-entropy, which is small because lesions are few.
_CROSS_ENTROPY = 5.0
#: Number of pixels added to numerator and denominator of the Dice, so that it exists for slices without a lesion.
_SMALL = 10.0


@dataclass(frozen=True)
class TrainedLesions:
    """The result of a training.

    :param network: trained network.
    :param patients: number of drawn patients.
    :param start: package that the training started from, if any.
    """

    network: SliceUNet
    patients: int
    start: ModelPackage | None = None


def train(label_maps: Sequence[Path], config: LesionTraining, folder: Path, means: Means = ON_CPU,
          progress: Progress = silent, start: ModelPackage | None = None) -> TrainedLesions:
    """Return the network trained on lesions drawn into label maps, with the size of its training set.

    :param label_maps: files of head label maps.
    :param config: settings of the training.
    :param folder: folder of drawn patients and checkpoints; an interrupted training continues there.
    :param means: scheduler that draws the patients, and device and worker processes of the training.
    :param progress: receives the fraction done and a message.
    :param start: package with the weights that a new training starts from; random weights by default.
    :raises Problem: if these weights are damaged or of another network.
    """
    check_start(start, SLICE_NETWORK.name, config)
    patients = draw_patients(drawn_lesions, label_maps, config, folder / "patients", means.scheduler,
                             part(progress, 0.0, _DRAWING_SHARE))
    return fit(patients, config, folder / "network", part(progress, _DRAWING_SHARE, 1.0), means, start)


def fit(patients: Sequence[dict[str, Any]], config: LesionTraining, folder: Path, progress: Progress = silent,
        means: Means = ON_CPU, start: ModelPackage | None = None) -> TrainedLesions:
    """Return the network fitted to slices of drawn patients, see :func:`.fit_network`."""
    torch.manual_seed(config.seed)
    samples = SliceSamples([patient["file"] for patient in patients],
                           [tuple(patient["spacing"]) for patient in patients], config.patch)
    network = fit_network(SLICE_NETWORK.build(widths=config.widths), lesion_loss, samples, config, folder, progress,
                          means, start)
    return TrainedLesions(network, len(patients), start)


def lesion_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the cross-entropy of every voxel plus one minus the soft Dice of each slice.

    :param logits: log odds (batch, 1, rows, columns).
    :param truth: lesion or not, 1 or 0, same shape.
    """
    logits, axes = logits.float(), (1, 2, 3)
    probability = torch.sigmoid(logits)
    overlap = (probability * truth).sum(axes)
    dice = (2 * overlap + _SMALL) / (probability.sum(axes) + truth.sum(axes) + _SMALL)
    return _CROSS_ENTROPY * functional.binary_cross_entropy_with_logits(logits, truth) + (1 - dice).mean()
