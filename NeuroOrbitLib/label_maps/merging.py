"""How structures that overlap become one label map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from NeuroOrbitLib.anatomy import label_name, structure_of

#: Structures that hold others, outermost first: in a label map what lies inside wins over what is around it.
HULLS = ("bony_orbit", "orbital_fat", "eyeball")


def paint_order(values: Iterable[int]) -> list[int]:
    """Label values in the order in which they are written into a label map: hulls first."""
    return sorted(values, key=lambda value: (_depth(value), value))


def _depth(value: int) -> int:
    key = structure_of(value).key
    return HULLS.index(key) if key in HULLS else len(HULLS)


def merge_masks(masks: Mapping[int, np.ndarray], shape: tuple[int, int, int]) -> tuple[np.ndarray, list[str]]:
    """One label map (K, J, I; uint8) of the masks of structures, and a sentence about each conflict.

    A structure inside a hull (the lens in the eyeball, a muscle in the fat) wins and is no conflict. Where two others
    overlap, the one with the larger label value wins and the user is told.

    :param masks: boolean array of ``shape`` for each label value.
    """
    labels = np.zeros(shape, dtype=np.uint8)
    conflicts = []
    for value in paint_order(masks):
        mask = masks[value]
        if _depth(value) == len(HULLS):
            conflicts += _conflicts(labels, mask, value)
        labels[mask] = value
    return labels, conflicts


def _conflicts(labels: np.ndarray, mask: np.ndarray, value: int) -> list[str]:
    below, counts = np.unique(labels[mask], return_counts=True)
    found = []
    for other, count in zip(below.tolist(), counts.tolist(), strict=True):
        if other and _depth(other) == len(HULLS):
            found.append(f"{label_name(other)} and {label_name(value).lower()} share {count} voxels; the label map "
                         f"gives them to the {label_name(value).lower()}.")
    return found
