"""Numbers, texts, truth values and paths."""
from __future__ import annotations

import pathlib
from typing import Any

from ..validators import IsInstance, NotNone
from .base import ParameterTextSerializer, Serializer, ValidatedSerializer, parameterNodeSerializer

__all__ = ["BoolSerializer", "NumberSerializer", "PathSerializer", "StringSerializer"]

PATH_TYPES = (pathlib.Path, pathlib.PosixPath, pathlib.WindowsPath,
              pathlib.PurePath, pathlib.PurePosixPath, pathlib.PureWindowsPath)


def _required(serializer: Serializer, accepted: Any) -> ValidatedSerializer:
    """Return a serializer that takes neither None (ValueError) nor objects of other classes (TypeError)."""
    return ValidatedSerializer(serializer, [NotNone(), IsInstance(accepted)])


@parameterNodeSerializer
class NumberSerializer(ParameterTextSerializer):
    """int and float; a float parameter takes an int too."""

    def __init__(self, type: type) -> None:
        self.type = type

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ in (int, float)

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not NumberSerializer.canSerialize(type_):
            return None
        return _required(NumberSerializer(type_), (int, float) if type_ is float else int)

    def default(self) -> int:
        return 0

    def write(self, parameterNode: Any, name: str, value: float) -> None:
        parameterNode.SetParameter(name, str(value))

    def read(self, parameterNode: Any, name: str) -> Any:
        return self.type(parameterNode.GetParameter(name))


@parameterNodeSerializer
class StringSerializer(ParameterTextSerializer):
    """str, kept as it is."""

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ is str

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        return _required(StringSerializer(), str) if StringSerializer.canSerialize(type_) else None

    def default(self) -> str:
        return ""

    def write(self, parameterNode: Any, name: str, value: str) -> None:
        parameterNode.SetParameter(name, str(value))

    def read(self, parameterNode: Any, name: str) -> str:
        return parameterNode.GetParameter(name)


@parameterNodeSerializer
class PathSerializer(ParameterTextSerializer):
    """The six path classes of pathlib."""

    def __init__(self, pathtype: type) -> None:
        self.type = pathtype

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ in PATH_TYPES

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        return _required(PathSerializer(type_), type_) if PathSerializer.canSerialize(type_) else None

    def default(self) -> pathlib.PurePath:
        return self.type()

    def write(self, parameterNode: Any, name: str, value: pathlib.PurePath) -> None:
        parameterNode.SetParameter(name, str(value))

    def read(self, parameterNode: Any, name: str) -> pathlib.PurePath:
        return self.type(parameterNode.GetParameter(name))


@parameterNodeSerializer
class BoolSerializer(ParameterTextSerializer):
    """bool, as the text True or False."""

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ is bool

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        return _required(BoolSerializer(), bool) if BoolSerializer.canSerialize(type_) else None

    def default(self) -> bool:
        return False

    def write(self, parameterNode: Any, name: str, value: bool) -> None:
        parameterNode.SetParameter(name, str(bool(value)))

    def read(self, parameterNode: Any, name: str) -> bool:
        return parameterNode.GetParameter(name) == "True"
