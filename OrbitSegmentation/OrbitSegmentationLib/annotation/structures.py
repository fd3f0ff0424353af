"""Which structures a task asks for."""

from __future__ import annotations

from collections.abc import Iterable

from NeuroOrbitLib.anatomy import EXTRAOCULAR_MUSCLES, RECTI, STRUCTURES, Structure

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
