"""Compares the time to make training images of the default model with its training steps. Prints one line of JSON.

``python -m Testing.Experiments.benchmarks.training_images``

One thread for each side, as in a training on a processor: one core makes images on the fly, another one learns.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from NeuroOrbitLib.models.compact_unet import CompactUNet  # noqa: E402
from NeuroOrbitLib.training.batches import ShuffledBatches  # noqa: E402
from NeuroOrbitLib.training.trainer import Trainer, TrainerSettings  # noqa: E402
from OrbitSegmentationLib.any_contrast.classes import CLASS_COUNT  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.label_bank import build_phantom_bank  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.losses import cross_entropy_and_dice  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.orbit_samples import OrbitSamples  # noqa: E402
from OrbitSegmentationLib.any_contrast.training.run_layout import ORBIT_WIDTHS  # noqa: E402
from Testing.Experiments.benchmarks.timing import median_seconds  # noqa: E402

_BATCH = 2


def measure() -> dict[str, float]:
    """Return the median seconds to make one image of an orbit, and to learn from a batch of two."""
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        build_phantom_bank(Path(folder), heads=1, seed=0)
        samples = OrbitSamples(Path(folder))
    # Contrasts and artefacts differ in cost, so many images are made.
        # Contrasts and artefacts differ in cost, so many images are made.
        image = median_seconds(lambda: samples.sample(0, random), 15)
        batches = ShuffledBatches(samples, _BATCH, seed=0)
        trainer, batch = _trainer(batches, Path(folder)), batches[0]
        step = median_seconds(lambda: trainer.take_step(*batch), 3)
    return {**image.named("image"), **step.named("step"), "batch": _BATCH}


def _trainer(batches: ShuffledBatches, folder: Path) -> Trainer:
    network = CompactUNet(1, CLASS_COUNT, ORBIT_WIDTHS).to(memory_format=torch.channels_last_3d)
    settings = TrainerSettings(steps=1, bf16=True)
    return Trainer(network, cross_entropy_and_dice, torch.optim.AdamW(network.parameters()), batches, settings, folder)


def exceeded(results: Mapping[str, Any]) -> list[str]:
    """Return a sentence if the network would wait for its images."""
    images, step = results["batch"] * results["image_processor_s"], results["step_processor_s"]
    return [] if images <= step else [
        f"making a batch of training images takes {images:.2f} s, learning from it {step:.2f} s: the network waits"]


if __name__ == "__main__":
    print(json.dumps(measure()), flush=True)
