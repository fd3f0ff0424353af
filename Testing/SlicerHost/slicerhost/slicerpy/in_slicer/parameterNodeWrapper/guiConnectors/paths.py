"""Path edits and directory buttons for paths."""
from __future__ import annotations

from pathlib import PurePath

import ctk

from ..serializers.scalars import PATH_TYPES
from .base import SignalConnector, parameterNodeGuiConnector

__all__ = ["ctkDirectoryButtonToPathConnector", "ctkPathLineEditToPathConnector"]


class _PathConnector(SignalConnector):
    dataTypes = PATH_TYPES

    def read(self) -> PurePath:
        return self._type(super().read())

    def write(self, value: PurePath) -> None:
        super().write(str(value))


@parameterNodeGuiConnector
class ctkPathLineEditToPathConnector(_PathConnector):
    signalName = "currentPathChanged"
    propertyName = "currentPath"

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (ctk.ctkPathLineEdit,)


@parameterNodeGuiConnector
class ctkDirectoryButtonToPathConnector(_PathConnector):
    signalName = "directoryChanged"
    propertyName = "directory"

    @staticmethod
    def widgetTypes() -> tuple[type, ...]:
        return (ctk.ctkDirectoryButton,)
