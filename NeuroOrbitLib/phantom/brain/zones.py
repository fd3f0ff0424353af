"""The zones of a brain in which each pattern of lesions occurs, as masks and distances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from NeuroOrbitLib.anatomy.brain import WHITE_MATTER_PARTS, BrainPart
from NeuroOrbitLib.phantom.brain.head import LabelledBrain, load_brain
from NeuroOrbitLib.phantom.brain.plan import Pattern

_CEREBRAL_WHITE = (BrainPart.WHITE_MATTER, BrainPart.CORPUS_CALLOSUM)


@dataclass(frozen=True)
class Zones:
    """The zones of a brain.

    :param parts: :class:`BrainPart` values (K, J, I), axes superior, anterior, right.
    :param spacing: voxel size (mm) along K, J, I.
    :param to_lateral: distance (mm) of each voxel to the lateral ventricles.
    :param to_cortex: distance (mm) of each voxel to the cerebral cortex.
    :param to_third, to_fourth: distance (mm) of each voxel to the third and fourth ventricle.
    """

    parts: np.ndarray
    spacing: tuple[float, float, float]
    to_lateral: np.ndarray
    to_cortex: np.ndarray
    to_third: np.ndarray
    to_fourth: np.ndarray

    @classmethod
    def of(cls, parts: np.ndarray, spacing: tuple[float, float, float]) -> Zones:
        """Return the zones of a brain; parameters as for the class."""
        wanted = (BrainPart.LATERAL_VENTRICLE, BrainPart.CORTEX, BrainPart.THIRD_VENTRICLE, BrainPart.FOURTH_VENTRICLE)
        return cls(parts, spacing, *(_distance(parts == part, spacing) for part in wanted))

    def white(self) -> np.ndarray:
        """White matter of the cerebrum, including the callosum, bool (K, J, I)."""
        return np.isin(self.parts, _CEREBRAL_WHITE)

    def allowed(self, pattern: Pattern) -> np.ndarray:
        """Return the voxels that a lesion of the pattern may fill."""
        if pattern in (Pattern.BASAL_GANGLIA, Pattern.HYPOTHALAMIC):
            return self.white() | (self.parts == BrainPart.DEEP_GREY)
        if pattern in (Pattern.MEDULLA, Pattern.PERIAQUEDUCTAL, Pattern.INFRATENTORIAL):
            return np.isin(self.parts, (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER))
        if pattern is Pattern.LINEAR_EPENDYMAL:
            return np.isin(self.parts, (*WHITE_MATTER_PARTS, BrainPart.DEEP_GREY))
        if pattern in (Pattern.JUXTACORTICAL, Pattern.U_FIBRE, Pattern.TUMEFACTIVE, Pattern.CLOUD):
            return self.white() | ((self.parts == BrainPart.CORTEX) & (_inner_cortex(self)))
        return self.white()

    def seeds(self, pattern: Pattern) -> np.ndarray:
        """Return the voxels in which the middle of a lesion of the pattern may lie."""
        return _SEEDS[pattern](self) & self.allowed(pattern)

    def toward_ventricle(self, voxel: tuple[int, int, int]) -> np.ndarray:
        """Return the unit vector (K, J, I in mm) that leads away from the nearest lateral ventricle at a voxel."""
        box = tuple(slice(max(index - 2, 0), index + 3) for index in voxel)
        steps = np.gradient(self.to_lateral[box], *self.spacing)
        vector = np.array([float(step.mean()) for step in steps])
        return vector / max(float(np.linalg.norm(vector)), 1e-6)


def _distance(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    if not mask.any():
        return np.full(mask.shape, np.inf, dtype=np.float32)
    return ndimage.distance_transform_edt(~mask, spacing).astype(np.float32)


def _inner_cortex(zones: Zones) -> np.ndarray:
    return ndimage.binary_dilation(zones.white(), iterations=1)


def _brainstem_box(zones: Zones) -> tuple[np.ndarray, ...]:
    """Return each voxel's height (mm), depth (0 front, 1 back) and lateral distance (mm) in the brainstem's box."""
    inside = np.argwhere(zones.parts == BrainPart.BRAINSTEM)
    if not len(inside):
        return tuple(np.full(zones.parts.shape, np.inf, np.float32) for _ in range(3))
    k, j, i = np.ogrid[tuple(slice(0, size) for size in zones.parts.shape)]
    low, high = inside.min(axis=0), inside.max(axis=0)
    height = (k - low[0]) * zones.spacing[0]
    depth = (high[1] - j) / max(high[1] - low[1], 1)
    aside = np.abs(i - np.median(inside[:, 2])) * zones.spacing[2]
    return tuple(np.broadcast_to(each, zones.parts.shape) for each in (height, depth, aside))


def _medulla(zones: Zones) -> np.ndarray:
    height, depth, aside = _brainstem_box(zones)
    return (zones.parts == BrainPart.BRAINSTEM) & (height < 16) & (depth > 0.35) & (aside < 8)


def _periaqueductal(zones: Zones) -> np.ndarray:
    _height, _depth, aside = _brainstem_box(zones)
    between = (zones.to_fourth < 20) & (zones.to_third < 20) & (zones.to_fourth > 2)
    return (zones.parts == BrainPart.BRAINSTEM) & between & (aside < 6)


def _temporal(zones: Zones) -> np.ndarray:
    medial = zones.parts == BrainPart.MEDIAL_TEMPORAL
    if not medial.any():
        return medial
    top = np.percentile(np.argwhere(medial)[:, 0], 90)
    near = _distance(medial, zones.spacing) < 28
    low = np.arange(medial.shape[0])[:, None, None] <= top
    return zones.white() & near & low & (zones.to_lateral > 4)


def _ependymal(zones: Zones) -> np.ndarray:
    return (np.minimum(np.minimum(zones.to_lateral, zones.to_third), zones.to_fourth) <= 2.0)


_SEEDS = {
    Pattern.JUXTACORTICAL: lambda z: z.white() & (z.to_cortex < 3.0),
    Pattern.U_FIBRE: lambda z: z.white() & (z.to_cortex <= 2.0),
    Pattern.DEEP_WHITE: lambda z: z.white() & (z.to_cortex > 4.0) & (z.to_lateral > 7.0),
    Pattern.BASAL_GANGLIA: lambda z: z.parts == BrainPart.DEEP_GREY,
    Pattern.PERIVENTRICULAR: lambda z: z.white() & (z.to_lateral > 0.9) & (z.to_lateral < 5.0),
    Pattern.DAWSON: lambda z: z.white() & (z.to_lateral > 2.0) & (z.to_lateral < 7.0),
    Pattern.TEMPORAL: _temporal,
    Pattern.INFRATENTORIAL: lambda z: np.isin(z.parts, (BrainPart.BRAINSTEM, BrainPart.CEREBELLAR_WHITE_MATTER)),
    Pattern.MEDULLA: _medulla,
    Pattern.CALLOSAL: lambda z: z.parts == BrainPart.CORPUS_CALLOSUM,
    Pattern.PERIAQUEDUCTAL: _periaqueductal,
    Pattern.HYPOTHALAMIC: lambda z: z.to_third < 5.0,
    Pattern.TUMEFACTIVE: lambda z: z.white() & (z.to_cortex > 6.0) & (z.to_lateral > 4.0),
    Pattern.CLOUD: lambda z: z.white() & (z.to_cortex > 5.0),
    Pattern.PUNCTATE: lambda z: z.white() & (z.to_lateral > 3.0),
    Pattern.LINEAR_EPENDYMAL: _ependymal,
    Pattern.EPENDYMAL_DOT: lambda z: z.white() & (z.to_lateral <= 2.0),
    Pattern.CONFLUENT_BAND: lambda z: z.white() & (z.to_lateral < 3.0),
}


@lru_cache(maxsize=4)
def head_with_zones(label_map: Path) -> tuple[LabelledBrain, Zones]:
    """Return the brain of a head label map file and its zones; the last few are cached."""
    brain = load_brain(label_map)
    return brain, Zones.of(brain.parts, brain.labels.spacing[::-1])
