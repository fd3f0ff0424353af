"""Structures that an annotation task asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from NeuroOrbitLib.anatomy import EXTRAOCULAR_MUSCLES, RECTI, STRUCTURES, Side, Structure, label_value

#: Structures that are measured first in thyroid eye disease.
MAIN = ("eyeball", "optic_nerve", *RECTI)
#: The main structures, all muscles and the lacrimal gland.
MUSCLES = (*MAIN, *EXTRAOCULAR_MUSCLES, "lacrimal_gland")
#: All structures with a label value.
ALL = tuple(item.key for item in STRUCTURES)


def task_structures(keys: Iterable[str]) -> tuple[Structure, ...]:
    """Return the structures with these keys, in the order of their label values."""
    return tuple(item for item in STRUCTURES if item.key in set(keys))


def task_values(keys: Iterable[str]) -> tuple[int, ...]:
    """Return all label values of these structures, on both sides, in ascending order."""
    return tuple(sorted(value for item in task_structures(keys) for value in item.values))


def labels_for_task(labels: np.ndarray, wanted: Collection[int]) -> np.ndarray:
    """Return a label map that holds only what a task asks for; a lens that is not asked for joins its eyeball.

    :param labels: label map, which is not changed.
    :param wanted: label values that the task asks for.
    """
    kept = labels.copy()
    for side in Side:
        if label_value("lens", side) not in wanted:
            kept[kept == label_value("lens", side)] = label_value("eyeball", side)
    kept[~np.isin(kept, list(wanted))] = 0
    return kept
