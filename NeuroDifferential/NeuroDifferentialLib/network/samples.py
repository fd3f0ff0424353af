"""Training samples of the lesion network: voxels of simulated scans, prepared as a patient's scan is.

What is simulated is a slab of a brain: it holds all that a voxel's features depend on, for a fraction of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroDifferentialLib.anatomy.alignment import Alignment
from NeuroDifferentialLib.anatomy.priors import brain_priors, tissue_levels
from NeuroDifferentialLib.anatomy.tissues import align_priors, placed_priors, segment_anatomy
from NeuroDifferentialLib.lesions.features import candidates, features
from NeuroDifferentialLib.lesions.scan import PreparedScan, levelled
from NeuroDifferentialLib.network.config import LesionTraining
from NeuroOrbitLib.anatomy.brain import FLUID, GREY_MATTER_PARTS, WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.imaging.boxes import Box, box_around, crop
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.phantom.brain.head import LabelledBrain, load_brain
from NeuroOrbitLib.phantom.brain.plan import Disease, patient_with_load
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES
from NeuroOrbitLib.phantom.brain.zones import Zones
from NeuroOrbitLib.problem import Problem

_FLAIRS = tuple(sequence for sequence in BRAIN_SEQUENCES.values() if sequence.is_flair)
_T1 = BRAIN_SEQUENCES["t1-3d"]
#: Height (voxels) of a slab; what is kept around the brain; what the field of the coil leaves after its correction.
_SLAB, _MARGIN, _BIAS_LEFT = 56, 6, 0.04
#: Share of the brain's height below the lowest slab: there is too little of the cerebrum to tell its tissues.
_LOWEST = 0.12
#: How far (mm, degrees, relative) the placing of the priors is off.
_SHIFT, _TURN, _SCALE = 1.5, 1.5, 0.015
#: A patient in whose slab the tissues cannot be told apart is drawn anew this often.
_ATTEMPTS = 4


@dataclass(frozen=True)
class DrawnScan:
    """A simulated scan of a slab, prepared.

    :param lesions: where they are, bool (K, J, I) on the voxels of ``scan``. :param load_ml: planned for a whole brain.
    """

    scan: PreparedScan
    lesions: np.ndarray
    load_ml: float


def drawn_scan(label_map: Path, config: LesionTraining, number: int) -> DrawnScan:
    """Return the simulated and prepared slab of patient ``number``, the same one whenever it is asked for.

    :raises Problem: if the tissues cannot be told apart in any of a few slabs.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return _drawn(label_map, config, np.random.default_rng([config.seed, number, attempt]))
        except Problem:
            continue
    return _drawn(label_map, config, np.random.default_rng([config.seed, number, _ATTEMPTS]))


def _drawn(label_map: Path, config: LesionTraining, random: np.random.Generator) -> DrawnScan:
    load = float(np.exp(random.uniform(*np.log(config.loads_ml))))
    brain, alignment = _head(label_map)
    slab, share = _slab(brain, random)
    disease = Disease.MS if random.random() < 0.5 else Disease.NMOSD
    lesions = draw_lesions(patient_with_load(random, disease, max(load * share, 0.2)),
                           Zones.of(slab.parts, slab.labels.spacing[::-1]), int(random.integers(2**31)))
    usual = ScanQuality.random(random)
    quality = ScanQuality(_BIAS_LEFT, usual.noise, usual.motion, usual.false_lesions)
    sequence = _FLAIRS[int(random.integers(len(_FLAIRS)))]
    has_t1, seeds = random.random() < config.t1_share, random.integers(2**31, size=2)
    flair = reorient_to_ras(simulate_brain(slab, lesions, sequence, int(seeds[0]), "stripped", quality))
    channels = [flair]
    if has_t1:
        channels.append(simulate_brain(slab, lesions, _T1, int(seeds[1]), "stripped", quality, grid=flair.grid))
    scan = _prepared(channels, slab, _misplaced(alignment, flair.grid.center, random))
    mask = resample(slab.labels.with_array(lesions.mask.astype(np.float32)), flair.grid, antialias=True).array > 0.5
    return DrawnScan(scan, mask, load)


