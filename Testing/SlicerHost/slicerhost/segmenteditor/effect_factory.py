"""The one place where effects are registered (qSlicerSegmentEditorEffectFactory)."""
from __future__ import annotations

from typing import Any

from PySide6 import QtCore

from slicerhost.pythonqt.declare import Signal
from slicerhost.registry import register


@register
class qSlicerSegmentEditorEffectFactory(QtCore.QObject):
    """Holds one effect of each kind; editor widgets clone them."""

    effectRegistered = Signal(str)
    _singleton: qSlicerSegmentEditorEffectFactory | None = None

    def __init__(self) -> None:
        super().__init__()
        self._effects: list[Any] = []

    @classmethod
    def instance(cls) -> qSlicerSegmentEditorEffectFactory:
        """Return the factory."""
        if cls._singleton is None:
            cls._singleton = cls()
        return cls._singleton

    def registerEffect(self, effect: Any) -> bool:
        """Add an effect; refuse a second one of the same name."""
        if effect is None or not effect.name:
            QtCore.qCritical("Segment editor effect cannot be registered with empty name!")
            return False
        if any(effect.name == present.name for present in self._effects):
            return False
        self._effects.append(effect)
        self.effectRegistered.emit(effect.name)
        return True

    def registeredEffects(self) -> list[Any]:
        """Return the registered effects."""
        return list(self._effects)

    def _copies_of_missing(self, present: list[Any]) -> list[Any]:
        """Return clones of the registered effects that are not present yet."""
        names = {effect.name for effect in present}
        clones = (effect.clone() for effect in self._effects if effect.name not in names)
        return [clone for clone in clones if clone is not None]
