"""Which structures a task asks for."""

from __future__ import annotations

import enum

from NeuroOrbitLib.anatomy import EXTRAOCULAR_MUSCLES, RECTI, STRUCTURES, Structure

_MAIN = ("eyeball", "optic_nerve", *RECTI)


class StructureSet(enum.Enum):
    """Groups of structures that are annotated together; the value is stored with the scene."""

    MAIN = "main"
    MUSCLES = "muscles"
    ALL = "all"

    def structures(self) -> tuple[Structure, ...]:
        """The structures, in the order of their label values."""
        if self is StructureSet.ALL:
            return STRUCTURES
        keys = _MAIN if self is StructureSet.MAIN else (*_MAIN, *EXTRAOCULAR_MUSCLES, "lacrimal_gland")
        return tuple(item for item in STRUCTURES if item.key in keys)

    def label_values(self) -> tuple[int, ...]:
        """Every label value that the task asks for, in ascending order."""
        return tuple(sorted(value for item in self.structures() for value in item.values))
