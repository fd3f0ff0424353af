"""Colours."""
from __future__ import annotations

from typing import Any

import qt

from ..validators import IsInstance, NotNone
from .base import ParameterTextSerializer, Serializer, ValidatedSerializer, parameterNodeSerializer

__all__ = ["QColorSerializer"]


@parameterNodeSerializer
class QColorSerializer(ParameterTextSerializer):
    """``qt.QColor`` as the text #AARRGGBB.

    As in Slicer, changing the colour that was read (``setRed`` ...) leaves the parameter as it was: assign a colour.
    """

    @staticmethod
    def canSerialize(type_: Any) -> bool:
        return type_ == qt.QColor

    @staticmethod
    def create(type_: Any) -> Serializer | None:
        if not QColorSerializer.canSerialize(type_):
            return None
        return ValidatedSerializer(QColorSerializer(), [NotNone(), IsInstance(type_)])

    def default(self) -> Any:
        return qt.QColor()

    def write(self, parameterNode: Any, name: str, value: Any) -> None:
        parameterNode.SetParameter(name, value.name(qt.QColor.HexArgb))

    def read(self, parameterNode: Any, name: str) -> Any:
        return qt.QColor(parameterNode.GetParameter(name))

    @staticmethod
    def supportsCaching() -> bool:
        return False
