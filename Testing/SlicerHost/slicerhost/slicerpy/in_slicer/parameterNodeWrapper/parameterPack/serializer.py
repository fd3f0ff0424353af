"""Packs in a parameter node."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import slicer

from ..serializers import Serializer, ValidatedSerializer, parameterNodeSerializer
from ..validators import NotNone, Validator
from .declaration import isParameterPack, readMember, serializerName
from .observed import observedPack

__all__: list[str] = []


class _IsPackOf(Validator):
    """Objects of the pack class are accepted, observed ones (which are of a subclass) included.

    Anything else gives an AttributeError, which is what comes of it in Slicer.
    """

    def __init__(self, packClass: type) -> None:
        self.packClass = packClass

    def validate(self, value: Any) -> None:
        if not isinstance(value, self.packClass):
            raise AttributeError(f"Expected a {self.packClass.__name__}, got {value!r} of type {type(value)}")


@parameterNodeSerializer
class ParameterPackSerializer(Serializer):
    """A pack: the parameters ``<name>.<member>`` of its members."""

    def __init__(self, type_: type) -> None:
        self.type = type_

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return isParameterPack(type_)

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not ParameterPackSerializer.canSerialize(type_):
            return None
        return ValidatedSerializer(ParameterPackSerializer(type_), [NotNone(), _IsPackOf(type_)])

    def default(self) -> Any:
        return self.type()

    def _members(self, name: str) -> Iterator[tuple[str, str, Serializer]]:
        """(member, name of its parameter, its serializer) for all members."""
        for member in self.type.allParameters:
            yield member, f"{name}.{member}", getattr(self.type, serializerName(member))

    def isIn(self, parameterNode: Any, name: str) -> bool:
        _, slot, serializer = next(self._members(name))
        return serializer.isIn(parameterNode, slot)

    def readMembers(self, parameterNode: Any, name: str) -> dict[str, Any]:
        """Stored values of the members by their names."""
        return {member: serializer.read(parameterNode, slot) for member, slot, serializer in self._members(name)}

    def read(self, parameterNode: Any, name: str) -> Any:
        return observedPack(self, parameterNode, name)

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        with slicer.util.NodeModify(parameterNode):
            for member, slot, serializer in self._members(name):
                serializer.write(parameterNode, slot, readMember(value, member))

    def remove(self, parameterNode: Any, name: str) -> None:
        for _, slot, serializer in self._members(name):
            serializer.remove(parameterNode, slot)

    def supportsCaching(self) -> bool:
        return all(info.serializer.supportsCaching() for info in self.type.allParameters.values())
