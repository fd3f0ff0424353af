"""Orbits of the real heads that were excluded from training, as synthetic images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from NeuroOrbitLib.anatomy.structures import mirror_label_array
from NeuroOrbitLib.imaging.geometry import mirror_left_right
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.scanner.randomised_image import synthesise_outlined
from OrbitSegmentationLib.any_contrast.training.head_labels import UNSPECIFIED_SOFT_TISSUE
from OrbitSegmentationLib.any_contrast.training.label_bank import BANK_SPACING, bank_grid, build_bank
from Testing.Experiments.validation.orbit.case import ScoredCase, Truth, sources_version
from Testing.Experiments.validation.orbit.kept_out import SOURCES, kept_out_heads, twice_as_fine

_SEED = 13


def head_map_cases(cache: Path, contrasts: int) -> Iterator[ScoredCase]:
    """Yield single orbits, right and left, of each excluded head, as images of random contrast with fixed seeds.

    :param cache: folder for the orbits, which take a while to make.
    :param contrasts: number of images of each orbit, each with a parametric orbit and a contrast of its own.
    """
    version = sources_version(*SOURCES)
    for head in kept_out_heads():
        for side in ("right", "left"):
            for seed in range(contrasts):
                load = _loader(head, side, seed, contrasts, cache / f"orbits-{version}-{contrasts}")
                name = f"{head.name.split('.')[0]} {side} {seed}"
                yield ScoredCase("label maps kept out of training", name, load, f"{version}, orbit {seed}")


def _loader(head: Path, side: str, seed: int, count: int, folder: Path):
    def load() -> Truth:
        build_bank([head], folder, shapes_per_orbit=count, seed=_SEED)
        with np.load(folder / f"{head.name.split('.')[0]}_{side}.npz") as orbit:
            labels, tissues = orbit["labels"][seed], torch.from_numpy(orbit["tissues"][seed])
        random = np.random.default_rng([_SEED, seed])
        image, seen = synthesise_outlined(twice_as_fine(tissues), torch.from_numpy(labels), BANK_SPACING, random,
                                          UNSPECIFIED_SOFT_TISSUE)
        labels, grid = seen.numpy(), bank_grid()
        scan, truth = Image(1000.0 * image.numpy(), grid.affine), Image(labels, grid.affine)
        if side == "right":
            return Truth(scan, truth)
        return Truth(mirror_left_right(scan), mirror_left_right(truth.with_array(mirror_label_array(labels))))

    return load
