"""MRML nodes."""
from __future__ import annotations

from typing import Any

import slicer

from ..validators import IsInstance
from .base import ParameterTextSerializer, Serializer, ValidatedSerializer, parameterNodeSerializer

__all__ = ["NodeSerializer"]


@parameterNodeSerializer
class NodeSerializer(ParameterTextSerializer):
    """A node of the scene or None, kept as a node reference whose role is the parameter's name.

    An empty parameter of the same name tells a reference to nothing from a parameter that was never written.
    """

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return isinstance(type_, type) and issubclass(type_, slicer.vtkMRMLNode)

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not NodeSerializer.canSerialize(type_):
            return None
        return ValidatedSerializer(NodeSerializer(), [IsInstance(type_)])

    def default(self) -> None:
        return None

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        parameterNode.SetParameter(name, "")
        parameterNode.SetNodeReferenceID(name, None if value is None else value.GetID())

    def read(self, parameterNode: Any, name: str) -> Any:
        return parameterNode.GetNodeReference(name)

    def remove(self, parameterNode: Any, name: str) -> None:
        super().remove(parameterNode, name)
        parameterNode.RemoveNodeReferenceIDs(name)
