"""Training samples of the lesion network: boxes of simulated brains with FLAIR, sometimes T1, and their lesions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from NeuroDifferentialLib.network.config import LesionTraining
from NeuroOrbitLib.imaging.image import Image
from NeuroOrbitLib.phantom.brain.artefacts import FalseLesions, add_false_lesions
from NeuroOrbitLib.phantom.brain.head import LabelledBrain, load_brain
from NeuroOrbitLib.phantom.brain.plan import Disease, patient_with_load
from NeuroOrbitLib.phantom.brain.raster import LesionMap, draw_lesions
from NeuroOrbitLib.phantom.brain.scans import ideal_signal
from NeuroOrbitLib.phantom.brain.sequences import BRAIN_SEQUENCES, BrainSequence
from NeuroOrbitLib.phantom.brain.zones import Zones
from NeuroOrbitLib.phantom.scanner.random_artefacts import bias_field, motion_ghosts, slices_of_scanner
from NeuroOrbitLib.phantom.tissue import Tissue

_FLAIRS = tuple(sequence for sequence in BRAIN_SEQUENCES.values() if sequence.is_flair)
_T1 = BRAIN_SEQUENCES["t1-3d"]


class LesionSamples:
    """Brains with lesions; every draw has new lesions, contrast, slices and artefacts.

    :param label_maps: head label maps (FreeSurfer values). :param config: sizes and shares of what is drawn.
    """

    def __init__(self, label_maps: Sequence[Path], config: LesionTraining) -> None:
        self.config = config
        self.brains = [load_brain(path) for path in label_maps]
        self.zones = [Zones.of(brain.parts, brain.labels.spacing[::-1]) for brain in self.brains]

    def __len__(self) -> int:
        return len(self.brains) * self.config.draws_per_head

    def sample(self, index: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
        """(channels (2, K, J, I): FLAIR and T1, zeros without T1; classes (K, J, I) long: 1 is lesion)."""
        number = index // self.config.draws_per_head
        brain, zones = self.brains[number], self.zones[number]
        disease = Disease.MS if random.random() < 0.5 else Disease.NMOSD
        load = float(np.exp(random.uniform(*np.log(self.config.loads_ml))))
        plan = patient_with_load(random, disease, load)
        lesions = draw_lesions(plan, zones, int(random.integers(2**31)))
        box = _box(lesions, brain, self.config.box, random)
        stripped = random.random() < self.config.stripped_share
        look = random.random() < self.config.random_look_share
        flair = _FLAIRS[int(random.integers(len(_FLAIRS)))]
        channels = [self._channel(brain, lesions, flair, box, stripped, look, random)]
        has_t1 = random.random() < self.config.t1_share
        channels.append(self._channel(brain, lesions, _T1, box, stripped, False, random) if has_t1
                        else torch.zeros(self.config.box))
        classes = torch.from_numpy(lesions.mask[box].astype(np.int64))
        stacked = torch.stack(channels)
        return (stacked.flip(-1), classes.flip(-1)) if random.random() < 0.5 else (stacked, classes)

    def _channel(self, brain: LabelledBrain, lesions: LesionMap, sequence: BrainSequence, box: tuple[slice, ...],
                 stripped: bool, look: bool, random: np.random.Generator) -> Tensor:
        part = LabelledBrain(brain.name, Image(brain.labels.array[box], brain.labels.affine), brain.parts[box])
        own = lesions.within(box)
        ideal, levels = ideal_signal(part, own, sequence, random, look)
        if sequence.is_flair and not look:
            ideal = add_false_lesions(ideal, part.parts, levels, FalseLesions.random(random), random)
        image = torch.from_numpy(np.ascontiguousarray(ideal / max(float(levels[Tissue.WHITE_MATTER]), 0.05)))
        if stripped:
            image = image * torch.from_numpy(part.parts > 0)
        image = slices_of_scanner(image.float(), brain.labels.spacing[0], random)
        if random.random() < 0.15:
            image = motion_ghosts(image, random)
        image = image * bias_field(image.shape, random)
        noise = random.standard_normal(image.shape, dtype=np.float32) * random.uniform(0.01, 0.06)
        return normalised(image + torch.from_numpy(noise))


def normalised(image: Tensor) -> Tensor:
    """Return a channel as the network sees it: median of what is not air 1, clipped at 4."""
    tissue = image[image > 0.2 * image.max()]
    middle = float(tissue.median()) if tissue.numel() else 1.0
    return (image / max(middle, 1e-6)).clamp(0.0, 4.0)


def _box(lesions: LesionMap, brain: LabelledBrain, shape: tuple[int, int, int], random: np.random.Generator
         ) -> tuple[slice, ...]:
    """A box of the network's size, mostly around a lesion, wholly inside the label map."""
    places = [lesion.center for lesion in lesions.lesions]
    if places and random.random() < 0.8:
        middle = np.array(places[int(random.integers(len(places)))])
    else:
        middle = random.integers(0, brain.parts.shape)
    start = middle - np.array(shape) // 2 + random.integers(-np.array(shape) // 4, np.array(shape) // 4 + 1)
    start = np.clip(start, 0, np.array(brain.parts.shape) - shape)
    return tuple(slice(int(low), int(low) + size) for low, size in zip(start, shape, strict=True))
