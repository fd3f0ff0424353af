"""Training of the network of the brain's parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroDifferentialLib.anatomy.networks import PARTS_NETWORK
from NeuroDifferentialLib.anatomy.training.config import PartsTraining
from NeuroDifferentialLib.anatomy.training.samples import PartSamples, drawn_head
from NeuroDifferentialLib.slices.training import ON_CPU, Means, check_start, draw_patients, fit_network
from NeuroDifferentialLib.slices.unet import SliceUNet
from NeuroOrbitLib.jobs.progress import Progress, part, silent
from NeuroOrbitLib.models.package import ModelPackage

_DRAWING_SHARE = 0.3
#: Number of pixels added to numerator and denominator of the Dice, so that it exists for parts absent from a batch.
_SMALL = 20.0


@dataclass(frozen=True)
class TrainedParts:
    """The result of a training.

    :param network: trained network.
    :param patients: number of drawn patients.
    :param heads: number of label maps.
    :param start: package that the training started from, if any.
    """

    network: SliceUNet
    patients: int
    heads: int
    start: ModelPackage | None = None


def train(label_maps: Sequence[Path], config: PartsTraining, folder: Path, means: Means = ON_CPU,
          progress: Progress = silent, start: ModelPackage | None = None) -> TrainedParts:
    """Return the network trained on simulated scans of label maps, with the size of its training set.

    :param label_maps: files of head label maps.
    :param config: settings of the training.
    :param folder: folder of drawn patients and checkpoints; an interrupted training continues there.
    :param means: scheduler that draws the patients, and device and worker processes of the training.
    :param progress: receives the fraction done and a message.
    :param start: package with the weights that a new training starts from; random weights by default.
    :raises Problem: if these weights are damaged or of another network.
    """
    check_start(start, PARTS_NETWORK.name, config)
    patients = draw_patients(drawn_head, label_maps, config, folder / "patients", means.scheduler,
                             part(progress, 0.0, _DRAWING_SHARE))
    network = fit(patients, config, folder / "network", part(progress, _DRAWING_SHARE, 1.0), means, start)
    return TrainedParts(network, len(patients), len(label_maps), start)


def fit(patients: Sequence[dict[str, Any]], config: PartsTraining, folder: Path, progress: Progress = silent,
        means: Means = ON_CPU, start: ModelPackage | None = None) -> SliceUNet:
    """Return a network fitted to drawn patients, see :func:`~NeuroDifferentialLib.slices.training.fit_network`."""
    torch.manual_seed(config.seed)
    samples = PartSamples([patient["file"] for patient in patients],
                          [tuple(patient["spacing"]) for patient in patients], config.patch)
    return fit_network(PARTS_NETWORK.build(widths=config.widths), parts_loss, samples, config, folder, progress, means,
                       start)


def parts_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Return the cross-entropy of every pixel plus one minus the mean soft Dice of the parts over the batch.

    :param logits: output of the network, (batch, parts, rows, columns).
    :param truth: :class:`BrainPart` values, int64 (batch, rows, columns).
    """
    logits = logits.float()
    probability = logits.softmax(dim=1)
    wanted = functional.one_hot(truth, logits.shape[1]).movedim(-1, 1).to(probability)
    axes = (0, 2, 3)
    overlap = (probability * wanted).sum(axes)
    dice = (2 * overlap + _SMALL) / (probability.sum(axes) + wanted.sum(axes) + _SMALL)
    return functional.cross_entropy(logits, truth) + (1 - dice[1:]).mean()
