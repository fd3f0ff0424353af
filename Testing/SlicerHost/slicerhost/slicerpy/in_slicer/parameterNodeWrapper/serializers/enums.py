"""Enumerations."""
from __future__ import annotations

import enum
from typing import Any

from ..validators import IsInstance
from .base import ParameterTextSerializer, Serializer, ValidatedSerializer, parameterNodeSerializer

__all__ = ["EnumSerializer"]


@parameterNodeSerializer
class EnumSerializer(ParameterTextSerializer):
    """A member of an enumeration, by its name."""

    def __init__(self, enum_: type[enum.Enum]) -> None:
        if len(enum_) == 0:
            raise ValueError(f"{enum_} has no member that could be stored")
        self.enum = enum_

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return isinstance(type_, type) and issubclass(type_, enum.Enum)

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not EnumSerializer.canSerialize(type_):
            return None
        return ValidatedSerializer(EnumSerializer(type_), [IsInstance(type_)])

    def default(self) -> enum.Enum:
        return next(iter(self.enum))

    def write(self, parameterNode: Any, name: str, value: enum.Enum) -> None:
        parameterNode.SetParameter(name, value.name)

    def read(self, parameterNode: Any, name: str) -> enum.Enum:
        stored = parameterNode.GetParameter(name)
        try:
            return self.enum[stored]
        except KeyError as error:
            raise ValueError(f"The parameter {name} is {stored!r}, which names no member of {self.enum!r}") from error
