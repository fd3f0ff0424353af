"""Training samples: slices of simulated scans of heads whose parts are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from NeuroDifferentialLib.anatomy.slices import SLICES, shown, slice_inputs
from NeuroDifferentialLib.anatomy.training.config import PartsTraining
from NeuroDifferentialLib.slices.looks import other_look
from NeuroDifferentialLib.slices.patches import Movement, random_grid
from NeuroDifferentialLib.slices.planes import planes
from NeuroDifferentialLib.slices.training import DrawnPatient
from NeuroOrbitLib.anatomy.brain import BrainPart
from NeuroOrbitLib.imaging.geometry import box_around, reorient_to_ras
from NeuroOrbitLib.imaging.resampling import resample
from NeuroOrbitLib.phantom.brain.plan import Disease, patient_with_load
from NeuroOrbitLib.phantom.brain.raster import draw_lesions
from NeuroOrbitLib.phantom.brain.scans import ScanQuality, simulate_brain
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES, FLAIRS, BrainSequence
from NeuroOrbitLib.phantom.brain.zones import head_with_zones

_T1 = BRAIN_SEQUENCES["t1-3d"]
_COVERAGES, _COVERAGE_SHARES = ("stripped", "whole", "defaced"), (0.3, 0.5, 0.2)
#: Shares of fat signal left by the fat suppression, and the probability of each.
_FAT_LEFT, _FAT_SHARES = (0.05, 0.15, 0.4, 1.0), (0.25, 0.4, 0.2, 0.15)
#: Margin (mm) that is kept around the brain.
_MARGIN_MM = 18.0
_MS_SHARE = 0.65
_MOVEMENT = Movement(angle=10.0, size=0.07, stretch=0.06, shift=0.5, bend=4.0)
#: Share of samples whose slice certainly shows the brain, and share of missing neighbours that the slice replaces.
_IN_BRAIN, _SAME_NEIGHBOUR = 0.8, 0.1


def drawn_head(label_map: Path, config: PartsTraining, number: int) -> DrawnPatient:
    """Return the simulated scan of patient ``number``, which is the same every time.

    Its volume, cut to the surroundings of the brain in RAS axis order, contains the input of the network (see
    :func:`shown`) and :class:`BrainPart` values, uint8 (2, K, J, I).
    """
    random = np.random.default_rng([config.seed, number])
    brain, zones = head_with_zones(label_map)
    load = config.random_load(random)
    disease = Disease.MS if random.random() < _MS_SHARE else Disease.NMOSD
    lesions = draw_lesions(patient_with_load(random, disease, load), zones, int(random.integers(2**31)))
    quality, kind = ScanQuality.random(random), random.random()
    coverage = str(random.choice(_COVERAGES, p=_COVERAGE_SHARES))
    sequence = _sequence(random, is_t1=config.random_share <= kind < config.random_share + config.t1_share)
    scan = reorient_to_ras(simulate_brain(brain, lesions, sequence, int(random.integers(2**31)), coverage, quality,
                                          random_look=kind < config.random_share))
    parts = resample(brain.labels.with_array(brain.parts), scan.grid, "nearest").array
    spacing = scan.spacing[::-1]
    box = box_around(parts).grown(tuple(int(np.ceil(_MARGIN_MM / step)) for step in spacing)).inside(parts.shape)
    volume = np.stack([shown(scan.array[box.slices]), parts[box.slices].astype(np.uint8)])
    return DrawnPatient(volume, spacing, {})


def _sequence(random: np.random.Generator, is_t1: bool) -> BrainSequence:
    sequence = _T1 if is_t1 else FLAIRS[int(random.integers(len(FLAIRS)))]
    return replace(sequence.resized(random), fat_left=float(random.choice(_FAT_LEFT, p=_FAT_SHARES)))


class PartSamples:
    """Samples for :class:`~NeuroOrbitLib.training.batches.ShuffledBatches`; each is a slice of one patient.

    :param files: files of drawn patients: normalised brightness and parts, uint8 (2, K, J, I).
    :param spacings: voxel size (mm) along K, J, I of each patient.
    :param patch: number of rows and columns of a sample.
    """

    def __init__(self, files: Sequence[Path], spacings: Sequence[tuple[float, float, float]], patch: int) -> None:
        self._files, self._spacings, self._patch = list(files), list(spacings), patch

    def __len__(self) -> int:
        return len(self._files)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return an augmented slice: inputs (inputs, rows, columns), float32, and :class:`BrainPart` values, int64."""
        volume, spacing = np.load(self._files[index], mmap_mode="r"), self._spacings[index]
        axis = int(random.choice(planes(spacing)))
        place = _place(volume[1], axis, random)
        inputs = torch.from_numpy(slice_inputs(volume[0], axis, place, spacing))
        parts = torch.from_numpy(np.take(volume[1], place, axis=axis).astype(np.float32))
        rows, columns = parts.shape
        middle = int(rows * random.uniform(0.3, 0.7)), int(columns * random.uniform(0.3, 0.7))
        grid = random_grid(parts.shape, middle, axis, self._patch, _MOVEMENT, random)
        slices = functional.grid_sample(inputs[None, :SLICES], grid, align_corners=False)[0]
        moved = functional.grid_sample(parts[None, None], grid, mode="nearest", align_corners=False)[0, 0]
        result = inputs[:, :1, :1].repeat(1, self._patch, self._patch)
        result[:SLICES] = _neighbours_missing(other_look(slices, random), random)
        return result, moved.long()


def _place(parts: np.ndarray, axis: int, random: np.random.Generator) -> int:
    """Return the index of a random slice, mostly of one that shows the brain."""
    if random.random() < _IN_BRAIN:
        filled = np.flatnonzero((parts != BrainPart.OUTSIDE).any(axis=tuple({0, 1, 2} - {axis})))
        return int(filled[random.integers(len(filled))])
    return int(random.integers(parts.shape[axis]))


def _neighbours_missing(slices: Tensor, random: np.random.Generator) -> Tensor:
    """Return the slices with a neighbour sometimes replaced by the slice itself, as at the ends of a scan."""
    for side in range(1, SLICES):
        if random.random() < _SAME_NEIGHBOUR:
            slices[side] = slices[0]
    return slices
