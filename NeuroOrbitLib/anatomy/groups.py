"""Groups of structures that are analysed together, with both sides in one mask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from NeuroOrbitLib.anatomy.structures import structure
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import sentence as _


@dataclass(frozen=True)
class StructureGroups:
    """Named groups of structures.

    :param members: keys of the structures of each group, by the group's name.
    :param whole: name of the group of all structures.
    """

    members: Mapping[str, tuple[str, ...]]
    whole: str

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of all structures."""
        return self.members[self.whole]

    def values_of(self, name: str) -> tuple[int, ...]:
        """Return the label values of a group's structures on both sides.

        :raises Problem: if there is no such group.
        """
        if name not in self.members:
            raise Problem(_("There is no group of structures {name!r}. Choose one of {groups}.").format(
                name=name, groups=self.members))
        return tuple(value for key in self.members[name] for value in structure(key).values)

    def regions(self, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Return the label values of several groups, by their names.

        :raises Problem: if there is no such group.
        """
        return {name: self.values_of(name) for name in names}
