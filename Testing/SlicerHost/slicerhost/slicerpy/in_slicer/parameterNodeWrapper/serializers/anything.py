"""Values of any type that some serializer knows."""
from __future__ import annotations

import importlib
import typing
from typing import Any

import slicer

from .base import Serializer, createSerializerFromAnnotatedType, parameterNodeSerializer

__all__ = ["AnySerializer"]


@parameterNodeSerializer
class AnySerializer(Serializer):
    """``typing.Any``: the value and the place where its class is defined.

    The class must be found by importing its module, so classes defined in functions cannot be read back; tuples lack
    the types of their members and cannot be stored. Values are never cached.
    """

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ is typing.Any

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        return AnySerializer() if AnySerializer.canSerialize(type_) else None

    def default(self) -> None:
        return None

    @staticmethod
    def _names(name: str) -> tuple[str, str, str]:
        """Names of the parameters: module of the class, name of the class, value."""
        return f"{name}.type.0", f"{name}.type.1", f"{name}.value"

    def _storedTypeSerializer(self, parameterNode: Any, name: str) -> Serializer:
        moduleName, className = (parameterNode.GetParameter(part) for part in self._names(name)[:2])
        if (moduleName, className) == ("builtins", "NoneType"):
            return createSerializerFromAnnotatedType(type(None))
        return createSerializerFromAnnotatedType(getattr(importlib.import_module(moduleName), className))

    def isIn(self, parameterNode: Any, name: str) -> bool:
        return parameterNode.HasParameter(self._names(name)[0])

    def read(self, parameterNode: Any, name: str) -> Any:
        return self._storedTypeSerializer(parameterNode, name).read(parameterNode, self._names(name)[2])

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        self.remove(parameterNode, name)
        moduleKey, classKey, valueKey = self._names(name)
        createSerializerFromAnnotatedType(type(value)).write(parameterNode, valueKey, value)
        with slicer.util.NodeModify(parameterNode):
            parameterNode.SetParameter(moduleKey, type(value).__module__)
            parameterNode.SetParameter(classKey, type(value).__name__)

    def remove(self, parameterNode: Any, name: str) -> None:
        if not self.isIn(parameterNode, name):
            return
        moduleKey, classKey, valueKey = self._names(name)
        self._storedTypeSerializer(parameterNode, name).remove(parameterNode, valueKey)
        with slicer.util.NodeModify(parameterNode):
            parameterNode.UnsetParameter(moduleKey)
            parameterNode.UnsetParameter(classKey)
