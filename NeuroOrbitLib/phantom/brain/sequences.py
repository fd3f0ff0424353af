"""MR sequences of the brain and the signal of its tissues in them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from NeuroOrbitLib.phantom.orbit.activity import HEALTHY
from NeuroOrbitLib.phantom.scanner.relaxation import FAT, signal, tissue_table
from NeuroOrbitLib.phantom.tissue import Tissue


@dataclass(frozen=True)
class BrainSequence:
    """A sequence for scanning the brain.

    :param name: name of the sequence.
    :param spacing: voxel size (mm) along I, J, K of an axial volume.
    :param thickness: thickness of the slices (mm).
    :param repetition, echo, inversion: repetition, echo and inversion time (ms); ``None`` for no inversion pulse.
    :param fat_left: share of the fat signal that spectral suppression leaves.
    :param noise: signal-to-noise ratio of white matter.
    """

    name: str
    spacing: tuple[float, float, float]
    thickness: float
    repetition: float
    echo: float
    inversion: float | None = None
    fat_left: float = 1.0
    noise: float = 28.0

    @property
    def is_flair(self) -> bool:
        """Whether fluid is nulled."""
        return self.inversion is not None and self.inversion > _FLUID_NULLED

    def resized(self, rng: np.random.Generator) -> BrainSequence:
        """Return the sequence with randomly smaller or larger voxels, in the plane and across it."""
        in_plane, across = np.exp(rng.uniform(*np.log(_SIZES), size=2))
        spacing = (self.spacing[0] * in_plane, self.spacing[1] * in_plane, self.spacing[2] * across)
        return replace(self, spacing=spacing, thickness=self.thickness * across)


#: Range of the factors by which the voxel size of one kind of scan varies.
_SIZES = (0.85, 1.2)
#: Inversion time (ms) above which fluid is nulled; shorter ones enhance the contrast of white matter.
_FLUID_NULLED = 1300.0
#: Sequences by name. 3-D FLAIR is described by the echo time of a plain spin echo of its contrast.
BRAIN_SEQUENCES = {each.name: each for each in (
    BrainSequence("flair-3d", (1.0, 1.0, 1.0), 1.0, 4800, 130, 1750, fat_left=0.15),
    BrainSequence("flair-3d-overlapped", (0.98, 0.98, 1.0), 2.0, 4800, 130, 1750, fat_left=0.15),
    BrainSequence("flair-axial-3mm", (0.72, 0.72, 3.0), 3.0, 9000, 120, 2500, fat_left=0.1),
    BrainSequence("flair-axial-5mm", (0.9, 0.9, 6.0), 5.0, 9000, 125, 2500, noise=35.0),
    BrainSequence("t1-3d", (1.0, 1.0, 1.0), 1.0, 2300, 3.0, 1050, noise=30.0),
    BrainSequence("t2-axial-3mm", (0.6, 0.6, 3.0), 3.0, 4000, 90, noise=35.0),
)}
#: Sequences that null fluid.
FLAIRS = tuple(sequence for sequence in BRAIN_SEQUENCES.values() if sequence.is_flair)
#: Spread of proton density, T1 and T2 between people (relative SD): grey matter stays 1.05 to 1.2 times as bright as
#: white matter in FLAIR, as in patients.
_SPREAD = (0.01, 0.02, 0.025)


def tissue_signal(sequence: BrainSequence, density: np.ndarray, t1: np.ndarray, t2: np.ndarray) -> np.ndarray:
    """Return the signal of water.

    :param sequence: sequence of the scan.
    :param density: proton density.
    :param t1, t2: relaxation times (ms); all arrays are broadcast.
    """
    return signal(density, t1, t2, sequence.repetition, sequence.echo, sequence.inversion)


def tissue_signals(sequence: BrainSequence, rng: np.random.Generator | None = None) -> np.ndarray:
    """Return the signal (tissues,) of every :class:`Tissue` at 3 T, with suppressed fat.

    :param sequence: sequence of the scan.
    :param rng: generator for the properties of a random person; by default those of the literature.
    """
    known = tissue_table(HEALTHY, 3.0)
    table = np.array([known.proton_density, known.t1, known.t2, known.fat_fraction])
    if rng is not None:
        table[:3] *= np.exp(rng.normal(0, 1, (3, len(Tissue))) * np.array(_SPREAD)[:, None])
    density, t1, t2, fat = table
    water = (1 - fat) * tissue_signal(sequence, density, t1, t2)
    fat_density, _low, fat_t1, fat_t2 = FAT
    of_fat = tissue_signal(sequence, np.array(fat_density), np.array(fat_t1), np.array(fat_t2))
    return water + fat * sequence.fat_left * of_fat
