"""Where a user should look: slices in which the model is unsure of a structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_name
from NeuroOrbitLib.imaging import Image
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence, StructureConfidence

#: Slices with a lower expected Dice are worth a look.
LEAST_CONFIDENCE = 0.65
#: The list is for people: only the worst places.
MOST_DOUBTS = 8
_PLANES = ("axial", "coronal", "sagittal")


@dataclass(frozen=True)
class Doubt:
    """A stretch of slices in which a structure is unsure.

    :param confidence: the lowest expected Dice there, 0 to 1.
    :param plane: "axial", "coronal" or "sagittal".
    :param slices: how many follow each other.
    :param position_ras: middle of the structure in the worst slice, mm.
    """

    label: int
    name: str
    confidence: float
    plane: str
    slices: int
    position_ras: tuple[float, float, float]

    def as_data(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "position_ras": list(self.position_ras)}


def find_doubts(labels: Image, confidence: ScanConfidence) -> list[Doubt]:
    """The places that are most in need of a look, worst first.

    The first and the last slice of a structure are left out: how much of it they show is a matter of chance.

    :param labels: label map on the grid of ``confidence``.
    """
    found: list[tuple[float, Doubt]] = []
    for value, structure in confidence.structures.items():
        for first, last in _unsure_runs(structure):
            found += _doubt(labels, confidence.axis, value, structure, first, last)
    found.sort(key=lambda pair: -pair[0])
    return [doubt for _, doubt in found[:MOST_DOUBTS]]


def _unsure_runs(structure: StructureConfidence) -> Iterator[tuple[int, int]]:
    """First and last slice of every stretch of unsure ones."""
    present = np.flatnonzero(structure.size > 0)
    if len(present) < 3:
        return
    inner = np.zeros(len(structure.size), dtype=bool)
    inner[present[1:-1]] = True
    unsure = np.concatenate([[False], inner & (np.nan_to_num(structure.by_slice, nan=1.0) < LEAST_CONFIDENCE), [False]])
    changes = np.flatnonzero(unsure[1:] != unsure[:-1])
    yield from zip(changes[::2].tolist(), (changes[1::2] - 1).tolist(), strict=True)


def _doubt(labels: Image, axis: int, value: int, structure: StructureConfidence, first: int,
           last: int) -> list[tuple[float, Doubt]]:
    """The doubt with its weight (voxels that may be wrong); none where cleaning has removed the structure."""
    dice = structure.by_slice[first : last + 1]
    worst = first + int(dice.argmin())
    places = np.argwhere(np.take(labels.array, worst, axis) == value)
    if not len(places):
        return []
    kji = np.insert(places.mean(axis=0), axis, worst)
    position = tuple(round(float(mm), 2) for mm in labels.grid.ras_from_ijk(kji[::-1]))
    weight = float(((1 - dice) * structure.size[first : last + 1]).sum())
    doubt = Doubt(value, label_name(value), float(dice.min()), _PLANES[axis], last - first + 1, position)
    return [(weight, doubt)]
