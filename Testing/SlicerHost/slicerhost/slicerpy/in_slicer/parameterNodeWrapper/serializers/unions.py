"""Values of one of several types, and None."""
from __future__ import annotations

import types
import typing
from typing import Any

import slicer

from ..validators import IsNone
from .base import (
    ParameterTextSerializer,
    Serializer,
    ValidatedSerializer,
    createSerializerFromAnnotatedType,
    parameterNodeSerializer,
)

__all__ = ["UnionSerializer"]


@parameterNodeSerializer
class NoneSerializer(ParameterTextSerializer):
    """None, as a member of a union; a parameter with the text True says that it was stored."""

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type(type_) is type and isinstance(None, type_)

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        return ValidatedSerializer(NoneSerializer(), [IsNone()]) if NoneSerializer.canSerialize(type_) else None

    def default(self) -> None:
        return None

    def write(self, parameterNode: Any, name: str, value: None) -> None:
        parameterNode.SetParameter(name, "True")

    def read(self, parameterNode: Any, name: str) -> None:
        return None


@parameterNodeSerializer
class UnionSerializer(Serializer):
    """``A | B``, ``typing.Union`` and ``typing.Optional``. The value is kept as ``<name>.<index of its type>``."""

    def __init__(self, serializers: list[Serializer]) -> None:
        self._members = [ValidatedSerializer(serializer, []) for serializer in serializers]

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return typing.get_origin(type_) in (typing.Union, types.UnionType)

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not UnionSerializer.canSerialize(type_):
            return None
        return UnionSerializer([createSerializerFromAnnotatedType(member) for member in typing.get_args(type_)])

    def default(self) -> Any:
        optional = len(self._members) == 2 and isinstance(self._members[1].serializer, NoneSerializer)
        return None if optional else self._members[0].default()

    def _slots(self, name: str) -> list[tuple[str, ValidatedSerializer]]:
        return [(f"{name}.{index}", member) for index, member in enumerate(self._members)]

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return any(member.isIn(parameterNode, slot) for slot, member in self._slots(name))

    def read(self, parameterNode: Any, name: str) -> Any:
        for slot, member in self._slots(name):
            if member.isIn(parameterNode, slot):
                return member.read(parameterNode, slot)
        raise KeyError(f"No value of the union is stored under {name}")

    def remove(self, parameterNode: Any, name: str) -> None:
        with slicer.util.NodeModify(parameterNode):
            for slot, member in self._slots(name):
                member.remove(parameterNode, slot)

    def _slotFor(self, name: str, value: Any) -> tuple[str, ValidatedSerializer]:
        """Return the first member that knows the value's type and whose validators accept the value.

        All node classes are known to the serializer of any node class; their validators tell them apart.
        """
        refusal: Exception = TypeError(f"{value!r} of type {type(value)} is of no type of the union")
        for slot, member in self._slots(name):
            if member.serializer.canSerialize(type(value)):
                try:
                    member.validate(value)
                except Exception as error:
                    refusal = error
                else:
                    return slot, member
        raise refusal

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        slot, member = self._slotFor(name, value)
        with slicer.util.NodeModify(parameterNode):
            stored = self.isIn(parameterNode, name)
            previous = self.read(parameterNode, name) if stored else None
            self.remove(parameterNode, name)
            try:
                member.write(parameterNode, slot, value)
            except Exception:
                self.remove(parameterNode, name)
                if stored:
                    self.write(parameterNode, name, previous)
                raise

    def supportsCaching(self) -> bool:
        return all(member.supportsCaching() for member in self._members)
