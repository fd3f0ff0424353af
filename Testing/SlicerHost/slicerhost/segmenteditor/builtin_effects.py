"""The effects that are C++ in Slicer and hence always there."""
from __future__ import annotations

from slicerhost.segmenteditor.effect_factory import qSlicerSegmentEditorEffectFactory
from slicerhost.segmenteditor.paint_effect import qSlicerSegmentEditorEraseEffect, qSlicerSegmentEditorPaintEffect


def register_builtin_effects() -> None:
    """Register Paint and Erase."""
    factory = qSlicerSegmentEditorEffectFactory.instance()
    factory.registerEffect(qSlicerSegmentEditorPaintEffect())
    factory.registerEffect(qSlicerSegmentEditorEraseEffect())
