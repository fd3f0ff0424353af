"""Training patches painted once and shown in many ways: on one processor, painting costs more than learning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroOrbitLib.jobs.progress import Progress, silent
from OrbitSegmentationLib.refinement.correction.samples import CorrectionSamples

#: Slices in a file.
_FILE_SLICES = 20


def build_patches(samples: CorrectionSamples, folder: Path, rounds: int, seed: int,
                  progress: Progress = silent) -> None:
    """Paint every slab ``rounds`` times and write its patches; files that are there are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [(turn, start) for turn in range(rounds) for start in range(0, len(samples), _FILE_SLICES)]
    for number, (turn, start) in enumerate(files):
        target = folder / f"patches_{turn}_{start:04d}.npz"
        if not target.exists():
            drawn = [samples.sample(index, np.random.default_rng([seed, turn, index]))
                     for index in range(start, min(start + _FILE_SLICES, len(samples)))]
            _write(target, *(torch.stack(part).numpy() for part in zip(*drawn, strict=True)))
        progress((number + 1) / len(files), f"Patches {number + 1} of {len(files)}")


class PatchBank:
    """All patches in a folder, slice by slice; every draw turns, mirrors or inverts them anew."""

    def __init__(self, folder: Path) -> None:
        self.inputs: list[np.ndarray] = []
        self.truths: list[np.ndarray] = []
        for path in sorted(folder.glob("patches_*.npz")):
            with np.load(path) as arrays:
                self.inputs += list(arrays["inputs"])
                self.truths += list(arrays["truths"])

    def __len__(self) -> int:
        return len(self.inputs)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """As :meth:`CorrectionSamples.sample`."""
        inputs = torch.from_numpy(self.inputs[index]).float()
        truths = torch.from_numpy(self.truths[index]).float() / 255
        if random.random() < 0.5:
            inputs, truths = inputs.transpose(-1, -2), truths.transpose(-1, -2)
        flips = [axis for axis in (-1, -2) if random.random() < 0.5]
        inputs, truths = inputs.flip(flips), truths.flip(flips)
        # Bright structures become dark ones: the first two channels are brightness around 0.
        sign = torch.tensor([1.0, 1.0, 1.0] if random.random() < 0.5 else [-1.0, -1.0, 1.0])
        return inputs * sign[:, None, None], truths


def _write(target: Path, inputs: np.ndarray, truths: np.ndarray) -> None:
    """A file is whole or not there."""
    partial = target.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.savez(stream, inputs=inputs.astype(np.float16), truths=np.rint(255 * truths).astype(np.uint8))
    partial.replace(target)
