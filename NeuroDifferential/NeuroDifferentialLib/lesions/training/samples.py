"""Training patients of the lesion network: simulated scans of whole heads, prepared like a patient's scan."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from NeuroDifferentialLib.lesions.channels import channels
from NeuroDifferentialLib.lesions.scan import prepare_scan
from NeuroDifferentialLib.lesions.training.config import LesionTraining
from NeuroDifferentialLib.slices.training import DrawnPatient
from NeuroOrbitLib.imaging.geometry import reorient_to_ras
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.phantom.brain.plan import Disease, patient_with_load
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import OUTLINED_SHARE, ScanQuality, on_scan, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES, FLAIRS
from NeuroOrbitLib.phantom.brain.zones import head_with_zones
from NeuroOrbitLib.problem import Problem

_T1 = BRAIN_SEQUENCES["t1-3d"]
_COVERAGES, _COVERAGE_SHARES = ("stripped", "whole", "defaced"), (0.4, 0.4, 0.2)
#: Number of attempts at drawing a patient whose scan can be prepared.
_ATTEMPTS = 4


def drawn_lesions(label_map: Path, config: LesionTraining, number: int) -> DrawnPatient:
    """Return the simulated and prepared scan of patient ``number``, which is the same every time.

    Its volume contains the channels of :func:`~NeuroDifferentialLib.lesions.channels.channels`, followed by a channel
    that is 255 where a reader would outline a lesion; the fact ``load_ml`` is the planned lesion volume (ml).

    :param label_map: file of a head label map.
    :param config: settings of the training.
    :param number: number of the patient.
    :raises Problem: if none of several scans of this patient can be prepared.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return _drawn(label_map, config, np.random.default_rng([config.seed, number, attempt]))
        except Problem:
            continue
    return _drawn(label_map, config, np.random.default_rng([config.seed, number, _ATTEMPTS]))


def _drawn(label_map: Path, config: LesionTraining, random: np.random.Generator) -> DrawnPatient:
    load = config.random_load(random)
    brain, zones = head_with_zones(label_map)
    disease = Disease.MS if random.random() < config.ms_share else Disease.NMOSD
    lesions = draw_lesions(patient_with_load(random, disease, load), zones, int(random.integers(2**31)))
    quality = ScanQuality.random(random)
    sequence = FLAIRS[int(random.integers(len(FLAIRS)))].resized(random)
    coverage = str(random.choice(_COVERAGES, p=_COVERAGE_SHARES))
    has_t1, seeds = random.random() < config.t1_share, random.integers(2**31, size=2)
    flair = simulate_brain(brain, lesions, sequence, int(seeds[0]), coverage, quality)
    t1 = simulate_brain(brain, lesions, _T1, int(seeds[1]), coverage, quality, grid=flair.grid) if has_t1 else None
    scan = prepare_scan(flair, t1)
    upright = reorient_to_ras(flair)
    share = upright.with_array(on_scan(lesions.mask, brain, upright))
    outlined = resample(share, scan.flair.grid, antialias=True).array >= OUTLINED_SHARE
    volume = np.concatenate([channels(scan), (255 * outlined[None]).astype(np.uint8)])
    return DrawnPatient(volume, scan.spacing, {"load_ml": load})
