"""Places that a user should check: slices in which the model is unsure of a structure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from NeuroOrbitLib.anatomy.structures import label_name
from NeuroOrbitLib.imaging import Image
from OrbitSegmentationLib.any_contrast.confidence import ScanConfidence, StructureConfidence

#: Expected Dice of a structure in a slice below which it should be checked.
LEAST_CONFIDENCE = 0.65
#: Largest number of places in the list, which is for people: only the worst ones.
MOST_DOUBTS = 8
_PLANES = ("axial", "coronal", "sagittal")


@dataclass(frozen=True)
class Doubt:
    """A run of consecutive slices in which the model is unsure of a structure.

    :param label: label value of the structure.
    :param name: name of the structure.
    :param confidence: lowest expected Dice in these slices, 0 to 1.
    :param plane: plane of the slices, "axial", "coronal" or "sagittal".
    :param slices: number of slices.
    :param position_ras: middle of the structure in the worst slice, RAS mm (3,).
    """

    label: int
    name: str
    confidence: float
    plane: str
    slices: int
    position_ras: tuple[float, float, float]

    def as_data(self) -> dict[str, Any]:
        """Return the doubt as plain data."""
        return {**asdict(self), "position_ras": list(self.position_ras)}


def find_doubts(labels: Image, confidence: ScanConfidence) -> list[Doubt]:
    """Return the :data:`MOST_DOUBTS` places that most need to be checked, worst first.

    The first and the last slice of a structure are left out, since it is a matter of chance how much of it they show.

    :param labels: label map on the grid of ``confidence``.
    :param confidence: expected Dice of each structure, slice by slice.
    """
    found: list[tuple[float, Doubt]] = []
    for value, structure in confidence.structures.items():
        for first, last in _unsure_runs(structure):
            found += _doubt(labels, confidence.axis, value, structure, first, last)
    found.sort(key=lambda pair: -pair[0])
    return [doubt for _, doubt in found[:MOST_DOUBTS]]


def _unsure_runs(structure: StructureConfidence) -> Iterator[tuple[int, int]]:
    """Yield the first and the last slice of every run of unsure slices."""
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
    """Return the doubt with its weight (number of voxels that may be wrong); empty if cleaning removed its voxels."""
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
