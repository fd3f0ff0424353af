"""Simulated scans of a brain with lesions: signal equation or random contrast, artefacts, slices, noise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import FLUID, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.geometry import grid_around, resample
from NeuroOrbitLib.imaging.image import Grid, Image
from NeuroOrbitLib.phantom.brain.artefacts import (
    FalseLesions,
    add_false_lesions,
    moved_head,
    smooth_field,
)
from NeuroOrbitLib.phantom.brain.head import LabelledBrain
from NeuroOrbitLib.phantom.brain.raster import LesionMap
from NeuroOrbitLib.phantom.brain.sequences import BrainSequence, tissue_signal, tissue_signals
from NeuroOrbitLib.phantom.head.labelmaps import OUTER_TISSUES
from NeuroOrbitLib.phantom.scanner.contrast import random_contrast
from NeuroOrbitLib.phantom.scanner.mr import bias_field, rician
from NeuroOrbitLib.phantom.tissue import Tissue

Coverage = Literal["whole", "defaced", "stripped"]
_LEVEL = 400.0
#: Smallest share of lesion in voxels that readers outline, as in thick slices they draw everything visible.
OUTLINED_SHARE = 0.4
#: Proton density of lesions, and the caps' share of a lesion's signal.
_LESION_DENSITY, _CAP_SHARE = 0.86, 0.45
#: Unevenness of tissue: widths (voxels) and ranges of the relative SD of its variation. With it, white matter varies by
#: 7 to 10 % in FLAIR; in scans of patients by 9 to 12 %, including lesions and soft borders.
_TEXTURES = ((6.0, (0.02, 0.07)), (22.0, (0.025, 0.06)))
#: SD of brightness between the brain's parts.
_PART_SPREAD = 0.04


@dataclass(frozen=True)
class ScanQuality:
    """The imperfections of a scan.

    :param bias: half the range of the coil's brightness field, relative.
    :param noise: noise relative to the sequence's.
    :param motion: brightness of the ghosts of a moving head.
    :param false_lesions: brightness of false lesions.
    """

    bias: float = 0.12
    noise: float = 1.0
    motion: float = 0.0
    false_lesions: FalseLesions = field(default_factory=FalseLesions)

    @classmethod
    def random(cls, rng: np.random.Generator) -> ScanQuality:
        """Return random imperfections as in usual clinical scans."""
        return cls(rng.uniform(0.02, 0.25), rng.uniform(0.6, 1.5), max(rng.normal(-0.03, 0.04), 0.0),
                   FalseLesions.random(rng))


def tissue_map(brain: LabelledBrain) -> np.ndarray:
    """Return the :class:`Tissue` (uint8) of every voxel of a head label map."""
    table = np.full(int(brain.labels.array.max()) + 1, Tissue.MUSCLE, dtype=np.uint8)
    for value, tissue in OUTER_TISSUES.items():
        if value < len(table):
            table[value] = tissue
    tissues = table[brain.labels.array]
    inside = brain.parts != BrainPart.OUTSIDE
    by_part = np.full(len(BrainPart), Tissue.GRAY_MATTER, dtype=np.uint8)
    by_part[list(WHITE_MATTER_PARTS)], by_part[list(FLUID)] = Tissue.WHITE_MATTER, Tissue.CSF
    tissues[inside] = by_part[brain.parts[inside]]
    return tissues


def simulate_brain(brain: LabelledBrain, lesions: LesionMap, sequence: BrainSequence, seed: int,
                   coverage: Coverage = "whole", quality: ScanQuality | None = None, random_look: bool = False,
                   grid: Grid | None = None, visit: int = 0) -> Image:
    """Return a scan (uint16) of a brain with lesions, deterministic by ``seed``.

    :param brain: head label map with the parts of the brain.
    :param lesions: lesions of the brain.
    :param sequence: sequence of the scan.
    :param seed: seed of all random choices.
    :param coverage: what the scan shows: the whole head, the head with the face removed, or the brain alone.
    :param quality: imperfections of the scan; :class:`ScanQuality`'s defaults by default.
    :param random_look: whether the tissues' brightness has a random order instead of the sequence's, with lesions that
        differ from white matter.
    :param grid: grid of the scan; by default a slightly tilted axial field of view around the head.
    :param visit: number of the scan of one patient; pose, coil, motion and noise depend on it, the head does not.
    """
    rng = np.random.default_rng(seed)
    quality = quality or ScanQuality()
    ideal, levels = ideal_signal(brain, lesions, sequence, rng, random_look)
    if sequence.is_flair and not random_look:
        ideal = add_false_lesions(ideal, brain.parts, levels, quality.false_lesions, rng)
    if visit:
        rng = np.random.default_rng([seed, visit])
    ideal[~_covered(brain, coverage)] = 0.0
    white = float(levels[Tissue.WHITE_MATTER])
    image = _acquired(Image(ideal / max(white, 0.05), brain.labels.affine), sequence, quality, coverage, rng, grid)
    return Image(np.clip(np.rint(image.array * _LEVEL), 0, 65535).astype(np.uint16), image.affine)


def ideal_signal(brain: LabelledBrain, lesions: LesionMap, sequence: BrainSequence, rng: np.random.Generator,
                 random_look: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Return the ideal signal (K, J, I; float32) with lesions and caps, and the signal of each tissue."""
    levels = _random_levels(rng) if random_look else tissue_signals(sequence, rng)
    ideal = levels[tissue_map(brain)].astype(np.float32)
    lesion = _lesion_signal(lesions, sequence, levels, rng, random_look)
    ideal += np.maximum(lesions.share, _CAP_SHARE * lesions.caps) * (lesion - ideal)
    return ideal * _unevenness(brain, rng), levels


