"""Training samples of the lesion network: simulated scans of whole heads, prepared as a patient's scan is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from NeuroDifferentialLib.lesions.scan import PreparedScan, prepare_scan
from NeuroDifferentialLib.lesions.training.config import LesionTraining
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.phantom.brain.head import LabelledBrain, load_brain
from NeuroOrbitLib.phantom.brain.plan import Disease, patient_with_load
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import OUTLINED_SHARE, ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES, BrainSequence
from NeuroOrbitLib.phantom.brain.zones import Zones
from NeuroOrbitLib.problem import Problem

_FLAIRS = tuple(sequence for sequence in BRAIN_SEQUENCES.values() if sequence.is_flair)
_T1 = BRAIN_SEQUENCES["t1-3d"]
_COVERAGES, _COVERAGE_SHARES = ("stripped", "whole", "defaced"), (0.4, 0.4, 0.2)
#: Factors by which voxel size and thickness of slices differ from those of the sequence.
_SIZES = (0.85, 1.2)
#: A patient whose scan cannot be prepared is drawn anew this often.
_ATTEMPTS = 4


@dataclass(frozen=True)
class DrawnScan:
    """A simulated scan, prepared.

    :param lesions: what a reader would outline, bool (K, J, I) on the voxels of ``scan``.
    :param load_ml: planned volume.
    """

    scan: PreparedScan
    lesions: np.ndarray
    load_ml: float


def drawn_scan(label_map: Path, config: LesionTraining, number: int) -> DrawnScan:
    """Return the simulated and prepared scan of patient ``number``, the same one whenever it is asked for.

    :raises Problem: if none of a few scans of this patient can be prepared.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return _drawn(label_map, config, np.random.default_rng([config.seed, number, attempt]))
        except Problem:
            continue
    return _drawn(label_map, config, np.random.default_rng([config.seed, number, _ATTEMPTS]))


def _drawn(label_map: Path, config: LesionTraining, random: np.random.Generator) -> DrawnScan:
    load = float(np.exp(random.uniform(*np.log(config.loads_ml))))
    brain, zones = _head(label_map)
    disease = Disease.MS if random.random() < config.ms_share else Disease.NMOSD
    lesions = draw_lesions(patient_with_load(random, disease, load), zones, int(random.integers(2**31)))
    quality, sequence = ScanQuality.random(random), _random_sequence(random)
    coverage = str(random.choice(_COVERAGES, p=_COVERAGE_SHARES))
    has_t1, seeds = random.random() < config.t1_share, random.integers(2**31, size=2)
    flair = simulate_brain(brain, lesions, sequence, int(seeds[0]), coverage, quality)
    t1 = simulate_brain(brain, lesions, _T1, int(seeds[1]), coverage, quality, grid=flair.grid) if has_t1 else None
    scan = prepare_scan(flair, t1)
    upright = reorient_to_ras(flair)
    share = upright.with_array(on_scan(lesions.mask, brain, upright))
    return DrawnScan(scan, resample(share, scan.flair.grid, antialias=True).array >= OUTLINED_SHARE, load)


def _random_sequence(random: np.random.Generator) -> BrainSequence:
    """A FLAIR whose voxels are somewhat smaller or larger than those of one of the sequences."""
    sequence = _FLAIRS[int(random.integers(len(_FLAIRS)))]
    in_plane, across = np.exp(random.uniform(*np.log(_SIZES), size=2))
    spacing = (sequence.spacing[0] * in_plane, sequence.spacing[1] * in_plane, sequence.spacing[2] * across)
    return replace(sequence, spacing=spacing, thickness=sequence.thickness * across)


@lru_cache(maxsize=4)
def _head(label_map: Path) -> tuple[LabelledBrain, Zones]:
    """The brain of a head and its geography."""
    brain = load_brain(label_map)
    return brain, Zones.of(brain.parts, brain.labels.spacing[::-1])
