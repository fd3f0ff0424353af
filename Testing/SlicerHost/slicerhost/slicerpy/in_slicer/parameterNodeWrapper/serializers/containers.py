"""Lists, tuples and dictionaries: one serializer per member, one parameter name per member."""
from __future__ import annotations

import logging
import typing
from collections.abc import Mapping, Sequence
from typing import Any

import slicer

from ..observed import ObservedDict, ObservedList
from .base import Serializer, createSerializerFromAnnotatedType, parameterNodeSerializer

__all__ = ["DictSerializer", "ListSerializer", "TupleSerializer"]


@parameterNodeSerializer
class ListSerializer(Serializer):
    """``list[T]``: the parameters ``<name>.len``, ``<name>.0``, ``<name>.1`` ..."""

    def __init__(self, elementTypeSerializer: Serializer) -> None:
        self._element = elementTypeSerializer

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ is list or typing.get_origin(type_) is list

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not ListSerializer.canSerialize(type_):
            return None
        elementType = typing.get_args(type_)
        if not elementType:
            logging.warning("A list without element type takes elements of any type; list[T] is faster")
        return ListSerializer(createSerializerFromAnnotatedType(elementType[0] if elementType else typing.Any))

    def default(self) -> list:
        return []

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return parameterNode.HasParameter(f"{name}.len")

    def _length(self, parameterNode: Any, name: str) -> int:
        return int(parameterNode.GetParameter(f"{name}.len")) if self.isIn(parameterNode, name) else 0

    def _readElements(self, parameterNode: Any, name: str) -> list:
        return [self._element.read(parameterNode, f"{name}.{index}")
                for index in range(self._length(parameterNode, name))]

    def read(self, parameterNode: Any, name: str) -> ObservedList:
        return ObservedList(parameterNode, self, name, self._readElements(parameterNode, name))

    def write(self, parameterNode: Any, name: str, values: Any) -> None:
        """Write all elements, or, if one is refused, leave the stored list as it was and pass on the exception."""
        with slicer.util.NodeModify(parameterNode):
            stored = self.isIn(parameterNode, name)
            previous = self._readElements(parameterNode, name)
            try:
                self._writeElements(parameterNode, name, values)
            except Exception:
                if stored:
                    self._writeElements(parameterNode, name, previous)
                self._removeElements(parameterNode, name, len(previous), len(values))
                raise

    def _writeElements(self, parameterNode: Any, name: str, values: Any) -> None:
        for index, value in enumerate(values):
            self._element.write(parameterNode, f"{name}.{index}", value)
        self._removeElements(parameterNode, name, len(values), self._length(parameterNode, name))
        parameterNode.SetParameter(f"{name}.len", str(len(values)))

    def _removeElements(self, parameterNode: Any, name: str, start: int, stop: int) -> None:
        for index in range(start, stop):
            if self._element.isIn(parameterNode, f"{name}.{index}"):
                self._element.remove(parameterNode, f"{name}.{index}")

    def remove(self, parameterNode: Any, name: str) -> None:
        with slicer.util.NodeModify(parameterNode):
            self._removeElements(parameterNode, name, 0, self._length(parameterNode, name))
            parameterNode.UnsetParameter(f"{name}.len")

    def supportsCaching(self) -> bool:
        """Return whether the list's elements can be cached; the list writes its own changes."""
        return self._element.supportsCaching()


@parameterNodeSerializer
class TupleSerializer(Serializer):
    """``tuple[T, U, ...]`` with a fixed number of members: the parameters ``<name>.0``, ``<name>.1`` ..."""

    def __init__(self, serializers: Sequence[Serializer]) -> None:
        self._members = list(serializers)

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return typing.get_origin(type_) is tuple

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not TupleSerializer.canSerialize(type_):
            return None
        memberTypes = typing.get_args(type_)
        if not memberTypes:
            raise Exception("The types of a tuple's members must be given")
        return TupleSerializer([createSerializerFromAnnotatedType(memberType) for memberType in memberTypes])

    def default(self) -> Any:
        # A generator, as in Slicer: it serves one parameter node only, after which writing it is a ValueError.
        # A wrapper class that is used more than once must give its tuples a default of their own.
        return (member.default() for member in self._members)

    def _slots(self, name: str) -> list[tuple[str, Serializer]]:
        return [(f"{name}.{index}", member) for index, member in enumerate(self._members)]

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return self._members[0].isIn(parameterNode, f"{name}.0")

    def read(self, parameterNode: Any, name: str) -> tuple:
        return tuple(member.read(parameterNode, slot) for slot, member in self._slots(name))

    def write(self, parameterNode: Any, name: str, values: Any) -> None:
        values = tuple(values)
        if len(values) != len(self._members):
            raise ValueError(f"{name} takes {len(self._members)} values, got {len(values)}")
        with slicer.util.NodeModify(parameterNode):
            for (slot, member), value in zip(self._slots(name), values, strict=True):
                member.write(parameterNode, slot, value)

    def remove(self, parameterNode: Any, name: str) -> None:
        with slicer.util.NodeModify(parameterNode):
            for slot, member in self._slots(name):
                member.remove(parameterNode, slot)

    def supportsCaching(self) -> bool:
        return all(member.supportsCaching() for member in self._members)


@parameterNodeSerializer
class DictSerializer(Serializer):
    """``dict[K, V]``, stored as the list of its (key, value) pairs so that their order is kept."""

    def __init__(self, keySerializer: Serializer, valueSerializer: Serializer) -> None:
        self._pairs = ListSerializer(TupleSerializer([keySerializer, valueSerializer]))

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ is dict or typing.get_origin(type_) is dict

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not DictSerializer.canSerialize(type_):
            return None
        keyType, valueType = typing.get_args(type_) or (typing.Any, typing.Any)
        return DictSerializer(createSerializerFromAnnotatedType(keyType), createSerializerFromAnnotatedType(valueType))

    def default(self) -> dict:
        return {}

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return self._pairs.isIn(parameterNode, name)

    def read(self, parameterNode: Any, name: str) -> ObservedDict:
        return ObservedDict(parameterNode, self, name, dict(self._pairs.read(parameterNode, name)))

    def write(self, parameterNode: Any, name: str, dictionary: Mapping[Any, Any]) -> None:
        self._pairs.write(parameterNode, name, dictionary.items())

    def remove(self, parameterNode: Any, name: str) -> None:
        self._pairs.remove(parameterNode, name)

    def supportsCaching(self) -> bool:
        return self._pairs.supportsCaching()
