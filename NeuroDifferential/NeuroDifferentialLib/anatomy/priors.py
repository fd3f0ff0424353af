"""Where each part of the brain lies in the average head: probabilities made from label maps of real heads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from NeuroOrbitLib.anatomy.brain import FLUID, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.resources import resource_path

FILE = ("BrainAtlas", "brain_priors.npz")
#: Brightness that stands for fluid, grey and white matter where a brain of no particular contrast is wanted.
FLUID_LEVEL, GREY_LEVEL, WHITE_LEVEL = 0.25, 0.65, 1.0


@dataclass(frozen=True)
class BrainPriors:
    """Probabilities on a RAS grid.

    :param probabilities: (parts, K, J, I) float32 in the order of :class:`BrainPart`; their sum is 1 everywhere.
    """

    probabilities: np.ndarray
    affine: np.ndarray

    @property
    def grid(self) -> Grid:
        """Where the voxels lie."""
        return Grid(self.probabilities.shape[1:], self.affine)

    def of(self, *parts: BrainPart) -> np.ndarray:
        """Return the probability (K, J, I) of being in one of the parts."""
        return self.probabilities[list(parts)].sum(axis=0)

    def template(self) -> Image:
        """Return an average brain: fluid dark, grey matter brighter, white matter brightest, nothing outside."""
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
    """Return the priors that come with the extension."""
    return load_priors(resource_path(*FILE))


def load_priors(path: Path) -> BrainPriors:
    """Read priors that :func:`save_priors` wrote."""
    with np.load(path, allow_pickle=False) as file:
        shares = file["probabilities"].astype(np.float32)
        affine = file["affine"]
    return BrainPriors(shares / np.maximum(shares.sum(axis=0), 1.0), affine)


def save_priors(priors: BrainPriors, path: Path) -> None:
    """Write priors with probabilities in steps of 1/255."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, probabilities=np.rint(priors.probabilities * 255).astype(np.uint8), affine=priors.affine)
