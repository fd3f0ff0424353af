"""An annotated MRI in simulated contrasts: real anatomy and noise with the grey values of other sequences.

Intensities between muscle and fat are taken as mixtures of both. Fat suppression lowers the line between them, which
preserves partial volume. Elsewhere (brain) the result is only roughly what a scanner would give.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_dilation, gaussian_filter

from NeuroOrbitLib.anatomy.structures import structure
from Testing.Experiments.validation.orbit.case import Truth
from Testing.Experiments.validation.orbit.scoring import RECTI

#: Distance (voxels) from muscles within which fat is looked for, and the percentile there that is its brightness.
_NEAR, _FAT_PERCENTILE = 3, 90.0
#: Brightness of suppressed fat relative to muscle, of enhanced to plain muscle, of water in T2 to fat or muscle.
_DARK_FAT, _ENHANCED, _BRIGHT_WATER = 0.2, 2.0, 2.2
#: Width (voxels) of the edge of the globe when its brightness is changed.
_EDGE = 0.7


@dataclass(frozen=True)
class Levels:
    """Brightness of tissues of an orbit in a scan."""

    muscle: float
    vitreous: float
    fat: float


def levels_of(truth: Truth) -> Levels:
    """Return the brightness of tissues by the reference; fat must be brighter than muscle (T1, T2)."""
    voxels, labels = truth.image.array, truth.labels.array
    muscle = np.isin(labels, [value for key in RECTI for value in structure(key).values])
    fat = binary_dilation(muscle, iterations=_NEAR) & (labels == 0)
    levels = Levels(float(np.median(voxels[muscle])), float(np.median(voxels[_globes(truth)])),
                    float(np.percentile(voxels[fat], _FAT_PERCENTILE)))
    if levels.fat <= levels.muscle:
        raise ValueError("Fat is not brighter than muscle: its suppression cannot be computed.")
    return levels


def fat_suppressed(truth: Truth) -> Truth:
    """Return the scan as with fat suppression: the more fat in a voxel brighter than muscle, the darker it becomes."""
    return _suppressed(truth, 1.0)


def enhanced(truth: Truth) -> Truth:
    """Return the scan as T1 after gadolinium with fat suppression: muscles are bright, the vitreous stays dark."""
    return _suppressed(truth, _ENHANCED)


def _suppressed(truth: Truth, enhancement: float) -> Truth:
    """Return the scan with dark fat and muscle brighter by a factor; mixtures with muscle change in proportion."""
    levels = levels_of(truth)
    voxels = truth.image.array.astype(np.float32)
    muscle, dark = enhancement * levels.muscle, _DARK_FAT * levels.muscle
    fat = (voxels - levels.muscle) / (levels.fat - levels.muscle)
    uptake = np.clip((voxels - levels.vitreous) / (levels.muscle - levels.vitreous), 0, 1)
    darker = np.maximum(muscle + (dark - muscle) * fat, dark)
    return _with_voxels(truth, np.where(fat > 0, darker, voxels + (muscle - levels.muscle) * uptake))


def bright_water(truth: Truth) -> Truth:
    """Return the scan as T2: the globe is brighter than fat."""
    return _with_globes(truth, _BRIGHT_WATER * levels_of(truth).fat)


def bright_water_fat_suppressed(truth: Truth) -> Truth:
    """Return the scan as T2 with fat suppression: the globe is brighter than muscle, fat darker."""
    return _with_globes(fat_suppressed(truth), _BRIGHT_WATER * levels_of(truth).muscle)


#: Changes of an annotated T1 image by name.
CONTRASTS: dict[str, Callable[[Truth], Truth]] = {
    "T1, fat suppressed (computed)": fat_suppressed,
    "T1, fat suppressed, enhanced (computed)": enhanced,
    "T2 (computed)": bright_water,
    "T2, fat suppressed (computed)": bright_water_fat_suppressed,
}


def _with_globes(truth: Truth, brightness: float) -> Truth:
    share = gaussian_filter(_globes(truth).astype(np.float32), _EDGE)
    return _with_voxels(truth, (1 - share) * truth.image.array + share * brightness)


def _globes(truth: Truth) -> np.ndarray:
    return np.isin(truth.labels.array, structure("eyeball").values)


def _with_voxels(truth: Truth, voxels: np.ndarray) -> Truth:
    return replace(truth, image=truth.image.with_array(voxels.astype(np.float32)))
