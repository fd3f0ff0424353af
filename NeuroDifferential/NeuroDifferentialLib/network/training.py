"""Training the lesion network; a training that was stopped goes on where it was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroDifferentialLib.network.config import LesionTraining
from NeuroDifferentialLib.network.samples import LesionSamples
from NeuroOrbitLib.jobs.progress import Progress, silent
from NeuroOrbitLib.models.compact_unet import CompactUNet
from NeuroOrbitLib.training.batches import ShuffledBatches
from NeuroOrbitLib.training.learning_rate import cosine_rate
from NeuroOrbitLib.training.trainer import Outcome, Trainer, TrainerSettings

_CHANNELS, _CLASSES = 2, 2


def lesion_network(config: LesionTraining) -> CompactUNet:
    """Return the untrained network: FLAIR and T1 (zeros where there is none) in, background and lesion out."""
    return CompactUNet(_CHANNELS, _CLASSES, config.widths)


def lesion_loss(logits: Tensor, classes: Tensor) -> Tensor:
    """Mean cross-entropy plus one minus the soft Dice of the lesions over the whole batch.

    :param logits: (B, 2, K, J, I). :param classes: (B, K, J, I) long, 1 for lesion.
    """
    probability = logits.softmax(dim=1)[:, 1]
    truth = classes.to(logits.dtype)
    dice = (2 * (probability * truth).sum() + 1) / (probability.sum() + truth.sum() + 1)
    return functional.cross_entropy(logits, classes) + 1 - dice


def train(label_maps: Sequence[Path], config: LesionTraining, folder: Path, device: str = "cpu", workers: int = 0,
          progress: Progress = silent) -> Outcome:
    """Train on lesions drawn into the label maps; checkpoints in ``folder`` let it go on after a stop."""
    torch.manual_seed(config.seed)
    network = lesion_network(config).to(device, memory_format=torch.channels_last_3d)
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=1e-4)
    batches = ShuffledBatches(LesionSamples(label_maps, config), config.batch_size, config.seed)
    settings = TrainerSettings(config.steps, checkpoint_steps=250, checkpoint_minutes=3, workers=workers, bf16=True,
                               largest_gradient=5.0)
    trainer = Trainer(network, lesion_loss, optimizer, batches, settings, folder,
                      cosine_rate(optimizer, config.steps, warm_up=min(100, config.steps), floor=0.01))
    trainer.resume()
    return trainer.run(progress)
