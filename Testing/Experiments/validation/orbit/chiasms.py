"""Tests that the optic chiasm is found in the middle of heads excluded from training, in any contrast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from NeuroOrbitLib.anatomy.structures import label_value
from NeuroOrbitLib.imaging.geometry import grid_around, resample_labels
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.head.labelmaps import OPTIC_CHIASM
from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise
from OrbitSegmentationLib.any_contrast.training.head_labels import (
    UNSPECIFIED_SOFT_TISSUE,
    load_head,
    tissues_from_labels,
)
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth, sources_version
from Testing.Experiments.validation.orbit.kept_out import SOURCES, kept_out_heads, twice_as_fine

GROUP = "chiasm of label maps kept out of training"
#: Size of the scans (mm, x y z), and distance (mm) of their centre behind the point between the eyes.
_SIZE, _BEHIND = (124.0, 124.0, 96.0), 32.0
_SEED = 31


def chiasm_cases(contrasts: int) -> Iterator[ScoredCase]:
    """Yield scans of both orbits and the chiasm with voxels of 1 mm, ``contrasts`` images of each head."""
    for head in kept_out_heads():
        for seed in range(contrasts):
            yield ScoredCase(GROUP, f"{head.name.split('.')[0]} {seed}", _loader(head, seed), sources_version(*SOURCES))


def _loader(path: Path, seed: int):
    def load() -> Truth:
        head = load_head(path)
        middle = np.mean([frame.center for frame in head.frames], axis=0) - (0.0, _BEHIND, 0.0)
        grid = grid_around(middle, _SIZE, 1.0)
        labels = resample_labels(head.labels, grid).array
        tissues = torch.from_numpy(tissues_from_labels(labels))
        image = synthesise(twice_as_fine(tissues), 1.0, np.random.default_rng([_SEED, seed]), UNSPECIFIED_SOFT_TISSUE)
        truth = np.where(labels == OPTIC_CHIASM, label_value("optic_chiasm"), 0).astype(np.uint8)
        return Truth(Image(1000.0 * image.numpy(), grid.affine), Image(truth, grid.affine))

    return load
