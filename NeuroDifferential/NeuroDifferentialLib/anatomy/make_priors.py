"""Make the priors: ``python -m NeuroDifferentialLib.anatomy.make_priors LABEL_MAPS -o Resources/BrainAtlas/...npz``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.alignment import ALIGNMENT_SPACING, align, coarse_grid, start_from_boxes
from NeuroDifferentialLib.anatomy.priors import BrainPriors, save_priors, tissue_levels
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.geometry import grid_around, resample
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.phantom.brain.head import LabelledBrain, load_brain

SPACING = 2.0
SIZE = (160.0, 200.0, 170.0)
#: Number of label maps to average; the others are left for evaluation.
TRAINING_HEADS = 12
_ROUNDS = 2
#: SD of the smoothing (voxels), as heads differ more than a dozen of them show.
_SMOOTHING = 0.6


def make_priors(brains: Sequence[LabelledBrain], rounds: int = _ROUNDS) -> BrainPriors:
    """Return the mean of the heads, aligned by affine maps first to the first head and then to the mean."""
    first = brains[0]
    grid = grid_around(_middle(first), SIZE, SPACING)
    priors = _mean([_shares(first, grid)], grid)
    for _ in range(rounds):
        template = priors.template()
        low = resample(template, coarse_grid(template, ALIGNMENT_SPACING))
        priors = _mean([_shares(brain, _grid_in(brain, low, grid)) for brain in brains], grid)
    return priors


def _grid_in(brain: LabelledBrain, low: Image, grid: Grid) -> Grid:
    moving = brain.labels.with_array(tissue_levels()[brain.parts])
    moving = resample(moving, coarse_grid(moving, ALIGNMENT_SPACING), antialias=True)
    start = start_from_boxes(_points(low), _points(moving))
    return align(low, moving, start, same_contrast=True).grid_in_moving(grid)


def _points(image: Image) -> np.ndarray:
    return image.grid.ras_from_ijk(np.argwhere(image.array > 0.5)[:, ::-1])


def _middle(brain: LabelledBrain) -> np.ndarray:
    inside = np.argwhere((brain.parts != BrainPart.OUTSIDE) & (brain.parts != BrainPart.CSF))[:, ::-1]
    return brain.labels.grid.ras_from_ijk((inside.min(axis=0) + inside.max(axis=0)) / 2)


def _shares(brain: LabelledBrain, grid: Grid) -> np.ndarray:
    return np.stack([resample(brain.labels.with_array((brain.parts == part).astype(np.float32)), grid,
                              fill=float(part == BrainPart.OUTSIDE), antialias=True).array for part in BrainPart])


def _mean(shares: list[np.ndarray], grid: Grid) -> BrainPriors:
    mean = ndimage.gaussian_filter(np.mean(shares, axis=0), (0, *[_SMOOTHING] * 3), mode="nearest")
    return BrainPriors((mean / mean.sum(axis=0)).astype(np.float32), grid.affine)


def main(arguments: list[str] | None = None) -> int:
    """Make the priors from the first twelve label maps of a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("label_maps", type=Path, help="folder of head label maps (*.nii.gz)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file to write (*.npz)")
    options = parser.parse_args(arguments)
    paths = sorted(options.label_maps.glob("*.nii.gz"))[:TRAINING_HEADS]
    if not paths:
        print(f"There are no label maps (*.nii.gz) in {options.label_maps}.")
        return 2
    save_priors(make_priors([load_brain(path) for path in paths]), options.output)
    print(f"Wrote {options.output} from {len(paths)} label maps.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
