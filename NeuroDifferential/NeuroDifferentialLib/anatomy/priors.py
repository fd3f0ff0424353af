"""Priors of the brain's parts in the average head: probabilities computed from label maps of real heads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy.brain import FLUID, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.resources import resource_path

FILE = ("BrainAtlas", "brain_priors.npz")
#: Brightness of fluid, grey and white matter in a brain of no particular contrast.
FLUID_LEVEL, GREY_LEVEL, WHITE_LEVEL = 0.25, 0.65, 1.0


@dataclass(frozen=True)
class BrainPriors:
    """Probabilities of the brain's parts on a RAS grid.

    :param probabilities: probabilities (parts, K, J, I), float32, in the order of :class:`BrainPart`; they sum to 1.
    :param affine: matrix (4x4) from voxels (i, j, k) to RAS mm.
    """

    probabilities: np.ndarray
    affine: np.ndarray

    @property
    def grid(self) -> Grid:
        """Grid of the probabilities."""
        return Grid(self.probabilities.shape[1:], self.affine)

    def of(self, *parts: BrainPart) -> np.ndarray:
        """Return the probability (K, J, I) of being in one of the parts."""
        return self.probabilities[list(parts)].sum(axis=0)

    def template(self) -> Image:
        """Return an average brain: dark fluid, brighter grey matter, brightest white matter, and 0 outside."""
        return Image(np.tensordot(tissue_levels(), self.probabilities, 1).astype(np.float32), self.affine)


def tissue_levels() -> np.ndarray:
    """Return the brightness (parts,) of each part in the average brain."""
    levels = np.full(len(BrainPart), GREY_LEVEL, dtype=np.float32)
    levels[list(FLUID)] = FLUID_LEVEL
    levels[list(WHITE_MATTER_PARTS)] = WHITE_LEVEL
    levels[BrainPart.OUTSIDE] = 0.0
    return levels


@cache
def brain_priors() -> BrainPriors:
    """Return the priors that are shipped with the extension."""
    return load_priors(resource_path(*FILE))


def load_priors(path: Path) -> BrainPriors:
    """Return the priors from a file written by :func:`save_priors`."""
    with np.load(path, allow_pickle=False) as file:
        shares = file["probabilities"].astype(np.float32)
        affine = file["affine"]
    return BrainPriors(shares / np.maximum(shares.sum(axis=0), 1.0), affine)


def save_priors(priors: BrainPriors, path: Path) -> None:
    """Write priors to an ``.npz`` file, with probabilities in steps of 1/255."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, probabilities=np.rint(priors.probabilities * 255).astype(np.uint8), affine=priors.affine)