def _prepared(channels: list[Image], slab: LabelledBrain, alignment: Alignment) -> PreparedScan:
    """What :func:`~NeuroDifferentialLib.lesions.scan.prepare_scan` makes of a scan whose brain is known."""
    grid = channels[0].grid
    inside = resample(slab.labels.with_array((slab.parts != BrainPart.OUTSIDE).astype(np.float32)), grid).array > 0.5
    mask = ndimage.binary_fill_holes(inside) & (channels[0].array > 0)
    levels = [levelled(image.with_array(image.array.astype(np.float32)), mask) for image in channels]
    priors = placed_priors(brain_priors(), alignment, grid)
    arrays = [image.array for image in levels]
    parts = resample(slab.labels.with_array(slab.parts), grid, "nearest").array
    start = np.stack([np.isin(parts, tissue) for tissue in (WHITE_MATTER_PARTS, GREY_MATTER_PARTS, FLUID)])
    anatomy = segment_anatomy(arrays, priors, mask, grid.spacing[::-1], start.astype(np.float64))
    whole = Box((0, 0, 0), grid.shape)
    return PreparedScan(levels[0], tuple(arrays), anatomy, priors, whole, grid, grid)


@lru_cache(maxsize=12)
def _head(label_map: Path) -> tuple[LabelledBrain, Alignment]:
    """The brain of a head, and where the priors lie in it."""
    brain = load_brain(label_map)
    box = box_around(brain.parts != BrainPart.OUTSIDE).grown(_MARGIN).inside(brain.parts.shape)
    brain = LabelledBrain(brain.name, crop(brain.labels, box), brain.parts[box.slices])
    scan = brain.labels.with_array(tissue_levels()[brain.parts])
    return brain, align_priors(brain_priors(), scan, brain.parts != BrainPart.OUTSIDE)


def _slab(brain: LabelledBrain, random: np.random.Generator) -> tuple[LabelledBrain, float]:
    """A random slab of a brain and its share of the brain's voxels."""
    height = brain.parts.shape[0]
    start = int(random.integers(round(_LOWEST * height), max(height - _SLAB, round(_LOWEST * height)) + 1))
    box = Box((start, 0, 0), (min(start + _SLAB, height), *brain.parts.shape[1:]))
    parts = brain.parts[box.slices]
    share = np.count_nonzero(parts) / max(np.count_nonzero(brain.parts), 1)
    return LabelledBrain(brain.name, crop(brain.labels, box), parts), float(share)


def _misplaced(alignment: Alignment, center: np.ndarray, random: np.random.Generator) -> Alignment:
    """The alignment with the error that an alignment of a scan has."""
    angles = np.deg2rad(random.normal(0, _TURN, 3))
    turn = np.eye(3) + np.array([[0, -angles[2], angles[1]], [angles[2], 0, -angles[0]], [-angles[1], angles[0], 0]])
    error = np.eye(4)
    error[:3, :3] = turn * np.exp(random.normal(0, _SCALE, 3))
    error[:3, 3] = center - error[:3, :3] @ center + random.normal(0, _SHIFT, 3)
    return Alignment(alignment.matrix @ error)


def voxel_samples(drawn: DrawnScan, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return features (voxels, columns), float16, and lesion or not, bool, of random candidate voxels.

    :param count: at most so many, half of them in lesions as far as there are enough.
    """
    random = np.random.default_rng(seed)
    chosen = candidates(drawn.scan)
    is_lesion = drawn.lesions[chosen]
    kept = np.concatenate([random.permutation(np.flatnonzero(group))[: count // 2]
                           for group in (is_lesion, ~is_lesion)])
    places = np.flatnonzero(chosen)[kept]
    some = np.zeros(chosen.shape, bool)
    some.ravel()[places] = True
    return features(drawn.scan, some).astype(np.float16), drawn.lesions[some]