def on_scan(volume: np.ndarray, brain: LabelledBrain, scan: Image) -> np.ndarray:
    """Return a soft map on the brain's grid (K, J, I), resampled to the voxels of a scan; float32."""
    return resample(brain.labels.with_array(volume.astype(np.float32)), scan.grid, antialias=True).array


def _lesion_signal(lesions: LesionMap, sequence: BrainSequence, levels: np.ndarray, rng: np.random.Generator,
                   random_look: bool) -> np.ndarray:
    if random_look:
        white, spread = float(levels[Tissue.WHITE_MATTER]), float(np.ptp(levels))
        level = np.clip(white + rng.choice((-1, 1, 1, 1)) * spread * rng.uniform(0.2, 0.6), 0, 1.6)
        return np.full(lesions.share.shape, level, np.float32)
    t1 = np.where(lesions.t1 > 0, lesions.t1, 1450.0)
    t2 = np.where(lesions.t2 > 0, lesions.t2, 130.0)
    return tissue_signal(sequence, np.array(_LESION_DENSITY), t1, t2).astype(np.float32)


def _random_levels(rng: np.random.Generator) -> np.ndarray:
    while True:
        contrast = random_contrast(rng, len(Tissue))
        if not contrast.is_ct and contrast.mean[Tissue.WHITE_MATTER] > 0.05:
            return contrast.mean


def _unevenness(brain: LabelledBrain, rng: np.random.Generator) -> np.ndarray:
    """Return factors (K, J, I) near 1 that vary within tissues and from one part of the brain to the next."""
    by_part = np.exp(rng.normal(0, _PART_SPREAD, len(BrainPart))).astype(np.float32)
    by_part[BrainPart.OUTSIDE] = by_part[BrainPart.WHITE_MATTER] = 1.0
    result = by_part[brain.parts]
    for width, spreads in _TEXTURES:
        result *= 1 + rng.uniform(*spreads) * smooth_field(result.shape, width, rng)
    return result


def _covered(brain: LabelledBrain, coverage: Coverage) -> np.ndarray:
    inside = brain.parts != BrainPart.OUTSIDE
    if coverage == "whole":
        return np.ones(inside.shape, bool)
    if coverage == "stripped":
        core = inside & (brain.parts != BrainPart.CSF)
        return ndimage.binary_fill_holes(ndimage.binary_closing(core, iterations=3)) & inside
    # Defacing removes everything in front of and below a slanted plane, well away from the brain.
    places = np.argwhere(inside & (brain.parts != BrainPart.CSF))
    low, front = np.percentile(places[:, 0], 25), np.percentile(places[:, 1], 99)
    k, j = np.ogrid[:inside.shape[0], :inside.shape[1]]
    cut = (j - front + 12) + 0.5 * (low - k) > 0
    return ~np.broadcast_to((cut & (k < low))[:, :, None], inside.shape)


def _acquired(ideal: Image, sequence: BrainSequence, quality: ScanQuality, coverage: Coverage,
              rng: np.random.Generator, grid: Grid | None) -> Image:
    voxels = ndimage.gaussian_filter(ideal.array, 0.45)
    if quality.motion > 0:
        voxels = moved_head(voxels, quality.motion, rng)
    extra = np.sqrt(max(sequence.thickness**2 - sequence.spacing[2] ** 2, 0.0)) / 2.355
    if extra > 0.2:
        voxels = ndimage.gaussian_filter1d(voxels, extra / ideal.spacing[2], axis=0)
    image = resample(ideal.with_array(voxels), grid or _scan_grid(ideal.grid, sequence, rng), antialias=True)
    coil = bias_field(rng, image.array.shape, quality.bias)
    noisy = rician(rng, np.maximum(image.array, 0) * coil, quality.noise / sequence.noise)
    if coverage == "stripped":
        noisy = np.where(image.array > 0.02, noisy, 0)
    return image.with_array(noisy.astype(np.float32))


def _scan_grid(grid: Grid, sequence: BrainSequence, rng: np.random.Generator) -> Grid:
    """Return a slightly tilted axial field of view around the head; I runs to the left, J to the back."""
    nod, turn = np.deg2rad(rng.normal(0, (6.0, 3.0)))
    tilt = np.array([[1, 0, 0], [0, np.cos(nod), -np.sin(nod)], [0, np.sin(nod), np.cos(nod)]])
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    size = np.array(grid.shape[::-1]) * np.array(grid.spacing)
    return grid_around(grid.center, tuple(size), sequence.spacing, tilt @ spin @ np.diag([-1.0, -1.0, 1.0]))


