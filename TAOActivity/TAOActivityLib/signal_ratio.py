"""Signal-intensity ratios of the muscles: the simple measure that a classifier must beat.

A muscle's signal over that of a tissue which the disease spares, both after bias correction, in the same slices.
Published: inferior rectus over white matter 0.94-1.02 in health and 1.21-1.34 in active disease (fat-suppressed T2);
over temporalis above 2.9 in active disease (STIR). Scanners differ: a cut-off belongs to its protocol.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

from NeuroOrbitLib.anatomy.structures import RECTI, Side, label_value
from TAOActivityLib.preparation import Prepared

#: Published cut-offs of active disease by reference tissue.
CUT_OFFS = {"brain": 1.21, "temporalis": 2.9}
#: Where the reference tissues lie from the middle of the eyeball: (lateral, backwards) from-to, mm.
TEMPORALIS_BOX = ((26.0, 33.0), (14.0, 30.0))
BRAIN_BOX = ((2.0, 18.0), (60.0, 74.0))
_SMALLEST_REFERENCE = 20


@dataclass(frozen=True)
class MuscleSignal:
    """A muscle's signal: mean and hottest spot (of about 6 mm2), absolute."""

    side: Side
    muscle: str
    mean: float
    hottest: float


@dataclass(frozen=True)
class SignalRatios:
    """Muscles and references of one scan; a reference outside of the crop is NaN."""

    muscles: tuple[MuscleSignal, ...]
    references: dict[str, float]

    def ratio(self, muscle: MuscleSignal, reference: str = "brain", hottest: bool = False) -> float:
        """The muscle's mean, or hottest spot, over the reference."""
        return (muscle.hottest if hottest else muscle.mean) / self.references[reference]

    def highest(self, reference: str = "brain") -> float:
        """The highest mean ratio of any rectus: the most inflamed muscle speaks for the patient."""
        return max((self.ratio(muscle, reference) for muscle in self.muscles), default=float("nan"))


def measure_ratios(prepared: Prepared) -> SignalRatios:
    """Signals of the four recti of each side and of the reference tissues."""
    values, labels = prepared.corrected.array, prepared.labels.array
    blurred = uniform_filter(values, (0, 3, 3))
    muscles = []
    for side in Side:
        for key in RECTI:
            mask = labels == label_value(key, side)
            if mask.sum() >= 6:
                muscles.append(MuscleSignal(side, key, float(values[mask].mean()), float(blurred[mask].max())))
    references = {"brain": _reference(prepared, BRAIN_BOX), "temporalis": _reference(prepared, TEMPORALIS_BOX)}
    return SignalRatios(tuple(muscles), references)


def _reference(prepared: Prepared, box: tuple[tuple[float, float], tuple[float, float]]) -> float:
    """Median signal of the boxes behind and beside the eyes, where no structure of the orbit lies."""
    grid, labels = prepared.image.grid, prepared.labels.array
    eyes = {side: np.argwhere(labels == label_value("eyeball", side)) for side in Side}
    middles = {side: found.mean(axis=0)[1:] for side, found in eyes.items() if len(found)}
    column_mm, row_mm, _ = grid.spacing
    taken = []
    for side, (row, column) in middles.items():
        outwards = side.x_sign * (1.0 if grid.affine[0, 0] > 0 else -1.0)
        columns = sorted(column + outwards * np.array(box[0]) / column_mm)
        rows = row + np.array(box[1]) / row_mm
        area = _inside(rows, labels.shape[1]), _inside(np.array(columns), labels.shape[2])
        part = prepared.corrected.array[:, area[0], area[1]]
        taken.append(part[labels[:, area[0], area[1]] == 0])
    values = np.concatenate(taken) if taken else np.empty(0)
    return float(np.median(values)) if values.size >= _SMALLEST_REFERENCE else float("nan")


def _inside(ends: np.ndarray, size: int) -> slice:
    low, high = np.clip(np.round(ends), 0, size).astype(int)
    return slice(low, high)
