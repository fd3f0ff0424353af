"""Training samples: slices of drawn patients on disk, rotated, stretched and changed in brightness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from scipy import ndimage
from torch import Tensor

from NeuroDifferentialLib.lesions.channels import BELIEF, CHANNEL_COUNT, FLAIR, HAS_T1, T1
from NeuroDifferentialLib.lesions.slices import INPUT_COUNT, slice_inputs
from NeuroDifferentialLib.slices.patches import Movement, random_grid
from NeuroDifferentialLib.slices.planes import planes

_MOVEMENT = Movement()
#: Share of samples whose centre is in a lesion.
_IN_LESION = 0.65
#: Share of samples with a T1 from which the T1 is removed.
_WITHOUT_T1 = 0.3
_FLAIR_INPUTS = (FLAIR, CHANNEL_COUNT, CHANNEL_COUNT + 1)
_BELIEF_INPUTS = (BELIEF, CHANNEL_COUNT + 2, CHANNEL_COUNT + 3)
#: Input values of white matter's brightness and of a belief of 0 SD.
_WHITE_LEVEL, _NO_BELIEF = 1.0 / 2.5, 0.25


class SliceSamples:
    """Samples for :class:`~NeuroOrbitLib.training.batches.ShuffledBatches`; each is a slice of one patient.

    :param files: files of drawn patients: channels and lesions, uint8 (channels + 1, K, J, I), see
        :func:`~NeuroDifferentialLib.slices.training.draw_patients`.
    :param spacings: voxel size (mm) along K, J, I of each patient.
    :param patch: number of rows and columns of a sample.
    """

    def __init__(self, files: Sequence[Path], spacings: Sequence[tuple[float, float, float]], patch: int) -> None:
        self._files, self._spacings, self._patch = list(files), list(spacings), patch
        self._lesions: dict[Path, _Lesions] = {}

    def __len__(self) -> int:
        return len(self._files)

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return an augmented slice: inputs (inputs, rows, columns) and lesion mask (1, rows, columns), float32."""
        volume, spacing = np.load(self._files[index], mmap_mode="r"), self._spacings[index]
        axis = int(random.choice(planes(spacing)))
        middle = self._middle(index, volume, random)
        inputs = slice_inputs(volume[:CHANNEL_COUNT], axis, middle[axis], spacing)
        truth = np.take(volume[CHANNEL_COUNT], middle[axis], axis=axis).astype(np.float32)[None] / 255
        center = tuple(place for number, place in enumerate(middle) if number != axis)
        both = torch.from_numpy(np.concatenate([inputs, truth]))
        grid = random_grid(both.shape[1:], center, axis, self._patch, _MOVEMENT, random)
        both = functional.grid_sample(both[None], grid, align_corners=False)[0]
        return _changed(both[:INPUT_COUNT], random), (both[INPUT_COUNT:] > 0.5).float()

    def _middle(self, index: int, volume: np.ndarray, random: np.random.Generator) -> tuple[int, ...]:
        """Return a voxel (K, J, I) of a random lesion, or any voxel."""
        file = self._files[index]
        if file not in self._lesions:
            self._lesions[file] = _Lesions.of(volume[CHANNEL_COUNT] > 0)
        lesions = self._lesions[file]
        if len(lesions.starts) and random.random() < _IN_LESION:
            return tuple(int(each) for each in np.unravel_index(lesions.random_voxel(random), volume.shape[1:]))
        return tuple(int(size * random.uniform(0.1, 0.9)) for size in volume.shape[1:])


@dataclass(frozen=True)
class _Lesions:
    """Voxels (flat indices) of all lesions, ordered by lesion, and the position of each lesion's first voxel."""

    voxels: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, mask: np.ndarray) -> _Lesions:
        pieces, _count = ndimage.label(mask, structure=np.ones((3, 3, 3)))
        voxels = np.flatnonzero(pieces)
        numbers = pieces.ravel()[voxels]
        order = np.argsort(numbers, kind="stable")
        return cls(voxels[order], np.flatnonzero(np.diff(numbers[order], prepend=0)))

    def random_voxel(self, random: np.random.Generator) -> int:
        """Return a random voxel (flat index), half of the time of a random lesion, otherwise of all lesion voxels."""
        if random.random() < 0.5:
            return int(self.voxels[random.integers(len(self.voxels))])
        number = int(random.integers(len(self.starts)))
        ends = [*self.starts[1:], len(self.voxels)]
        return int(self.voxels[random.integers(self.starts[number], ends[number])])


def _changed(inputs: Tensor, random: np.random.Generator) -> Tensor:
    """Return the inputs with another contrast of lesions, another scale of the belief and, sometimes, no T1."""
    contrast, offset = np.exp(random.normal(0, 0.15)), random.normal(0, 0.02)
    inside = inputs[2] > 0.5
    for number in _FLAIR_INPUTS:
        value = _WHITE_LEVEL + (inputs[number] - _WHITE_LEVEL) * contrast + offset * _WHITE_LEVEL
        inputs[number] = torch.where(inside, value.clamp(0, 1), inputs[number])
    scale, offset = np.exp(random.normal(0, 0.15)), random.normal(0, 0.025)
    for number in _BELIEF_INPUTS:
        value = _NO_BELIEF + (inputs[number] - _NO_BELIEF) * scale + offset
        inputs[number] = torch.where(inside, value.clamp(0, 1), inputs[number])
    if random.random() < _WITHOUT_T1:
        inputs[T1], inputs[HAS_T1] = 0.0, 0.0
    return inputs
