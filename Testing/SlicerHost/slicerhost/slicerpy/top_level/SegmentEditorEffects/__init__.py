"""The base classes of scripted Segment Editor effects, under the names that effects import.

Slicer's own effects (Threshold, Draw, ...) live in a package of this name as well; they are not part of the host, and
`editorEffectNames` lists none.
"""
from .AbstractScriptedSegmentEditorAutoCompleteEffect import (
    AbstractScriptedSegmentEditorAutoCompleteEffect,
    ResultPreviewNodeReferenceRole,
)
from .AbstractScriptedSegmentEditorEffect import AbstractScriptedSegmentEditorEffect
from .AbstractScriptedSegmentEditorLabelEffect import AbstractScriptedSegmentEditorLabelEffect
from .AbstractScriptedSegmentEditorPaintEffect import AbstractScriptedSegmentEditorPaintEffect

__all__ = [
    "AbstractScriptedSegmentEditorAutoCompleteEffect",
    "AbstractScriptedSegmentEditorEffect",
    "AbstractScriptedSegmentEditorLabelEffect",
    "AbstractScriptedSegmentEditorPaintEffect",
    "ResultPreviewNodeReferenceRole",
    "editorEffectNames",
    "registerEffects",
]

editorEffectNames: list[str] = []


def registerEffects() -> None:
    """Register the effects of this package: none, Paint and Erase are registered by the host itself."""
