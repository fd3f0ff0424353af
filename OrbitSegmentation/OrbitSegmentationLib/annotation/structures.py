"""Which structures a task asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from NeuroOrbitLib.anatomy import EXTRAOCULAR_MUSCLES, RECTI, STRUCTURES, Side, Structure, label_value

#: What is measured in thyroid eye disease first.
MAIN = ("eyeball", "optic_nerve", *RECTI)
#: All muscles, and the gland.
MUSCLES = (*MAIN, *EXTRAOCULAR_MUSCLES, "lacrimal_gland")
#: Everything that has a label value.
ALL = tuple(item.key for item in STRUCTURES)


def task_structures(keys: Iterable[str]) -> tuple[Structure, ...]:
    """The structures with these keys, in the order of their label values."""
    return tuple(item for item in STRUCTURES if item.key in set(keys))


def task_values(keys: Iterable[str]) -> tuple[int, ...]:
    """Every label value of these structures, both sides, in ascending order."""
    return tuple(sorted(value for item in task_structures(keys) for value in item.values))


def labels_for_task(labels: np.ndarray, wanted: Collection[int]) -> np.ndarray:
    """A label map with what a task asks for only; an eyeball takes its lens along if that is not asked for by itself.

    :param labels: label values; not changed.
    :param wanted: label values that the task asks for.
    """
    kept = labels.copy()
    for side in Side:
        if label_value("lens", side) not in wanted:
            kept[kept == label_value("lens", side)] = label_value("eyeball", side)
    kept[~np.isin(kept, list(wanted))] = 0
    return kept
