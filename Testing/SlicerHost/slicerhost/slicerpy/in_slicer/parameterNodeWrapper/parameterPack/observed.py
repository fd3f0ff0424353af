"""Pack objects that write each change into the parameter node they were read from."""
from __future__ import annotations

import functools
from typing import Any

import slicer

from .declaration import assignMember, assignMembers, describe

__all__: list[str] = []


class _Storage:
    """Where an observed pack is stored, and whether it is being stored at this moment."""

    def __init__(self, serializer: Any, parameterNode: Any, name: str) -> None:
        self.serializer = serializer
        self.parameterNode = parameterNode
        self.name = name
        self.saving = False
        self.complete = False

    def save(self, pack: Any) -> None:
        """Write the pack and take back what is stored then, which makes plain nested values observed ones."""
        if self.saving:
            return
        self.saving = True
        try:
            with slicer.util.NodeModify(self.parameterNode):
                try:
                    self.serializer.write(self.parameterNode, self.name, pack)
                finally:
                    for member, value in self.serializer.readMembers(self.parameterNode, self.name).items():
                        assignMember(pack, member, value)
        finally:
            self.saving = False


class _ObservedPack:
    """What observed packs of all classes have in common; comes before the pack class in the order of bases."""

    def __init__(self, serializer: Any, parameterNode: Any, name: str) -> None:
        object.__setattr__(self, "_storage", _Storage(serializer, parameterNode, name))
        # The class's own constructor may take other arguments and is not asked.
        assignMembers(self, **serializer.readMembers(parameterNode, name))
        self._storage.complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._storage.complete and not hasattr(self, name):
            raise AttributeError(f"{self._packClass.__name__} has no member '{name}', and none can be added")
        super().__setattr__(name, value)

    def setValue(self, name: str, value: Any) -> None:
        super().setValue(name, value)
        self._storage.save(self)

    def __eq__(self, other: object) -> bool:
        if type(other) is type(self):
            return self._packClass.__eq__(self, other)
        return type(other) is self._packClass and all(
            self.getValue(name) == other.getValue(name) for name in self.allParameters)

    __hash__ = None

    def __str__(self) -> str:
        return f"Observed({describe(self, self._packClass.__name__)})"

    __repr__ = __str__


def _savingProperty(packClass: type, name: str) -> property:
    declared = getattr(packClass, name)

    def assign(self: Any, value: Any) -> None:
        declared.fset(self, value)
        self._storage.save(self)

    return property(declared.fget, assign)


@functools.cache
def _observedClass(packClass: type) -> type:
    members = {name: _savingProperty(packClass, name) for name in packClass.allParameters}
    return type("ObservedParameterPack", (_ObservedPack, packClass), {"_packClass": packClass, **members})


def observedPack(serializer: Any, parameterNode: Any, name: str) -> Any:
    """Return the pack that the serializer finds under this name, as an observed one."""
    return _observedClass(serializer.type)(serializer, parameterNode, name)
